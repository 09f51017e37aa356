"""What a table is: columns with types, closed lists, a key; and the compact notation they are declared in."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pyarrow as pa

ARROW_TYPES: dict[str, pa.DataType] = {
    "TEXT": pa.string(),
    "BOOLEAN": pa.bool_(),
    "INTEGER": pa.int64(),
    "TIMESTAMP": pa.timestamp("us"),
    "DATE": pa.date32(),
    "JSON": pa.string(),
}
_LINE = re.compile(
    r"(?P<name>[a-z0-9_]+) (?P<type>[A-Z]+)(?: \{(?P<values>[^}]*)\})?(?P<volatile> volatile)?(?:: (?P<text>.+))?"
)


@dataclass(frozen=True)
class Column:
    """One column. `values` is its closed list, if it has one; a volatile column never makes drift."""

    name: str
    type: str
    values: tuple[str, ...] = ()
    is_volatile: bool = False
    text: str = ""

    @property
    def arrow_type(self) -> pa.DataType:
        """The Arrow type it is stored as; JSON is stored as text."""
        return ARROW_TYPES[self.type]


@dataclass(frozen=True)
class Table:
    """One table: its columns in order, the columns that identify a row, and what it is for."""

    name: str
    text: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    is_log: bool = False
    """Whether it is a log, which differs at every look: it makes no drift."""

    @property
    def schema(self) -> pa.Schema:
        """The Arrow schema of the stored table."""
        return pa.schema([(column.name, column.arrow_type) for column in self.columns])

    @property
    def column_names(self) -> tuple[str, ...]:
        """The columns' names in order."""
        return tuple(column.name for column in self.columns)

    def column(self, name: str) -> Column:
        """The column of that name; KeyError if there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)


ORIGIN = (
    Column("platform_id", "TEXT", text="the platform this row is of"),
    Column("origin", "TEXT", ("api", "export", "declared"), text="where the fact comes from"),
)


def declare(
    name: str, text: str, *, key: str, columns: str, lead: tuple[Column, ...] = ORIGIN, is_log: bool = False
) -> Table:
    """A table from lines `name TYPE {values} volatile: text`; raises ValueError on a line that does not fit."""
    parsed = list(lead)
    for line in columns.strip().splitlines():
        match = _LINE.fullmatch(line.strip())
        if match is None or match["type"] not in ARROW_TYPES:
            raise ValueError(f"table {name}: cannot read the column line {line.strip()!r}")
        values = tuple(word.strip() for word in (match["values"] or "").split(",") if word.strip())
        parsed.append(Column(match["name"], match["type"], values, bool(match["volatile"]), match["text"] or ""))
    table = Table(name, text, tuple(key.split()), tuple(parsed), is_log)
    missing = set(table.key) - set(table.column_names)
    if missing:
        raise ValueError(f"table {name}: key columns {sorted(missing)} are not declared")
    return table
