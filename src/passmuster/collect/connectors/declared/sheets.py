"""The words of the workbook: titles of sheets, headings of columns, and how a cell tells a value."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from passmuster.collect.connectors.declared.checking import Given
from passmuster.collect.connectors.declared.declaration import asked_tables, columns_of
from passmuster.documents.workbook_in import Cell
from passmuster.snapshot.columns import Column, Table

OVERVIEW = "Overview"
READ_ME = "Read me"
OVERVIEW_HEADINGS: Mapping[str, str] = {
    "Sheet": "table",
    "What it holds": "text",
    "Known": "known",
    "Said by": "said_by",
    "Said on": "said_at",
    "Source": "source",
    "Note": "note",
}
_HELP = {
    "BOOLEAN": "yes or no; leave it empty if you do not know",
    "INTEGER": "a whole number",
    "TIMESTAMP": "a day or time (UTC), such as 2026-11-23",
    "DATE": "a day, such as 2026-11-23",
    "JSON": "several values with a semicolon between them",
}
_YES = {"yes": True, "no": False, "true": True, "false": False}


def title_of(table: Table) -> str:
    """The sheet's title."""
    return table.name.replace("_", " ").capitalize()


def tables_by_title() -> dict[str, Table]:
    """The tables that are asked for, by their sheet's title in lower case."""
    return {title_of(table).casefold(): table for table in asked_tables()}


def heading_of(table: Table, column: Column) -> str:
    """The column's heading: its name in words; an id of something else is asked for by name."""
    if column.name == table.key[0] and column.name.endswith("_id"):
        return "id"
    name = column.name.removesuffix("_id") if column.name.endswith("_id") else column.name
    return name.replace("_", " ") + (" (UTC)" if column.type == "TIMESTAMP" else "")


def columns_by_heading(table: Table) -> dict[str, Column]:
    """The columns people fill in, by heading in lower case."""
    return {heading_of(table, column).casefold(): column for column in columns_of(table)}


def help_of(table: Table, column: Column) -> str:
    """What to write into a cell of the column."""
    parts = [column.text] if column.text else []
    if column.name == "expires_at" and "has_expiry" in table.column_names:
        parts.append("write never if it is known to have no end")
    if column.name.endswith("_id") and column.name != table.key[0]:
        parts.append("its name or id on the other sheet")
    elif column.name == table.key[0] and column.name.endswith("_id"):
        parts.append("leave empty unless two rows would be called the same")
    if not column.values and column.type in _HELP:
        parts.append(_HELP[column.type])
    return "; ".join(parts)


def cell_of(column: Column, value: Any) -> Any:
    """What stands in the cell for a value."""
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    if column.type == "JSON":
        is_plain = isinstance(value, list) and all(isinstance(each, str) and ";" not in each for each in value)
        text = "; ".join(value) if is_plain else json.dumps(value, ensure_ascii=False)
        # What would be read as JSON again must be JSON.
        return json.dumps(value, ensure_ascii=False) if is_plain and text[:1] in "[{" else text
    return value


def given_of(column: Column, cell: Cell, place: str) -> Given:
    """What a cell tells, for the check of its column."""
    value = cell.value
    if isinstance(value, datetime):
        value = value.replace(tzinfo=UTC)
    if column.type == "BOOLEAN" and isinstance(value, str):
        return Given(place, _YES.get(value.casefold(), value))
    if column.type == "INTEGER":
        return Given(place, _whole(value))
    if column.type == "JSON":
        return _list(value, place)
    if column.type == "TEXT":
        return _text(value, place)
    return Given(place, value)


def _whole(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return int(value) if isinstance(value, str) and value.removeprefix("-").isdecimal() and len(value) < 19 else value


def _text(value: Any, place: str) -> Given:
    if isinstance(value, float):
        hint = "a version such as 10.10 would lose its end: format the cell as text and write it again"
        return Given(place, value, f"is a number to the spreadsheet; {hint}")
    if isinstance(value, date):
        return Given(place, value, "is a date to the spreadsheet; format the cell as text and write it again")
    return Given(place, str(value) if isinstance(value, int) and not isinstance(value, bool) else value)


def _list(value: Any, place: str) -> Given:
    if value is None:
        return Given(place, None)
    text = str(value)
    if text[:1] in "[{":
        try:
            return Given(place, json.loads(text))
        except (ValueError, RecursionError):
            return Given(place, text, "begins like JSON and is none; mend it, or write values with semicolons")
    return Given(place, [part.strip() for part in text.split(";") if part.strip()])
