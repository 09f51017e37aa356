from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from django.test import Client

from passmuster.application.access import NotAllowed
from passmuster.application.acting import keeper
from passmuster.application.findings.deviations import (
    Wanted,
    decide_deviation,
    expire_deviations,
    request_deviation,
)
from passmuster.application.findings.ticket_sending import send_tickets, tell_ticket_again
from passmuster.application.findings.ticketing import (
    UntrustedMessage,
    hear_ticket,
    raise_tickets,
    telling_of,
    ticket_payload,
)
from passmuster.application.findings.webhook_signing import Signed, is_signed, sign
from passmuster.errors import UsageError
from passmuster.records.models import AuditEvent, Finding, Ticket
from tests.application.following import follow, places, result
from tests.keeping import NOW, actor, make_person, make_platform

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def test_the_signature_is_that_of_the_published_example() -> None:
    """The example of the Standard Webhooks specification's own libraries."""
    body = b'{"test": 2432232314}'
    at = datetime.fromtimestamp(1614265330, UTC)
    headers = sign(body, secret=SECRET, identity="msg_p5jXN8AQM9LWM0D4loKWxJek", now=at)
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    by_hand = hmac.new(key, b"msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330." + body, hashlib.sha256).digest()
    assert headers["webhook-signature"] == "v1," + base64.b64encode(by_hand).decode()


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        ({}, Signed.YES),
        ({"body": b"{}"}, Signed.WRONG),
        ({"webhook-id": "other"}, Signed.WRONG),
        ({"webhook-timestamp": "1780304401"}, Signed.WRONG),
        ({"webhook-signature": "v1,AAAA v2,BBBB"}, Signed.WRONG),
        ({"webhook-signature": ""}, Signed.LACKS),
        ({"webhook-timestamp": "soon"}, Signed.LACKS),
        ({"late": 301}, Signed.OLD),
        ({"late": -301}, Signed.OLD),
        ({"late": 299}, Signed.YES),
    ],
)
def test_only_what_is_signed_now_is_believed(change: dict[str, object], verdict: Signed) -> None:
    body = b'{"ticket": 1}'
    headers = {name.title(): value for name, value in sign(body, secret=SECRET, identity="m1", now=NOW).items()}
    headers |= {name.title(): str(value) for name, value in change.items() if name.startswith("webhook")}
    given = change.get("body", body)
    now = NOW + timedelta(seconds=int(str(change.get("late", 0))))
    assert is_signed(given, headers, secret=SECRET, now=now) is verdict  # type: ignore[arg-type]


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(UsageError, match="shorter than 24"):
        sign(b"", secret="too short", identity="m", now=NOW)


@pytest.mark.usefixtures("db")
def test_one_ticket_a_control_environment_and_owner() -> None:
    platform = make_platform()
    otto = make_person("otto", "platform_owner", platform=platform)
    where = places(("x", "env-1", "production"), ("y", "env-1", "production"), ("z", "env-2", "sandbox"))
    looked = [
        result("A", "fail", {"x": "open to all", "y": "", "z": ""}),
        result("B", "fail", {"x": ""}, severity="critical"),
        result("C", "fail", {"x": ""}, severity="low"),
    ]
    follow(keeper(NOW), platform, looked, where=where)
    made = raise_tickets(actor(otto), platform)
    assert [(t.control, t.environment, str(t.owner)) for t in made] == [
        ("A", "env-1", "Otto"),
        ("A", "env-2", "Otto"),
        ("B", "env-1", "Otto"),
    ]
    assert raise_tickets(actor(otto), platform) == []
    payload = ticket_payload(made[0], base_url="https://keeper.example")
    assert payload["fields"]["summary"] == "Automations: A Control A in env-1"
    assert payload["fields"]["duedate"] == "2026-07-16"
    assert payload["fields"]["assignee"] == {"emailAddress": "otto@example.org"}
    value = {"ticket": made[0].pk, "open_findings": 2, "accepted_findings": 0}
    assert payload["properties"] == [{"key": "passmuster", "value": value}]
    assert "X: open to all" in payload["fields"]["description"]
    telling = telling_of(made[0], base_url="https://keeper.example", secret=SECRET, now=NOW)
    assert telling is not None
    assert is_signed(telling.body, telling.headers, secret=SECRET, now=NOW) is Signed.YES
    # What is found later joins the ticket there is.
    follow(keeper(NOW + timedelta(days=1)), platform, [result("A", "fail", {"x": "", "y": "", "z": "", "w": ""})])
    raise_tickets(actor(otto), platform)
    assert Ticket.objects.count() == 4
    joined = AuditEvent.objects.filter(action="raise_tickets").order_by("number").last()
    assert joined is not None
    assert [(each["is_new"], each["findings_joined"]) for each in joined.after["tickets"]] == [(True, 4)]
    follow(keeper(NOW + timedelta(days=2)), platform, [result("A", "fail", dict.fromkeys("wxyzv", ""))])
    assert raise_tickets(actor(otto), platform) == []
    joined = AuditEvent.objects.filter(action="raise_tickets").order_by("number").last()
    assert joined is not None
    assert [(each["is_new"], each["findings_joined"]) for each in joined.after["tickets"]] == [(False, 1)]
    with pytest.raises(NotAllowed):
        raise_tickets(actor(make_person("ada", "auditor")), platform)


@pytest.mark.usefixtures("db")
def test_what_a_ticket_system_says_is_noted_once_and_closes_nothing() -> None:
    platform = make_platform()
    follow(keeper(NOW), platform, [result("A", "fail", {"x": ""})])
    (ticket,) = raise_tickets(keeper(NOW), platform)

    def send(document: object, identity: str, secret: str = SECRET) -> Ticket:
        body = json.dumps(document).encode()
        headers = sign(body, secret=secret, identity=identity, now=NOW)
        return hear_ticket(keeper(NOW), body, headers, secret=SECRET)

    issue = {"key": "SEC-7", "self": "https://jira.example/SEC-7", "fields": {"status": {"name": "Done"}}}
    event = {"issue": {**issue, "properties": {"passmuster": {"ticket": ticket.pk}}}, "comment": {"body": "mended"}}
    heard = send(event, "m1")
    assert (heard.external_key, heard.external_status) == ("SEC-7", "Done")
    finding = Finding.objects.get()
    assert (finding.status, [s.why for s in finding.steps.all()]) == ("open", ["Done, mended"])
    send(event, "m1")
    assert finding.steps.count() == 1
    assert send({"issue": issue}, "m2").pk == ticket.pk
    assert send({"ticket": ticket.pk, "status": "Reopened"}, "m3").external_status == "Reopened"
    assert send({"ticket": ticket.pk, "url": "javascript:alert(1)"}, "m4").external_url == "https://jira.example/SEC-7"
    with pytest.raises(UntrustedMessage, match="does not fit"):
        send(event, "m5", secret="another secret of enough length")
    for odd in ([], {"ticket": "1"}, {"ticket": True}, {"issue": {"key": "NO-1"}}, {"ticket": 999_999_999}):
        with pytest.raises(UsageError):
            send(odd, f"odd-{odd}")


@dataclass
class Elsewhere:
    """A ticket system that notes what it is told; it refuses while `is_down`."""

    url: str = ""
    is_down: bool = False
    heard: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    @property
    def environ(self) -> dict[str, str]:
        return {"PASSMUSTER_TICKET_URL": self.url, "PASSMUSTER_TICKET_SECRET": SECRET}

    def take(self, now: datetime = NOW) -> list[dict[str, Any]]:
        """What is told now, parsed."""
        before = len(self.heard)
        send_tickets(keeper(now), environ=self.environ)
        return [json.loads(body) for _, body in self.heard[before:]]

    @property
    def names(self) -> list[str]:
        return [next(v for k, v in headers.items() if k.lower() == "webhook-id") for headers, _ in self.heard]


@pytest.fixture
def elsewhere() -> Iterator[Elsewhere]:
    system = Elsewhere()

    class Tickets(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            system.heard.append((dict(self.headers), body))
            self.send_response(500 if system.is_down else 201)
            self.end_headers()
            self.wfile.write(json.dumps({"key": f"SEC-{len(system.heard)}"}).encode())

        def log_message(self, *_given: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Tickets)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    system.url = f"http://127.0.0.1:{server.server_port}/"
    try:
        yield system
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.usefixtures("db")
def test_tickets_are_sent_signed_to_the_system_that_is_named_once(elsewhere: Elsewhere) -> None:
    platform = make_platform()
    follow(keeper(NOW), platform, [result("A", "fail", {"x": ""}), result("B", "fail", {"x": ""})])
    raise_tickets(keeper(NOW), platform)
    elsewhere.is_down = True
    troubles = send_tickets(keeper(NOW), environ=elsewhere.environ)
    assert ["was not taken: the ticket system answered 500" in trouble for trouble in troubles] == [True, True]
    elsewhere.is_down = False
    assert (len(elsewhere.take()), len(elsewhere.take())) == (2, 0)
    # What is tried again has the name it had.
    assert elsewhere.names[:2] == elsewhere.names[2:]
    assert all(is_signed(body, headers, secret=SECRET, now=NOW) is Signed.YES for headers, body in elsewhere.heard)
    assert sorted(Ticket.objects.values_list("external_key", flat=True)) == ["SEC-3", "SEC-4"]
    assert send_tickets(keeper(NOW), environ={}) == []
    with pytest.raises(UsageError, match="must be signed"):
        send_tickets(keeper(NOW), environ={"PASSMUSTER_TICKET_URL": "https://tickets.example/"})


@pytest.mark.usefixtures("db")
def test_what_is_not_taken_is_kept_with_its_reason_until_it_is_and_told_to_the_record_once(
    elsewhere: Elsewhere,
) -> None:
    platform = make_platform()
    follow(keeper(NOW), platform, [result("A", "fail", {"x": ""})])
    raise_tickets(keeper(NOW), platform)
    later, last = NOW + timedelta(minutes=15), NOW + timedelta(minutes=30)
    elsewhere.is_down = True
    for now in (NOW, later):
        elsewhere.take(now)
    ticket = Ticket.objects.get()
    kept = (ticket.failure, ticket.failing_since, ticket.failed_at, ticket.sent_at)
    assert kept == ("the ticket system answered 500", NOW, later, None)
    assert AuditEvent.objects.filter(action="fail_ticket", subject_id=str(ticket.pk)).count() == 1
    troubles = send_tickets(
        keeper(later), environ={**elsewhere.environ, "PASSMUSTER_TICKET_URL": "http://127.0.0.1:9/k3y"}
    )
    assert troubles == [f"ticket {ticket.pk}: was not taken: the ticket system could not be reached (ConnectError)"]
    elsewhere.is_down = False
    elsewhere.take(last)
    ticket.refresh_from_db()
    assert (ticket.failure, ticket.failing_since, ticket.failed_at, ticket.sent_at) == ("", None, None, last)


@pytest.mark.usefixtures("db")
def test_tickets_that_are_never_taken_keep_no_other_from_being_told(
    elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("passmuster.application.findings.ticket_sending._MOST_AT_ONCE", 2)
    platform = make_platform()
    follow(keeper(NOW), platform, [result(control, "fail", {"x": ""}) for control in "ABC"])
    raise_tickets(keeper(NOW), platform)
    elsewhere.is_down = True
    told = [each["fields"]["labels"][1] for run in range(2) for each in elsewhere.take(NOW + timedelta(hours=run))]
    assert told == ["A", "B", "C", "A"]


@pytest.mark.usefixtures("db")
def test_a_ticket_that_was_lost_over_there_is_told_again_under_another_name(elsewhere: Elsewhere) -> None:
    platform = make_platform()
    otto = make_person("otto", "platform_owner", platform=platform)
    follow(keeper(NOW), platform, [result("A", "fail", {"x": ""})])
    (ticket,) = raise_tickets(actor(otto), platform)
    assert ticket.raised_by == otto.email
    with pytest.raises(UsageError, match=r"say why .*; the ticket waits to be told already"):
        tell_ticket_again(actor(otto), ticket, why=" ")
    elsewhere.take()
    with pytest.raises(NotAllowed):
        tell_ticket_again(actor(make_person("ada", "auditor")), ticket, why="lost")
    tell_ticket_again(actor(otto), ticket, why="the project was restored from a backup")
    (told,) = elsewhere.take()
    assert told["key"] == "SEC-1"
    assert len(set(elsewhere.names)) == 2
    assert elsewhere.take() == []


@pytest.mark.usefixtures("db")
def test_a_ticket_tells_whenever_it_stands_otherwise_and_never_the_same_twice(elsewhere: Elsewhere) -> None:
    platform = make_platform()
    otto, bea = make_person("otto", "platform_owner", platform=platform), make_person("bea", "approver")

    def day(number: int, *found: str) -> list[tuple[Any, ...]]:
        """What is told after this day's look; last whether it names the ticket over there."""
        now = NOW + timedelta(days=number)
        if found:
            seen = {each: "" for each in found if each != "-"}
            follow(keeper(now), platform, [result("A", "fail" if seen else "pass", seen)])
        expire_deviations(keeper(now))
        raise_tickets(keeper(now), platform)
        told = elsewhere.take(now)
        assert elsewhere.take(now) == []
        values = [(each["properties"][0]["value"], each["fields"]["duedate"], each.get("key")) for each in told]
        return [(value["open_findings"], value["accepted_findings"], due, key) for value, due, key in values]

    assert day(0, "x") == [(1, 0, "2026-07-16", None)]
    # Whatever is said over there stays, and changes nothing of what is told.
    Ticket.objects.update(external_status="Done")
    assert day(1, "-") == [(0, 0, None, "SEC-1")]
    # What is back within days keeps its date.
    assert day(2, "x", "y") == [(2, 0, "2026-07-16", "SEC-1")]
    wanted = Wanted("A", "in autumn", otto, date(2026, 6, 10), platform=platform, resource_id="x")
    asked = request_deviation(actor(otto, now=NOW + timedelta(days=3)), wanted)
    decide_deviation(actor(bea, now=NOW + timedelta(days=3)), asked, is_approved=True, reason="ok")
    assert [told[:2] for told in day(3)] == [(1, 1)]
    # Its end opens the finding again, with its clock, and the ticket says so.
    assert [told[:2] for told in day(20)] == [(2, 0)]
    Finding.objects.update(due_on=date(2026, 6, 30))
    assert day(21) == [(2, 0, "2026-06-30", "SEC-1")]
    assert len(set(elsewhere.names)) == len(elsewhere.names) == 6
    assert Ticket.objects.get().external_status == "Done"


@pytest.mark.usefixtures("db")
def test_the_hook_believes_a_signature_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    platform = make_platform()
    follow(keeper(NOW), platform, [result("A", "fail", {"x": ""})])
    (ticket,) = raise_tickets(keeper(NOW), platform)
    body = json.dumps({"ticket": ticket.pk, "key": "SEC-1", "status": "Doing"}).encode()
    signed = sign(body, secret=SECRET, identity="m1", now=datetime.now(UTC))
    client = Client(enforce_csrf_checks=True)

    def post(headers: dict[str, str], content: bytes = body) -> int:
        return client.post("/api/hooks/tickets", content, content_type="application/json", headers=headers).status_code

    assert post(signed) == 404
    monkeypatch.setenv("PASSMUSTER_TICKET_SECRET", SECRET)
    assert post({}) == 401
    assert post(signed, b"{}") == 401
    assert post(signed) == 200
    assert client.get("/api/hooks/tickets").status_code == 405
    ticket.refresh_from_db()
    assert (ticket.external_key, ticket.external_status) == ("SEC-1", "Doing")
    empty = sign(b"{}", secret=SECRET, identity="m2", now=datetime.now(UTC))
    assert post(empty, b"{}") == 422
