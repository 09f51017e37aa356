from __future__ import annotations

import random
from datetime import UTC, date, datetime, time
from typing import Any

import pytest

from passmuster.application.programme.plain_cadence import (
    WORKING_DAY,
    CadenceOn,
    PlainCadence,
    cadence_in_words,
    cadence_rule,
    plain_cadence,
    plain_cadence_complaints,
)
from passmuster.application.programme.plain_rules import (
    ORDINALS,
    Recurrence,
    Repeats,
    in_words,
    read_month_days,
    recurrence_complaints,
    recurrence_of,
    rule_of,
)
from passmuster.application.programme.plain_times import (
    FreezeKind,
    PlainFreeze,
    PlainWindow,
    freeze_complaints,
    freeze_in_words,
    freeze_item,
    plain_freeze,
    plain_window,
    window_complaints,
    window_in_words,
    window_item,
)
from passmuster.model.schedule import Binds
from passmuster.pipeline.environment_times import check_environment_times
from passmuster.pipeline.next_times import next_due_days, next_freezes, next_windows
from passmuster.plan.rules import WEEKDAYS

ZONE = "Europe/Berlin"
NOW = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
DAY = date(2026, 6, 1)


def _random_recurrence(pick: random.Random) -> Recurrence:
    repeats = pick.choice([each for each in Repeats if each not in (Repeats.ONCE, Repeats.RULE)])
    weekdays = tuple(sorted(pick.sample(WEEKDAYS, pick.randint(1, 7)), key=WEEKDAYS.index))
    month_days = tuple(sorted(pick.sample(range(1, 32), pick.randint(1, 4)))) + ((-1,) if pick.random() < 0.3 else ())
    has_days = repeats in (Repeats.WEEKLY, Repeats.MONTHLY_WEEKDAY)
    return Recurrence(
        repeats,
        every=pick.choice([1, 1, 2, 3, 12]),
        weekdays=weekdays if has_days else (),
        month_days=month_days if repeats is Repeats.MONTHLY_DAY else (),
        ordinal=pick.choice(list(ORDINALS)) if repeats is Repeats.MONTHLY_WEEKDAY else 1,
        until=date(2027, pick.randint(1, 12), pick.randint(1, 28)) if pick.random() < 0.4 else None,
    )


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "America/St_Johns", "Pacific/Kiritimati"])
def test_what_a_form_writes_it_reads_back(zone: str) -> None:
    pick = random.Random(7)
    for _ in range(300):
        often = _random_recurrence(pick)
        assert recurrence_complaints(often) == []
        assert recurrence_of(rule_of(often, zone), zone) == often
        window = PlainWindow("night", often, DAY, time(pick.randrange(24), pick.randrange(60)), 1 + pick.randrange(600))
        item = window_item(window, zone)
        assert plain_window(item, zone) == window
        check_environment_times([item], [], time_zone=zone, now=NOW)


@pytest.mark.parametrize(
    ("often", "rule", "words"),
    [
        (Recurrence(Repeats.DAILY), "FREQ=DAILY", "every day"),
        (Recurrence(Repeats.WEEKLY, weekdays=("SU", "MO")), "FREQ=WEEKLY;BYDAY=MO,SU", "every Monday and Sunday"),
        (
            Recurrence(Repeats.WEEKLY, every=2, weekdays=("TU",)),
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU",
            "every 2 weeks on Tuesday",
        ),
        (
            Recurrence(Repeats.MONTHLY_DAY, month_days=(1, -1)),
            "FREQ=MONTHLY;BYMONTHDAY=1,-1",
            "every month on day 1 and the last day",
        ),
        (
            Recurrence(Repeats.MONTHLY_WEEKDAY, weekdays=("SU",), ordinal=-1, until=date(2026, 12, 31)),
            "FREQ=MONTHLY;BYDAY=-1SU;UNTIL=20261231T225959Z",
            "every month on the last Sunday, until 2026-12-31",
        ),
    ],
)
def test_plain_words_are_rules(often: Recurrence, rule: str, words: str) -> None:
    assert (rule_of(often, ZONE), in_words(often)) == (rule, words)


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=MONTHLY;BYDAY=MO",
        "FREQ=MONTHLY;BYDAY=1MO,2TU",
        "FREQ=MONTHLY;BYDAY=MO,TU,WE;BYSETPOS=2",
        "FREQ=WEEKLY;WKST=SU;INTERVAL=2;BYDAY=MO",
        "FREQ=DAILY;COUNT=5",
        "FREQ=DAILY;BYMONTH=6",
        "FREQ=HOURLY;INTERVAL=6",
        "FREQ=YEARLY",
        "FREQ=DAILY;UNTIL=20261231T120000Z",
        "FREQ=MONTHLY;BYMONTHDAY=-2",
    ],
)
def test_a_rule_that_plain_words_cannot_say_stays_as_it_is_written(rule: str) -> None:
    assert recurrence_of(rule, ZONE) == Recurrence(Repeats.RULE, rule=rule)
    item = {"id": "odd", "rrule": rule, "starts": "2026-06-01T22:00:00", "minutes": 60}
    window = plain_window(item, ZONE)
    assert window is not None
    assert window_item(window, ZONE) == item


def test_the_order_in_which_a_rule_is_spelt_does_not_keep_it_out_of_the_form() -> None:
    said = recurrence_of("byday=TU,MO;freq=weekly;interval=1", ZONE)
    assert said == Recurrence(Repeats.WEEKLY, weekdays=("TU", "MO"))


@pytest.mark.parametrize(
    "item",
    [
        {"id": "w", "rrule": "FREQ=DAILY", "starts": "2026-06-01T22:00:00", "minutes": 60, "timezone": "UTC"},
        {"id": "w", "start": "2026-06-01T22:00:00+02:00", "end": "2026-06-02T00:00:00+02:00"},
        {"id": "w", "start": "2026-06-01", "end": "2026-06-02"},
        {"id": "w", "start": "2026-06-01T22:00:00", "end": "2026-06-02T00:00:00", "minutes": 30},
        {"id": "w", "start": "2026-06-01T22:00:00"},
        {"id": "w", "rrule": "nonsense", "starts": "2026-06-01T22:00:00", "minutes": 60},
        {"rrule": "FREQ=DAILY"},
        {"id": 5, "rrule": 3, "starts": [], "minutes": {}},
        {"id": 5, "rrule": "FREQ=DAILY", "starts": "2026-06-01T22:00:00", "minutes": 60},
        {"id": "w", "rrule": "FREQ=DAILY", "starts": "9999-12-31T22:00:00", "minutes": 60},
        {"id": "w", "rrule": "FREQ=DAILY;UNTIL=99991231T235959Z", "starts": "2026-06-01T22:00:00", "minutes": [60]},
    ],
)
def test_a_window_that_the_form_cannot_say_whole_is_none(item: dict[str, Any]) -> None:
    assert plain_window(item, ZONE) is None


def test_a_window_once_is_written_as_its_times_and_read_back() -> None:
    window = PlainWindow("move", Recurrence(Repeats.ONCE), DAY, time(23, 30), 90)
    item = window_item(window, ZONE)
    assert item == {"id": "move", "start": "2026-06-01T23:30:00", "end": "2026-06-02T01:00:00"}
    assert plain_window(item, ZONE) == window
    assert window_in_words(window) == "on 2026-06-01 at 23:30 for 90 minutes"


@pytest.mark.parametrize(
    ("freeze", "words"),
    [
        (
            PlainFreeze("year end", binds=Binds.BOTH, first=date(2026, 12, 19), last=date(2027, 1, 3)),
            "from 2026-12-19 through 2027-01-03; binds our own and the vendor's changes",
        ),
        (
            PlainFreeze("close", FreezeKind.MONTH_END, last_days=2, first_days=1),
            "on the last 2 and the first 1 days of each month; binds our own changes",
        ),
        (
            PlainFreeze("free", FreezeKind.HOLIDAYS, country="DE", subdivision="BY"),
            "on public holidays of DE BY; binds our own changes",
        ),
    ],
)
def test_freezes_are_read_back_and_told(freeze: PlainFreeze, words: str) -> None:
    item = freeze_item(freeze)
    assert plain_freeze(item) == freeze
    assert freeze_in_words(freeze) == words
    check_environment_times([], [item], time_zone=ZONE, now=NOW)


@pytest.mark.parametrize(
    "item",
    [
        {"name": "f", "rrule": "FREQ=DAILY", "starts": "2026-06-01T22:00:00", "minutes": 60},
        {"name": "f", "start": "2026-06-01T10:00:00", "end": "2026-06-02T10:00:00"},
        {"name": "f", "start": "2026-06-01", "end": "2026-06-02", "stages": ["prod"]},
        {"name": "f", "start": "2026-06-01", "end": "2026-06-02", "binds": "nobody"},
        {"name": 7, "month_end": 3},
        {"name": [], "holidays": {"country": 5}},
    ],
)
def test_a_freeze_that_the_form_cannot_say_whole_is_none(item: dict[str, Any]) -> None:
    assert plain_freeze(item) is None


def test_everything_that_is_missing_is_told_at_once() -> None:
    often = Recurrence(Repeats.WEEKLY, every=0, until=date(2026, 5, 1))
    told = window_complaints(PlainWindow(" ", often, DAY, time(22), 0))
    assert [line.split(":")[0] for line in told] == ["name", "minutes", "until", "every", "days"]
    assert recurrence_complaints(Recurrence(Repeats.MONTHLY_DAY, month_days=read_month_days("1, 15 last x 40")))
    assert read_month_days("1, 15, last") == (1, 15, -1)
    assert recurrence_complaints(Recurrence(Repeats.RULE, rule="FREQ=NEVER")) != []
    assert recurrence_complaints(Recurrence(Repeats.DAILY, until=date.max)) == ["until: name a year from 1970 to 2200"]
    assert len(freeze_complaints(PlainFreeze("", first=date(2026, 2, 1), last=date(2026, 1, 1)))) == 2


@pytest.mark.parametrize(
    ("given", "rule", "words"),
    [
        (PlainCadence(3), "FREQ=MONTHLY;INTERVAL=3", "every 3 months"),
        (PlainCadence(1, CadenceOn.DAY, day=-1), "FREQ=MONTHLY;BYMONTHDAY=-1", "every month on the last day"),
        (
            PlainCadence(3, CadenceOn.WEEKDAY, ordinal=1, weekday="MO"),
            "FREQ=MONTHLY;INTERVAL=3;BYDAY=1MO",
            "every 3 months on the first Monday",
        ),
        (
            PlainCadence(6, CadenceOn.WEEKDAY, ordinal=-1, weekday=WORKING_DAY),
            "FREQ=MONTHLY;INTERVAL=6;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
            "every 6 months on the last working day",
        ),
    ],
)
def test_a_cadence_is_written_read_back_and_told(given: PlainCadence, rule: str, words: str) -> None:
    assert cadence_rule(given) == rule
    assert plain_cadence(rule) == given
    assert cadence_in_words(rule) == words


@pytest.mark.parametrize("rule", ["FREQ=YEARLY;BYMONTH=3", "FREQ=MONTHLY;BYDAY=1MO,3MO", "FREQ=MONTHLY;BYMONTHDAY=31"])
def test_a_cadence_that_plain_words_cannot_say_is_spelt_out(rule: str) -> None:
    assert plain_cadence(rule) is None
    assert cadence_in_words(rule) == f"by the rule {rule}"


def test_impossible_cadences_are_refused_with_their_mend() -> None:
    assert plain_cadence_complaints(PlainCadence(0, CadenceOn.DAY, day=31)) == [
        "months: a whole number from 1 to 60",
        "day: a number from 1 to 28, or last",
    ]


def test_the_next_dates_are_local_and_go_over_the_change_of_the_clock() -> None:
    sunday = {"id": "s", "rrule": "FREQ=WEEKLY;BYDAY=SU", "starts": "2026-06-01T02:30:00", "minutes": 60}
    coming = next_windows(sunday, ZONE, datetime(2026, 10, 12, tzinfo=UTC), 3)
    assert [f"{each:%Y-%m-%d %H:%M %z}" for each in coming] == [
        "2026-10-18 02:30 +0200",
        "2026-10-25 02:30 +0200",
        "2026-11-01 02:30 +0100",
    ]
    seldom = {"id": "s", "rrule": "FREQ=YEARLY", "starts": "2026-02-01T02:30:00", "minutes": 60}
    assert [each.year for each in next_windows(seldom, ZONE, NOW, 5)] == [2027, 2028, 2029, 2030, 2031]
    over = {"id": "s", "rrule": "FREQ=DAILY;COUNT=1", "starts": "2026-02-01T02:30:00", "minutes": 60}
    assert next_windows(over, ZONE, NOW, 5) == []
    days = freeze_item(PlainFreeze("close", FreezeKind.MONTH_END, last_days=1))
    assert [f"{each:%m-%d}" for each in next_freezes(days, ZONE, NOW, 2)] == ["06-30", "07-31"]
    first = next_due_days("FREQ=MONTHLY;INTERVAL=3;BYDAY=1MO", ZONE, DAY, NOW, 2)
    assert first == [date(2026, 9, 7), date(2026, 12, 7)]
