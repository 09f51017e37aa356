"""Files with exported entries of the audit log: told by their content, read whole, with every mistake by its line.

The CSV is that of the audit search in the Purview portal (RecordId, CreationDate, RecordType, Operation, UserId,
AuditData, ...; learn.microsoft.com/purview/audit-log-export-records) or of Search-UnifiedAuditLog | Export-Csv
(RecordType, CreationDate, UserIds, Operations, AuditData, ..., Identity). Both hold the record itself in AuditData;
CreationDate is spelled as the computer's language has it, so that the record's own CreationTime counts. The JSON is
what the Office 365 Management Activity API answers: a list of records, or one a line.
"""

from __future__ import annotations

import codecs
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from passmuster.collect.connectors.power_platform.purview.entries import Entry, NoEntry, entry_of
from passmuster.documents.csv_file import parse_csv
from passmuster.documents.json_file import parse_json
from passmuster.documents.limits import read_text
from passmuster.errors import UnreadableInput

_LINES = (".jsonl", ".ndjson")
_SNIFFED = 64 * 1024
_LONGEST_RECORD = 1024 * 1024
# What a cell of a spreadsheet holds at most; one or two characters less where it stands in quotes.
_CELL = range(32_700, 32_768)
_MOST_TOLD = 20
_TYPE = "#TYPE"
_FORMULA = tuple("=+-@")
_AGAIN = "export the log again, and do not open and save the file with a spreadsheet program"


@dataclass(frozen=True)
class Exported:
    """One file: its entries, of those that change nothing the times alone, and how many there were."""

    file: Path
    entries: tuple[Entry, ...]
    count: int
    sha256: str


def audit_exports(path: Path) -> tuple[Path, ...]:
    """The exports of the audit log in a folder, sorted; a file that is one by itself."""
    files = sorted(path.iterdir()) if path.is_dir() else [path]
    return tuple(file for file in files if is_audit_export(file))


def is_audit_export(file: Path) -> bool:
    """Whether a file holds entries of the audit log, by how its content begins."""
    suffix = file.suffix.lower()
    if suffix not in (".csv", ".json", *_LINES) or not file.is_file():
        return False
    text = _beginning(file)
    is_record = '"CreationTime"' in text and '"Operation"' in text
    if suffix == ".csv":
        # A header that was translated is still one of an export, which is told when it is read.
        return "auditdata" in _header(text).lower() or '""CreationTime""' in text
    # A recorded answer is an object, a list of records is not.
    return is_record and (suffix in _LINES or text.lstrip().startswith("["))


def read_exports(files: tuple[Path, ...]) -> tuple[Exported, ...]:
    """The entries of these files; raises UnreadableInput with the mistakes of all of them by file and line."""
    found: list[Exported] = []
    mistakes: list[str] = []
    for file in files:
        try:
            found.append(_read(file))
        except UnreadableInput as error:
            mistakes.append(str(error))
    if mistakes:
        raise UnreadableInput("\n".join(mistakes))
    return tuple(found)


@dataclass
class _Reading:
    """What was read of a file so far."""

    where: str
    entries: list[Entry] = field(default_factory=list)
    mistakes: list[str] = field(default_factory=list)
    count: int = 0

    def take(self, place: str, record: Any, **beside: str) -> None:
        """One record, which stands at this place."""
        self.count += 1
        try:
            entry = entry_of(record, **beside)
        except NoEntry as error:
            self.refuse(place, f"{error}; {_AGAIN}")
            return
        # Most of a log changes nothing, and only its time is wanted.
        self.entries.append(entry if entry.change else replace(entry, data={}, properties={}))

    def refuse(self, place: str, why: str) -> None:
        """What at this place is no record."""
        self.mistakes.append(f"{self.where}: {place}: {why}")

    def refused(self) -> UnreadableInput:
        """Every mistake, the first few in full."""
        more = len(self.mistakes) - _MOST_TOLD
        told = [
            *self.mistakes[:_MOST_TOLD],
            *([f"{self.where}: and {more} more lines of the kind"] if more > 0 else []),
        ]
        return UnreadableInput("\n".join(told))


def _read(file: Path) -> Exported:
    text, reading = read_text(file), _Reading(str(file))
    if file.suffix.lower() == ".csv":
        _take_csv(reading, text)
    elif file.suffix.lower() in _LINES:
        for number, line in enumerate(text.splitlines(), start=1):
            if line.strip():
                _take_text(reading, f"line {number}", line)
    else:
        _take_list(reading, text)
    if reading.mistakes:
        raise reading.refused()
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    return Exported(file, tuple(reading.entries), reading.count, digest)


def _take_csv(reading: _Reading, text: str) -> None:
    # Export-Csv of Windows PowerShell writes the type of its objects above the header.
    above = 1 if text.startswith(_TYPE) else 0
    where = f"{reading.where} (counted from the header)" if above else reading.where
    header, rows = parse_csv(text.partition("\n")[2] if above else text, where)
    names = {name.lower(): name for name in header}
    if "auditdata" not in names:
        has = ", ".join(header[:8])
        reading.refuse(
            f"line {above + 1}",
            f"there is no column AuditData (there are {has}); Purview names its columns in English: export the log "
            "again, and do not translate or rename them",
        )
        return
    number = names.get("recordid") or names.get("identity") or ""
    date = names.get("creationdate", "")
    for line, row in rows:
        beside = {"number": row.get(number, ""), "date": row.get(date, "")}
        _take_text(reading, f"line {line + above}", row[names["auditdata"]], name="AuditData", **beside)


def _take_text(reading: _Reading, place: str, text: str, *, name: str = "the line", **beside: str) -> None:
    record = text.strip()
    if not record:
        reading.refuse(place, f"{name} is empty; {_AGAIN}")
    elif record.startswith(_FORMULA):
        reading.refuse(place, f"{name} begins with {record[0]!r} like a formula, which no entry does; {_AGAIN}")
    elif len(record) > _LONGEST_RECORD:
        reading.refuse(place, f"{name} is larger than 1 MiB, which no entry is; {_AGAIN}")
    else:
        try:
            value = parse_json(record, name)
        except UnreadableInput as error:
            is_cut = len(record) in _CELL
            why = f"{name} was cut at the length of a spreadsheet's cell" if is_cut else str(error).partition(";")[0]
            reading.refuse(place, f"{why}; {_AGAIN}")
            return
        reading.take(place, value, **beside)


def _take_list(reading: _Reading, text: str) -> None:
    records = parse_json(text, reading.where)
    if not isinstance(records, list):
        raise UnreadableInput(f"{reading.where}: is no list of entries; {_AGAIN}")
    for number, record in enumerate(records, start=1):
        reading.take(f"entry {number}", record)


def _beginning(file: Path) -> str:
    try:
        with file.open("rb") as stream:
            data = stream.read(_SNIFFED)
    except OSError:
        return ""
    encoding = "utf-16" if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"
    return data.decode(encoding, errors="ignore")


def _header(text: str) -> str:
    lines: Iterator[str] = (line for line in text.splitlines() if not line.startswith(_TYPE))
    return next(lines, "")
