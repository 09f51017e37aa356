"""Advisories written by hand (`passmuster/advisories@1`): what a house learned from a portal, a letter or a call."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any

from packageurl import PackageURL

from passmuster.documents.secrets import mask_secrets
from passmuster.documents.yaml_file import plain
from passmuster.errors import UnreadableInput
from passmuster.intel.feeds.cve_affected import fixed_versions
from passmuster.intel.feeds.fields import Complaints, Fields
from passmuster.intel.feeds.interface import Document, Reading
from passmuster.intel.feeds.kev import CVE_ID
from passmuster.intel.ranges import parse_ranges
from passmuster.intel.scores import make_score, score_problems
from passmuster.intel.ssvc import spell
from passmuster.model.advisory import AffectedProduct, KevEntry, Record, RecordKind, Score, SsvcPoint

SCHEMA = "passmuster/advisories@1"
_KNOWN = frozenset(
    "id aliases title text published modified vendor product purl affected fixed hosted_only vendor_fixed cvss ssvc "
    "kev severity source".split()
)
_POINTS = ("exploitation", "automatable", "technical_impact")


class AdvisoryFeed:
    """A YAML or JSON file of advisories; what its format is stands in `docs/howto/intelligence.md`."""

    kind = "advisory"

    def recognises(self, document: Document) -> bool:
        """By its schema, whatever the version."""
        value = document.value
        return isinstance(value, dict) and str(value.get("schema", "")).startswith("passmuster/advisories@")

    def read(self, document: Document) -> Reading:
        """A record for each advisory; raises UnreadableInput with every mistake."""
        complaints = Complaints()
        fields = Fields(plain(document.value), "", complaints)
        if fields.text("schema") != SCHEMA:
            fields.complain("schema", f"must be {SCHEMA}")
        feed = fields.text("feed", required=True)
        records = tuple(_record(entry, feed) for entry in fields.mappings("advisories", required=True))
        _complain_of_doubles(records, complaints)
        complaints.refuse(document.where, "list of advisories")
        if not records:
            raise UnreadableInput(f"{document.where}: holds no advisory; write at least one under `advisories`")
        return Reading(records, tuple(problem for each in records for problem in score_problems(each.scores, each.id)))


def _complain_of_doubles(records: tuple[Record, ...], complaints: Complaints) -> None:
    names = [record.id for record in records]
    for name in sorted({name for name in names if name and names.count(name) > 1}):
        complaints.add("advisories", f"{name} is given twice; keep one")


def _record(entry: Fields, feed: str) -> Record:
    for name in sorted(set(map(str, entry.values)) - _KNOWN):
        entry.complain(name, f"is not known; known are {', '.join(sorted(_KNOWN))}")
    identifier = entry.text("id", required=True)
    if identifier.upper().startswith("CVE-") and not CVE_ID.fullmatch(identifier):
        entry.complain("id", f"{identifier[:40]!r} is no CVE; write CVE-2026-12345")
    is_hosted_only = _flag(entry, "hosted_only")
    return Record(
        kind=RecordKind.ADVISORY,
        feed=feed,
        id=identifier,
        aliases=entry.texts("aliases"),
        title=mask_secrets(entry.text("title")),
        description=mask_secrets(entry.text("text")),
        published_at=entry.time("published", required=True),
        modified_at=entry.time("modified"),
        vendor_fixed_at=entry.time("vendor_fixed"),
        is_hosted_only=is_hosted_only,
        severity=entry.text("severity"),
        scores=_scores(entry, feed),
        ssvc=_ssvc(entry.mapping("ssvc"), feed),
        kev=_kev(entry.mapping("kev")) if entry.has("kev") else None,
        affected=(_product(entry, is_hosted_only=is_hosted_only),),
        references=tuple(filter(None, [mask_secrets(entry.text("source"))])),
    )


def _product(entry: Fields, *, is_hosted_only: bool) -> AffectedProduct:
    ranges = tuple(each for text in _texts(entry, "affected") for each in parse_ranges(text))
    if not ranges and not is_hosted_only:
        entry.complain("affected", 'says which versions; write a list such as ["< 1.2.3"], or `hosted_only: true`')
    purl = entry.text("purl")
    if purl:
        try:
            PackageURL.from_string(purl)
        except ValueError:
            entry.complain("purl", f"{purl[:60]!r} is no package URL; write pkg:npm/NAME")
    return AffectedProduct(
        vendor=entry.text("vendor"),
        product=entry.text("product", required=True),
        purl=purl,
        ranges=ranges,
        fixed_versions=tuple(dict.fromkeys([*fixed_versions(ranges), *_texts(entry, "fixed")])),
        is_hosted_only=is_hosted_only,
    )


def _texts(entry: Fields, name: str) -> tuple[str, ...]:
    """One text or a list of them."""
    value = entry.values.get(name)
    return (value,) if isinstance(value, str) else entry.texts(name)


def _flag(entry: Fields, name: str) -> bool:
    value: Any = entry.values.get(name, False)
    if not isinstance(value, bool):
        entry.complain(name, "must be true or false")
        return False
    return value


def _scores(entry: Fields, feed: str) -> tuple[Score, ...]:
    vector = entry.text("cvss")
    return (make_score(vector, by=feed),) if vector else ()


def _ssvc(points: Fields, feed: str) -> tuple[SsvcPoint, ...]:
    day = points.day("judged_on")
    judged_at = datetime.combine(day, time(), UTC) if day else None
    found = []
    for name in set(map(str, points.values)) - {*_POINTS, "judged_on"}:
        points.complain(name, f"is not known; known are {', '.join((*_POINTS, 'judged_on'))}")
    for name in _POINTS:
        value = points.values.get(name)
        # YAML reads a bare yes or no as true or false.
        text = {True: "yes", False: "no"}[value] if isinstance(value, bool) else points.text(name)
        if text:
            found.append(SsvcPoint(name, spell(text), feed, judged_at))
    return tuple(found)


def _kev(entry: Fields) -> KevEntry | None:
    added = entry.day("added", required=True)
    return KevEntry(added_on=added, due_on=entry.day("due")) if added else None
