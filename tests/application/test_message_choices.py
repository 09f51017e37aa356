from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from passmuster.application.messages.delivering import MOST_QUOTED, Planned, Today, Waiting, plan_deliveries
from passmuster.application.messages.message_choices import Choices, HowOften, Way, digest_slot, read_choices, topic_of
from passmuster.errors import UsageError

_UTC = ZoneInfo("UTC")
_NOW = datetime(2026, 6, 3, 9, 0, tzinfo=UTC)  # a Wednesday
_DUE = _NOW + timedelta(days=1)


@pytest.mark.parametrize(
    ("kind", "topic"),
    [("drift_new_item", "drift"), ("drift", "drift"), ("drifting", "other"), ("review_due", "review"), ("x", "other")],
)
def test_a_kind_belongs_to_the_topic_it_begins_with(kind: str, topic: str) -> None:
    assert topic_of(kind) == topic


def test_no_deadline_no_alarm_unless_the_person_wants_it() -> None:
    assert Choices().how_often("review_handed", None) is HowOften.DAILY
    assert Choices().how_often("drift_new_item", _DUE) is HowOften.AT_ONCE
    assert Choices(topics={"drift": HowOften.AT_ONCE}).how_often("drift_new_item", None) is HowOften.AT_ONCE
    assert Choices(topics={"drift": HowOften.NEVER}).how_often("drift_new_item", _DUE) is HowOften.NEVER


@pytest.mark.parametrize(
    ("zone", "now", "how_often", "expected"),
    [
        ("UTC", "2026-06-03T09:00Z", "daily", "2026-06-03T08:00Z"),
        ("UTC", "2026-06-03T07:59Z", "daily", "2026-06-02T08:00Z"),
        ("UTC", "2026-06-03T08:00Z", "daily", "2026-06-03T08:00Z"),
        ("America/New_York", "2026-06-03T11:00Z", "daily", "2026-06-02T12:00Z"),
        # Two days after the clocks went forward in Berlin, and the day they did.
        ("Europe/Berlin", "2026-03-29T06:30Z", "daily", "2026-03-29T06:00Z"),
        ("Europe/Berlin", "2026-03-29T05:30Z", "daily", "2026-03-28T07:00Z"),
        ("America/New_York", "2026-06-03T11:59Z", "hourly", "2026-06-03T11:00Z"),
        ("UTC", "2026-06-03T09:00Z", "weekly", "2026-06-01T08:00Z"),
        ("UTC", "2026-06-01T07:00Z", "weekly", "2026-05-25T08:00Z"),
    ],
)
def test_digests_come_at_the_readers_own_hour(zone: str, now: str, how_often: str, expected: str) -> None:
    slot = digest_slot(Choices(), ZoneInfo(zone), HowOften(how_often), datetime.fromisoformat(now))
    assert slot == datetime.fromisoformat(expected)


def test_every_mistake_in_choices_is_told() -> None:
    with pytest.raises(UsageError) as caught:
        read_choices(
            {
                "ways": ["pigeon"],
                "topics": {"drift": "sometimes", "weather": "daily"},
                "digest_hour": 24,
                "most_a_day": True,
                "chat": "../SECRET_KEY",
                "sound": "loud",
            }
        )
    told = str(caught.value)
    for part in ("ways:", "drift: choose", "'weather'", "digest_hour:", "most_a_day:", "chat:", "sound:"):
        assert part in told


def test_choices_read_back_as_they_were_written() -> None:
    read = read_choices({"ways": ["chat"], "topics": {"late": "at_once"}, "chat": "OPS", "most_a_day": 3})
    assert read == Choices(frozenset({Way.CHAT}), {"late": HowOften.AT_ONCE}, most_a_day=3, chat="OPS")


def _waiting(count: int, *, due_at: datetime | None, age: timedelta = timedelta(hours=2)) -> list[Waiting]:
    return [Waiting(number, "late", _NOW - age, due_at) for number in range(1, count + 1)]


def _planned(waiting: list[Waiting], today: Today, **choices: int) -> list[Planned]:
    return list(plan_deliveries(Choices(**choices), _UTC, waiting, today, _NOW))  # type: ignore[arg-type]


def test_a_flood_is_capped_and_ends_with_how_many_more() -> None:
    planned = _planned(_waiting(57, due_at=_DUE), Today(0, False), most_a_day=20)
    assert [each.key for each in planned] == [f"once/{number}" for number in range(1, 21)] + ["more/2026-06-03"]
    assert (planned[-1].quoted, len(planned[-1].counted)) == ((), 37)


def test_after_the_flood_nothing_more_goes_out_that_day() -> None:
    assert _planned(_waiting(5, due_at=_DUE), Today(20, True), most_a_day=20) == []
    assert [each.key for each in _planned(_waiting(5, due_at=_DUE), Today(18, False), most_a_day=20)] == [
        "once/1",
        "once/2",
        "more/2026-06-03",
    ]


def test_the_soonest_deadline_goes_first() -> None:
    late, soon = Waiting(1, "late", _NOW, _DUE + timedelta(days=9)), Waiting(2, "late", _NOW, _DUE)
    assert [each.quoted for each in _planned([late, soon], Today(0, False), most_a_day=1)] == [(2,), ()]


def test_a_digest_quotes_the_first_and_counts_the_rest() -> None:
    (digest,) = _planned(_waiting(MOST_QUOTED + 7, due_at=None), Today(0, False))
    assert (digest.key, len(digest.quoted), len(digest.counted)) == ("daily/2026-06-03T08", MOST_QUOTED, 7)


def test_what_came_after_the_digest_waits_for_the_next() -> None:
    assert _planned(_waiting(3, due_at=None, age=timedelta(minutes=5)), Today(0, False)) == []
