"""Days as people type them into a spreadsheet; one that can be read in two ways is not guessed."""

from __future__ import annotations

import re
from datetime import date

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ].*)?")
_NUMBERS = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})(?: .*)?")
_DAY_NAMED = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?[-\s.]+([A-Za-z]{3,9})[-\s.,]+(\d{4})")
_MONTH_NAMED = re.compile(r"([A-Za-z]{3,9})[\s.]+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})")


def read_day(text: str, *, day_first: bool | None) -> date:
    """The day a cell names; raises ValueError that says what to write instead."""
    given = text.strip()
    if match := _ISO.fullmatch(given):
        return _day(given, match[1], match[2], match[3])
    if match := _DAY_NAMED.fullmatch(given):
        return _day(given, match[3], _month(match[2]), match[1])
    if match := _MONTH_NAMED.fullmatch(given):
        return _day(given, match[3], _month(match[1]), match[2])
    if match := _NUMBERS.fullmatch(given):
        return _of_numbers(given, match, day_first)
    raise ValueError(f"{given[:40]!r} is no day; write it as 2026-12-31")


def _of_numbers(given: str, match: re.Match[str], day_first: bool | None) -> date:
    first, second, year = match[1], match[3], match[4]
    # Nobody writes the month first with dots.
    order = True if match[2] == "." else day_first
    if int(first) > 12 or int(first) == int(second):
        order = True
    elif int(second) > 12:
        order = False
    if order is None:
        raise ValueError(
            f"{given[:40]!r} may mean two days; write it as 2026-12-31, or say by --dates which comes first"
        )
    return _day(given, year, second, first) if order else _day(given, year, first, second)


def _month(word: str) -> str:
    short = word[:3].lower()
    return str(_MONTHS.index(short) + 1) if short in _MONTHS else "0"


def _day(given: str, year: str, month: str, day: str) -> date:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        raise ValueError(f"{given[:40]!r} is in no calendar; write it as 2026-12-31") from None
