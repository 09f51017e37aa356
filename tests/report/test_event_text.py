"""The text of an event, against a library that writes the same event its own way."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar
from hypothesis import given, settings
from hypothesis import strategies as st

from passmuster.report.event_text import escaped, event_text, folded
from passmuster.report.plan_events import EventKind, PlanEvent
from passmuster.report.previous_calendar import DIGEST, KIND
from tests.report.calendar_lines import text_of

STAMPED = datetime(2026, 12, 1, 9, 30, tzinfo=UTC)
# A library's own odd reading of \N is none that a reader of ours should get.
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("\n;,\\^é🙂"), max_size=300).filter(
    lambda text: "\\N" not in text
)
ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"]
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
EVENTS = st.builds(
    PlanEvent,
    uid=st.uuids().map(lambda each: f"{each}@passmuster"),
    kind=st.sampled_from(EventKind),
    summary=TEXTS,
    start=MOMENTS,
    end=st.none() | MOMENTS,
    description=TEXTS,
    location=TEXTS,
    zone=st.sampled_from(ZONES),
    is_busy=st.booleans(),
    alarms=st.lists(st.timedeltas(timedelta(0), timedelta(days=40)), max_size=2).map(
        lambda found: tuple(each - timedelta(microseconds=each.microseconds) for each in found)
    ),
)


def by_the_library(event: PlanEvent, sequence: int) -> bytes:
    component = icalendar.Event()
    component.add("uid", event.uid)
    component.add("dtstamp", STAMPED)
    component.add("sequence", sequence)
    is_open = event.kind == EventKind.VENDOR and not event.is_busy
    component.add("status", "TENTATIVE" if is_open else "CONFIRMED")
    component.add("transp", "OPAQUE" if event.is_busy else "TRANSPARENT")
    component.add("categories", [event.kind.upper()])
    moments = [moment.astimezone(ZoneInfo(event.zone)) for moment in (event.start, event.end) if moment]
    if any(each.replace(fold=0).utcoffset() != each.replace(fold=1).utcoffset() for each in moments):
        moments = [each.astimezone(UTC) for each in moments]
    for name, moment in zip(("dtstart", "dtend"), moments, strict=False):
        component.add(name, moment)
    component.add("summary", event.summary)
    for name, text in (("location", event.location), ("description", event.description)):
        if text:
            component.add(name, text)
    component.add(KIND, str(event.kind))
    component.add(DIGEST, event.digest)
    for before in event.alarms:
        alarm = icalendar.Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", event.summary)
        alarm.add("trigger", -before)
        component.add_component(alarm)
    return component.to_ical(sorted=False)


@settings(max_examples=300, deadline=None)
@given(EVENTS, st.integers(0, 2**31 - 1))
def test_it_is_the_same_to_the_byte_as_what_a_library_writes(event: PlanEvent, sequence: int) -> None:
    assert event_text(event, sequence=sequence, stamped_at=STAMPED).text.encode() == by_the_library(event, sequence)


@settings(max_examples=200, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=400))
def test_lines_are_short_and_unfold_to_the_text(text: str) -> None:
    line = f"X:{escaped(text)}"
    physical = folded([line]).split("\r\n")
    assert all(len(each.encode()) <= 75 for each in physical)
    assert physical[-1] == ""
    assert "".join([physical[0], *(each[1:] for each in physical[1:])]) == line
    assert text_of(line[2:]) == text.replace("\r\n", "\n").replace("\r", "\n")


def test_a_path_with_a_capital_n_stays_a_path() -> None:
    assert text_of(escaped("C:\\New")) == "C:\\New"
