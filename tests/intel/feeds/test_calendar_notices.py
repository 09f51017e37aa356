"""A vendor's calendar: kinds, occurrences, time zones, cancellations, and files that are none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import SU, WEEKLY, rrule

from passmuster.errors import UnreadableInput
from passmuster.intel.feeds.interface import Document, Reading
from passmuster.intel.feeds.notices.calendar import CalendarFeed
from passmuster.model.advisory import Notice, NoticeKind, Record

BERLIN = ZoneInfo("Europe/Berlin")
HEAD = "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//t//t\nX-WR-CALNAME:Example Cloud\n"


def event(*lines: str, uid: str = "a", stamp: str = "20260301T000000Z") -> str:
    return "\n".join(["BEGIN:VEVENT", f"UID:{uid}", f"DTSTAMP:{stamp}", *lines, "END:VEVENT"])


def calendar(*events: str, head: str = HEAD) -> Document:
    return Document("v.ics", (head + "\n".join(events) + "\nEND:VCALENDAR\n").replace("\n", "\r\n"))


def read(*events: str, head: str = HEAD, feed: CalendarFeed | None = None) -> Reading:
    return (feed or CalendarFeed()).read(calendar(*events, head=head))


def notice_of(record: Record) -> Notice:
    assert record.notice is not None
    return record.notice


ONE = ("DTSTART:20260310T220000Z", "DTEND:20260311T000000Z")


def test_an_event_is_a_notice_with_its_span() -> None:
    lines = ("SUMMARY:Planned maintenance", "DESCRIPTION:No sign-in.", "LOCATION:EU;US", "SEQUENCE:3")
    record = read(event(*ONE, *lines, "URL:https://status.example.com/1", "CATEGORIES:Power Platform")).records[0]
    notice = notice_of(record)
    assert (record.id, record.feed, record.title) == ("a", "Example Cloud", "Planned maintenance")
    assert (notice.kind, notice.regions, notice.platforms) == (
        NoticeKind.MAINTENANCE,
        ("EU", "US"),
        ("Power Platform",),
    )
    assert (notice.earliest_at, notice.latest_at) == (
        datetime(2026, 3, 10, 22, tzinfo=UTC),
        datetime(2026, 3, 11, tzinfo=UTC),
    )
    assert (notice.revision, notice.source) == ("3", "https://status.example.com/1")
    assert notice.announced_at == datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("lines", "kind"),
    [
        (("SUMMARY:Release 12",), NoticeKind.RELEASE),
        (("SUMMARY:Emergency maintenance",), NoticeKind.EMERGENCY_CHANGE),
        (("SUMMARY:Security patch",), NoticeKind.SECURITY_FIX),
        (("SUMMARY:Old connector will be retired",), NoticeKind.RETIREMENT),
        (("SUMMARY:Deprecation of API v1",), NoticeKind.DEPRECATION),
        (("SUMMARY:Something",), NoticeKind.MAINTENANCE),
        (("SUMMARY:Release", "CATEGORIES:Behaviour change"), NoticeKind.BEHAVIOUR_CHANGE),
        (("SUMMARY:Something", "CATEGORIES:EU,Incident"), NoticeKind.INCIDENT),
    ],
)
def test_the_kind_is_told_by_categories_then_by_words(lines: tuple[str, ...], kind: NoticeKind) -> None:
    assert notice_of(read(event(*ONE, *lines)).records[0]).kind is kind


def test_words_and_vendor_can_be_ones_own() -> None:
    feed = CalendarFeed(words={"wartung": NoticeKind.EMERGENCY_CHANGE}, vendor="Haus")
    record = read(event(*ONE, "SUMMARY:Wartung"), feed=feed).records[0]
    assert (notice_of(record).kind, record.feed) == (NoticeKind.EMERGENCY_CHANGE, "Haus")


def test_a_cancelled_event_is_a_withdrawn_notice() -> None:
    record = read(event(*ONE, "STATUS:CANCELLED", "LAST-MODIFIED:20260305T000000Z")).records[0]
    assert record.withdrawn_at == datetime(2026, 3, 5, tzinfo=UTC)


def test_whole_days_and_times_without_a_zone_are_of_the_calendars_zone() -> None:
    days = event("DTSTART;VALUE=DATE:20260401", "DTEND;VALUE=DATE:20260403")
    floating = event("DTSTART:20260401T100000", "DURATION:PT1H", uid="b")
    records = read(days, floating, head=HEAD + "X-WR-TIMEZONE:Europe/Berlin\n").records
    assert notice_of(records[0]).earliest_at == datetime(2026, 4, 1, tzinfo=BERLIN)
    assert notice_of(records[0]).latest_at == datetime(2026, 4, 3, tzinfo=BERLIN)
    assert notice_of(records[1]).latest_at == datetime(2026, 4, 1, 11, tzinfo=BERLIN)


WEEKLY_EVENT = ("DTSTART;TZID=Europe/Berlin:20260301T023000", "DURATION:PT2H", "RRULE:FREQ=WEEKLY;BYDAY=SU")


def test_occurrences_are_those_of_another_program_and_last_as_long_over_a_change_of_the_clocks() -> None:
    records = read(event(*WEEKLY_EVENT)).records
    first = datetime(2026, 3, 1, 2, 30)  # noqa: DTZ001 - local time, as the rule is
    local = rrule(WEEKLY, byweekday=SU, dtstart=first, until=datetime(2027, 6, 1))  # noqa: DTZ001
    expected = [each.replace(tzinfo=BERLIN).astimezone(UTC) for each in local]
    starts = [notice_of(each).earliest_at for each in records]
    assert starts == expected[: len(starts)]
    assert len(starts) > 52
    assert {notice_of(each).latest_at for each in records} == {each + timedelta(hours=2) for each in starts if each}
    assert records[0].id == "a@2026-03-01T01:30:00Z"


def test_moved_and_left_out_occurrences() -> None:
    moved = ("RECURRENCE-ID;TZID=Europe/Berlin:20260315T023000", "DTSTART;TZID=Europe/Berlin:20260316T040000")
    left_out = "EXDATE;TZID=Europe/Berlin:20260308T023000"
    records = read(event(*WEEKLY_EVENT, left_out), event(*moved, "DURATION:PT30M", "SUMMARY:Moved")).records
    by_id = {each.id: each for each in records}
    assert "a@2026-03-08T01:30:00Z" not in by_id
    found = notice_of(by_id["a@2026-03-15T01:30:00Z"])
    assert found.earliest_at == datetime(2026, 3, 16, 3, tzinfo=UTC)
    assert found.latest_at == datetime(2026, 3, 16, 3, 30, tzinfo=UTC)


def test_a_rule_without_an_end_is_read_around_now() -> None:
    daily = event("DTSTART:20100101T000000Z", "DTEND:20100101T010000Z", "RRULE:FREQ=DAILY")
    now = datetime(2026, 6, 1, tzinfo=UTC)
    starts = [notice_of(each).earliest_at for each in read(daily, feed=CalendarFeed(now=now)).records]
    assert starts[0] == now - timedelta(days=62)
    assert starts[-1] == now + timedelta(days=399)


def test_what_is_over_or_never_comes_is_told() -> None:
    over = event(*ONE, "RRULE:FREQ=DAILY;UNTIL=20260312T000000Z", stamp="20280301T000000Z")
    never = event("DTSTART:20200101T000000Z", "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30")
    for each in (over, never):
        assert [problem.code for problem in read(each).problems] == ["no_events"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("BEGIN:VCALENDAR\nfoo\nEND:VCALENDAR\n", "is no calendar we can read"),
        ("BEGIN:VCALENDAR\nBEGIN:VEVENT\n", "ends too early: VEVENT begins in line 2 and has no END:VEVENT; fetch"),
        (HEAD + event(*ONE)[:-3], "ends too early: VEVENT begins in line "),
        (HEAD + event(*ONE) + "\nEND:VCAL", "ends too early: VCALENDAR begins in line 1 and has no END:VCALENDAR"),
        (HEAD + event("DTSTART:2026") + "\nEND:VCALENDAR\n", "event 1 (a): DTSTART: cannot be read"),
        (HEAD + event("SUMMARY:x") + "\nEND:VCALENDAR\n", "event 1 (a): "),
        (HEAD + event(*ONE, "SEQUENCE:x") + "\nEND:VCALENDAR\n", "SEQUENCE: cannot be read"),
        (HEAD + event(*ONE, "RRULE:FREQ=NEVER") + "\nEND:VCALENDAR\n", "RRULE: cannot be read"),
        (HEAD + event(*ONE, "RRULE:FREQ=SECONDLY") + "\nEND:VCALENDAR\n", "recurs more often than daily"),
        (HEAD + event(ONE[0], "DTEND:20260309T000000Z") + "\nEND:VCALENDAR\n", "ends before it starts"),
        (
            HEAD + event("DTSTART;TZID=No/Where:20260310T220000") + "\nEND:VCALENDAR\n",
            "there is no time zone 'No/Where'",
        ),
        (HEAD + "BEGIN:VEVENT\nDTSTART:20260310T220000Z\nEND:VEVENT\nEND:VCALENDAR\n", "UID: must be given"),
    ],
)
def test_a_broken_calendar_is_refused_with_the_event(text: str, told: str) -> None:
    with pytest.raises(UnreadableInput) as caught:
        CalendarFeed().read(Document("v.ics", text.replace("\n", "\r\n")))
    assert told in str(caught.value)
    assert str(caught.value).startswith("v.ics: ")


def test_it_is_told_by_its_content() -> None:
    assert CalendarFeed().recognises(calendar())
    assert not CalendarFeed().recognises(Document("x.ics", "notes"))
    assert not CalendarFeed().recognises(Document("x.ics", "BEGIN:VCARD"))
