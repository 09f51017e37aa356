"""Vendors' calendars: what the events of an iCalendar file are, by instants worked out by hand."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from passmuster.errors import UnreadableInput
from passmuster.model.schedule import Binds, JobMode, Span
from passmuster.plan.calendar.icalendar_file import read_events
from passmuster.plan.calendar.jobs import jobs_of
from passmuster.plan.calendar.read import vendor_files
from tests.plan.calendars import NOW, at, calendar, document

HORIZON = Span(at("2026-12-01"), at("2027-04-15"))
BERLIN = ZoneInfo("Europe/Berlin")


def ics(*events: str, head: str = "") -> str:
    body = "".join(f"BEGIN:VEVENT\nDTSTAMP:20260101T000000Z\n{event}\nEND:VEVENT\n" for event in events)
    return f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\n{head}{body}END:VCALENDAR\n".replace("\n", "\r\n")


def spans(text: str, zone: ZoneInfo | None = BERLIN) -> list[tuple[str, str]]:
    events = read_events(text, HORIZON, zone=zone)
    return [(each.id, f"{each.span.start:%m-%dT%H:%M}/{each.span.end:%m-%dT%H:%M}") for each in events]


CASES = [
    ("in UTC", "UID:a\nDTSTART:20261210T200000Z\nDTEND:20261210T220000Z", [("a", "12-10T20:00/12-10T22:00")]),
    (
        "in a zone of its own",
        "UID:a\nDTSTART;TZID=America/New_York:20261210T200000\nDURATION:PT90M",
        [("a", "12-11T01:00/12-11T02:30")],
    ),
    (
        "by a name of Windows",
        "UID:a\nDTSTART;TZID=W. Europe Standard Time:20261210T200000\nDURATION:PT1H",
        [("a", "12-10T19:00/12-10T20:00")],
    ),
    ("a day", "UID:a\nDTSTART;VALUE=DATE:20261224", [("a", "12-23T23:00/12-24T23:00")]),
    ("days", "UID:a\nDTSTART;VALUE=DATE:20261224\nDTEND;VALUE=DATE:20261227", [("a", "12-23T23:00/12-26T23:00")]),
    ("floating", "UID:a\nDTSTART:20261210T200000\nDURATION:PT1H", [("a", "12-10T19:00/12-10T20:00")]),
    ("an instant", "UID:a\nDTSTART:20261210T200000Z", [("a", "12-10T20:00/12-10T20:01")]),
    ("cancelled", "UID:a\nDTSTART:20261210T200000Z\nSTATUS:CANCELLED", []),
    ("before the horizon", "UID:a\nDTSTART:20261110T200000Z", []),
    (
        "each month, once left out",
        "UID:a\nDTSTART;TZID=Europe/Berlin:20261101T220000\nDURATION:PT2H\nRRULE:FREQ=MONTHLY;COUNT=5\n"
        "EXDATE;TZID=Europe/Berlin:20270101T220000",
        [
            ("a@2026-12-01T21:00:00Z", "12-01T21:00/12-01T23:00"),
            ("a@2027-02-01T21:00:00Z", "02-01T21:00/02-01T23:00"),
            ("a@2027-03-01T21:00:00Z", "03-01T21:00/03-01T23:00"),
        ],
    ),
    (
        "in the hour that is left out",
        "UID:a\nDTSTART;TZID=Europe/Berlin:20270321T023000\nDTEND;TZID=Europe/Berlin:20270321T033000\n"
        "RRULE:FREQ=WEEKLY;COUNT=3",
        [
            ("a@2027-03-21T01:30:00Z", "03-21T01:30/03-21T02:30"),
            ("a@2027-03-28T01:30:00Z", "03-28T01:30/03-28T02:30"),
            ("a@2027-04-04T00:30:00Z", "04-04T00:30/04-04T01:30"),
        ],
    ),
]


@pytest.mark.parametrize(("what", "event", "expected"), CASES, ids=[case[0] for case in CASES])
def test_an_event_is_at_its_instants(what: str, event: str, expected: list[tuple[str, str]]) -> None:
    assert spans(ics(event)) == expected, what


def test_one_of_a_series_that_was_moved_keeps_its_name_and_one_cancelled_is_gone() -> None:
    series = "UID:a\nDTSTART:20261207T200000Z\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;COUNT=3"
    moved = "UID:a\nRECURRENCE-ID:20261214T200000Z\nDTSTART:20261216T080000Z\nDURATION:PT1H"
    gone = "UID:a\nRECURRENCE-ID:20261221T200000Z\nDTSTART:20261221T200000Z\nSTATUS:CANCELLED"
    assert spans(ics(series, moved, gone)) == [
        ("a@2026-12-07T20:00:00Z", "12-07T20:00/12-07T21:00"),
        ("a@2026-12-14T20:00:00Z", "12-16T08:00/12-16T09:00"),
    ]


REFUSED = [
    ("no start", ics("UID:b"), "event 'b': DTSTART: is missing"),
    ("a start that is none", ics("SUMMARY:Off\nDTSTART:soon"), "event 'Off': DTSTART: is missing or cannot be read"),
    ("two starts", ics("UID:b\nDTSTART:20261210T200000Z\nDTSTART:20261211T200000Z"), "DTSTART: is missing or cannot"),
    ("an end that is none", ics("UID:b\nDTSTART:20261210T200000Z\nDTEND:later"), "DTEND: is missing or cannot be read"),
    ("a rule that is none", ics("UID:b\nDTSTART:20261210T200000Z\nRRULE:often"), "RRULE: cannot be read"),
    ("a rule without a frequency", ics("UID:b\nDTSTART:20261210T200000Z\nRRULE:COUNT=2"), "RRULE: cannot be read"),
    ("no calendar", "hello", "is no iCalendar file"),
    ("empty", "", "is no iCalendar file"),
    ("cut short", ics("UID:a\nDTSTART:20261210T200000Z")[:-40], "ends too early: VEVENT begins in line"),
    ("floating without a zone", ics("UID:a\nDTSTART:20261210T200000"), "add `timezone`"),
    ("a day without a zone", ics("UID:a\nDTSTART;VALUE=DATE:20261210"), "add `timezone`"),
    ("a zone nobody knows", ics("UID:a\nDTSTART;TZID=Made/Up:20261210T200000"), "'Made/Up' is not known"),
    ("each second", ics("UID:a\nDTSTART:20261210T200000Z\nRRULE:FREQ=SECONDLY"), "more often than 24"),
    (
        "each second in disguise",
        ics(f"UID:a\nDTSTART:20261210T200000Z\nRRULE:FREQ=DAILY;BYMINUTE={','.join(map(str, range(60)))}"),
        "more often",
    ),
    ("never moves on", ics("UID:a\nDTSTART:20261210T200000Z\nRRULE:FREQ=DAILY;INTERVAL=0"), "INTERVAL"),
]


@pytest.mark.parametrize(("what", "text", "why"), REFUSED, ids=[case[0] for case in REFUSED])
def test_a_file_that_will_not_do_is_refused(what: str, text: str, why: str) -> None:
    with pytest.raises(UnreadableInput) as caught:
        read_events(text, HORIZON, zone=None)
    assert why in str(caught.value), what


def test_a_vendors_calendar_becomes_its_jobs_or_our_freezes() -> None:
    text = ics("UID:a\nSUMMARY:Winter release\nDTSTART:20261210T200000Z\nDTEND:20261210T220000Z")
    entries = [
        {"file": "v.ics", "as": "vendor_jobs", "environments": ["prod"], "weight": 0.5},
        {"file": "v.ics", "as": "freezes", "binds": "both"},
    ]
    found = calendar({"v.ics": text}, vendor_calendars=entries)
    (job,) = jobs_of((), found, as_of=NOW)
    span = Span(at("2026-12-10T20:00"), at("2026-12-10T22:00"))
    assert (job.id, job.mode, job.vendor, job.weight) == ("a/prod", JobMode.VENDOR_FIXED, span, 0.5)
    (freeze,) = found.freezes
    assert (freeze.environments, freeze.span, freeze.binds) == (("test", "prod"), span, Binds.BOTH)
    assert freeze.name == "Winter release"
    assert vendor_files(document(vendor_calendars=entries)) == ("v.ics",)


def test_a_vendors_calendar_that_will_not_do_is_told_with_its_place() -> None:
    with pytest.raises(UnreadableInput, match=r"^calendar\.yaml: vendor_calendars\.0 \(v\.ics\): is no iCalendar"):
        calendar({"v.ics": "x"}, vendor_calendars=[{"file": "v.ics", "as": "freezes"}])
