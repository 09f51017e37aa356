"""What a person is told, how often and which way. Pure: the choices, and what follows from them for one message."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from passmuster.errors import UsageError


class HowOften(StrEnum):
    """When a message goes out; on the page it stands at once in any case."""

    AT_ONCE = "at_once"
    HOURLY = "hourly"
    DAILY = "daily"
    WEEKLY = "weekly"
    NEVER = "never"


class Way(StrEnum):
    """How a message goes out."""

    MAIL = "mail"
    CHAT = "chat"
    WEBHOOK = "webhook"


# A message's kind belongs to the topic it begins with; what fits none is `other`.
TOPICS = ("review", "finding", "drift", "deviation", "change", "evidence", "token", "late", "work", "other")
_FIELDS = frozenset({"ways", "topics", "digest_hour", "digest_weekday", "most_a_day", "chat", "webhook"})
_MOST_A_DAY = 200
# Nobody set a deadline, but whoever answers for a platform must hear of what changed on it soon.
_WITHIN_THE_HOUR = frozenset({"drift"})


@dataclass(frozen=True)
class Choices:
    """A person's choices. `digest_hour` is local, `digest_weekday` 0 is Monday; `chat` and `webhook` are names.

    Where a topic is not chosen, messages with a deadline go at once, what changed on a platform within the hour, and
    others with the daily digest.
    """

    ways: frozenset[Way] = frozenset({Way.MAIL})
    topics: Mapping[str, HowOften] = field(default_factory=dict)
    digest_hour: int = 8
    digest_weekday: int = 0
    most_a_day: int = 20
    chat: str = ""
    webhook: str = ""

    def how_often(self, kind: str, due_at: datetime | None) -> HowOften:
        """How soon a message of that kind goes out. No deadline, no alarm, unless the person wants it."""
        chosen = self.topics.get(topic_of(kind))
        if chosen is not None:
            return chosen
        if due_at is not None:
            return HowOften.AT_ONCE
        return HowOften.HOURLY if topic_of(kind) in _WITHIN_THE_HOUR else HowOften.DAILY


def topic_of(kind: str) -> str:
    """The topic a kind of message belongs to."""
    return next((topic for topic in TOPICS if kind == topic or kind.startswith((f"{topic}_", f"{topic}."))), "other")


def read_choices(given: Mapping[str, Any]) -> Choices:
    """The choices as they are kept; raises UsageError with every mistake."""
    complaints = list(_complaints(given))
    if complaints:
        raise UsageError("; ".join(complaints))
    return Choices(
        ways=frozenset(Way(each) for each in given.get("ways", [Way.MAIL])),
        topics={name: HowOften(word) for name, word in given.get("topics", {}).items()},
        **{
            name: given[name]
            for name in ("digest_hour", "digest_weekday", "most_a_day", "chat", "webhook")
            if name in given
        },
    )


def _complaints(given: Mapping[str, Any]) -> Iterator[str]:
    yield from (
        f"{name}: no such choice; there are {', '.join(sorted(_FIELDS))}" for name in given if name not in _FIELDS
    )
    ways, topics = given.get("ways", []), given.get("topics", {})
    if not isinstance(ways, list) or not all(each in list(Way) for each in ways):
        yield f"ways: name some of {', '.join(Way)}"
    if not isinstance(topics, Mapping):
        yield "topics: write how often for each topic"
        return
    for name, word in topics.items():
        if name not in TOPICS:
            yield f"topics: there is no topic {name!r}; there are {', '.join(TOPICS)}"
        elif word not in list(HowOften):
            yield f"topics: {name}: choose one of {', '.join(HowOften)}"
    for name, low, high in (("digest_hour", 0, 23), ("digest_weekday", 0, 6), ("most_a_day", 1, _MOST_A_DAY)):
        value = given.get(name, low)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            yield f"{name}: a whole number from {low} to {high}"
    for name in ("chat", "webhook"):
        value = given.get(name, "")
        if not isinstance(value, str) or (value and not value.replace("_", "").isalnum()) or not value.isascii():
            yield f"{name}: the name an administrator gave it: letters, digits and underscores"


def digest_slot(choices: Choices, zone: ZoneInfo, how_often: HowOften, now: datetime) -> datetime:
    """The newest instant, not after `now`, at which the person's digest goes out (hourly: the hour begins); UTC."""
    if how_often is HowOften.HOURLY:
        return now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    local = now.astimezone(zone)
    day = local.date()
    if how_often is HowOften.WEEKLY:
        day -= timedelta(days=(day.weekday() - choices.digest_weekday) % 7)
    step = timedelta(days=7 if how_often is HowOften.WEEKLY else 1)
    slot = datetime(day.year, day.month, day.day, choices.digest_hour, tzinfo=zone)
    if slot.astimezone(UTC) > now.astimezone(UTC):
        slot = datetime.combine(day - step, slot.time(), zone)
    return slot.astimezone(UTC)
