"""Pushing to a real Radicale: whole, idempotent, ours only, and to no other host."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import icalendar
import pytest

from passmuster.errors import UnreadableInput, UsageError
from passmuster.report.caldav import Pushed, name_of, push
from passmuster.report.caldav_client import CollectionClient, read_address
from passmuster.report.plan_events import EventChoice, EventKind, PlanEvent, plan_events, uid_of
from tests.report.planned import PLAN, PROBLEM, at
from tests.report.radicale_server import PASSWORD, USER, Server, radicale

NOW = at("2026-12-01")
EVENTS = plan_events(PROBLEM, PLAN, EventChoice())
FOREIGN = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:dentist\r\nDTSTAMP:20260101T000000Z\r\n"
    "DTSTART:20261203T090000Z\r\nSUMMARY:Dentist\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with radicale(tmp_path_factory.mktemp("radicale")) as server:
        yield server


@pytest.fixture
def server(running: Server) -> Server:
    for name in running.texts():
        assert running.ask("DELETE", name).status_code == 200
    return running


def pushed(
    server: Server, events: tuple[PlanEvent, ...], now: datetime = NOW, *, user: str = USER, password: str = PASSWORD
) -> Pushed:
    with closing(CollectionClient(read_address(server.calendar), user=user, password=password)) as client:
        return push(client, events, stamped_at=now)


def events_of(server: Server) -> dict[str, icalendar.Event]:
    found = [icalendar.Calendar.from_ical(text).walk("VEVENT")[0] for text in server.texts().values()]
    return {str(event["UID"]): event for event in found}


def test_the_server_holds_every_event_at_the_same_instants(server: Server) -> None:
    done = pushed(server, EVENTS)
    assert (len(done.added), done.problems) == (len(EVENTS), ())
    there = events_of(server)
    assert {uid: event["DTSTART"].dt.astimezone(UTC) for uid, event in there.items()} == {
        event.uid: event.start for event in EVENTS
    }
    ends = {uid: event["DTEND"].dt.astimezone(UTC) for uid, event in there.items() if "DTEND" in event}
    assert ends == {event.uid: event.end for event in EVENTS if event.end}


def test_a_second_push_of_the_same_plan_changes_nothing(server: Server) -> None:
    pushed(server, EVENTS)
    before = server.texts()
    again = pushed(server, EVENTS, at("2026-12-02"))
    assert again == Pushed(unchanged=len(EVENTS))
    assert server.texts() == before


def test_a_moved_job_is_changed_and_its_number_rises(server: Server) -> None:
    pushed(server, EVENTS)
    uid = uid_of(EventKind.JOB, "n8n@1.2/crm-prod")
    for number, day in ((1, "13"), (2, "20")):
        moved = replace(PLAN.placements[1], window=f"sun@2026-12-{day}T01:00:00Z")
        plan = replace(PLAN, placements=(PLAN.placements[0], moved, PLAN.placements[2]))
        done = pushed(server, plan_events(PROBLEM, plan, EventChoice()))
        assert len(done.changed) == 1
        event = events_of(server)[uid]
        assert (int(event["SEQUENCE"]), event["DTSTART"].dt.astimezone(UTC)) == (number, at(f"2026-12-{day}T01:00"))


def test_what_is_gone_is_cancelled_or_removed_and_comes_back_with_a_higher_number(server: Server) -> None:
    pushed(server, EVENTS)
    plan = replace(PLAN, placements=PLAN.placements[:1])
    problem = replace(PROBLEM, freezes=())
    done = pushed(server, plan_events(problem, plan, EventChoice()))
    assert (len(done.cancelled), len(done.removed), done.problems) == (2, 2, ())
    event = events_of(server)[uid_of(EventKind.JOB, "n8n@1.2/crm-prod")]
    assert (str(event["STATUS"]), int(event["SEQUENCE"])) == ("CANCELLED", 1)
    assert pushed(server, plan_events(problem, plan, EventChoice())).unchanged == len(EVENTS) - 2
    assert len(pushed(server, EVENTS).changed) >= 2
    event = events_of(server)[uid_of(EventKind.JOB, "n8n@1.2/crm-prod")]
    assert (str(event["STATUS"]), int(event["SEQUENCE"])) == ("CONFIRMED", 2)


def test_work_that_is_over_is_not_cancelled(server: Server) -> None:
    pushed(server, EVENTS)
    done = pushed(server, (), at("2027-03-01"))
    assert done == Pushed(unchanged=len(EVENTS))


def test_events_of_kinds_that_are_not_pushed_stay(server: Server) -> None:
    pushed(server, EVENTS)
    kinds = frozenset({EventKind.JOB})
    jobs = plan_events(PROBLEM, replace(PLAN, placements=PLAN.placements[:1]), EventChoice(kinds=kinds))
    with closing(CollectionClient(read_address(server.calendar), user=USER, password=PASSWORD)) as client:
        done = push(client, jobs, stamped_at=NOW, kinds=kinds)
    assert (done.unchanged, len(done.cancelled), done.removed) == (1, 1, ())
    assert len(server.texts()) == len(EVENTS)


def test_events_of_others_are_never_touched(server: Server) -> None:
    assert server.ask("PUT", "dentist.ics", content=FOREIGN).status_code == 201
    # Named like ours, yet somebody else's.
    mine = EVENTS[0]
    squatted = FOREIGN.replace("UID:dentist", "UID:other").replace("Dentist", "Squatter")
    assert server.ask("PUT", name_of(mine.uid), content=squatted).status_code == 201
    done = pushed(server, EVENTS)
    assert len(done.problems) == 1
    assert mine.summary in done.problems[0]
    assert len(done.added) == len(EVENTS) - 1
    pushed(server, (), NOW)
    texts = server.texts()
    assert "Dentist" in texts["dentist.ics"]
    assert "Squatter" in texts[name_of(mine.uid)]


def test_an_event_that_somebody_moved_by_hand_is_put_back(server: Server) -> None:
    pushed(server, EVENTS)
    name = name_of(uid_of(EventKind.JOB, "n8n@1.2/crm-prod"))
    text = server.ask("GET", name).text
    assert "20261206T020000" in text
    assert server.ask("PUT", name, content=text.replace("20261206T0", "20261207T0")).is_success
    assert len(pushed(server, EVENTS).changed) == 1
    assert "20261206T020000" in server.ask("GET", name).text


def test_a_wrong_password_is_told_and_nothing_is_pushed(server: Server) -> None:
    with pytest.raises(UnreadableInput, match="PASSMUSTER_CALDAV_PASSWORD") as caught:
        pushed(server, EVENTS, password="canary-password")
    assert "canary" not in str(caught.value)
    assert server.texts() == {}


def test_a_collection_that_is_not_there_is_told(server: Server) -> None:
    nowhere = replace(server, calendar=f"{server.origin}/{USER}/nowhere/")
    with pytest.raises(UnreadableInput, match="no such collection"):
        pushed(nowhere, EVENTS)


REFUSED_ADDRESSES = [
    ("http://calendar.example/plan/", "in clear"),
    ("https://ada:secret@calendar.example/plan/", "has an @"),
    ("ftp://calendar.example/plan/", "https://host"),
    ("https:///plan", "https://host"),
    ("https://calendar.example/plan/?a=1", "https://host"),
    ("https://calendar.example:port/plan/", "https://host"),
    ("https://calendar.example/my plan/", "%20"),
    ("calendar.example/plan", "https://host"),
]


@pytest.mark.parametrize(("url", "why"), REFUSED_ADDRESSES)
def test_an_address_that_will_not_do_is_refused(url: str, why: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_address(url)
    assert why in str(caught.value)
    assert "secret" not in str(caught.value)


def answering(status: int, headers: dict[str, str], body: bytes) -> tuple[HTTPServer, list[str]]:
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            asked.append(self.path)
            self.rfile.read(int(self.headers.get("content-length", 0)))
            self.send_response(status)
            for name, value in {**headers, "content-length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_PROPFIND = do_REPORT = do_PUT = answer  # noqa: N815 - the names http.server asks for

        def log_message(self, *_args: object) -> None:
            """Nothing."""

    return HTTPServer(("127.0.0.1", 0), Handler), asked


@pytest.mark.parametrize(
    ("status", "headers", "body", "why"),
    [
        (302, {"location": "http://127.0.0.1:9/elsewhere/"}, b"", "not followed"),
        (207, {}, b"<html>", "not XML"),
        (207, {}, b"<a/>", "no list of resources"),
        (207, {}, b'<!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>', "document type"),
        (500, {}, b"", "HTTP 500"),
        (200, {}, b"ok", "HTTP 200"),
    ],
)
def test_a_server_that_is_none_is_told_and_not_followed(
    status: int, headers: dict[str, str], body: bytes, why: str
) -> None:
    server, asked = answering(status, headers, body)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        with (
            closing(CollectionClient(read_address(f"http://127.0.0.1:{server.server_port}/plan"))) as client,
            pytest.raises(UnreadableInput, match=why),
        ):
            push(client, EVENTS, stamped_at=NOW)
    finally:
        server.shutdown()
        server.server_close()
    assert asked == ["/plan/"]


def test_resources_of_other_places_are_not_asked_for() -> None:
    body = (
        b'<D:multistatus xmlns:D="DAV:">'
        b"<D:response><D:href>http://evil.example/plan/passmuster-a.ics</D:href></D:response>"
        b"<D:response><D:href>/other/passmuster-b.ics</D:href></D:response>"
        b"<D:response><D:href>/plan/../other/passmuster-c.ics</D:href></D:response>"
        b"<D:response><D:href>/plan/</D:href></D:response></D:multistatus>"
    )
    server, asked = answering(207, {}, body)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        with closing(CollectionClient(read_address(f"http://127.0.0.1:{server.server_port}/plan"))) as client:
            names = client.list_names()
    finally:
        server.shutdown()
        server.server_close()
    # The host of an address is never looked at: whatever it says, ours is asked.
    assert names == ("passmuster-a.ics",)
    assert asked == ["/plan/"]


def test_a_server_that_does_not_listen_is_told() -> None:
    with (
        closing(CollectionClient(read_address("http://127.0.0.1:9/plan/"))) as client,
        pytest.raises(UnreadableInput, match="cannot be reached"),
    ):
        push(client, EVENTS, stamped_at=NOW)
