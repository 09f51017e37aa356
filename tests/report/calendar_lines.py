"""A reader of RFC 5545 of the tests' own: lines, unfolded, and times by the file's own VTIMEZONEs alone."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

_STAMP = "%Y%m%dT%H%M%S"


@dataclass
class Part:
    """A component: its properties as (name, parameters, value), and the components in it."""

    kind: str
    lines: list[tuple[str, str, str]] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)

    def value(self, name: str) -> str:
        return next((value for key, _, value in self.lines if key == name), "")

    def of_kind(self, kind: str) -> list[Part]:
        return [part for part in self.parts if part.kind == kind]


def parse(text: str) -> Part:
    """The calendar of a text; asserts what RFC 5545 asks of lines."""
    assert text.endswith("\r\n")
    assert "\n" not in text.replace("\r\n", "")
    physical = text.split("\r\n")
    assert all(len(line.encode("utf-8")) <= 75 for line in physical)
    root = Part("")
    stack = [root]
    for line in re.sub("\r\n[ \t]", "", text).split("\r\n")[:-1]:
        head, colon, value = line.partition(":")
        assert colon, line
        name, _, parameters = head.partition(";")
        if name == "BEGIN":
            part = Part(value)
            stack[-1].parts.append(part)
            stack.append(part)
        elif name == "END":
            assert stack.pop().kind == value
        else:
            stack[-1].lines.append((name, parameters, value))
    assert len(stack) == 1
    (calendar,) = root.parts
    return calendar


def text_of(value: str) -> str:
    """A TEXT value, unescaped."""
    return re.sub(r"\\(.)", lambda match: "\n" if match[1] in "nN" else match[1], value)


def instant(calendar: Part, event: Part, name: str) -> datetime | None:
    """When a property of an event is, read by the VTIMEZONE in the same file."""
    for key, parameters, value in event.lines:
        if key == name:
            if value.endswith("Z"):
                return datetime.strptime(value, _STAMP + "Z").replace(tzinfo=UTC)
            zone = parameters.removeprefix("TZID=")
            return _by_zone(calendar, zone, datetime.strptime(value, _STAMP))  # noqa: DTZ007 - a local time
    return None


def _by_zone(calendar: Part, zone: str, local: datetime) -> datetime:
    (found,) = (part for part in calendar.of_kind("VTIMEZONE") if part.value("TZID") == zone)
    began = [
        (datetime.strptime(part.value("DTSTART"), _STAMP) - _offset(part, "TZOFFSETFROM"), _offset(part, "TZOFFSETTO"))  # noqa: DTZ007
        for part in found.parts
    ]
    # Of two readings the first: an offset fits where it is in force at the instant it gives.
    fits = []
    for number, (start, offset) in enumerate(sorted(began)):
        end = sorted(began)[number + 1][0] if number + 1 < len(began) else datetime.max  # noqa: DTZ901
        if start <= local - offset < end:
            fits.append(local - offset)
    assert fits, f"{local} does not exist in {zone}"
    return min(fits).replace(tzinfo=UTC)


def _offset(part: Part, name: str) -> timedelta:
    sign, hours, minutes, seconds = re.fullmatch(r"([+-])(\d\d)(\d\d)(\d\d)?", part.value(name)).groups()  # type: ignore[union-attr]
    size = timedelta(hours=int(hours), minutes=int(minutes), seconds=int(seconds or 0))
    return -size if sign == "-" else size
