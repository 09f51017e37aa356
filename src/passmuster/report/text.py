"""Text that came from a platform, made safe to show without hiding what it is."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f]")
_LINE_ENDS = re.compile("\r\n|[\r\x85\u2028\u2029]")
_OVERRIDES = re.compile("[\u202a-\u202e\u2066-\u2069]")


def clean(text: str) -> str:
    """The text without control characters; line ends are `\\n`, characters that reorder what is read are spelled out.

    A name with a right-to-left override reads as something else than it is; `[U+202E]` shows that somebody tried.
    """
    if text.isprintable():
        return text
    text = text.encode("utf-8", "replace").decode("utf-8")
    text = _CONTROLS.sub("", _LINE_ENDS.sub("\n", text))
    return _OVERRIDES.sub(lambda match: f"[U+{ord(match[0]):04X}]", text)


def one_line(text: str) -> str:
    """The cleaned text with every run of white space as one blank."""
    return " ".join(clean(text).split())


def shorten(text: str, limit: int) -> str:
    """One line of at most about `limit` characters; what was cut off is told."""
    line = one_line(text)
    return line if len(line) <= limit else f"{line[:limit].rstrip()}… ({len(line):,} characters)"


def in_utc(instant: datetime) -> datetime:
    """The instant in UTC; one without an offset is UTC already."""
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)


def rfc3339(instant: datetime) -> str:
    """The instant as RFC 3339 in UTC, ending in Z."""
    return in_utc(instant).replace(tzinfo=None).isoformat() + "Z"


def day_and_time(instant: datetime) -> str:
    """The instant for people: `2026-05-31 08:00 UTC`."""
    return in_utc(instant).strftime("%Y-%m-%d %H:%M UTC")


def day(moment: date) -> str:
    """The day for people, in UTC where it is an instant: `2026-05-31`."""
    return (in_utc(moment) if isinstance(moment, datetime) else moment).strftime("%Y-%m-%d")


def counted(number: int, one: str, many: str = "") -> str:
    """`1 resource`, `2 resources`, `1,000 resources`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
