"""What all records of one thing say together; pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time

from passmuster.intel.ssvc import strongest
from passmuster.model.advisory import Advisory, AffectedProduct, Epss, KevEntry, Record, RecordKind, Score, SsvcPoint

_KINDS = ("cve", "csaf", "osv", "cyclonedx", "advisory", "notice", "kev", "epss")
_ORDER = {kind: place for place, kind in enumerate(_KINDS)}
_SEVERITIES = ((9.0, "critical"), (7.0, "high"), (4.0, "medium"), (0.1, "low"), (0.0, "none"))


@dataclass(frozen=True)
class Seen:
    """A record with when this version and its first were seen. Not `is_listed`: it has left the list it stood on."""

    record: Record
    seen_at: datetime
    first_seen_at: datetime
    is_listed: bool = True
    row: int = 0


def merge(advisory: str, seen: Sequence[Seen], epss: Epss | None = None) -> Advisory:
    """The advisory these records make; `seen` is not empty."""
    standing = [each for each in seen if each.is_listed] or list(seen)
    records = tuple(each.record for each in sorted(standing, key=_rank))
    holding = [record for record in records if not _is_withdrawn(record)] or list(records)
    kev = _kev(seen)
    scores = tuple(dict.fromkeys(score for record in records for score in record.scores))
    return Advisory(
        id=advisory,
        aliases=_aliases(advisory, records),
        title=next((record.title for record in records if record.title), ""),
        severity=_severity(records, scores),
        records=records,
        scores=scores,
        ssvc=strongest(_points(records, kev)),
        kev=kev,
        epss=epss or _newest_epss(records),
        notice=next((record.notice for record in records if record.notice), None),
        affected=_affected(holding),
        remediations=tuple(dict.fromkeys(each for record in holding for each in record.remediations)),
        is_hosted_only=any(record.is_hosted_only for record in records),
        is_disputed=any(record.is_disputed for record in records),
        is_withdrawn=not any(each.is_listed and not _is_withdrawn(each.record) for each in seen),
        disclosed_at=_disclosed_at(seen),
        vendor_fixed_at=min(
            (each.record.vendor_fixed_at for each in seen if each.record.vendor_fixed_at), default=None
        ),
        learned_at=min(each.first_seen_at for each in seen),
    )


def _affected(records: Sequence[Record]) -> tuple[AffectedProduct, ...]:
    """All products; those of the catalogue, which tells no versions, only where no other record names one."""
    products = [(product, _is_listing(record)) for record in records for product in record.affected]
    own = tuple(product for product, is_listing in products if not is_listing)
    return own or tuple(product for product, _ in products)


def _rank(seen: Seen) -> tuple[int, datetime, str]:
    return _ORDER.get(seen.record.kind, len(_ORDER)), seen.first_seen_at, seen.record.id


def _is_withdrawn(record: Record) -> bool:
    return record.is_rejected or record.withdrawn_at is not None


def _aliases(advisory: str, records: Sequence[Record]) -> tuple[str, ...]:
    """Other names of this advisory; a notice of several CVEs does not make them names of each other."""
    names: dict[str, None] = {}
    for record in records:
        several = sum(name.upper().startswith("CVE-") for name in record.names) > 1
        for name in record.names:
            if name.upper() != advisory.upper() and not (several and name.upper().startswith("CVE-")):
                names[name] = None
    return tuple(names)


def _kev(seen: Sequence[Seen]) -> KevEntry | None:
    """The catalogue's own entry; else what another record notes of it, unless the catalogue took it back since."""
    own = [each for each in seen if each.record.kind is RecordKind.KEV]
    listed = [each.record.kev for each in own if each.is_listed and each.record.kev]
    if listed:
        return listed[-1]
    gone_at = max((each.seen_at for each in own if not each.is_listed), default=None)
    noted = [
        each.record.kev
        for each in seen
        if each.record.kev and each.record.kind is not RecordKind.KEV and (gone_at is None or each.seen_at > gone_at)
    ]
    return noted[-1] if noted else None


def _points(records: Iterable[Record], kev: KevEntry | None) -> Iterator[SsvcPoint]:
    for record in records:
        yield from record.ssvc
    if kev is not None:
        # To stand in the catalogue is to have been exploited; judgements made before it was listed lag behind.
        listed_at = datetime.combine(kev.added_on, time(), UTC)
        yield SsvcPoint("exploitation", "active", "CISA-KEV", listed_at)


def _newest_epss(records: Iterable[Record]) -> Epss | None:
    return max((record.epss for record in records if record.epss), key=lambda epss: epss.scored_on, default=None)


def _severity(records: Sequence[Record], scores: Sequence[Score]) -> str:
    """The word a record gives, else the one of the first score that can be told."""
    word = next((record.severity for record in records if record.severity), "")
    if word:
        return "medium" if word == "moderate" else word
    number = next((value for score in scores if (value := best_number(score)) is not None), None)
    return "" if number is None else next(name for least, name in _SEVERITIES if number >= least)


def best_number(score: Score) -> float | None:
    """The stated score, else the one of its vector."""
    return score.stated if score.stated is not None else score.computed


def _disclosed_at(seen: Sequence[Seen]) -> datetime | None:
    """The earliest publication; the day the catalogue listed it counts where nothing was out before that day."""
    published = [each.record.published_at for each in seen if each.record.published_at and not _is_listing(each.record)]
    listed = [each.record.published_at for each in seen if each.record.published_at and _is_listing(each.record)]
    first, first_listed = min(published, default=None), min(listed, default=None)
    if first is None or first_listed is None:
        return first or first_listed
    return first_listed if first_listed.date() < first.date() else first


def _is_listing(record: Record) -> bool:
    return record.kind is RecordKind.KEV
