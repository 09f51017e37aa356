"""Single values of a notice: words, times, lists, each with a complaint that says what is expected."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

from passmuster.model.advisory import NoticeKind
from passmuster.model.words import Severity

# A last day is meant whole, so its end is the start of the next.
_ENDS_WITH_THE_DAY = frozenset({"latest_at", "defer_until"})
_SEVERITIES = {
    **{str(severity): severity for severity in Severity},
    "severe": Severity.CRITICAL,
    "urgent": Severity.CRITICAL,
    "important": Severity.HIGH,
    "major": Severity.HIGH,
    "moderate": Severity.MEDIUM,
    "minor": Severity.LOW,
    "informational": Severity.INFO,
    "information": Severity.INFO,
    "none": Severity.INFO,
}
_YES_NO = {"true": True, "yes": True, "false": False, "no": False}
_CVE = re.compile(r"CVE-\d{4}-\d{4,}")
_SPELLINGS = {"behavior_change": "behaviour_change", "security_update": "security_fix"}


def read_kind(value: Any) -> NoticeKind:
    """A kind of notice, however it is spelled (`Security fix`); raises ValueError."""
    word = re.sub(r"[\s-]+", "_", str(value).strip().lower())
    try:
        return NoticeKind(_SPELLINGS.get(word, word))
    except ValueError:
        raise ValueError(f"{value!r} is none of {', '.join(NoticeKind)}") from None


def read_severity(value: Any) -> str:
    """A severity in our words, "" where nothing is said; raises ValueError."""
    word = str(value or "").strip().lower()
    if word and word not in _SEVERITIES:
        raise ValueError(f"{value!r} is no severity; write one of {', '.join(Severity)}")
    return str(_SEVERITIES[word]) if word else ""


def read_time(name: str, value: Any) -> datetime | None:
    """An aware time in UTC, None where nothing is said; without a zone it is UTC, a day is its start or its end."""
    if value is None or value == "":
        return None
    if isinstance(value, datetime):
        moment = value
    elif isinstance(value, date):
        moment = _of_day(name, value)
    else:
        text = str(value).strip()
        try:
            moment = _of_day(name, date.fromisoformat(text)) if len(text) == 10 else datetime.fromisoformat(text)
        except (ValueError, OverflowError):
            raise ValueError(f"{text[:60]!r} is no time; write 2026-12-31T17:00:00Z or 2026-12-31") from None
    try:
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"{value} is outside of any calendar; write 2026-12-31T17:00:00Z") from None


def _of_day(name: str, day: date) -> datetime:
    start = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return start + timedelta(days=1) if name in _ENDS_WITH_THE_DAY and day < date.max else start


def read_list(value: Any) -> tuple[str, ...]:
    """Texts of a list, or of one text with `;` between; raises ValueError."""
    if value is None:
        return ()
    parts = value.split(";") if isinstance(value, str) else value
    if not isinstance(parts, list) or not all(isinstance(part, str) for part in parts):
        raise ValueError("is no list of texts; write [one, two] or one; two")
    return tuple(dict.fromkeys(part.strip() for part in parts if part.strip()))


def read_cves(value: Any) -> tuple[str, ...]:
    """CVE ids; raises ValueError."""
    found = tuple(text.upper() for text in read_list(value))
    for text in found:
        if not _CVE.fullmatch(text):
            raise ValueError(f"{text!r} is no CVE id; write CVE-2026-12345")
    return found


def read_yes_no(value: Any) -> bool | None:
    """True, False, or None where nothing is said; raises ValueError."""
    if value is None or value == "" or isinstance(value, bool):
        return value if isinstance(value, bool) else None
    if str(value).strip().lower() not in _YES_NO:
        raise ValueError(f"{value!r} is neither yes nor no")
    return _YES_NO[str(value).strip().lower()]


def read_text(value: Any) -> str:
    """A text; a number stands for its digits; raises ValueError."""
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError("is no text; quote it")
    return str(value).strip()
