"""Collecting what is wrong with a document while its times and spans are read."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from passmuster.model.schedule import Span

_FIRST_YEAR, _LAST_YEAR = 1970, 2200


class Notes:
    """Complaints with their places, in the order found."""

    def __init__(self, where: str) -> None:
        self.where = where
        self.complaints: list[str] = []

    def say(self, place: str, text: str) -> None:
        """Note one mistake and its mend."""
        self.complaints.append(f"{self.where}: {place}: {text}")

    def moment(self, value: Any, place: str) -> datetime | None:
        """The instant in UTC; None, and a complaint, where the text is no time or has no offset."""
        if not isinstance(value, str):
            return None
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            self.say(place, f"{value!r} is no time; write 2026-12-31T17:00:00Z")
            return None
        if moment.tzinfo is None:
            self.say(place, f"{value!r} has no offset from UTC; write 2026-12-31T17:00:00Z or ...+01:00")
            return None
        if not _FIRST_YEAR < moment.year < _LAST_YEAR:
            self.say(place, f"{value!r} is too far away; name a year between {_FIRST_YEAR} and {_LAST_YEAR}")
            return None
        return moment.astimezone(UTC)

    def span(
        self, item: Any, place: str, keys: tuple[str, str] = ("start", "end"), *, may_be_empty: bool = False
    ) -> Span | None:
        """From one key's instant to the other's; None, and a complaint, where it ends before it starts."""
        if not isinstance(item, dict):
            return None
        start, end = (self.moment(item.get(key), f"{place}.{key}") for key in keys)
        if start is None or end is None:
            return None
        if end < start or (end == start and not may_be_empty):
            said = "before it starts" if end < start else "when it starts"
            self.say(place, f"ends {said} ({item[keys[0]]} to {item[keys[1]]}); swap or mend the times")
            return None
        return Span(start, end)
