"""Recurring windows against brute force, a second library and the rules of the standard."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar
import pytest
import recurring_ical_events
from dateutil.rrule import rrulestr
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from passmuster.errors import UnreadableInput
from passmuster.model.schedule import RecurringWindow, Span
from passmuster.plan.occurrences import local_times
from passmuster.plan.rules import read_rule
from passmuster.plan.windows import expand
from tests.plan.rule_oracle import DAYS, occurrences

MINUTE = timedelta(minutes=1)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def window(rrule: str, starts: str, zone: str = "Europe/Berlin", minutes: int = 120) -> RecurringWindow:
    return RecurringWindow("sun", "crm-prod", rrule, datetime.fromisoformat(starts), zone, minutes)


HORIZON = Span(utc("2026-12-01T00:00"), utc("2027-02-23T00:00"))


def starts_of(recurring: RecurringWindow, horizon: Span = HORIZON) -> list[datetime]:
    return [found.span.start for found in expand(recurring, horizon)]


# Zones whose clocks change in each of the known ways, and a span that holds the changes.
CHANGES = [
    ("Europe/Berlin", "2026-03-20", "2026-11-05", "02:30"),
    ("America/New_York", "2026-03-01", "2026-11-08", "01:30"),
    ("America/New_York", "2026-03-01", "2026-11-08", "02:15"),
    ("Australia/Lord_Howe", "2026-03-25", "2026-10-12", "01:45"),
    ("Australia/Lord_Howe", "2026-03-25", "2026-10-12", "02:15"),
    ("Asia/Kolkata", "2026-03-01", "2026-05-01", "02:30"),
    ("America/Sao_Paulo", "2017-10-01", "2018-03-01", "00:00"),
    ("America/Sao_Paulo", "2017-10-01", "2018-03-01", "23:30"),
    ("Pacific/Apia", "2011-12-20", "2012-04-10", "10:00"),
    ("Africa/Casablanca", "2026-02-01", "2026-04-01", "02:20"),
]


def days(first: str, last: str) -> Iterator[date]:
    day = date.fromisoformat(first)
    while day < date.fromisoformat(last):
        yield day
        day += timedelta(days=1)


def instant_by_walking(local: datetime, zone: ZoneInfo) -> datetime:
    """By looking at every minute of two days: the first that reads so, else by the offset before the clock jumped."""
    moment = local.replace(tzinfo=UTC) - timedelta(hours=30)
    before = moment.astimezone(zone)
    for _ in range(60 * 60):
        moment += MINUTE
        after = moment.astimezone(zone)
        if after.replace(tzinfo=None) == local:
            return moment
        if before.replace(tzinfo=None) < local < after.replace(tzinfo=None):
            offset = before.utcoffset()
            assert offset is not None
            return (local - offset).replace(tzinfo=UTC)
        before = after
    raise AssertionError("no such minute")


@pytest.mark.parametrize(("zone", "first", "last", "clock"), CHANGES)
def test_daily_windows_are_where_a_walk_over_every_minute_finds_them(
    zone: str, first: str, last: str, clock: str
) -> None:
    span = Span(utc(first) - timedelta(days=2), utc(last) + timedelta(days=2))
    last_local = datetime.fromisoformat(f"{last}T{clock}") - timedelta(days=1)
    until = instant_by_walking(last_local, ZoneInfo(zone)).strftime("%Y%m%dT%H%M%SZ")
    found = starts_of(window(f"FREQ=DAILY;UNTIL={until}", f"{first}T{clock}", zone, 30), span)
    local = [datetime.fromisoformat(f"{day}T{clock}") for day in days(first, last)]
    assert found == sorted({instant_by_walking(each, ZoneInfo(zone)) for each in local})


@pytest.mark.parametrize(("zone", "first", "last", "clock"), CHANGES)
@pytest.mark.parametrize("rule", ["FREQ=DAILY", "FREQ=WEEKLY;BYDAY=SU,SA", "FREQ=MONTHLY;BYDAY=-1SU,2SU"])
def test_a_second_library_agrees_wherever_the_local_time_exists(
    zone: str, first: str, last: str, clock: str, rule: str
) -> None:
    text = (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:test\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20260101T000000Z\r\n"
        f"DTSTART;TZID={zone}:{first.replace('-', '')}T{clock.replace(':', '')}00\r\nDURATION:PT30M\r\n"
        f"RRULE:{rule}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    span = Span(utc(first) - timedelta(days=2), utc(last))
    events = recurring_ical_events.of(icalendar.Calendar.from_ical(text)).between(span.start, span.end)
    theirs = {event["DTSTART"].dt for event in events}
    in_gaps = {each for each in theirs if each.astimezone(UTC).astimezone(each.tzinfo) != each}
    ours = set(starts_of(window(rule, f"{first}T{clock}", zone, 30), span))
    # Its DTSTART counts whether it matches the rule or not; it is compared from there on.
    expected = {each.astimezone(UTC) for each in theirs - in_gaps}
    start = instant_by_walking(datetime.fromisoformat(f"{first}T{clock}"), ZoneInfo(zone))
    assert expected - ours <= {start}
    assert ours - expected <= {instant_by_walking(each.replace(tzinfo=None), ZoneInfo(zone)) for each in in_gaps}


KNOWN: list[tuple[str, RecurringWindow, Span, list[str]]] = [
    (
        "the example of the contract",
        window("FREQ=WEEKLY;BYDAY=SU", "2026-12-06T02:00:00"),
        Span(utc("2026-12-01"), utc("2026-12-15")),
        ["sun@2026-12-06T01:00:00Z", "sun@2026-12-13T01:00:00Z"],
    ),
    (
        "a time that does not exist is read with the offset before the gap",
        window("FREQ=WEEKLY;BYDAY=SU", "2027-03-21T02:30:00"),
        Span(utc("2027-03-20"), utc("2027-04-05")),
        ["sun@2027-03-21T01:30:00Z", "sun@2027-03-28T01:30:00Z", "sun@2027-04-04T00:30:00Z"],
    ),
    (
        "a time that exists twice is its first",
        window("FREQ=WEEKLY;BYDAY=SU", "2026-10-18T02:30:00"),
        Span(utc("2026-10-17"), utc("2026-11-02")),
        ["sun@2026-10-18T00:30:00Z", "sun@2026-10-25T00:30:00Z", "sun@2026-11-01T01:30:00Z"],
    ),
    (
        "the start counts only if it matches the rule",
        window("FREQ=WEEKLY;BYDAY=SU;COUNT=2", "2026-12-01T02:00:00"),
        HORIZON,
        ["sun@2026-12-06T01:00:00Z", "sun@2026-12-13T01:00:00Z"],
    ),
    (
        "COUNT counts from the start, not from the horizon",
        window("FREQ=WEEKLY;BYDAY=SU;COUNT=3", "2026-11-22T02:00:00"),
        HORIZON,
        ["sun@2026-12-06T01:00:00Z"],
    ),
    (
        "UNTIL is in UTC and its own instant still counts",
        window("FREQ=DAILY;UNTIL=20261206T230000Z", "2026-12-05T00:00:00"),
        HORIZON,
        ["sun@2026-12-04T23:00:00Z", "sun@2026-12-05T23:00:00Z", "sun@2026-12-06T23:00:00Z"],
    ),
    (
        "UNTIL a second earlier leaves it out",
        window("FREQ=DAILY;UNTIL=20261206T225959Z", "2026-12-05T00:00:00"),
        HORIZON,
        ["sun@2026-12-04T23:00:00Z", "sun@2026-12-05T23:00:00Z"],
    ),
    (
        "two local times that are one instant are one window",
        window("FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU;BYHOUR=2,3;BYMINUTE=30", "2027-01-01T02:30:00"),
        Span(utc("2027-03-01"), utc("2027-04-01")),
        ["sun@2027-03-28T01:30:00Z"],
    ),
    (
        "a numbered week without a weekday takes that of the start",
        window("FREQ=YEARLY;BYWEEKNO=2", "2026-01-06T02:00:00", "UTC"),
        HORIZON,
        ["sun@2027-01-12T02:00:00Z"],
    ),
    (
        "the day Samoa left out is read with the offset before it",
        window("FREQ=DAILY;COUNT=3", "2011-12-29T10:00:00", "Pacific/Apia"),
        Span(utc("2011-12-28"), utc("2012-01-05")),
        ["sun@2011-12-29T20:00:00Z", "sun@2011-12-30T20:00:00Z"],
    ),
]


@pytest.mark.parametrize(("what", "recurring", "horizon", "ids"), KNOWN, ids=[case[0] for case in KNOWN])
def test_windows_are_those_of_the_contract(
    what: str, recurring: RecurringWindow, horizon: Span, ids: list[str]
) -> None:
    assert [found.id for found in expand(recurring, horizon)] == ids, what


def test_minutes_are_elapsed_time_across_a_change_of_the_clock() -> None:
    found = expand(
        window("FREQ=DAILY;COUNT=1", "2027-03-28T01:00:00", minutes=180), Span(utc("2027-03-27"), utc("2027-03-29"))
    )
    assert [each.span for each in found] == [Span(utc("2027-03-28T00:00"), utc("2027-03-28T03:00"))]
    assert found[0].minutes == 180


def test_windows_that_share_an_instant_with_the_horizon_are_given() -> None:
    horizon = Span(utc("2026-12-02T01:00"), utc("2026-12-04T01:00"))
    found = starts_of(window("FREQ=DAILY", "2026-11-01T00:00:00", "UTC", 60), horizon)
    assert found == [utc("2026-12-03T00:00"), utc("2026-12-04T00:00")]


REFUSED = [
    ("FREQ=FORTNIGHTLY", "FREQ must be given"),
    ("BYDAY=SU", "FREQ must be given"),
    ("", "NAME=VALUE"),
    ("FREQ=DAILY;INTERVAL=0", "INTERVAL"),
    ("FREQ=DAILY;COUNT=0", "COUNT"),
    ("FREQ=DAILY;COUNT=-1", "COUNT"),
    ("FREQ=DAILY;COUNT=2;UNTIL=20261231T000000Z", "exclude each other"),
    ("FREQ=DAILY;UNTIL=20261231", "20261231T235959Z"),
    ("FREQ=DAILY;UNTIL=20261399T000000Z", "UNTIL"),
    ("FREQ=DAILY;BYHOUR=24", "0 to 23"),
    ("FREQ=DAILY;BYHOUR=", "NAME=VALUE"),
    ("FREQ=MONTHLY;BYMONTHDAY=0", "BYMONTHDAY"),
    ("FREQ=MONTHLY;BYMONTHDAY=32", "1 to 31"),
    ("FREQ=WEEKLY;BYDAY=2MO", "counts weekdays"),
    ("FREQ=WEEKLY;BYDAY=XX", "no weekday"),
    ("FREQ=WEEKLY;BYMONTHDAY=3", "not allowed with FREQ=WEEKLY"),
    ("FREQ=DAILY;BYWEEKNO=3", "not allowed with FREQ=DAILY"),
    ("FREQ=YEARLY;BYEASTER=1", "unknown part BYEASTER"),
    ("FREQ=DAILY;FREQ=DAILY", "given twice"),
    ("FREQ=DAILY;WKST=XX", "WKST"),
    ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "never comes"),
    ("FREQ=SECONDLY", "more than the 1000000"),
    ("FREQ=MINUTELY", "more than 50000 windows"),
    ("FREQ=DAILY;BYHOUR=" + ",".join(map(str, range(24))) * 200, "longer than"),
]


@pytest.mark.parametrize(("rule", "why"), REFUSED)
def test_a_rule_that_cannot_be_is_refused_with_the_reason(rule: str, why: str) -> None:
    with pytest.raises(UnreadableInput, match="recurring window sun: rrule: ") as caught:
        expand(window(rule, "2026-12-06T02:00:00"), HORIZON)
    assert why in str(caught.value)


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../../etc/passwd", "/etc/passwd", "Europe", "", "CEST\0"])
def test_an_unknown_zone_is_refused(zone: str) -> None:
    with pytest.raises(UnreadableInput, match="timezone"):
        expand(window("FREQ=DAILY", "2026-12-06T02:00:00", zone), HORIZON)


def test_all_mistakes_of_a_window_are_told_at_once() -> None:
    with pytest.raises(UnreadableInput) as caught:
        expand(window("FREQ=DAILY;COUNT=0;BYHOUR=99", "0001-01-01T00:00:00+00:00", "Nowhere", 0), HORIZON)
    assert len(str(caught.value).splitlines()) == 6


def test_a_rule_that_never_comes_again_ends_the_search() -> None:
    assert starts_of(window("FREQ=DAILY;BYSETPOS=2", "2026-12-06T02:00:00")) == []
    assert starts_of(window("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO", "2026-12-06T02:00:00")) == []
    assert starts_of(window("FREQ=SECONDLY;INTERVAL=60;BYHOUR=3;BYDAY=MO;BYMONTH=7", "2026-12-06T02:00:00")) == []


def some(values: range, size: int = 3) -> st.SearchStrategy[list[int]]:
    return st.lists(st.sampled_from(values), max_size=size, unique=True)


def spelled(freq: str, interval: int, parts: dict[str, list[int]], by_day: list[str]) -> str:
    texts = [f"{name}={','.join(map(str, values))}" for name, values in parts.items() if values]
    if by_day:
        texts.append(f"BYDAY={','.join(by_day)}")
    return ";".join([f"FREQ={freq}", f"INTERVAL={interval}", *texts])


@settings(max_examples=100, deadline=None, derandomize=True)
@given(
    freq=st.sampled_from(["HOURLY", "MINUTELY"]),
    interval=st.integers(1, 50),
    months=some(range(1, 13), 8),
    month_days=some(range(-31, 32)).map(lambda found: [day for day in found if day]),
    hours=some(range(24), 10),
    minutes=some(range(60)),
    by_day=st.lists(st.sampled_from(["MO", "TU", "WE", "TH", "FR", "SA", "SU"]), max_size=5, unique=True),
)
def test_rules_shorter_than_a_day_agree_with_dateutil(  # one argument a part of the rule
    freq: str,
    interval: int,
    months: list[int],
    month_days: list[int],
    hours: list[int],
    minutes: list[int],
    by_day: list[str],
) -> None:
    parts = {"BYMONTH": months, "BYMONTHDAY": month_days, "BYHOUR": hours, "BYMINUTE": minutes}
    rule = spelled(freq, interval, parts, by_day)
    parsed, _ = read_rule(rule)
    # dateutil looks for a rule that never comes until the year 9999, minute by minute.
    assume(parsed is not None)
    assert parsed is not None
    starts = datetime.fromisoformat("2027-01-30T22:17:05")
    end = starts + timedelta(days=40)
    try:
        theirs = list(rrulestr(f"{rule};UNTIL={end:%Y%m%dT%H%M%S}", dtstart=starts))
    except ValueError:
        theirs = []  # dateutil refuses a rule whose interval jumps over every named hour or minute
    assert list(local_times(parsed, starts, end)) == theirs


WEEKDAY_WORDS = [f"{number}{day}" for number in ("", "1", "2", "-1", "5", "-2") for day in DAYS]


@settings(max_examples=250, deadline=None, derandomize=True)
@given(
    freq=st.sampled_from(["YEARLY", "MONTHLY", "WEEKLY", "DAILY"]),
    interval=st.integers(1, 4),
    months=some(range(1, 13)),
    month_days=some(range(-31, 32)).map(lambda found: [day for day in found if day]),
    rest=st.fixed_dictionaries(
        {
            "BYYEARDAY": st.sampled_from([[], [], [1, 60, 366], [-1, 100]]),
            "BYWEEKNO": st.sampled_from([[], [], [1, 53], [20], [-1, 52]]),
            "BYSETPOS": st.sampled_from([[], [], [], [1], [-1], [2, -2]]),
            "BYHOUR": st.sampled_from([[], [], [3, 22]]),
            "BYMINUTE": st.sampled_from([[], [], [0, 30]]),
        }
    ),
    by_day=st.lists(st.sampled_from(WEEKDAY_WORDS), max_size=4, unique=True),
    week_start=st.sampled_from(DAYS),
)
def test_rules_of_a_day_and_longer_agree_with_the_standards_table(  # one argument a part of the rule
    freq: str,
    interval: int,
    months: list[int],
    month_days: list[int],
    rest: dict[str, list[int]],
    by_day: list[str],
    week_start: str,
) -> None:
    rule = spelled(freq, interval, {"BYMONTH": months, "BYMONTHDAY": month_days, **rest}, by_day)
    rule += f";WKST={week_start}"
    parsed, _ = read_rule(rule)
    assume(parsed is not None)
    assert parsed is not None
    starts = datetime.fromisoformat("2026-11-30T21:30:00")
    end = starts + timedelta(days=900)
    assert list(local_times(parsed, starts, end)) == occurrences(rule, starts, end)
