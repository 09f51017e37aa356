"""The list of findings: what the tiles count is what it shows; and one decision for all that fit a filter."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from passmuster.records.models import Finding, FindingStep, Person, Platform, Ticket
from passmuster.web.counting import open_by_severity
from passmuster.web.finding_filters import fields_of, how_many, narrow, rows_of
from tests.keeping import NOW, actor, make_person, make_platform
from tests.web.test_lists import make_findings

pytestmark = pytest.mark.usefixtures("db")
CASES: tuple[dict[str, str], ...] = (
    {},
    {"status": "closed"},
    {"status": "any"},
    {"severity": "high"},
    {"control": "IAM-01", "status": "in_progress"},
    {"owner": "me"},
    {"owner": "none", "severity": "low"},
    {"late": "1"},
    {"due": "soon", "severity": "medium"},
    {"late": "1", "control": "IAM-02"},
    {"late": "1", "owner": "me", "status": "any"},
    {"owner": "ADA", "late": "1", "platform": "HERE"},
    {"owner": "ADA", "status": "closed"},
    {"due": "DAY", "platform": "HERE", "status": "any"},
    {"ticket": "T"},
    {"ticket": "T", "status": "any", "severity": "high"},
)


@pytest.fixture
def ada() -> Any:
    ada, here, there = make_person("ada", "auditor"), make_platform("Here"), make_platform("There")
    today = timezone.now().date()
    for seed, (platform, owner) in enumerate(((here, ada), (here, None), (there, None))):
        for days in (-3, 4, None):
            due = None if days is None else today + timedelta(days=days)
            make_findings(platform, 40, seed=10 * seed + (days or 0), owner=owner, due_on=due)
    ticket = Ticket.objects.create(platform=here, control="IAM-01", created_at=NOW, updated_at=NOW)
    Finding.objects.filter(platform=here, control="IAM-01").update(ticket=ticket)
    return actor(ada, now=timezone.now())


def _real(value: str) -> str:
    """What a case names, by its key."""
    if value == "ADA":
        return str(Person.objects.get(name="Ada").pk)
    if value == "HERE":
        return str(Platform.objects.get(name="Here").pk)
    if value == "DAY":
        return (timezone.now().date() + timedelta(days=4)).isoformat()
    return str(Ticket.objects.get().pk) if value == "T" else value


def test_a_ticket_of_a_platform_one_does_not_see_is_no_choice_and_neither_is_what_is_no_key(ada: Any) -> None:
    there = actor(make_person("rita", "reviewer", platform=Platform.objects.get(name="There")))
    ticket = str(Ticket.objects.get().pk)
    assert narrow(there, {"ticket": ticket}).given == {}
    assert narrow(ada, {"ticket": ticket, "late": "1"}).given == {"ticket": ticket}
    for odd in ("-1", "9" * 30, "²", "x", "\0"):
        assert narrow(ada, {"ticket": odd, "owner": odd}).given == {}


@pytest.mark.parametrize("given", CASES, ids=str)
def test_what_is_counted_is_what_is_listed(ada: Any, given: dict[str, str]) -> None:
    given = {name: _real(value) for name, value in given.items()}
    narrowed = narrow(ada, given)
    rows = [row for part in rows_of(narrowed) for row in part]
    assert rows
    assert dict(narrowed.given) == given
    assert how_many(narrowed, most=5000) == len(rows)
    for field in fields_of(narrowed):
        for choice in field.choices:
            if choice.n is not None:
                chosen = narrow(ada, {**given, field.name: choice.value})
                assert choice.n == sum(part.count() for part in rows_of(chosen)), (field.name, choice)


@pytest.mark.parametrize(("given", "is_counted"), [({}, True), ({"late": "1"}, False)])
def test_each_choice_tells_what_it_leaves_where_somebody_counts(
    ada: Any, given: dict[str, str], is_counted: bool
) -> None:
    fields = {field.name: field for field in fields_of(narrow(ada, given))}
    assert all(choice.n is not None for choice in fields["severity"].choices)
    assert all((choice.n is not None) is is_counted for choice in fields["control"].choices)


def test_a_choice_that_leaves_nothing_stays_chosen_and_one_that_is_none_does_not(ada: Any) -> None:
    Finding.objects.filter(control="IAM-03").update(status="open")
    narrowed = narrow(ada, {"control": "IAM-03", "status": "closed"})
    assert how_many(narrowed, most=10) == 0
    chosen = {field.name: field.value for field in fields_of(narrowed)}
    assert (chosen["control"], chosen["status"]) == ("IAM-03", "closed")
    nonsense = {
        "platform": "0",
        "severity": "x",
        "status": "x",
        "control": "IAM\0",
        "owner": "x",
        "late": "x",
        "due": "2026-13-01",
    }
    assert narrow(ada, nonsense).given == {}


def test_more_than_can_be_decided_at_once_are_not_counted_one_by_one(ada: Any) -> None:
    assert how_many(narrow(ada, {"late": "1", "control": "IAM-01"}), most=3) is None


def test_the_overviews_number_is_the_lists(ada: Any) -> None:
    client = _client("ada@example.org")
    shown = re.search(r'"/findings/"><span class="label">Open findings</span><span class="figure">(\d+)', _text(client))
    assert shown is not None
    assert int(shown[1]) == sum(open_by_severity(ada).values()) == client.get("/findings/").context["total"]


def test_who_sees_one_platform_counts_and_chooses_nothing_of_another(ada: Any) -> None:
    platform = Finding.objects.all()[0].platform
    mine = actor(make_person("bob", "reviewer", platform=platform), now=timezone.now())
    narrowed = narrow(mine, {})
    assert (
        how_many(narrowed, most=5000)
        == Finding.objects.filter(platform=platform, status__in=("open", "in_progress")).count()
    )
    platforms = next(field for field in fields_of(narrowed) if field.name == "platform")
    assert [choice.value for choice in platforms.choices] == [str(platform.pk)]


def test_one_decision_for_all_that_fit_a_filter_and_for_no_others(ada: Any) -> None:
    make_person("olga", "platform_owner")
    client = _client("olga@example.org")
    address = "/findings/?status=any&owner=none"
    told = client.get(address).context
    assert told["may_take_all"]
    fitting = [row.pk for part in rows_of(narrow(ada, {"status": "any", "owner": "none"})) for row in part]
    given = {"all": "1", "n": told["total"], "reason": "all of them", "decision": "note", "next": address}
    answer = client.post(f"/findings/decide?{told['chosen_filter']}", given)
    assert answer.headers["location"] == address
    assert set(FindingStep.objects.values_list("finding_id", flat=True)) == set(fitting)


def test_where_the_list_changed_meanwhile_nothing_is_decided(ada: Any) -> None:
    make_person("olga", "platform_owner")
    client = _client("olga@example.org")
    told = client.get("/findings/").context
    one = Finding.objects.filter(status="open")[0]
    Finding.objects.filter(pk=one.pk).update(status="closed")
    given = {"all": "1", "n": told["total"], "reason": "all", "decision": "note"}
    answer = client.post("/findings/decide", given, follow=True)
    assert "look at the list once more" in answer.content.decode()
    assert not FindingStep.objects.exists()


def _client(email: str) -> Client:
    client = Client()
    client.force_login(Person.objects.get(email=email))
    return client


def _text(client: Client) -> str:
    return client.get("/").content.decode()
