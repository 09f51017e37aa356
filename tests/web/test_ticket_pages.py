"""The pages of tickets, and the API's answers beside them: who sees which, what can be narrowed, what can be done."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from passmuster.application.acting import keeper
from passmuster.application.findings.ticketing import hear_ticket, raise_tickets
from passmuster.application.findings.webhook_signing import sign
from passmuster.records.models import AuditEvent, Finding, Person, Platform, Ticket
from passmuster.web.ticket_rows import MOST_COUNTED, Telling, lines_of, tickets_seen_by, told_so, with_open
from tests.keeping import NOW, actor, make_person, make_platform
from tests.web.api.house import caller, make_finding

pytestmark = pytest.mark.usefixtures("db")
SECRET = "a secret of enough length"


def _client(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def _ticket(platform: Platform, control: str, n: int, **more: Any) -> Ticket:
    """A ticket with `n` open findings."""
    ticket = Ticket.objects.create(platform=platform, control=control, created_at=NOW, updated_at=NOW, **more)
    for number in range(n):
        make_finding(platform, f"{control}-{number}", rank=number % 3 + 1, control=control, ticket=ticket, title="Odd")
    return ticket


STANDS: dict[Telling, dict[str, Any]] = {
    Telling.NOT_TOLD: {},
    Telling.TOLD: {"sent_at": NOW, "sent_digest": "d", "external_key": "SEC-7", "external_status": "Doing"},
    Telling.AGAIN: {"sent_at": NOW, "external_status": "sent"},
    Telling.NOT_TAKEN: {"failure": "the ticket system answered 503", "failing_since": NOW, "failed_at": NOW},
}


@pytest.fixture
def house() -> dict[Telling, Ticket]:
    here = make_platform("Here")
    made = {each: _ticket(here, f"IAM-0{n}", n, **STANDS[each]) for n, each in enumerate(Telling)}
    _ticket(make_platform("There"), "LOG-01", 1, external_key="OTHER-1")
    return made


@pytest.mark.parametrize("telling", list(Telling))
def test_what_is_narrowed_to_is_what_each_ticket_is_said_to_be(house: dict[Telling, Ticket], telling: Telling) -> None:
    rows = tickets_seen_by(actor(make_person("ada", "auditor")))
    ours = {line.ticket.pk for line in lines_of(rows) if line.telling is telling}
    assert house[telling].pk in ours
    assert {each.pk for each in told_so(rows, telling)} == ours


def test_what_of_a_ticket_is_open_is_told_with_the_worst_and_counted_up_to_a_limit(
    house: dict[Telling, Ticket],
) -> None:
    rows = tickets_seen_by(actor(make_person("ada", "auditor"))).filter(platform__name="Here").order_by("pk")
    assert [(line.open_findings, line.severity) for line in lines_of(rows)] == [
        (0, None), (1, "high"), (2, "high"), (3, "high")
    ]  # fmt: skip
    first, last = house[Telling.TOLD], house[Telling.NOT_TAKEN]
    Finding.objects.filter(ticket=first).update(status="closed")
    Finding.objects.filter(ticket=last, severity="high").update(
        severity="critical", severity_rank=0, status="in_progress"
    )
    for number in range(MOST_COUNTED - 2):
        make_finding(last.platform, f"more-{number}", ticket=last)
    assert [(line.open_findings, line.severity) for line in lines_of([last, first])] == [(None, "critical"), (0, None)]
    assert first in with_open(rows, False)
    assert first not in with_open(rows, True)
    assert last in with_open(rows, True)
    page = _client(Person.objects.get(name="Ada")).get("/findings/tickets/").content.decode()
    assert "more than 100" in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", {"IAM-00", "IAM-01", "IAM-02", "IAM-03", "LOG-01"}),
        ("?platform=there", {"LOG-01"}),
        ("?state=open", {"IAM-01", "IAM-02", "IAM-03", "LOG-01"}),
        ("?state=settled", {"IAM-00"}),
        ("?telling=not_taken", {"IAM-03"}),
        ("?telling=not_told&state=open", {"LOG-01"}),
        ("?owner=none&find=iam-02", {"IAM-02"}),
        ("?owner=me", set()),
        ("?find=sec-7", {"IAM-01"}),
        ("?find=nothing", set()),
        ("?telling=odd&platform=odd&state=odd", {"IAM-00", "IAM-01", "IAM-02", "IAM-03", "LOG-01"}),
    ],
)
def test_the_list_is_narrowed_by_what_is_chosen(house: dict[Telling, Ticket], query: str, found: set[str]) -> None:
    answer = _client(make_person("ada", "auditor")).get(f"/findings/tickets/{query}")
    assert {line.ticket.control for line in answer.context["lines"]} == found


def test_a_list_of_many_goes_on_by_key() -> None:
    platform = make_platform("Here")
    for number in range(60):
        _ticket(platform, f"C-{number:02}", 0)
    client = _client(make_person("ada", "auditor"))
    first = client.get("/findings/tickets/?state=settled").context
    rest = client.get(f"/findings/tickets/?state=settled&after={first['page'].after}").context
    shown = [line.ticket.control for each in (first, rest) for line in each["lines"]]
    assert shown == [f"C-{number:02}" for number in reversed(range(60))]


def test_who_sees_one_platform_sees_its_tickets_alone_on_page_and_api(house: dict[Telling, Ticket]) -> None:
    there = Platform.objects.get(name="There")
    rita = make_person("rita", "reviewer", platform=there)
    page = _client(rita)
    text = page.get("/findings/tickets/").content.decode()
    assert "OTHER-1" in text
    assert "IAM-01" not in text
    hidden = house[Telling.TOLD].pk
    program = caller(rita)
    assert page.get(f"/findings/tickets/{hidden}/").status_code == 404
    assert program.get(f"/api/v1/tickets/{hidden}").status_code == 404
    assert page.post(f"/findings/tickets/{hidden}/tell", {"reason": "x"}).status_code == 404
    asked = program.post(f"/api/v1/tickets/{hidden}/tell-again", {"why": "x"}, content_type="application/json")
    assert asked.status_code == 404
    assert (
        page.post("/findings/tickets/raise", {"platform": "here", "severities": "high"}, follow=True).status_code == 200
    )
    assert Ticket.objects.count() == 5
    assert [each["control"] for each in program.get("/api/v1/tickets").json()["items"]] == ["LOG-01"]


def test_one_ticket_tells_its_life_here_and_there(house: dict[Telling, Ticket]) -> None:
    ticket = house[Telling.NOT_TAKEN]
    heard = {
        "ticket": ticket.pk,
        "key": "SEC-9",
        "url": "https://tickets.example/9",
        "status": "Won't do",
        "comment": "no",
    }
    body = json.dumps(heard).encode()
    later = NOW + timedelta(hours=1)
    hear_ticket(keeper(later), body, sign(body, secret=SECRET, identity="m", now=later), secret=SECRET)
    ada = make_person("ada", "auditor")
    answer = _client(ada).get(f"/findings/tickets/{ticket.pk}/")
    text = answer.content.decode()
    for told in (
        "the ticket system answered 503; since",
        'href="https://tickets.example/9"',
        "SEC-9",
        "Won&#x27;t do",
        "its state there is Won&#x27;t do; its key is SEC-9; no",
        'href="/platforms/here/"',
        f'href="/findings/?ticket={ticket.pk}&amp;status=any"',
    ):
        assert told in text, told
    assert [row.resource_id for row in answer.context["page"].rows] == ["IAM-03-0", "IAM-03-1", "IAM-03-2"]
    assert "Tell it again" not in text
    told_by_api = caller(ada).get(f"/api/v1/tickets/{ticket.pk}").json()
    assert told_by_api["ticket"]["failure"] == "the ticket system answered 503"
    assert told_by_api["ticket"]["telling"] == "not_taken"
    assert [step["what"] for step in told_by_api["steps"]] == ["heard", "raised"]
    assert told_by_api["heard_at"] == "2026-06-01T10:00:00Z"
    finding = Finding.objects.filter(ticket=ticket)[0]
    assert f'href="/findings/tickets/{ticket.pk}/"' in _client(ada).get(f"/findings/{finding.pk}/").content.decode()


def test_who_works_on_findings_raises_tickets_and_has_one_told_again_on_both_faces() -> None:
    platform = make_platform("Here")
    make_finding(platform, "x", control="A")
    make_finding(platform, "y", control="B")
    make_finding(platform, "z", rank=3, control="C")
    remi = make_person("remi", "remediation_owner", platform=platform)
    page, program = _client(remi), caller(remi)
    refused = page.post("/findings/tickets/raise", {"severities": ["odd"]}, follow=True).content.decode()
    assert "platform: choose one whose findings you work on; severity: there is no &#x27;odd&#x27;" in refused
    assert not Ticket.objects.exists()
    told = page.post("/findings/tickets/raise", {"platform": "here", "severities": ["high"]}, follow=True)
    assert "2 new tickets" in told.content.decode()
    asked = {"severities": ["low", "medium", "high"]}
    answer = program.post("/api/v1/platforms/here/tickets", asked, content_type="application/json")
    assert answer.json() == {"changed": 1}
    assert {each.raised_by for each in Ticket.objects.all()} == {remi.email}
    Ticket.objects.update(sent_digest="d", sent_at=NOW, sent_count=1)
    first, second, _ = Ticket.objects.order_by("pk")
    assert "Tell it again" in page.get(f"/findings/tickets/{first.pk}/").content.decode()
    assert page.post(f"/findings/tickets/{first.pk}/tell", {"reason": "lost in a restore"}).status_code == 302
    again = {"why": "lost in a restore"}
    url = f"/api/v1/tickets/{second.pk}/tell-again"
    assert program.post(url, again, content_type="application/json").status_code == 204
    assert program.post(url, again, content_type="application/json").status_code == 422
    assert [each.sent_digest for each in Ticket.objects.order_by("pk")] == ["", "", "d"]
    assert list(AuditEvent.objects.filter(action="tell_ticket_again").values_list("why", flat=True)) == [
        "lost in a restore", "lost in a restore"
    ]  # fmt: skip


def test_a_house_without_tickets_is_taught_how_they_are_told() -> None:
    make_platform("Here")
    text = _client(make_person("ada", "auditor")).get("/findings/tickets/").content.decode()
    assert "No tickets yet" in text
    assert 'href="#how-told"' in text
    assert "PASSMUSTER_TICKET_URL" in text
    assert "Raise tickets" not in text


def test_a_ticket_whose_findings_are_all_accepted_shows_none_as_open() -> None:
    platform = make_platform("Here")
    make_finding(platform, "x", control="A")
    (ticket,) = raise_tickets(keeper(NOW), platform)
    Finding.objects.update(status="accepted")
    page = _client(make_person("ada", "auditor")).get(f"/findings/tickets/{ticket.pk}/")
    assert list(page.context["page"].rows) == []
    assert "Where one comes back or an exception ends" in page.content.decode()
