"""Fields of a JSON document from outside: what does not fit is a complaint with its place, all told at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from passmuster.errors import UnreadableInput

_MOST_TOLD = 20


@dataclass
class Complaints:
    """What is wrong with one document, in reading order."""

    found: list[str] = field(default_factory=list)

    def add(self, place: str, problem: str) -> None:
        """Note a problem at a place (`affected[0].ranges`)."""
        self.found.append(f"{place}: {problem}" if place else problem)

    def refuse(self, where: str, what: str) -> None:
        """Raise UnreadableInput with every complaint where there is one."""
        if self.found:
            more = len(self.found) - _MOST_TOLD
            told = self.found[:_MOST_TOLD] + ([f"and {more} more"] if more > 0 else [])
            raise UnreadableInput(
                f"{where}: is no valid {what}: {'; '.join(told)}; fetch it again or tell its publisher"
            )


@dataclass(frozen=True)
class Fields:
    """A mapping at a place of a document. Every getter gives a usable value, and complains of what is wrong."""

    values: Mapping[str, Any]
    place: str
    complaints: Complaints

    def _at(self, name: str) -> str:
        return f"{self.place}.{name}" if self.place else name

    def has(self, name: str) -> bool:
        """Whether the field is there and not null."""
        return self.values.get(name) is not None

    def complain(self, name: str, problem: str) -> None:
        """Note a problem of one field."""
        self.complaints.add(self._at(name) if name else self.place, problem)

    def text(self, name: str, *, required: bool = False) -> str:
        """A text, "" where it is absent."""
        value = self.values.get(name)
        if value is None:
            if required:
                self.complain(name, "is missing")
            return ""
        if not isinstance(value, str):
            self.complain(name, f"must be text, is {_kind(value)}")
            return ""
        if required and not value.strip():
            self.complain(name, "is empty")
        return value

    def number(self, name: str, *, low: float, high: float) -> float | None:
        """A number within bounds, None where it is absent."""
        value = self.values.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.complain(name, f"must be a number, is {_kind(value)}")
            return None
        if not low <= value <= high:
            self.complain(name, f"must be from {low:g} to {high:g}, is {str(value)[:20]}")
            return None
        return float(value)

    def time(self, name: str, *, required: bool = False) -> datetime | None:
        """An instant (without a zone: UTC; a date is its start), None where it is absent."""
        text = self.text(name, required=required)
        if not text:
            return None
        moment = parse_time(text)
        if moment is None:
            self.complain(name, f"{text[:40]!r} is no time")
        return moment

    def day(self, name: str, *, required: bool = False) -> date | None:
        """A date, None where it is absent."""
        text = self.text(name, required=required)
        if not text:
            return None
        try:
            return date.fromisoformat(text[:10])
        except ValueError:
            self.complain(name, f"{text[:40]!r} is no date")
            return None

    def mapping(self, name: str, *, required: bool = False) -> Fields:
        """The mapping of a field, an empty one where it is absent."""
        value = self.values.get(name)
        if isinstance(value, dict):
            return Fields(value, self._at(name), self.complaints)
        if value is not None or required:
            self.complain(name, "is missing" if value is None else f"must be an object, is {_kind(value)}")
        return Fields({}, self._at(name), self.complaints)

    def list(self, name: str, *, required: bool = False) -> list[Any]:
        """A list, an empty one where it is absent."""
        value = self.values.get(name)
        if isinstance(value, list):
            return value
        if value is not None or required:
            self.complain(name, "is missing" if value is None else f"must be a list, is {_kind(value)}")
        return []

    def mappings(self, name: str, *, required: bool = False) -> Iterator[Fields]:
        """The mappings of a list; whatever else is in it is complained of."""
        for number, item in enumerate(self.list(name, required=required)):
            place = f"{self._at(name)}[{number}]"
            if isinstance(item, dict):
                yield Fields(item, place, self.complaints)
            else:
                self.complaints.add(place, f"must be an object, is {_kind(item)}")

    def texts(self, name: str) -> tuple[str, ...]:
        """The texts of a list; whatever else is in it is complained of."""
        found = []
        for number, item in enumerate(self.list(name)):
            if isinstance(item, str):
                found.append(item)
            else:
                self.complaints.add(f"{self._at(name)}[{number}]", f"must be text, is {_kind(item)}")
        return tuple(found)


def parse_time(text: str) -> datetime | None:
    """An aware instant, None where the text is none; without a zone it is UTC."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    try:
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError:
        return None


def _kind(value: Any) -> str:
    words = {dict: "an object", list: "a list", str: "text", bool: "true or false", int: "a number", float: "a number"}
    return "null" if value is None else words.get(type(value), type(value).__name__)
