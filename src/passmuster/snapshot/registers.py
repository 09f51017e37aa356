"""Registers, CSV files and a folder of vendors' assurance: read with every complaint at once."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from passmuster.documents.csv_file import read_csv
from passmuster.errors import UnreadableInput
from passmuster.model.assurance import VendorAssurance
from passmuster.snapshot.assurance.read import FOLDER, read_assurance
from passmuster.snapshot.assurance.rows import document_rows, term_rows
from passmuster.snapshot.coerce import columns_to_arrow
from passmuster.snapshot.columns import Column, Table
from passmuster.snapshot.register_tables import FROM_CSV, REGISTERS

_ENDS_WITH_THE_DAY = frozenset({"valid_until", "expires_at", "due_at"})
_NEVER_EMPTY = frozenset(
    {"list_id", "item", "attestation_id", "scope_kind", "scope_id", "update_id", "advisory_id", "review_id"}
    | {"finding_id", "platform_id", "snapshot_id"}
)
_WORDS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


# Where what is written for a spreadsheet has an apostrophe: before what would start a formula, in any part of a list.
_BLANK = "[ \u00a0\u3000\u200b\ufeff]*"
_APOSTROPHE = re.compile(f"(^|[;\\t\\n])'({_BLANK})(?=[=+\\-@＝＋－＠])|^'(?={_BLANK}\\t)")


@dataclass(frozen=True)
class Registers:
    """The registers that were handed over, by name; one that is absent was not."""

    folder: Path | None
    tables: Mapping[str, pa.Table]
    vendors: tuple[VendorAssurance, ...] = ()

    @property
    def files(self) -> tuple[str, ...]:
        """The files that were handed over, as they lie in the folder."""
        return (*(f"{name}.csv" for name in self.tables if name in FROM_CSV), *(each.file for each in self.vendors))


NO_REGISTERS = Registers(None, {})


def read_registers(folder: Path) -> Registers:
    """All registers in a folder; raises UnreadableInput that lists every mistake with file, line and column."""
    if not folder.is_dir():
        raise UnreadableInput(
            f"{folder}: there is no such folder; `passmuster registers init SNAPSHOT --out {folder}` makes one"
        )
    complaints: list[str] = []
    tables = {}
    for name, table in FROM_CSV.items():
        path = folder / f"{name}.csv"
        if path.is_symlink() or path.exists():
            tables[name] = _read(path, table, complaints)
    complaints += [
        f"{path.name}: is no register; known are {', '.join(f'{name}.csv' for name in FROM_CSV)}"
        for path in sorted(folder.glob("*.csv"))
        if path.stem not in FROM_CSV
    ]
    vendors = read_assurance(folder / FOLDER, complaints) if (folder / FOLDER).exists() else ()
    if complaints:
        lines = "\n".join(f"  - {complaint}" for complaint in complaints)
        raise UnreadableInput(f"{folder}: {len(complaints)} mistake(s) in the registers\n{lines}")
    return Registers(folder, tables | _assurance_tables(vendors), vendors)


def _assurance_tables(vendors: tuple[VendorAssurance, ...]) -> dict[str, pa.Table]:
    """The tables made of vendors' files; none where there is no file, as with a register that was not handed over."""
    if not vendors:
        return {}
    rows = {"assurance_documents": document_rows(vendors), "assurance_terms": term_rows(vendors)}
    return {name: register_rows(name, list(made)) for name, made in rows.items()}


def register_rows(name: str, rows: list[Mapping[str, Any]]) -> pa.Table:
    """Rows given as values (a pack's cases) as a register table; raises UnreadableInput on what does not fit."""
    complaints: list[str] = []
    arrow = columns_to_arrow(REGISTERS[name], rows, complaints)
    if complaints:
        raise UnreadableInput(f"register {name}: {'; '.join(complaints)}")
    return arrow


def _read(path: Path, table: Table, complaints: list[str]) -> pa.Table:
    try:
        header, lines = read_csv(path)
    except UnreadableInput as error:
        complaints += str(error).replace(f"{path}:", f"{path.name}:").splitlines()
        return table.schema.empty_table()
    unknown = [name for name in header if name not in table.column_names]
    missing = [name for name in table.key if name not in header]
    if unknown or missing:
        complaints += [
            f"{path.name}: line 1: unknown column {name!r}; known are {', '.join(table.column_names)}"
            for name in unknown
        ]
        complaints += [f"{path.name}: line 1: the column {name!r} is missing" for name in missing]
        return table.schema.empty_table()
    rows: list[dict[str, Any]] = []
    seen: dict[tuple[Any, ...], int] = {}
    for number, cells in lines:
        row = {}
        for name, cell in cells.items():
            try:
                row[name] = parse_cell(table.column(name), cell)
            except ValueError as error:
                complaints.append(f"{path.name}: line {number}, column {name}: {error}")
        complaints += [
            f"{path.name}: line {number}, column {name}: is empty; it says what the row is about"
            for name in table.key
            if name in _NEVER_EMPTY and not cells.get(name, "").strip()
        ]
        key = tuple(row.get(name) for name in table.key)
        if key in seen:
            complaints.append(f"{path.name}: line {number}: gives {' / '.join(map(str, key))} again (line {seen[key]})")
        seen.setdefault(key, number)
        rows.append(row)
    return columns_to_arrow(table, rows, complaints)


def plain_cell(cell: str) -> str:
    """A cell without the apostrophes that keep a spreadsheet from taking it for a formula."""
    return _APOSTROPHE.sub(lambda match: f"{match[1] or ''}{match[2] or ''}", cell)


def parse_cell(column: Column, cell: str) -> Any:
    """One CSV cell as the column's type, NULL where it is empty; raises ValueError that says what is expected."""
    text = plain_cell(cell).strip()
    if not text:
        return None
    if column.values:
        word = text.lower().replace("-", "_").replace(" ", "_")
        if word not in column.values:
            raise ValueError(f"{text!r} is none of {', '.join(column.values)}")
        return word
    return _PARSERS[column.type](column, text)


def _parse_text(_column: Column, text: str) -> str:
    return text


def _parse_boolean(_column: Column, text: str) -> bool:
    if text.lower() not in _WORDS:
        raise ValueError(f"{text!r} is neither true nor false")
    return _WORDS[text.lower()]


def _parse_integer(_column: Column, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise ValueError(f"{text!r} is not a whole number") from None


def _parse_time(column: Column, text: str) -> datetime:
    try:
        if len(text) == 10:
            day = date.fromisoformat(text)
            moment = datetime(day.year, day.month, day.day, tzinfo=UTC)
            if column.name not in _ENDS_WITH_THE_DAY:
                return moment
            # The last day there is, is how people write "never ends".
            return moment + timedelta(days=1) if day < date.max else datetime.max.replace(tzinfo=UTC)
        moment = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        raise ValueError(f"{text!r} is no time; write 2026-12-31 or 2026-12-31T17:00:00Z") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _parse_date(_column: Column, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is no date; write 2026-12-31") from None


def _parse_json(_column: Column, text: str) -> str:
    if text[:1] in "[{":
        try:
            json.loads(text)
        except (json.JSONDecodeError, RecursionError):
            raise ValueError(f"{text[:40]!r} is not JSON") from None
        return text
    return json.dumps([part.strip() for part in text.split(";") if part.strip()])


_PARSERS = {
    "TEXT": _parse_text,
    "BOOLEAN": _parse_boolean,
    "INTEGER": _parse_integer,
    "TIMESTAMP": _parse_time,
    "DATE": _parse_date,
    "JSON": _parse_json,
}
