"""A window that passed with nothing deployed is told wherever the patch stands, with the plan that answers it."""

from __future__ import annotations

from datetime import timedelta

from django.test import Client
from django.utils import timezone

from passmuster.application.acting import actor_of, keeper
from passmuster.application.calendar.calendar import dated_entries
from passmuster.application.calendar.wanted import Wanted
from passmuster.application.changes.checking_changes import check_changes
from passmuster.application.changes.planning import propose_plan
from passmuster.model.dated import DatedKind
from passmuster.records.models import Change
from passmuster.web.agenda import dates, waiting
from tests.application.house import House, house
from tests.web.api.house import caller

__all__ = ["house"]


def _missed(house: House) -> Change:
    """Production's patch, whose window passed long ago and which is due tomorrow; staging's is in place."""
    house.adopted()
    Change.objects.filter(environment=house.staging).update(status="deployed", due_at=None)
    Change.objects.update(due_at=timezone.now() + timedelta(days=1), owner=house.people["remi"])
    return house.change(house.production)


def _page(house: House, path: str) -> str:
    client = Client()
    client.force_login(house.people["olga"])
    return client.get(path, follow=True).content.decode()


def test_a_missed_window_is_a_state_under_late_on_the_overview_and_counted_on_the_plan(house: House) -> None:
    change = _missed(house)
    olga, remi = (actor_of(house.people[name], by="page", now=timezone.now()) for name in ("olga", "remi"))
    late = dates.overdue(olga)
    assert [line.text for line in late.shown] == [f"Window missed: {change.title}"]
    assert late.things == 1
    assert f"Window missed: {change.title}" in [line.text for line in waiting.needs(remi).shown]
    assert "none past its date, 1 missed its window" in _page(house, "/")
    for path in ("/patches/", f"/plans/{change.plan_id}/"):
        page = _page(house, path)
        assert "One patch missed its window" in page, path
        assert "Only a new plan gives another" in page, path
        assert page.count('<span class="badge is-bad">missed</span>') == 1, path
    for path in ("/changes/?status=missed", f"/changes/{change.pk}/"):
        assert '<span class="badge is-bad">window missed</span>' in _page(house, path), path
    assert "1 change</caption>" in _page(house, "/changes/?status=missed")


def test_a_missed_window_is_told_by_the_api_and_in_the_calendar(house: House) -> None:
    change = _missed(house)
    olga = caller(house.people["olga"])
    assert [each["id"] for each in olga.get("/api/v1/changes?has_missed_window=true").json()["items"]] == [change.pk]
    others = olga.get("/api/v1/changes?has_missed_window=false").json()["items"]
    assert change.pk not in [each["id"] for each in others]
    assert others
    assert olga.get("/api/v1/change-counts").json()["missed_windows"] == 1
    assert olga.get("/api/v1/overview").json()["missed_windows"] == 1
    assert olga.get(f"/api/v1/changes/{change.pk}").json()["has_missed_window"] is True
    assert change.window_start_at is not None
    day = timedelta(days=1)
    wanted = Wanted(change.window_start_at - day, change.window_start_at + day, frozenset({DatedKind.CHANGE}))
    actor = actor_of(house.people["olga"], by="page", now=timezone.now())
    (told,) = [each for each in dated_entries(actor, wanted).entries if each.link == f"/changes/{change.pk}/"]
    assert told.title == f"Window missed: {change.title}"
    assert told.detail.startswith("window missed; ")


def test_a_newer_plan_that_gives_it_another_window_is_named_as_the_answer(house: House) -> None:
    change = _missed(house)
    plan = propose_plan(actor_of(house.people["remi"], by="page", now=timezone.now()), [house.platform])
    link = f'<a href="/plans/{plan.pk}/">Plan {plan.pk}</a> proposes another'
    for path in ("/patches/", f"/plans/{change.plan_id}/", f"/changes/{change.pk}/"):
        assert link in _page(house, path), path
    told = caller(house.people["olga"]).get(f"/api/v1/changes/{change.pk}").json()
    assert told["other_window"] == plan.pk
    (message,) = [each for each in check_changes(keeper(timezone.now())) if each.kind == "change_window_missed"]
    assert message.person_id == house.people["remi"].pk
    assert f"Plan {plan.pk} gives it another: adopt it." in message.text
    # A day later it can be adopted no more, and answers nothing.
    later = keeper(timezone.now() + timedelta(days=1, minutes=1))
    (message,) = [each for each in check_changes(later) if each.kind == "change_window_missed"]
    assert "Make a plan anew" in message.text
