"""What one look at the data found, before any judgement about the control as a whole."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

Row = tuple[str, str, str, str]
"""A violation as looked up: resource id, name, detail, severity word ("" for the control's own)."""
ROWS = pa.schema([(name, pa.string()) for name in ("resource_id", "name", "detail", "severity")])
"""Violations as looked up, a column each, none NULL: a million come as they are, without an object a cell."""


def rows_of(rows: Iterable[Row]) -> pa.Table:
    """These few as `ROWS`."""
    columns = list(zip(*rows, strict=True)) or [()] * len(ROWS)
    return pa.table([pa.array(column, pa.string()) for column in columns], schema=ROWS)


def names_each_once(rows: pa.Table) -> bool:
    """Whether the rows are in the order of their resources, and none comes twice."""
    ids = rows["resource_id"].combine_chunks()
    return len(ids) < 2 or bool(pc.all(pc.less(ids[:-1], ids[1:])).as_py())


@dataclass(frozen=True)
class Looked:
    """Counts and rows (`ROWS`) of one look. `unknown_columns` and `undecided_columns` count NULLs a column."""

    population: int = 0
    violations: pa.Table = field(default_factory=ROWS.empty_table)
    unknown: int = 0
    undecided: int = 0
    unknown_columns: Mapping[str, int] = field(default_factory=dict)
    undecided_columns: Mapping[str, int] = field(default_factory=dict)
    note: str = ""
    is_blind: bool = False
    """Nothing could be looked at, though the table was read: none of the settings asked about is there."""
