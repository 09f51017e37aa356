"""Plans and seals: asked for by a person, done by a worker in that person's name, once."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client

from passmuster.application.access import Action, NotAllowed
from passmuster.application.acting import actor_of, keeper
from passmuster.application.asking import ask_for_plan, ask_for_seal
from passmuster.application.changes.planning import PlanChoice
from passmuster.application.holding import WorkTakenOver
from passmuster.application.looking.looking import collect_platform
from passmuster.application.people.people import deactivate_person
from passmuster.application.reviews.review_work import reopen_review
from passmuster.application.reviews.sealing import seal_review, verify_seal
from passmuster.application.storage.storing import home
from passmuster.application.working.working import ask_for, try_again
from passmuster.errors import PassmusterError, UsageError
from passmuster.model.keeping import ReviewStatus, WorkState
from passmuster.records.models import AuditEvent, Duty, Message, Person, Plan, Platform, Review, Work
from tests.application.house import BEGIN, House, house
from tests.keeping import NOW, actor, make_person, make_platform
from tests.web.api.house import caller
from tests.working_off import work_off

__all__ = ["house"]
pytestmark = pytest.mark.usefixtures("db")


class _Killed(BaseException):
    """Whatever ends a process in the middle."""


def _die(*_given: object, **_named: object) -> None:
    raise _Killed


def _lose_worker_at(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker does what waits, and is gone when it gets there; its work waits for another."""
    with monkeypatch.context() as patched:
        patched.setattr(place, _die)
        with pytest.raises(_Killed):
            work_off(BEGIN)
    Work.objects.update(state=WorkState.WAITING, token="")


_SEALING, _PLANNING = ("passmuster.application." + name for name in ("reviews.sealing.", "changes.planning."))
_END = "passmuster.worker.performing.end_work"


def _asked_plan(house: House, who: str = "remi") -> Work:
    return ask_for_plan(house.at(who), [house.platform])


def test_a_plan_is_asked_for_once_and_made_in_the_askers_name(house: House) -> None:
    asked = _asked_plan(house)
    # Another who may, and wants the same, follows that one.
    assert _asked_plan(house, "olga") == asked
    assert ask_for_plan(house.at("remi"), [house.platform], PlanChoice(weeks=4)) != asked
    done, _ = work_off(BEGIN)
    plan = Plan.objects.get(pk=done.result["plan"])
    assert (plan.made_by, done.result["placed"], done.state) == (house.people["remi"], 2, WorkState.DONE)
    # What was said last is told; of what follows quickly not every step is.
    assert done.progress.startswith(("Finding out which advisories", "Fitting the patches into windows"))
    event = AuditEvent.objects.get(action="propose_plan", subject_id=str(plan.pk))
    assert (event.actor, event.by) == ("remi@example.org", "worker")
    assert AuditEvent.objects.filter(action="ask_for_plan").count() == 2
    # What is done is asked for anew.
    assert ask_for_plan(house.at("remi", 1), [house.platform]) != asked


@pytest.mark.parametrize("place", [f"{_PLANNING}plan_document_of", f"{_PLANNING}keep_triaged", _END])
def test_a_plan_whose_worker_was_lost_is_made_once(house: House, place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    _asked_plan(house)
    _lose_worker_at(place, monkeypatch)
    (work,) = work_off(BEGIN)
    assert (work.state, work.error) == (WorkState.DONE, "")
    assert Plan.objects.get().pk == work.result["plan"]
    assert AuditEvent.objects.filter(action="propose_plan").count() == 1


def test_the_schedules_own_plan_whose_worker_was_lost_is_made_once(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask_for("plan", key="plan/1", title="Plan", now=BEGIN)
    _lose_worker_at(_END, monkeypatch)
    (work,) = work_off(BEGIN)
    assert Plan.objects.get().pk == work.result["plan"]


def test_what_cannot_be_planned_is_told_at_once_and_once(house: House) -> None:
    with pytest.raises(UsageError, match="weeks: 99"):
        ask_for_plan(house.at("remi"), [house.platform], PlanChoice(weeks=99))
    with pytest.raises(PassmusterError, match="nonsense"):
        ask_for_plan(house.at("remi"), [house.platform], PlanChoice(policy="nonsense"))
    with pytest.raises(NotAllowed):
        ask_for_plan(house.at("audi"), [house.platform])
    assert not Work.objects.exists()
    bare = make_platform("Bare")
    ask_for_plan(house.at("rita"), [bare])
    (work,) = work_off(BEGIN)
    assert (work.state, work.attempts) == (WorkState.FAILED, 1)
    assert "Bare: nobody has looked at it yet" in work.error
    told = Message.objects.get(kind="work")
    assert (told.person, told.link) == (house.people["rita"], f"/work/{work.pk}/")
    assert "nobody has looked at it yet; collect first. Mend the cause, then ask for it again." in told.text


def test_work_on_several_platforms_is_seen_by_those_who_see_them_all(house: House) -> None:
    other, third = make_platform("Other"), make_platform("Third")
    both = make_person("both", "remediation_owner", platform=house.platform)
    Duty.objects.create(person=both, role="remediation_owner", platform=other, created_at=NOW)
    asked = ask_for_plan(actor(both, now=BEGIN))
    assert asked.arguments["platforms"] == sorted([house.platform.pk, other.pk])
    assert asked.title == "Make a plan for 2 platforms"
    stranger = make_person("zoe", "remediation_owner", platform=third)
    # Olga has a duty on one of the two, Audi everywhere.
    who = (both, house.people["audi"], house.people["olga"], stranger)
    seen = [caller(each).get(f"/api/v1/work/{asked.pk}").status_code for each in who]
    assert seen == [200, 200, 404, 404]


@pytest.fixture
def signed() -> Iterator[Review]:
    """A review of a real look that was signed; Bea may seal it."""
    platform = make_platform("Flows", packs=["servicenow-hardening"])
    look = collect_platform(keeper(NOW), platform)
    made = Review.objects.create(
        platform=platform, occurrence="q", because="due", status="signed", due_on=NOW.date(), opened_at=NOW,
        signed_at=NOW, collection=look, evaluation=look.evaluations.get(),
    )  # fmt: skip
    yield made
    shutil.rmtree(home() / "reviews", ignore_errors=True)


@pytest.fixture
def bea() -> Person:
    return make_person("bea", "approver")


def _left(review: Review) -> list[str]:
    """All that lies where sealed reviews of the platform do."""
    place = home() / "reviews" / review.platform.slug
    return sorted(each.name for each in place.iterdir()) if place.is_dir() else []


def test_a_seal_is_asked_for_once_and_set_in_the_askers_name(signed: Review, bea: Person) -> None:
    with pytest.raises(NotAllowed):
        ask_for_seal(actor(make_person("otto", "platform_owner")), signed)
    asked = ask_for_seal(actor(bea), signed)
    assert ask_for_seal(actor(make_person("bo", "approver")), signed) == asked
    signed.refresh_from_db()
    assert (signed.status, signed.seal) == ("signed", {})
    (work,) = work_off(NOW)
    signed.refresh_from_db()
    assert (signed.status, verify_seal(signed)) == ("sealed", [])
    assert work.result == {"review": signed.pk, "status": "sealed", "digest": signed.seal["digest"]}
    # A program that never heard the answer asks again.
    assert ask_for_seal(actor(bea), signed).result == work.result
    told = AuditEvent.objects.filter(action__in=["ask_for_seal", "seal_review"]).order_by("number")
    assert list(told.values_list("action", "actor", "by")) == [
        ("ask_for_seal", "bea@example.org", "page"),
        ("seal_review", "bea@example.org", "worker"),
    ]


@pytest.mark.parametrize("place", [f"{_SEALING}archive_sealed", _END])
def test_a_seal_whose_worker_was_lost_is_set_once_and_nothing_else_is_left(
    signed: Review, bea: Person, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask_for_seal(actor(bea), signed)
    _lose_worker_at(place, monkeypatch)
    signed.refresh_from_db()
    assert signed.status == ("sealed" if place == _END else "signed")
    (work,) = work_off(NOW)
    assert (work.state, work.error) == (WorkState.DONE, "")
    signed.refresh_from_db()
    assert verify_seal(signed) == []
    assert _left(signed) == [Path(signed.seal["key"]).name]
    assert AuditEvent.objects.filter(action="seal_review").count() == 1


def test_a_worker_that_lost_its_work_seals_nothing_and_takes_away_what_it_wrote(
    signed: Review, bea: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = ask_for_seal(actor(bea), signed)

    def taken_over(_folder: Path) -> dict[str, object]:
        Work.objects.filter(pk=asked.pk).update(token="of another")
        return {}

    monkeypatch.setattr(f"{_SEALING}archive_sealed", taken_over)
    work_off(NOW)
    signed.refresh_from_db()
    assert (signed.status, signed.seal, _left(signed)) == ("signed", {}, [])
    late = actor_of(bea, by="worker", now=NOW)
    with pytest.raises(WorkTakenOver):
        seal_review(type(late)(**{**vars(late), "held": (asked.pk, "an old one")}), signed)


def _shut_out(person: Person, _review: Review) -> None:
    deactivate_person(actor(make_person("ada", "administrator")), person, why="left")


def _take_duty(person: Person, _review: Review) -> None:
    Duty.objects.filter(person=person).delete()


def _sign_anew(_person: Person, review: Review) -> None:
    reopen_review(actor(make_person("otto", "platform_owner")), review, why="a line was wrong")
    Review.objects.filter(pk=review.pk).update(status=ReviewStatus.SIGNED, signed_at=NOW + timedelta(hours=1))


def _open_again(_person: Person, review: Review) -> None:
    reopen_review(actor(make_person("otto", "platform_owner")), review, why="a line was wrong")


@pytest.mark.parametrize(
    ("meanwhile", "why"),
    [
        (_shut_out, "no longer active"),
        (_take_duty, "bea@example.org may not seal review here"),
        (_sign_anew, "opened and signed again since"),
        (_open_again, "this review is open"),
    ],
)
def test_what_the_asker_may_no_longer_have_is_not_done_nor_tried_again(
    meanwhile: object, why: str, signed: Review, bea: Person
) -> None:
    make_person("olga", "platform_owner", platform=signed.platform)
    asked = ask_for_seal(actor(bea), signed)
    meanwhile(bea, signed)  # type: ignore[operator]
    (work,) = work_off(NOW + timedelta(hours=2))
    assert (work.pk, work.state, work.attempts) == (asked.pk, WorkState.FAILED, 1)
    assert why in work.error
    signed.refresh_from_db()
    assert (signed.seal, _left(signed)) == ({}, [])
    # Whoever asked hears of it; where they are gone, the platform's owner.
    assert Message.objects.get(kind="work").person.name == ("Olga" if meanwhile is _shut_out else "Bea")


@pytest.mark.parametrize(("hours", "state"), [(1, WorkState.FAILED), (0, WorkState.DONE)])
def test_what_groups_gave_too_long_ago_seals_nothing_when_the_worker_comes(
    signed: Review, bea: Person, hours: int, state: str
) -> None:
    given = NOW - timedelta(days=30) + timedelta(minutes=30)
    Duty.objects.filter(person=bea).update(from_group="approvers", created_at=given)
    asked = ask_for_seal(actor(bea), signed)
    (work,) = work_off(NOW + timedelta(hours=hours))
    assert (work.pk, work.state, work.attempts) == (asked.pk, state, 1)
    signed.refresh_from_db()
    assert signed.status == ("sealed" if state == WorkState.DONE else "signed")
    if state == WorkState.FAILED:
        client = Client()
        client.force_login(bea)
        page = client.get(f"/work/{work.pk}/").content.decode()
        assert "bea@example.org may not seal review here" in page
        assert f"at the last sign-in, on {given:%Y-%m-%d}, counts for 30 days; they sign in and ask again" in page


def test_how_old_groups_are_is_told_only_where_that_is_why(signed: Review, bea: Person) -> None:
    asked = ask_for_seal(actor(bea), signed)
    _take_duty(bea, signed)
    Duty.objects.create(person=bea, role="auditor", from_group="lookers", created_at=NOW - timedelta(days=90))
    (work,) = work_off(NOW)
    assert (work.pk, work.state) == (asked.pk, WorkState.FAILED)
    assert work.error.startswith("bea@example.org may not seal review here; ask ")
    assert "sign-in" not in work.error


def test_what_groups_gave_too_long_ago_plans_nothing(house: House) -> None:
    Duty.objects.filter(person=house.people["remi"]).update(from_group="menders", created_at=BEGIN - timedelta(days=31))
    _asked_plan(house)
    (work,) = work_off(BEGIN)
    assert (work.state, Plan.objects.exists()) == (WorkState.FAILED, False)
    assert "counts for 30 days" in work.error


def test_a_token_may_no_more_when_the_worker_comes_than_when_it_asked(signed: Review, bea: Person) -> None:
    limited = actor_of(bea, by="api", now=NOW, scopes=frozenset({Action.SEAL_REVIEW}))
    asked = ask_for_seal(limited, signed)
    assert asked.arguments["scopes"] == ["seal_review"]
    Work.objects.filter(pk=asked.pk).update(arguments={**asked.arguments, "scopes": ["view"]})
    (work,) = work_off(NOW)
    assert (work.state, "may not seal review" in work.error) == (WorkState.FAILED, True)


def test_a_seal_that_failed_says_why_and_is_asked_for_again_by_whoever_has_the_right(
    signed: Review, bea: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = ask_for_seal(actor(bea), signed)
    with monkeypatch.context() as away:
        away.setenv("PASSMUSTER_FILES", "s3://kept/keeper")
        away.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
        away.setenv("AWS_ACCESS_KEY_ID", "some")
        away.setenv("AWS_SECRET_ACCESS_KEY", "one")
        (work,) = work_off(NOW)
    assert (work.state, "s3://kept/keeper: the store did not answer" in work.error) == (WorkState.WAITING, True)
    signed.refresh_from_db()
    assert (signed.status, signed.seal, _left(signed)) == ("signed", {}, [])
    here, client = f"/reviews/{signed.pk}/", Client()
    client.force_login(bea)
    page = client.get(here).content.decode()
    assert "It went wrong and is tried again at" in page
    assert "the store did not answer" in page
    assert ">Seal</button>" in page
    bo = make_person("bo", "approver")
    Work.objects.filter(pk=asked.pk).update(state=WorkState.FAILED, ended_at=NOW)
    listed = client.get("/work/").content.decode()
    assert f'<a href="{here}">Ask again' in listed
    assert "Try again" not in listed
    with pytest.raises(UsageError, match="in the name of whoever asked"):
        try_again(actor(make_person("rita", "reviewer")), asked.pk)
    assert ask_for_seal(actor(bo), signed) == asked
    (work,) = work_off(NOW)
    assert (work.state, work.error) == (WorkState.DONE, "")
    assert AuditEvent.objects.get(action="seal_review").actor == "bo@example.org"


def test_by_the_api_plans_and_seals_are_accepted_with_the_address_to_ask_at(
    house: House, signed: Review, bea: Person
) -> None:
    remi, seals = caller(house.people["remi"]), caller(bea)
    body = {"platforms": [house.platform.slug]}
    asked = remi.post("/api/v1/plans", body, content_type="application/json")
    assert (asked.status_code, asked.json()["state"]) == (202, "waiting")
    sealing = seals.post(f"/api/v1/reviews/{signed.pk}/seal", {}, content_type="application/json")
    assert sealing.status_code == 202
    assert seals.post(f"/api/v1/reviews/{signed.pk}/seal").json()["id"] == sealing.json()["id"]
    work_off(BEGIN)
    told = remi.get(asked.json()["address"]).json()
    assert remi.get(f"/api/v1/plans/{told['result']['plan']}").json()["made_by"] == "remi@example.org"
    assert seals.get(sealing.json()["address"]).json()["result"]["status"] == "sealed"
    assert seals.get(f"/api/v1/reviews/{signed.pk}/seal").json() == {"holds": True, "complaints": []}


def test_platforms_named_twice_are_planned_once(house: House) -> None:
    twice: list[Platform] = [house.platform, house.platform]
    assert ask_for_plan(house.at("remi"), twice) == _asked_plan(house)
