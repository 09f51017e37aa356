"""CISA's catalogue of known exploited vulnerabilities: one document holds the whole list."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, date, datetime, time
from typing import Any

from passmuster.errors import UnreadableInput
from passmuster.intel.feeds.fields import Complaints, Fields
from passmuster.intel.feeds.interface import Document, ImportProblem, Reading
from passmuster.model.advisory import AffectedProduct, KevEntry, Record, RecordKind

FEED = "cisa-kev"
CVE_ID = re.compile(r"CVE-\d{4}-\d{4,19}")

# On its first day the catalogue took over what directives had asked for before there was a catalogue.
_FIRST_DAY = date(2021, 11, 3)
_PLACED = frozenset(
    {"cveID", "vendorProject", "product", "vulnerabilityName", "dateAdded", "shortDescription", "requiredAction"}
    | {"dueDate", "knownRansomwareCampaignUse", "forensicTriage"}
)


class KevFeed:
    """The catalogue as JSON; an entry that a later catalogue lacks has been withdrawn."""

    kind = "kev"

    def recognises(self, document: Document) -> bool:
        """By `catalogVersion`, by entries with a `cveID` and `dateAdded`, or by a table with these columns."""
        value = document.value
        if value is None:
            return _is_table(document.text)
        if not isinstance(value, dict) or "vulnerabilities" not in value:
            return False
        entries = value["vulnerabilities"]
        first = entries[0] if isinstance(entries, list) and entries else None
        return "catalogVersion" in value or (isinstance(first, dict) and "cveID" in first and "dateAdded" in first)

    def read(self, document: Document) -> Reading:
        """A record for each entry; raises UnreadableInput with every mistake, also for a catalogue without entries."""
        complaints = Complaints()
        value = _from_table(document) if document.value is None else document.value
        fields = Fields(value, "", complaints)
        version = fields.text("catalogVersion")
        released = fields.time("dateReleased")
        records = [_record(entry, version, released) for entry in fields.mappings("vulnerabilities", required=True)]
        complaints.refuse(document.where, "KEV catalogue")
        if not records:
            raise UnreadableInput(f"{document.where}: the catalogue has no entries, which cannot be; fetch it again")
        return Reading(tuple(records), tuple(_problems(fields, records)), is_whole_list=True, listed_at=released)


def _is_table(text: str) -> bool:
    header = text[:500].lstrip("\ufeff").partition("\n")[0].replace('"', "").strip().split(",")
    return {"cveID", "dateAdded", "dueDate"} <= set(header)


def _from_table(document: Document) -> dict[str, list[dict[str, Any]]]:
    """The catalogue's CSV in the shape of its JSON; raises UnreadableInput with the line that is none."""
    reader = csv.DictReader(io.StringIO(document.text.lstrip("\ufeff")), strict=True)
    entries: list[dict[str, Any]] = []
    try:
        for row in reader:
            if None in row or None in row.values():
                raise UnreadableInput(
                    f"{document.where}: line {reader.line_num} has not as many cells as the header; fetch it again"
                )
            entry: dict[str, Any] = {name: cell for name, cell in row.items() if cell}
            if "cwes" in entry:
                entry["cwes"] = [part.strip() for part in entry["cwes"].split(",")]
            entries.append(entry)
    except csv.Error as error:
        raise UnreadableInput(f"{document.where}: line {reader.line_num}: {error}; fetch it again") from None
    return {"vulnerabilities": entries}


def _record(entry: Fields, version: str, released: datetime | None) -> Record:
    cve = entry.text("cveID", required=True)
    if cve and not CVE_ID.fullmatch(cve):
        entry.complain("cveID", f"{cve[:40]!r} is no CVE")
    added = entry.day("dateAdded", required=True)
    kev = None
    if added is not None:
        kev = KevEntry(
            added_on=added,
            due_on=entry.day("dueDate"),
            ransomware=entry.text("knownRansomwareCampaignUse"),
            required_action=entry.text("requiredAction"),
            catalogue_version=version or (released.date().isoformat() if released else ""),
            forensic_triage=entry.text("forensicTriage"),
        )
    product = AffectedProduct(vendor=entry.text("vendorProject"), product=entry.text("product"))
    return Record(
        kind=RecordKind.KEV,
        feed=FEED,
        id=cve,
        title=entry.text("vulnerabilityName"),
        description=entry.text("shortDescription"),
        published_at=datetime.combine(added, time(), UTC) if added else None,
        kev=kev,
        affected=(product,) if product.product else (),
        references=tuple(part.strip() for part in entry.text("notes").split(" ; ") if part.strip().startswith("http")),
        extra=_extra(entry),
    )


def _extra(entry: Fields) -> dict[str, Any]:
    """What has no place of its own, so that every edit of an entry is seen."""
    entry.texts("cwes")
    return {name: value for name, value in entry.values.items() if name not in _PLACED and value is not None}


def _problems(fields: Fields, records: list[Record]) -> list[ImportProblem]:
    problems = []
    count = fields.values.get("count")
    if isinstance(count, int) and count != len(records):
        text = f"the catalogue says it has {count} entries and has {len(records)}"
        problems.append(ImportProblem("count_differs", text))
    seen: set[str] = set()
    for record in records:
        if record.id in seen:
            problems.append(
                ImportProblem("given_twice", "stands in the catalogue twice; the last one counts", record.id)
            )
        seen.add(record.id)
        if record.kev is not None and _is_due_too_early(record.kev):
            text = f"is due on {record.kev.due_on}, before it was added on {record.kev.added_on}; kept as it is"
            problems.append(ImportProblem("due_before_added", text, record.id))
    return problems


def _is_due_too_early(entry: KevEntry) -> bool:
    return entry.due_on is not None and entry.due_on < entry.added_on and entry.added_on != _FIRST_DAY
