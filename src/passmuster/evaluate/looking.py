"""What one look at the data found, before any judgement about the control as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Row = tuple[str, str, str, str]
"""A violation as looked up: resource id, name, detail, severity word ("" for the control's own)."""


@dataclass(frozen=True)
class Looked:
    """Counts and rows of one look. `unknown_columns` and `undecided_columns` count NULLs a column."""

    population: int = 0
    violations: tuple[Row, ...] = ()
    unknown: int = 0
    undecided: int = 0
    unknown_columns: Mapping[str, int] = field(default_factory=dict)
    undecided_columns: Mapping[str, int] = field(default_factory=dict)
    note: str = ""
    is_blind: bool = False
    """Nothing could be looked at, though the table was read: none of the settings asked about is there."""
