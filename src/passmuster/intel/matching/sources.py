"""Which words of an advisory count for a component: the publisher's first, others only where that one is silent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from passmuster.intel.matching.judging import Told
from passmuster.intel.matching.naming import Asked, Mention, is_real, mention_of, plain
from passmuster.intel.matching.prose import ends_told, fixes_told, last_told, told_in_prose
from passmuster.intel.matching.spans import Place, Span, place_of, span_of
from passmuster.intel.versions.key import Key
from passmuster.intel.versions.order import branches_of, compare_keys, key_of
from passmuster.intel.versions.scheme import Scheme, scheme_named
from passmuster.model.advisory import (
    Advisory,
    AffectedProduct,
    RangeStatus,
    Record,
    RecordKind,
    RemediationKind,
    VersionRange,
)

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
    is_added: bool = False
    """Whether it was put beside the publisher's words by somebody else."""

    @property
    def fixed_versions(self) -> tuple[str, ...]:
        """The fixes it names, in order where there is one."""
        return tuple(dict.fromkeys(text for text, _ in self.told.fixes))


@dataclass(frozen=True)
class _Voice:
    """Products of one record by one author, and the fixes its text names."""

    entries: Sequence[AffectedProduct]
    fixes: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()
    until: str | None = None
    is_added: bool = False


def sources_of(advisory: Advisory, asked: Asked) -> tuple[Source, ...]:
    """Every voice that speaks of what was asked for, the one to believe first; empty where none does."""
    return tuple(
        replace(_source(found, voice), is_added=voice.is_added)
        for voice in _voices(advisory, asked)
        if (found := _mentions(voice.entries, asked))
    )


def _voices(advisory: Advisory, asked: Asked) -> Iterator[_Voice]:
    if not advisory.records:
        yield _Voice(advisory.affected)
        return
    standing = [each for each in advisory.records if not each.is_rejected and each.withdrawn_at is None]
    for record in sorted(standing or advisory.records, key=lambda each: _PRECEDENCE.index(each.kind)):
        if record.kind is RecordKind.CVE:
            yield from _voices_of_cve(record, asked)
        else:
            yield _Voice(record.affected)


def _voices_of_cve(record: Record, asked: Asked) -> Iterator[_Voice]:
    added = [entry for entry in record.affected if _is_added(entry)]
    own = [entry for entry in record.affected if not _is_added(entry)]
    # A text that speaks of one product names its fixes; of several, nobody could tell whose they are.
    is_alone = len({plain(entry.product or entry.package) for entry in own}) <= 1
    texts = (
        record.description,
        *(each.text for each in record.remediations if each.kind is RemediationKind.VENDOR_FIX),
    )
    told = _Voice(own, fixes_told(record.description), ends_told(texts), last_told(record.description))
    yield told if is_alone else _Voice(own)
    # A list of names that somebody else put beside the publisher's own product is often of its neighbour.
    if any(is_real(entry) for entry in own):
        yield _Voice([entry for entry in added if _is_same_product(entry, own)], is_added=True)
        return
    yield _Voice(added, is_added=True)
    if not any(is_real(entry) for entry in added):
        yield _Voice(told_in_prose(record.description, asked.products, asked.catalogue), fixes_told(record.description))


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


def _source(mentions: tuple[Mention, ...], voice: _Voice) -> Source:
    scheme = _scheme(mentions)
    lines = tuple(mention.line for mention in mentions if mention.line)
    ranges = [
        span
        for mention in mentions
        for each in mention.entry.ranges
        if (span := span_of(each, _scheme_of_range(each, scheme), line=mention.line, other_lines=lines)) is not None
    ]
    spans = _without_commits(ranges)
    fixes, backports = _fixes(spans, mentions, voice, scheme)
    rest = next(
        (each.entry.default_status for each in mentions if each.entry.default_status is not RangeStatus.UNKNOWN),
        RangeStatus.UNKNOWN,
    )
    until = _last_listed(voice.until, spans, scheme)
    return Source(mentions, scheme, Told(tuple(spans), fixes, backports, rest, until))


def _fixes(
    spans: list[Span], mentions: tuple[Mention, ...], voice: _Voice, scheme: Scheme
) -> tuple[tuple[tuple[str, Key | None], ...], tuple[tuple[str, Key], ...]]:
    """All fixes in order, and those that the text alone names; one version written two ways counts once."""
    fixes = {span.told.fixed or "": span.high for span in spans if _is_fix(span)}
    for mention in mentions:
        commits = {each.fixed for each in mention.entry.ranges if scheme_named(each.scheme) is Scheme.UNORDERED}
        for text in mention.entry.fixed_versions:
            if text not in commits:
                fixes.setdefault(text, key_of(text, scheme))
    new = {
        text: key
        for text in voice.fixes
        if (key := key_of(text, scheme)) is not None and key not in fixes.values() and not _is_denied(key, spans)
    }
    if not fixes and not new:
        fixes = {text: key for text in voice.ends if (key := key_of(text, scheme)) is not None and _is_past(key, spans)}
    ordered = sorted({**fixes, **new}.items(), key=lambda each: (each[1] is None, each[1] or ("", ())))
    return tuple(ordered), tuple(new.items())


def _last_listed(text: str | None, spans: Sequence[Span], scheme: Scheme) -> Key | None:
    """The version a text speaks of, where it is the last of a list of single versions."""
    key = key_of(text, scheme) if text else None
    listed = [span for span in spans if span.status is RangeStatus.AFFECTED]
    if key is None or not all(span.is_single for span in listed):
        return None
    signs = {compare_keys(span.low, key) for span in listed}
    return key if 0 in signs and signs <= {-1, 0} else None


def _is_denied(key: Key, spans: Sequence[Span]) -> bool:
    """Whether a range that ends on the same branch says that this very version is affected: ranges are believed."""
    return any(
        span.status is RangeStatus.AFFECTED
        and place_of(key, span) is Place.INSIDE
        and (span.is_single or (span.fix is not None and branches_of(span.fix)[:1] == branches_of(key)[:1]))
        for span in spans
    )


def _is_past(key: Key, spans: Sequence[Span]) -> bool:
    """Whether a version comes after the last one that every range says to be affected."""
    ends = [span.high for span in spans if span.status is RangeStatus.AFFECTED]
    return bool(ends) and all(compare_keys(key, end) == 1 for end in ends)


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
        for scheme in (scheme_of_package(entry), *(scheme_named(each.scheme) for each in entry.ranges)):
            if scheme is not None and scheme is not Scheme.UNORDERED:
                return scheme
    return Scheme.DOTTED


def scheme_of_package(entry: AffectedProduct) -> Scheme | None:
    """The scheme of the collection that an entry's package is in; None where it tells none, or one without order."""
    kind = entry.purl.removeprefix("pkg:").split("/", 1)[0] if entry.purl else ""
    found = (scheme_named(word) for word in (kind, entry.collection))
    return next((scheme for scheme in found if scheme is not None and scheme is not Scheme.UNORDERED), None)


def _scheme_of_range(told: VersionRange, scheme: Scheme) -> Scheme:
    return Scheme.UNORDERED if scheme_named(told.scheme) is Scheme.UNORDERED else scheme
