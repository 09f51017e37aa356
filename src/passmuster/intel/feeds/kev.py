"""CISA's catalogue of known exploited vulnerabilities: one document holds the whole list."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time

from passmuster.errors import UnreadableInput
from passmuster.intel.feeds.fields import Complaints, Fields
from passmuster.intel.feeds.interface import Document, ImportProblem, Reading
from passmuster.model.advisory import AffectedProduct, KevEntry, Record, RecordKind

FEED = "cisa-kev"
CVE_ID = re.compile(r"CVE-\d{4}-\d{4,19}")


class KevFeed:
    """The catalogue as JSON; an entry that a later catalogue lacks has been withdrawn."""

    kind = "kev"

    def recognises(self, document: Document) -> bool:
        """By `catalogVersion`, or by entries with a `cveID` and `dateAdded`."""
        value = document.value
        if not isinstance(value, dict) or "vulnerabilities" not in value:
            return False
        entries = value["vulnerabilities"]
        first = entries[0] if isinstance(entries, list) and entries else None
        return "catalogVersion" in value or (isinstance(first, dict) and "cveID" in first and "dateAdded" in first)

    def read(self, document: Document) -> Reading:
        """A record for each entry; raises UnreadableInput with every mistake, also for a catalogue without entries."""
        complaints = Complaints()
        fields = Fields(document.value, "", complaints)
        version = fields.text("catalogVersion")
        released = fields.time("dateReleased")
        records = [_record(entry, version, released) for entry in fields.mappings("vulnerabilities", required=True)]
        complaints.refuse(document.where, "KEV catalogue")
        if not records:
            raise UnreadableInput(f"{document.where}: the catalogue has no entries, which cannot be; fetch it again")
        return Reading(tuple(records), tuple(_problems(fields, records)), is_whole_list=True, listed_at=released)


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
        extra={"cwes": list(entry.texts("cwes"))} if entry.has("cwes") else {},
    )


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
    return problems
