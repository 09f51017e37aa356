"""The calendar a plan becomes, read by two libraries and by a reader of the tests' own."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import icalendar
import pytest
import recurring_ical_events
import vobject
from dateutil import tz

from passmuster.errors import UnreadableInput
from passmuster.model.schedule import Job, Placement, Plan, Problem, RecurringWindow, Span
from passmuster.plan.windows import expand
from passmuster.report.ics import Revision, plan_calendar, write_ics
from passmuster.report.kept_calendar import previous_of_plan
from passmuster.report.patch_notes import patch_notes
from passmuster.report.plan_events import EventChoice, EventKind, plan_events, uid_of
from passmuster.report.plan_json import plan_document
from passmuster.report.previous_calendar import Previous, read_previous
from passmuster.report.vtimezone import vtimezone
from tests.report.calendar_lines import Part, instant, parse, text_of
from tests.report.planned import PLAN, PROBLEM, at

NOW = at("2026-12-01")
JOB = uid_of(EventKind.JOB, "n8n@1.2/crm-prod")


def written(
    problem: Problem = PROBLEM, plan: Plan = PLAN, now: datetime = NOW, previous: Previous | None = None
) -> str:
    stream = io.StringIO(newline="")
    write_ics(problem, plan, stream, revision=Revision(now, previous or Previous()))
    return stream.getvalue()


def events_in(text: str) -> dict[str, Part]:
    return {part.value("UID"): part for part in parse(text).of_kind("VEVENT")}


def moved(day: str) -> Plan:
    placement = replace(PLAN.placements[1], window=f"sun@{day}T01:00:00Z", completed_at=at(f"{day}T03:00"))
    return replace(PLAN, placements=(PLAN.placements[0], placement, PLAN.placements[2]))


def everywhere() -> tuple[Problem, Plan]:
    """Windows on nights around each Sunday, in zones of every kind, over two changes of the clock, each with a job."""
    horizon = Span(at("2026-09-20"), at("2027-04-20"))
    zones = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "America/Sao_Paulo", "UTC"]
    windows = [
        window
        for zone in zones
        for clock in ("01:30", "02:30")
        for window in expand(
            RecurringWindow(
                f"{zone} {clock}",
                zone,
                "FREQ=WEEKLY;BYDAY=SA,SU,MO",
                datetime.fromisoformat(f"2026-09-20T{clock}"),
                zone,
                60,
            ),
            horizon,
        )
        if horizon.start <= window.span.start and window.span.end <= horizon.end
    ]
    jobs = tuple(Job(window.id, window.environment, 5, horizon.start, 1.0) for window in windows)
    placements = tuple(Placement(window.id, window.id, window.span.end, 0.0) for window in windows)
    problem = Problem(horizon, jobs, tuple(windows))
    return problem, Plan(PLAN.status, 1.0, 1.0, placements)


def test_every_reader_finds_every_window_at_its_instants_across_changes_of_the_clock() -> None:
    problem, plan = everywhere()
    text = written(problem, plan)
    wanted = {uid_of(EventKind.JOB, window.id): (window.span.start, window.span.end) for window in problem.windows} | {
        uid_of(EventKind.WINDOW, window.id): (window.span.start, window.span.end) for window in problem.windows
    }
    assert len(wanted) > 900

    calendar = parse(text)
    ours = {
        part.value("UID"): (instant(calendar, part, "DTSTART"), instant(calendar, part, "DTEND"))
        for part in calendar.of_kind("VEVENT")
    }
    assert ours == wanted

    query = recurring_ical_events.of(icalendar.Calendar.from_ical(text))
    found = query.between(problem.horizon.start - timedelta(days=2), problem.horizon.end + timedelta(days=2))
    theirs = {
        str(event["UID"]): (event["DTSTART"].dt.astimezone(UTC), event["DTEND"].dt.astimezone(UTC)) for event in found
    }
    assert theirs == wanted


def test_vobject_reads_the_same_instants() -> None:
    calendar = vobject.readOne(written())
    theirs = {event.uid.value: event.dtstart.value.astimezone(UTC) for event in calendar.vevent_list}
    assert theirs == {event.uid: event.start for event in plan_events(PROBLEM, PLAN, EventChoice())}
    assert len(calendar.vevent_list[0].valarm_list) == 2


ZONES = [
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kolkata",
    "Africa/Casablanca",
    "Europe/Dublin",
]


@pytest.mark.parametrize("name", ZONES)
def test_a_written_zone_has_the_offsets_of_the_zone_to_a_second_reader(name: str) -> None:
    first, last = at("2025-06-01"), at("2028-06-01")
    calendar = icalendar.Calendar()
    calendar.add_component(vtimezone(name, first, last))
    read = tz.tzical(io.StringIO(calendar.to_ical().decode())).get(name)
    known = tz.gettz(name)
    local = first.replace(tzinfo=None) + timedelta(days=2)
    while local < last.replace(tzinfo=None):
        # What exists not at all or twice is read differently by different libraries, and never written.
        if not tz.datetime_ambiguous(local, known) and tz.datetime_exists(local, known):
            assert local.replace(tzinfo=read).utcoffset() == local.replace(tzinfo=known).utcoffset(), local
        local += timedelta(minutes=45)


def test_each_kind_of_thing_is_its_own_kind_of_event() -> None:
    kinds = [part.value("CATEGORIES") for part in events_in(written()).values()]
    assert {kind: kinds.count(kind) for kind in sorted(set(kinds))} == {
        "DEADLINE": 2,
        "FREEZE": 2,
        "JOB": 2,
        "VENDOR": 1,
        "WINDOW": len(PROBLEM.windows),
    }


def test_what_every_event_must_have_is_there_once() -> None:
    calendar = parse(written())
    assert (calendar.value("VERSION"), calendar.value("METHOD")) == ("2.0", "PUBLISH")
    for event in calendar.of_kind("VEVENT"):
        names = [name for name, _, _ in event.lines]
        for name in ("UID", "DTSTAMP", "DTSTART", "SEQUENCE", "STATUS", "SUMMARY"):
            assert names.count(name) == 1, name
        for alarm in event.of_kind("VALARM"):
            assert alarm.value("ACTION") == "DISPLAY"
            assert alarm.value("TRIGGER").startswith("-P")


def test_the_same_plan_gives_the_same_bytes() -> None:
    assert written() == written()


def test_uids_and_numbers_stay_where_nothing_changed() -> None:
    first = written()
    second = written(now=at("2026-12-02"), previous=read_previous(first, "first.ics"))
    assert second == first


def test_the_number_of_what_moved_rises_and_only_of_that() -> None:
    first = written()
    second = written(plan=moved("2026-12-13"), now=at("2026-12-02"), previous=read_previous(first, "first.ics"))
    third = written(plan=moved("2027-01-10"), now=at("2026-12-03"), previous=read_previous(second, "second.ics"))
    numbers = [
        {uid: int(part.value("SEQUENCE")) for uid, part in events_in(text).items()} for text in (first, second, third)
    ]
    assert numbers[0].keys() == numbers[1].keys() == numbers[2].keys()
    assert [found[JOB] for found in numbers] == [0, 1, 2]
    # The deadline's text tells when the job is planned.
    deadline = uid_of(EventKind.DEADLINE, "n8n@1.2/crm-prod")
    assert {uid for uid in numbers[0] if numbers[2][uid] != numbers[0][uid]} == {JOB, deadline}


def test_a_job_that_is_gone_is_cancelled_once_and_confirmed_again_when_it_returns() -> None:
    without = replace(PLAN, placements=PLAN.placements[:1])
    texts = [written()]
    for plan in (without, without, PLAN):
        texts.append(written(plan=plan, previous=read_previous(texts[-1], "before.ics")))
    told = [(events_in(text)[JOB].value("STATUS"), events_in(text)[JOB].value("SEQUENCE")) for text in texts]
    assert told == [("CONFIRMED", "0"), ("CANCELLED", "1"), ("CANCELLED", "1"), ("CONFIRMED", "2")]
    gone = events_in(texts[1])[JOB]
    assert not gone.of_kind("VALARM")
    assert instant(parse(texts[1]), gone, "DTSTART") == at("2026-12-06T01:00")


def test_work_that_is_over_is_kept_and_not_cancelled() -> None:
    later = written(plan=replace(PLAN, placements=()), now=at("2026-12-05"), previous=read_previous(written(), "b.ics"))
    told = {part.value("SUMMARY"): part.value("STATUS") for part in events_in(later).values()}
    assert told["n8n@1.2 in crm-test"] == "CONFIRMED"
    assert told["n8n@1.2 in crm-prod (2.1 days late)"] == "CANCELLED"


def test_numbers_rise_and_cancellations_come_with_no_more_than_the_plan_that_is_kept_to() -> None:
    kept = plan_document(PLAN)
    for revision in (None, 4):
        plan = replace(moved("2026-12-13"), placements=moved("2026-12-13").placements[1:])
        found = events_in(
            written(plan=plan, previous=previous_of_plan(kept, PROBLEM, revision=revision, stamped_at=NOW))
        )
        assert int(found[JOB].value("SEQUENCE")) > 0
        gone = found[uid_of(EventKind.JOB, "n8n@1.2/crm-test")]
        assert (gone.value("STATUS"), int(gone.value("SEQUENCE")) > 0) == ("CANCELLED", True)
    assert int(found[JOB].value("SEQUENCE")) == 4


HOSTILE = "a\r\nATTENDEE:mailto:x@evil.example\r\n\x00 b; c, d\\n \u202e é" + "🙂" * 40 + " password=hunter2hunter2"


def test_text_from_outside_stays_text_and_secrets_are_masked() -> None:
    job = replace(PROBLEM.jobs[1], patch=HOSTILE, owner=HOSTILE)
    problem = replace(PROBLEM, jobs=(PROBLEM.jobs[0], job, *PROBLEM.jobs[2:]))
    text = written(problem)
    event = events_in(text)[JOB]
    assert not event.value("ATTENDEE")
    assert "hunter2" not in text
    assert text_of(event.value("SUMMARY")).startswith("a ATTENDEE:mailto:x@evil.example b; c, d\\n [U+202E]")
    assert str(icalendar.Calendar.from_ical(text).walk("VEVENT")[3]["SUMMARY"]) in {
        text_of(part.value("SUMMARY")) for part in events_in(text).values()
    }


def test_a_window_that_ends_in_the_doubled_hour_keeps_its_length() -> None:
    window = expand(
        RecurringWindow(
            "w", "e", "FREQ=DAILY;COUNT=1", datetime.fromisoformat("2026-10-25T02:30"), "Europe/Berlin", 60
        ),
        Span(at("2026-10-20"), at("2026-10-30")),
    )[0]
    problem = Problem(Span(at("2026-10-20"), at("2026-10-30")), (), (window,))
    text = plan_calendar(plan_events(problem, Plan(PLAN.status, 0, 0, ()), EventChoice()), Revision(NOW))
    (event,) = parse(text).of_kind("VEVENT")
    # ical.js and icalendar read a doubled local time differently; there is none to read.
    assert event.value("DTSTART").endswith("Z")
    assert (instant(parse(text), event, "DTSTART"), instant(parse(text), event, "DTEND")) == (
        at("2026-10-25T00:30"),
        at("2026-10-25T01:30"),
    )


def test_a_file_that_is_no_calendar_is_refused_as_the_one_before() -> None:
    with pytest.raises(UnreadableInput, match=r"before\.ics: is no iCalendar file"):
        read_previous("BEGIN:VCALENDAR\r\nnonsense", "before.ics")


def test_an_event_tells_what_its_patch_mends() -> None:
    document = {
        "patches": [
            {"id": "n8n@1.2", "environment": "crm-prod", "advisories": ["CVE-2026-2", "CVE-2026-1"]},
            {"id": "n8n@1.2", "environment": "hr-prod", "advisories": ["CVE-2026-1"]},
            {"id": "many", "advisories": [f"CVE-{number}" for number in range(25)]},
            {"id": 5, "advisories": ["x"]},
            "junk",
        ]
    }
    notes = patch_notes(document)
    assert notes["n8n@1.2"] == "Mends CVE-2026-1, CVE-2026-2."
    assert notes["many"].endswith(" and 5 more.")
    assert len(notes) == 2
    assert patch_notes([]) == patch_notes({"patches": 3}) == {}
    job = next(event for event in plan_events(PROBLEM, PLAN, EventChoice(notes=notes)) if event.uid == JOB)
    assert "Mends CVE-2026-1, CVE-2026-2." in job.description
