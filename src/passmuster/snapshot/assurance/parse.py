"""A vendor's document, which fits the schema, as values; what the schema cannot say is checked here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from passmuster.documents.secrets import mask_secrets
from passmuster.model.assurance import (
    KINDS,
    AssuranceDocument,
    Point,
    Scope,
    ServedPlatform,
    Subprocessor,
    Term,
    VendorAssurance,
)

AMOUNTS = (
    *("incident_notice_hours", "critical_fix_days", "subprocessor_notice_days", "data_deletion_days"),
    "availability_percent",
)

_ALWAYS = "id kind status title issuer issued_on read_by read_on sha256"
_REPORT = "period opinion scope exceptions user_controls"
_FIELDS = {
    "soc1": f"{_REPORT} type dated_on",
    "soc2": f"{_REPORT} type dated_on",
    "soc3": "period opinion scope",
    "bridge_letter": "of period",
    "certificate": "standard expires_on scope exceptions",
    "attestation": f"{_REPORT} standard by expires_on",
    "penetration_test": "dated_on scope open_findings",
    "subprocessors": "dated_on subprocessors changes",
    "bill_of_materials": "dated_on",
    "responsibility_split": "dated_on",
    "incident_exercise": "dated_on",
    "contract": "expires_on terms",
}
_REQUIRED = {"bridge_letter": ("of",), "certificate": ("standard",), "attestation": ("standard", "by")}


@dataclass(frozen=True)
class _Place:
    """Where in which file we are, and where mistakes go."""

    where: str
    complaints: list[str]

    def at(self, part: str) -> _Place:
        return _Place(f"{self.where}{part}: ", self.complaints)

    def complain(self, text: str) -> None:
        self.complaints.append(f"{self.where}{text}")

    def day(self, entry: Mapping[str, Any], key: str) -> date | None:
        text = entry.get(key)
        if text is None:
            return None
        try:
            # Other spellings that the library takes (20261231, 2026-W53-4) are not what people mean to write here.
            return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            self.complain(f"{key}: {text!r} is no date; write 2026-12-31")
            return None


def vendor_of(document: Mapping[str, Any], where: str, complaints: list[str]) -> VendorAssurance:
    """The file's vendor; mistakes are added to `complaints`, each naming file and place."""
    place = _Place(f"{where}: ", complaints)
    documents = tuple(_document(entry, place) for entry in document["documents"])
    _check_ids([entry["id"] for entry in document["platforms"]], "platform", place)
    _check_ids([entry.id for entry in documents], "document", place)
    _check_letters(documents, place)
    contact = document.get("contact", {})
    expects = document.get("expects")
    return VendorAssurance(
        name=document["vendor"].strip(),
        file=where,
        tier=document["tier"],
        platforms=tuple(
            ServedPlatform(entry["id"], tuple(entry["services"]), _tuple(entry.get("regions")))
            for entry in document["platforms"]
        ),
        documents=documents,
        expects=tuple(expects) if expects is not None else None,
        contact=contact.get("security", ""),
        contact_tested_on=place.at("contact").day(contact, "tested_on"),
    )


def _document(entry: Mapping[str, Any], outer: _Place) -> AssuranceDocument:
    kind = entry["kind"]
    place = outer.at(f"document {entry['id']}")
    _check_fields(entry, place)
    period = entry.get("period", {})
    starts_on, ends_on = place.at("period").day(period, "from"), place.at("period").day(period, "to")
    expires_on = place.day(entry, "expires_on")
    if expires_on and ends_on and kind == "attestation":
        place.complain("give either period or expires_on, not both")
    issued_on = place.day(entry, "issued_on")
    starts_on, ends_on = starts_on or (issued_on if expires_on else None), ends_on or expires_on
    if starts_on and ends_on and starts_on > ends_on:
        place.complain(f"begins on {starts_on} after it ends on {ends_on}")
    return AssuranceDocument(
        id=entry["id"],
        kind=kind,
        status=entry["status"],
        title=mask_secrets(entry.get("title", "")),
        issuer=mask_secrets(entry.get("issuer", "")),
        standard=entry.get("standard", ""),
        report_type=entry.get("type"),
        is_by_auditor={"auditor": True, "vendor": False}.get(entry.get("by", "")),
        of=entry.get("of", ""),
        starts_on=starts_on,
        ends_on=ends_on,
        dated_on=place.day(entry, "dated_on"),
        issued_on=issued_on,
        read_on=place.day(entry, "read_on"),
        read_by=mask_secrets(entry.get("read_by", "")),
        opinion=entry.get("opinion", ""),
        scope=_scope(entry.get("scope", {}), place.at("scope")),
        exceptions=_points(entry, "exceptions", place),
        user_controls=_points(entry, "user_controls", place),
        changes=_points(entry, "changes", place),
        subprocessors=_subprocessors(entry, place),
        open_findings=entry.get("open_findings"),
        terms=_terms(entry.get("terms", {}), place.at("terms")),
        sha256=entry.get("sha256", ""),
    )


def _check_fields(entry: Mapping[str, Any], place: _Place) -> None:
    kind = entry["kind"]
    known = [*_ALWAYS.split(), *_FIELDS[kind].split()]
    unknown = [key for key in entry if key not in known]
    if unknown:
        place.complain(f"a {KINDS[kind]} has no {', '.join(unknown)}; it has {', '.join(known)}")
    for key in _REQUIRED.get(kind, ()):
        if key not in entry:
            place.complain(f"{key} must be given for a {KINDS[kind]}")


def _check_ids(ids: Sequence[str], what: str, place: _Place) -> None:
    for name in sorted({name for name in ids if ids.count(name) > 1}):
        place.complain(f"the {what} {name!r} is given twice; each has its own id")


def _check_letters(documents: Sequence[AssuranceDocument], place: _Place) -> None:
    reports = {entry.id for entry in documents if entry.kind in ("soc1", "soc2", "soc3", "attestation")}
    for letter in documents:
        if letter.kind == "bridge_letter" and letter.of and letter.of not in reports:
            place.complain(f"document {letter.id}: of {letter.of!r} is no report of this file; name one")


def _scope(entry: Mapping[str, Any], place: _Place) -> Scope:
    whole = frozenset(part for part in ("services", "regions") if isinstance(entry.get(part), str))
    for part in sorted(whole):
        if entry[part] != "all":
            place.complain(f"{part}: {entry[part]!r} is neither a list nor the word all")
    services, regions = (_tuple(entry.get(part) if part not in whole else None) for part in ("services", "regions"))
    return Scope(services, regions, whole)


def _points(entry: Mapping[str, Any], key: str, place: _Place) -> tuple[Point, ...] | None:
    if key not in entry:
        return None
    _check_ids([point["id"] for point in entry[key]], key.replace("_", " ").rstrip("s"), place)
    return tuple(
        Point(
            point["id"],
            mask_secrets(point["text"]),
            mask_secrets(point.get("answer", "")),
            place.at(f"{key} {point['id']}").day(point, "effective_on"),
        )
        for point in entry[key]
    )


def _terms(entry: Mapping[str, Term], place: _Place) -> Mapping[str, Term]:
    for term, value in entry.items():
        if value is True and term in AMOUNTS:
            place.complain(f"{term}: true is no number; write the number agreed, or false where there is none")
    return entry


def _subprocessors(entry: Mapping[str, Any], place: _Place) -> tuple[Subprocessor, ...] | None:
    if "subprocessors" not in entry:
        return None
    return tuple(
        Subprocessor(
            each["name"],
            mask_secrets(each.get("service", "")),
            each.get("country", ""),
            place.at(f"subprocessor {each['name']}").day(each, "since_on"),
        )
        for each in entry["subprocessors"]
    )


def _tuple(value: Sequence[str] | None) -> tuple[str, ...] | None:
    return None if value is None else tuple(value)
