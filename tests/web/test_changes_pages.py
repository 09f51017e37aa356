from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from passmuster.application.acting import actor_of
from passmuster.application.changes.adopting import adopt_plan
from passmuster.application.changes.affected_apps import known_apps
from passmuster.application.changes.planning import propose_plan
from passmuster.errors import UsageError
from passmuster.records.models import Change, Gate, Ownership, Person, Plan
from tests.application.house import NEW, House, house
from tests.keeping import make_person, make_platform
from tests.web.api.house import caller
from tests.working_off import work_off

__all__ = ["house"]


def _client(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def _adopted(house: House) -> None:
    """Adopted now, as the pages act now."""
    who = (actor_of(house.people[name], by="page", now=timezone.now()) for name in ("remi", "olga"))
    plan = propose_plan(next(who), [house.platform])
    adopt_plan(next(who), plan)


def test_a_plan_is_made_looked_at_and_adopted_on_the_pages(house: House) -> None:
    remi, olga = _client(house.people["remi"]), _client(house.people["olga"])
    assert "No plan was adopted yet" in remi.get("/patches/").content.decode()
    asked = remi.post("/patches/propose/", follow=True).content.decode()
    assert "Waits for a worker" in asked
    assert "No worker runs" in asked
    assert "Make a plan</button>" not in asked
    work_off()
    plan = Plan.objects.get()
    told = remi.get("/patches/").content.decode()
    assert f"plan {plan.pk} is proposed: 2 placed, 0 without a window" in told
    assert f'<a href="/plans/{plan.pk}/">See it' in told
    assert "Make a plan</button>" in told
    page = remi.get(f"/plans/{plan.pk}/").content.decode()
    assert "plan-work" in page
    assert "Adopt this plan" not in page
    assert remi.post(f"/plans/{plan.pk}/adopt/").status_code == 403
    assert "Adopt this plan" in olga.get(f"/plans/{plan.pk}/").content.decode()
    olga.post(f"/plans/{plan.pk}/adopt/")
    assert "The plan that holds" in remi.get("/patches/").content.decode()
    listed = remi.get("/changes/").content.decode()
    assert listed.count("n8n@2.41.0</a>") == 2
    found = remi.get("/vulnerabilities/?exploited=1").content.decode()
    assert "CVE-2026-90001" in found
    # What is known may be old.
    assert "No feed of advisories is fetched" in found
    assert "production" in found


def test_a_plan_with_nothing_in_it_is_no_proposal_and_says_what_was_looked_at(house: House) -> None:
    olga, remi = (actor_of(house.people[name], by="page", now=timezone.now()) for name in ("olga", "remi"))
    house.look(NEW, 1)
    plan = propose_plan(remi, [house.platform])
    page = _client(house.people["olga"]).get(f"/plans/{plan.pk}/").content.decode()
    assert "Nothing to plan: no advisory is known to concern what the newest looks show." in page
    assert "Adopt this plan" not in page
    listed = _client(house.people["olga"]).get("/patches/").content.decode()
    assert "Proposed</h2>" not in listed
    assert "Nothing to plan" in listed
    told = caller(house.people["olga"]).get(f"/api/v1/plans/{plan.pk}").json()
    assert (told["jobs"], told["is_open"]) == (0, False)
    assert told["nothing_to_adopt"] in page
    with pytest.raises(UsageError, match="nothing in this plan to adopt"):
        adopt_plan(olga, plan)
    # Where it would cancel what was planned before, it is a proposal like any other.
    platform = house.platform
    Change.objects.create(platform=platform, job="j", patch="p", title="t", created_at=plan.made_at)
    assert "Adopt this plan" in _client(house.people["olga"]).get(f"/plans/{plan.pk}/").content.decode()
    (only,) = caller(house.people["olga"]).get("/api/v1/plans").json()["items"]
    assert (only["jobs"], only["is_open"]) == (0, True)
    adopt_plan(olga, plan)
    assert Change.objects.get(job="j").status == "cancelled"


def test_gates_are_stated_and_steps_taken_on_the_page_of_a_change(house: House) -> None:
    _adopted(house)
    remi, anna = _client(house.people["remi"]), _client(house.people["anna"])
    change = house.change(house.production)
    here = f"/changes/{change.pk}/"
    page = remi.get(here).content.decode()
    assert "Looked for traces of misuse first" in page
    assert "Approve</summary>" not in page
    remi.post(f"{here}gates/forensic_triage/", {"result": "clean", "note": "logs of a week"})
    assert Gate.objects.get(change=change, kind="forensic_triage").status == "met"
    wrong = remi.post(f"{here}gates/users_told/", {"told_at": "soon", "note": "mail"}, follow=True)
    assert str(list(wrong.context["messages"])[-1]) == "told_at: 'soon' is no time; write 2026-12-31T17:00"
    refused = remi.post(f"{here}work/deploy/", follow=True)
    assert "not deployed yet" in str(list(refused.context["messages"])[-1])
    assert "Approve</summary>" in anna.get(here).content.decode()
    anna.post(f"{here}decide/approve/", {"note": "seen"})
    change.refresh_from_db()
    assert change.status == "approved"
    assert remi.post(f"{here}decide/approve/").status_code == 403
    assert remi.post(f"{here}work/nonsense/").status_code == 404
    assert remi.get(f"{here}work/deploy/").status_code == 405


def test_who_carries_a_change_out_is_named_on_its_page_and_approves_it_never_again(house: House) -> None:
    _adopted(house)
    duo = make_person("duo", "remediation_owner", "approver", platform=house.platform)
    change = house.change(house.production)
    here = f"/changes/{change.pk}/"
    remi, their = _client(house.people["remi"]), _client(duo)
    assert "Approve</summary>" in their.get(here).content.decode()
    assert f'<option value="{duo.pk}">Duo (duo@example.org)</option>' in remi.get(here).content.decode()
    remi.post(f"{here}work/name-owner/", {"owner": str(duo.pk), "note": "on duty"})
    change.refresh_from_db()
    assert change.owner == duo
    remi.post(f"{here}work/name-owner/", {"owner": ""})
    change.refresh_from_db()
    assert change.owner is None
    page = their.get(here).content.decode()
    assert "Approve</summary>" not in page
    assert "Approved elsewhere</summary>" not in page
    assert their.post(f"{here}decide/approve/", {"note": "mine"}).status_code == 403
    # The number of an approval from elsewhere is for who might have approved it here.
    assert remi.post(f"{here}work/approved-elsewhere/", {"number": "CHG0012345"}).status_code == 403
    assert "Approved elsewhere</summary>" in _client(house.people["anna"]).get(here).content.decode()
    wrong = remi.post(f"{here}work/name-owner/", {"owner": "x"}, follow=True)
    assert str(list(wrong.context["messages"])[-1]) == "owner: choose somebody of the list"
    Change.objects.filter(pk=change.pk).update(window_end_at=timezone.now() - timedelta(hours=1))
    missed = remi.get(here).content.decode()
    assert "Its window has passed; nothing was deployed" in missed
    assert 'action="/patches/propose/"' in missed


def test_apps_a_vendor_changes_are_chosen_and_their_owners_told_on_the_page(house: House) -> None:
    change = house.vendors_change()
    here = f"/changes/{change.pk}/"
    remi = _client(house.people["remi"])
    app = known_apps(house.platform)[0]
    page = remi.get(here).content.decode()
    assert f'<option value="{app.id}">' in page
    assert "Tell their owners" not in page
    remi.post(f"{here}gates/apps_named/", {"listed": [app.id], "apps": "Paper forms", "note": "read the notice"})
    gate = Gate.objects.get(change=change, kind="apps_named")
    assert gate.stated["apps"] == [app.id, "Paper forms"]
    assert "Tell their owners" in remi.get(here).content.decode()
    nobody = remi.post(f"{here}work/tell-owners/", follow=True)
    assert "nobody owns any of these apps" in str(list(nobody.context["messages"])[-1])
    Ownership.objects.create(platform=house.platform, scope_kind="app", scope_id=app.id, owner=house.people["olga"])
    remi.post(f"{here}work/tell-owners/")
    gate.refresh_from_db()
    assert gate.stated["told"] == ["olga@example.org"]
    assert caller(house.people["remi"]).post(f"/api/v1{here}gates/apps_named/tell-owners").status_code == 200


@pytest.mark.parametrize("view", ["month", "timeline", "list"])
def test_the_calendar_shows_changes_in_each_of_its_ways(house: House, view: str) -> None:
    _adopted(house)
    start = house.change(house.production).window_start_at
    assert start is not None
    kinds = "&".join(f"kind={kind}" for kind in ("change", "deadline", "window", "freeze"))
    page = _client(house.people["audi"]).get(f"/calendar/?view={view}&month={start:%Y-%m}&{kinds}")
    assert page.status_code == 200
    assert "n8n@2.41.0" in page.content.decode()


def test_what_is_asked_oddly_is_answered_all_the_same(house: House) -> None:
    client = _client(house.people["audi"])
    for address in ("/calendar/?month=9999-99&view=x", "/changes/?page=x&status=x", "/vulnerabilities/?severity=x"):
        assert client.get(address).status_code == 200


def test_a_person_of_another_platform_finds_nothing_of_this_one(house: House) -> None:
    _adopted(house)
    client = _client(make_person("oskar", "platform_owner", "approver", platform=make_platform("Other")))
    change, plan = house.change(house.production), Plan.objects.get()
    assert client.get(f"/changes/{change.pk}/").status_code == 404
    assert client.get(f"/plans/{plan.pk}/").status_code == 404
    assert client.post(f"/plans/{plan.pk}/adopt/").status_code == 404
    for step in ("work/deploy", "work/cancel", "gates/forensic_triage", "decide/approve", "emergency"):
        assert client.post(f"/changes/{change.pk}/{step}/", {"note": "x"}).status_code == 404
    for address in ("/changes/?status=all", "/vulnerabilities/", "/patches/", "/calendar/"):
        page = client.get(address).content.decode()
        assert "n8n@2.41.0" not in page
        assert "CVE-2026-90001" not in page


def test_no_page_carries_a_script_or_a_style_of_its_own(house: House) -> None:
    _adopted(house)
    client = _client(house.people["olga"])
    change, plan = house.change(house.production), Plan.objects.get()
    addresses = (f"/changes/{change.pk}/", f"/plans/{plan.pk}/", "/patches/", "/calendar/?view=timeline", "/changes/")
    for address in addresses:
        page = client.get(address).content.decode()
        assert " style=" not in page
        assert "<style" not in page
        assert " onclick=" not in page


def test_programs_enter_a_number_by_the_right_of_an_approver_unless_the_policy_says_otherwise(house: House) -> None:
    _adopted(house)
    change = house.change(house.production)
    body = {"number": "CHG0012345"}

    def send(who: str, path: str) -> int:
        asks = caller(house.people[who])
        return asks.post(f"/api/v1/changes/{change.pk}/{path}", body, content_type="application/json").status_code

    assert send("rita", "external-approval") == 403
    assert send("rita", "external-approval/by-anyone") == 403
    gate = Gate.objects.get(change=change, kind="approval")
    Gate.objects.filter(pk=gate.pk).update(requirement={**gate.requirement, "external": "by_anyone_on_it"})
    assert send("rita", "external-approval/by-anyone") == 200
    Change.objects.filter(pk=change.pk).update(status="planned", external_approval="")
    Gate.objects.filter(pk=gate.pk).update(requirement=gate.requirement)
    assert send("vera", "external-approval") == 200
