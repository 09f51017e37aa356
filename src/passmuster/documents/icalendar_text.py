"""Whether an iCalendar text has its end, told before a library stumbles over it."""

from __future__ import annotations

import re

_MARK = re.compile(r"^(BEGIN|END):([\w-]+)[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)


def why_cut_short(text: str) -> str:
    """Which part is begun and never ended, and the mend; "" where all are, or where it is no calendar at all."""
    begun: list[tuple[str, int]] = []
    for mark in _MARK.finditer(text):
        name = mark[2].upper()
        if mark[1].upper() == "BEGIN":
            begun.append((name, text.count("\n", 0, mark.start()) + 1))
        elif begun and begun[-1][0] == name:
            begun.pop()
        elif mark.end() < len(text.rstrip()):
            # Out of order is another fault than too short.
            return ""
    if not begun:
        return ""
    name, line = begun[-1]
    return f"ends too early: {name} begins in line {line} and has no END:{name}; fetch or export it again"
