"""What stands in the calendar: one value for whatever has a date."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class DatedKind(StrEnum):
    """What an entry is about."""

    REVIEW = "review"
    CHANGE = "change"
    DEADLINE = "deadline"
    FREEZE = "freeze"
    WINDOW = "window"
    EXPIRY = "expiry"


@dataclass(frozen=True)
class Dated:
    """One entry. `names` tell it apart from all others of its kind, for ever; `end` None: an instant.

    An entry of whole days starts and ends at midnight UTC. `zone` is how its people read clocks; `is_vendors`: the
    vendor acts; `link` leads to its page, empty where it has none.
    """

    kind: DatedKind
    names: tuple[str, ...]
    title: str
    start: datetime
    end: datetime | None = None
    is_all_day: bool = False
    detail: str = ""
    where: str = ""
    link: str = ""
    zone: str = "UTC"
    is_vendors: bool = False
