"""What was asked with an API token is not begun once the token was taken back or has ended."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from passmuster.application.access import Action, Actor
from passmuster.application.asking import (
    ask_for_calendar_push,
    ask_for_look,
    ask_for_plan,
    ask_for_review,
    ask_for_seal,
    ask_for_verification,
)
from passmuster.application.changes.triaged import keep_triaged
from passmuster.application.people.tokens import actor_by_api_token, issue_api_token, revoke_api_token
from passmuster.application.record.auditing import keeper_signer, verify_record
from passmuster.application.working.working import ask_for, try_again
from passmuster.model.keeping import WorkState
from passmuster.records.models import ApiToken, AuditEvent, Collection, Message, Person, Plan, Review, Work
from tests.application.house import BEGIN, House, house
from tests.keeping import actor, make_person
from tests.working_off import work_off

__all__ = ["house"]
pytestmark = pytest.mark.usefixtures("db")
LATER = BEGIN + timedelta(hours=1)


def _with_token(person: Person, name: str = "nightly") -> tuple[Actor, ApiToken]:
    """Who acts by a new token of theirs, which ends in two hours."""
    made = issue_api_token(
        actor(person, now=BEGIN), name=name, scopes=list(Action), expires_at=BEGIN + timedelta(hours=2)
    )
    who = actor_by_api_token(made[1], BEGIN)
    assert who is not None
    return who, made[0]


def _revoked(token: ApiToken) -> datetime:
    revoke_api_token(actor(token.person, now=BEGIN), token, why="it stood in a log")
    return LATER


def _over(_token: ApiToken) -> datetime:
    return BEGIN + timedelta(hours=2)


def _still_good(_token: ApiToken) -> datetime:
    return BEGIN + timedelta(minutes=119)


@pytest.fixture
def ada(house: House) -> Person:
    return make_person("ada", "administrator", "platform_owner", "remediation_owner", "approver")


def _signed(house: House) -> Review:
    return Review.objects.create(
        platform=house.platform,
        occurrence="q",
        because="q",
        status="signed",
        due_on=BEGIN.date(),
        opened_at=BEGIN,
        signed_at=BEGIN,
        collection=Collection.objects.get(),
    )


KINDS: dict[str, Callable[[Actor, House], Work]] = {
    "collect": lambda who, house: ask_for_look(who, house.platform),
    "review": lambda who, house: ask_for_review(who, house.platform, "incident", because="an incident"),
    "propose": lambda who, house: ask_for_plan(who, [house.platform]),
    "seal": lambda who, house: ask_for_seal(who, _signed(house)),
    "verify": lambda who, _house: ask_for_verification(who),
    "calendar": lambda who, _house: ask_for_calendar_push(who, environ={"PASSMUSTER_CALDAV_URL": "https://x.test/"}),
}


@pytest.mark.parametrize("kind", KINDS)
def test_what_waits_is_dropped_once_its_token_was_taken_back_and_the_record_says_why(
    house: House, ada: Person, kind: str
) -> None:
    who, token = _with_token(ada)
    assert KINDS[kind](who, house).kind == kind
    (work,) = work_off(_revoked(token))
    assert (work.state, work.result) == (WorkState.FAILED, {})
    assert work.error == (
        f"the API token nightly ({token.prefix}) of ada@example.org it was asked with was taken back on "
        "2026-06-15 08:00 UTC"
    )
    event = AuditEvent.objects.get(action="drop_work")
    assert (event.actor, event.subject_id, event.why) == ("passmuster", str(work.pk), work.error)
    assert event.platform == (house.platform.slug if work.platform else "")
    assert verify_record(public_key=keeper_signer().public_key).broken == ""
    assert Collection.objects.count() == 1
    assert not Plan.objects.exists()
    told = Message.objects.filter(kind="work")
    assert told.count() > 0
    assert all("was taken back on" in message.text for message in told)


@pytest.mark.parametrize(("ends", "state"), [(_over, "failed"), (_still_good, "done")])
def test_a_token_that_has_ended_begins_nothing_and_one_that_holds_does(
    house: House, ada: Person, ends: Callable[[ApiToken], datetime], state: str
) -> None:
    who, token = _with_token(ada)
    ask_for_plan(who, [house.platform])
    (work,) = work_off(ends(token))
    assert (work.state, Plan.objects.count()) == (state, int(state == "done"))
    assert work.error == "" or work.error.endswith("ended on 2026-06-15 10:00 UTC")


def test_what_has_begun_ends_and_what_came_of_it_is_kept(
    house: House, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    who, token = _with_token(ada)
    ask_for_plan(who, [house.platform])

    def take_back_meanwhile(*given: object) -> None:
        _revoked(token)
        keep_triaged(*given)  # type: ignore[arg-type]

    monkeypatch.setattr("passmuster.application.changes.planning.keep_triaged", take_back_meanwhile)
    (work,) = work_off(LATER)
    assert (work.state, Plan.objects.count()) == (WorkState.DONE, 1)
    # Its worker was lost after the plan was there: the next one only ends it.
    Work.objects.update(state=WorkState.WAITING, token="")
    (work,) = work_off(LATER)
    assert (work.state, Plan.objects.count()) == (WorkState.DONE, 1)


def test_what_failed_and_waits_for_another_try_is_not_tried_again(house: House, ada: Person) -> None:
    who, token = _with_token(ada)
    asked = ask_for_look(who, house.platform)
    Work.objects.filter(pk=asked.pk).update(attempts=2, error="no answer")
    (work,) = work_off(_revoked(token))
    assert (work.state, "was taken back" in work.error) == (WorkState.FAILED, True)


def test_who_asks_for_the_same_without_that_token_keeps_it_going(house: House, ada: Person) -> None:
    who, token = _with_token(ada)
    asked = ask_for_verification(who)
    assert ask_for_verification(actor(make_person("otto", "auditor"), now=BEGIN)) == asked
    (work,) = work_off(_revoked(token))
    assert (work.state, work.result["holds"]) == (WorkState.DONE, True)


def test_what_two_tokens_asked_for_is_dropped_when_both_have_ended(house: House, ada: Person) -> None:
    (first, one), (second, two) = _with_token(ada), _with_token(ada, "weekly")
    asked = ask_for_verification(first)
    assert ask_for_verification(second) == ask_for_verification(first) == asked
    _revoked(one)
    (work,) = work_off(LATER)
    assert work.state == WorkState.DONE
    for who in (first, second):
        ask_for_verification(replace(who, now=BEGIN + timedelta(minutes=1)))
    (work,) = work_off(_revoked(two))
    assert work.state == WorkState.FAILED
    assert work.error.count("was taken back") == 2


def test_the_schedules_own_look_does_not_hang_on_a_token_that_asked_for_it_too(house: House, ada: Person) -> None:
    ask_for("collect", key="collect/due", title="Look", now=BEGIN, platform=house.platform)
    who, token = _with_token(ada)
    ask_for_look(who, house.platform)
    (work,) = work_off(_revoked(token))
    assert "taken back" not in work.error
    assert not AuditEvent.objects.filter(action="drop_work").exists()


def test_whoever_tries_it_again_asks_for_it_from_then_on(house: House, ada: Person) -> None:
    who, token = _with_token(ada)
    ask_for_review(who, house.platform, "incident", because="an incident")
    (work,) = work_off(_revoked(token))
    try_again(actor(ada, now=LATER), work.pk)
    (again,) = work_off(LATER)
    assert "taken back" not in again.error
    assert AuditEvent.objects.filter(action="drop_work").count() == 1
