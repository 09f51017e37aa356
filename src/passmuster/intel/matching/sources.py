"""Which words of an advisory count for a component: the publisher's first, others only where that one is silent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from passmuster.intel.matching.judging import Told
from passmuster.intel.matching.naming import Asked, Mention, is_real, mention_of, plain
from passmuster.intel.matching.prose import told_in_prose
from passmuster.intel.matching.spans import Span, span_of
from passmuster.intel.versions.order import key_of
from passmuster.intel.versions.scheme import Scheme, scheme_named
from passmuster.model.advisory import Advisory, AffectedProduct, RangeStatus, RecordKind, VersionRange

_PRECEDENCE = (
    RecordKind.CVE,
    RecordKind.CSAF,
    RecordKind.OSV,
    RecordKind.ADVISORY,
    RecordKind.NOTICE,
    RecordKind.CYCLONEDX,
    RecordKind.KEV,
    RecordKind.EPSS,
)


@dataclass(frozen=True)
class Source:
    """One voice of an advisory on one component."""

    mentions: tuple[Mention, ...]
    scheme: Scheme
    told: Told

    @property
    def fixed_versions(self) -> tuple[str, ...]:
        """The fixes it names, in order where there is one."""
        return tuple(dict.fromkeys(text for text, _ in self.told.fixes))


def sources_of(advisory: Advisory, asked: Asked) -> tuple[Source, ...]:
    """Every voice that speaks of what was asked for, the one to believe first; empty where none does."""
    return tuple(_source(found) for voice in _voices(advisory, asked) if (found := _mentions(voice, asked)))


def _voices(advisory: Advisory, asked: Asked) -> Iterator[Sequence[AffectedProduct]]:
    if not advisory.records:
        yield advisory.affected
        return
    standing = [each for each in advisory.records if not each.is_rejected and each.withdrawn_at is None]
    for record in sorted(standing or advisory.records, key=lambda each: _PRECEDENCE.index(each.kind)):
        if record.kind is not RecordKind.CVE:
            yield record.affected
            continue
        added = [entry for entry in record.affected if _is_added(entry)]
        own = [entry for entry in record.affected if not _is_added(entry)]
        yield own
        # A list of names that somebody else put beside the publisher's own product is often of its neighbour.
        if not any(is_real(entry) for entry in own):
            yield added
            if not any(is_real(entry) for entry in added):
                yield told_in_prose(record.description, asked.products)
        else:
            yield [entry for entry in added if _is_same_product(entry, own)]


def _is_added(entry: AffectedProduct) -> bool:
    """Whether an entry was added by an enricher (CISA's ADP container), who names products as CPE does."""
    if entry.by:
        return True
    parts = {tuple(cpe.split(":")[3:5]) for cpe in entry.cpes if cpe.count(":") > 4}
    return bool(parts) and parts == {(entry.vendor, entry.product)}


def _is_same_product(entry: AffectedProduct, own: Sequence[AffectedProduct]) -> bool:
    name = plain(entry.product)
    return any(name in plain(each.product) for each in own if is_real(each)) and not any(
        plain(each.product).replace(" ", "") != name.replace(" ", "") and plain(each.package) for each in own
    )


def _mentions(entries: Sequence[AffectedProduct], asked: Asked) -> tuple[Mention, ...]:
    found = [mention for entry in entries if (mention := mention_of(entry, asked)) is not None]
    exact = [mention for mention in found if mention.is_exact]
    return tuple(exact or found)


def _source(mentions: tuple[Mention, ...]) -> Source:
    scheme = _scheme(mentions)
    lines = tuple(mention.line for mention in mentions if mention.line)
    ranges = [
        span
        for mention in mentions
        for told in mention.entry.ranges
        if (span := span_of(told, _scheme_of_range(told, scheme), line=mention.line, other_lines=lines)) is not None
    ]
    spans = _without_commits(ranges)
    fixes = {span.told.fixed: span.high for span in spans if _is_fix(span)}
    for text in (text for mention in mentions for text in mention.entry.fixed_versions):
        fixes.setdefault(text, key_of(text, scheme))
    ordered = sorted(
        ((text or "", key) for text, key in fixes.items()), key=lambda each: (each[1] is None, each[1] or ("", ()))
    )
    rest = next(
        (each.entry.default_status for each in mentions if each.entry.default_status is not RangeStatus.UNKNOWN),
        RangeStatus.UNKNOWN,
    )
    return Source(mentions, scheme, Told(tuple(spans), tuple(ordered), rest))


def _is_fix(span: Span) -> bool:
    return (
        span.status is RangeStatus.AFFECTED
        and span.told.fixed is not None
        and (span.high is not None or not span.is_readable)
    )


def _without_commits(spans: list[Span]) -> list[Span]:
    """Ranges of commits say nothing of versions; where there are others, those are meant."""
    return [span for span in spans if scheme_named(span.told.scheme) is not Scheme.UNORDERED]


def _scheme(mentions: tuple[Mention, ...]) -> Scheme:
    for mention in mentions:
        if mention.product is not None and mention.product.scheme is not None:
            return mention.product.scheme
    for mention in mentions:
        entry = mention.entry
        kind = entry.purl.removeprefix("pkg:").split("/", 1)[0] if entry.purl else ""
        for word in (kind, entry.collection, *(each.scheme for each in entry.ranges)):
            scheme = scheme_named(word)
            if scheme is not None and scheme is not Scheme.UNORDERED:
                return scheme
    return Scheme.DOTTED


def _scheme_of_range(told: VersionRange, scheme: Scheme) -> Scheme:
    return Scheme.UNORDERED if scheme_named(told.scheme) is Scheme.UNORDERED else scheme
