"""Who owes what, how far a review is, and why an approver cannot approve: on the pages, and by the API alike."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from passmuster.application.acting import actor_of
from passmuster.application.changes.adopted_changes import AGAIN, CANCELLED, MADE, MOVED, PLANNED_ANEW
from passmuster.application.changes.change_facts import look_at_gates
from passmuster.records.models import Change, Person, Review, ReviewItem
from passmuster.web.change_history import DID, history_of
from passmuster.web.change_values import why_not_approve
from passmuster.web.owing import owed
from passmuster.web.review_stages import stages_of
from tests.application.house import House, house
from tests.keeping import NOW, actor, make_person, make_platform
from tests.web.api.house import caller
from tests.web.test_lists import make_findings
from tests.web.test_overview import TODAY, make_change, make_review

__all__ = ["house"]

with_db = pytest.mark.usefixtures("db")


def _client(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


@with_db
def test_who_owes_what_is_told_by_person_of_the_platforms_one_sees_and_each_number_leads_to_its_list() -> None:
    seen, hidden = make_platform("Seen"), make_platform("Hidden")
    ada, bob = make_person("ada", "auditor", platform=seen), make_person("bob")
    past = TODAY - timedelta(days=2)
    make_findings(seen, 2, status="open", due_on=past, owner=bob, seed=1)
    make_findings(seen, 1, status="in_progress", due_on=TODAY + timedelta(days=900), owner=bob, seed=2)
    make_findings(seen, 1, status="closed", due_on=past, owner=bob, seed=3)
    make_findings(seen, 1, status="open", due_on=past, seed=4)
    make_findings(hidden, 5, status="open", due_on=past, owner=bob, seed=5)
    for platform, status in ((seen, "open"), (seen, "done"), (hidden, "open")):
        review = make_review(platform, 3, occurrence=f"{platform.name} {status}")
        ReviewItem.objects.create(review=review, kind="question", key="1", title="Q", assignee=bob, status=status)
        ReviewItem.objects.create(review=review, kind="question", key="2", title="Q", assignee=ada, status=status)
    make_change(seen, "undone", owner=bob)
    make_change(seen, "done", owner=bob, status="verified")
    make_change(seen, "given up", owner=bob, status="cancelled", is_exploited=True)
    told = [(each.name, each.late, each.lines, each.patches) for each in owed(actor(ada))]
    assert told == [("Bob", 2, 1, 1), ("nobody", 1, 0, 0), ("Ada", 0, 1, 0)]
    asks = caller(ada)
    by_api = asks.get("/api/v1/overview").json()["owed"]
    assert [(each["name"], each["late"], each["lines"], each["patches"]) for each in by_api] == told
    page = _client(ada).get("/").content.decode()
    for each in owed(actor(ada)):
        links = {
            each.late_link: each.late,
            each.findings_link: {"Bob": 3, "nobody": 1, "Ada": 0}[each.name],
            each.lines_link: each.lines,
            each.patches_link: each.patches,
        }
        for link, n in links.items():
            assert (f'href="{link.replace("&", "&amp;")}"' in page) is (bool(n) or link == each.findings_link), link
            assert _rows_of(link, _client(ada)) == n, link
    for query, n in (
        (f"reviews?waits_for={bob.pk}&status=open", 1),
        ("reviews?waits_for_nobody=true", 0),
        (f"changes?owner={bob.pk}&is_finished=false", 1),
        ("changes?is_owned=false", 0),
    ):
        assert len(asks.get(f"/api/v1/{query}").json()["items"]) == n, query


def _rows_of(link: str, client: Client) -> int:
    """How many findings or patches the list has; of reviews how many lines they say to wait."""
    context = client.get(link).context
    if "/reviews/" in link:
        reviews = context["page"].rows
        told = [client.get(f"/reviews/{each.pk}/{link[link.index('?') :]}").context["page"].rows for each in reviews]
        assert [len(rows) for rows in told] == [each.waiting for each in reviews]
        return sum(each.waiting for each in reviews)
    return int(context["page"].paginator.count if "/changes/" in link else context["total"])


@with_db
@pytest.mark.parametrize(
    ("status", "counts", "signed_by", "now", "told"),
    [
        ("opening", (0, 0), (), "Opened", "2026-06-01"),
        ("open", (3, 5), (), "Checklist", "2 of 5 lines dealt with"),
        ("open", (0, 5), ("Ann",), "Signed", "by Ann; platform owner to sign"),
        ("signed", (0, 5), ("Ann", "Olga"), "Sealed", "not yet"),
        ("sealed", (0, 5), ("Ann", "Olga"), "", ""),
        ("cancelled", (3, 5), (), "", ""),
    ],
)
def test_a_review_says_how_far_it_is(
    status: str, counts: tuple[int, int], signed_by: tuple[str, ...], now: str, told: str
) -> None:
    review = Review(status=status, opened_at=NOW, sealed_at=NOW if status == "sealed" else None)
    waiting, lines = counts
    missing = () if status != "open" else ("platform_owner",)
    stages = stages_of(review, {"waiting": waiting, "done": lines - waiting, "lines": lines}, signed_by, missing)
    assert [each.name for each in stages if each.is_now] == [name for name in (now,) if name]
    assert {each.name: each.note for each in stages}.get(now, "") == told
    assert all(each.is_done for each in stages) is (status in ("sealed", "cancelled"))


def test_an_approver_is_told_why_approving_is_not_offered_and_others_are_not(house: House) -> None:
    house.adopted()
    change = house.change(house.production)
    now = timezone.now()

    def why(name: str) -> str:
        here = Change.objects.get(pk=change.pk)
        return why_not_approve(actor_of(house.people[name], by="page", now=now), here, look_at_gates(here, now=now))

    Change.objects.filter(pk=change.pk).update(window_end_at=now + timedelta(days=1))
    assert why("anna") == ""
    assert why("remi") == ""
    Change.objects.filter(pk=change.pk).update(window_end_at=now - timedelta(days=1))
    assert why("anna") == "its window has passed; it needs another one first."
    page = _client(house.people["anna"]).get(f"/changes/{change.pk}/").content.decode()
    assert "its window has passed; it needs another one first." in page
    Change.objects.filter(pk=change.pk).update(owner=house.people["anna"])
    assert "another approver decides" in why("anna")
    Change.objects.filter(pk=change.pk).update(status="verified")
    assert why("anna") == ""


def test_what_a_plan_did_to_a_change_stands_in_its_history_in_words(house: House) -> None:
    house.adopted()
    assert history_of(house.change(house.production))[-1].did == "Put into a plan"
    assert {MADE, MOVED, PLANNED_ANEW, AGAIN, CANCELLED} <= set(DID)
