"""Values of any kind as the text of a cell."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from passmuster.report.text import day, shorten

NOT_KNOWN = "not known"
EMPTY = "(empty)"
_LONGEST = 160


def cell_text(value: Any) -> str:
    """The value for a reader: None is `not known`, booleans are yes and no, times are days."""
    if value is None:
        return NOT_KNOWN
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, date):
        return day(value)
    if isinstance(value, Mapping | list | tuple):
        return shorten(json.dumps(value, default=str, ensure_ascii=False), _LONGEST)
    return shorten(str(value), _LONGEST) or EMPTY


def row_text(row: Mapping[str, Any]) -> str:
    """A row as `column: value` pairs in one line, without what says nothing."""
    told = (f"{column}: {cell_text(value)}" for column, value in row.items() if value not in (None, ""))
    return shorten("; ".join(told), 2 * _LONGEST)
