"""Times that people state, and from when a wait counts that such a time begins. Pure.

What was done on Saturday may be written down on Monday. Whether a wait (a soak, a notice) then counts from Saturday is
the policy's to say; unless it says so, a wait begins no earlier than the record, or a look, could know of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

# From when a wait counts: from the record; from the time stated where evidence is attached; from the time stated.
RECORD, EVIDENCE, STATEMENT = "record", "evidence", "statement"
NOTED = "told_noted_at"
_SAME_TIME = timedelta(minutes=5)


@dataclass(frozen=True)
class Begun:
    """What begins a wait: `at` as it was stated, `noted_at` when the record first held that, `seen_at` when a look did.

    Without `noted_at` nobody kept when it was written down, as in records of earlier versions.
    """

    at: datetime
    noted_at: datetime | None = None
    seen_at: datetime | None = None
    has_evidence: bool = False

    @property
    def is_late(self) -> bool:
        """Whether it was written down some while after."""
        return self.noted_at is not None and self.noted_at - self.at >= _SAME_TIME

    def counts_from(self, rule: str) -> datetime:
        """The instant from which the wait counts; never before what was stated."""
        if not self.is_late or rule == STATEMENT or (rule == EVIDENCE and self.has_evidence):
            return self.at
        return max(self.at, min(each for each in (self.noted_at, self.seen_at) if each is not None))

    def told(self, rule: str) -> str:
        """What whoever reads the gate must know of a time that was written down later; else nothing."""
        if not self.is_late or self.noted_at is None:
            return ""
        late, counted = f"written down {span(self.noted_at - self.at)} afterwards", self.counts_from(rule)
        if counted == self.at:
            return f" ({late}{', with evidence' if self.has_evidence else ''})"
        by = "then" if counted == self.noted_at else "the look that shows it"
        return f" ({late}; counted from {by}, {spell(counted)})"


def first_noted(before: Mapping[str, Any], before_at: datetime | None, stated: Mapping[str, Any], now: datetime) -> str:
    """When the record first held the time people were told, as text; `before` is what was stated until now.

    Said again, as with evidence, it stays; for another time, or apps that were not named then, it is `now`.
    """
    is_same = bool(before.get("told_at")) and before.get("told_at") == stated.get("told_at")
    if not is_same or not set(stated.get("apps", ())) <= set(before.get("apps", ())):
        return now.isoformat()
    return str(before.get(NOTED) or (before_at or now).isoformat())


def read_time(value: object) -> datetime | None:
    """An instant from a statement's text; None where there is none."""
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) and value else None
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment and moment.tzinfo else None


def spell(moment: datetime) -> str:
    """`2026-06-01 09:00 UTC`."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def span(length: timedelta) -> str:
    """`38 hours`, `10 days`; to a tenth, and minutes below an hour."""
    hours = length.total_seconds() / 3600
    number, unit = (hours * 60, "minute") if hours < 1 else (hours, "hour") if hours < 72 else (hours / 24, "day")
    told = f"{round(number, 1 if hours >= 1 else None):g}"
    return f"{told} {unit}{'' if told == '1' else 's'}"
