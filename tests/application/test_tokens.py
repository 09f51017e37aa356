from __future__ import annotations

from datetime import timedelta

import pytest

from passmuster.application.access import Action, NotAllowed, may
from passmuster.application.people import tokens
from passmuster.application.people.groups import apply_groups, map_group
from passmuster.application.people.people import deactivate_person
from passmuster.errors import UsageError
from passmuster.model.keeping import DutyRole
from passmuster.records.models import ApiToken, AuditEvent, FeedToken
from tests.keeping import NOW, actor, make_person

pytestmark = pytest.mark.usefixtures("db")
_MONTH = NOW + timedelta(days=30)


def test_a_token_may_do_what_its_scopes_and_its_owner_may_until_it_ends() -> None:
    otto = make_person("otto", "reviewer")
    token, text = tokens.issue_api_token(
        actor(otto), name="script", scopes=[Action.VIEW, Action.MANAGE_PEOPLE], expires_at=_MONTH
    )
    who = tokens.actor_by_api_token(text, NOW)
    assert who is not None
    assert (who.by, who.person_id) == ("api", otto.pk)
    assert may(who, Action.VIEW)
    assert not may(who, Action.MANAGE_PEOPLE), "its owner may not"
    assert not may(who, Action.WORK_REVIEW), "its scopes do not say so"
    assert tokens.actor_by_api_token(text, _MONTH) is None
    assert tokens.actor_by_api_token(text + "x", NOW) is None
    assert tokens.actor_by_api_token("", NOW) is None
    token.refresh_from_db()
    assert token.last_used_at == NOW


def test_the_text_of_a_token_is_kept_nowhere() -> None:
    otto = actor(make_person("otto", "reviewer"))
    _, text = tokens.issue_api_token(otto, name="script", scopes=[Action.VIEW], expires_at=_MONTH)
    _, feed = tokens.issue_feed_token(otto)
    kept = str([*ApiToken.objects.values(), *FeedToken.objects.values(), *AuditEvent.objects.values()])
    assert text not in kept
    assert text[12:] not in kept
    assert feed not in kept
    assert len(text) > 40
    assert text.startswith("pmt_")


def test_a_token_has_a_name_scopes_and_an_end_within_a_year() -> None:
    otto = actor(make_person("otto", "reviewer"))
    with pytest.raises(UsageError, match=r"name the token.*at least one scope.*within a year"):
        tokens.issue_api_token(otto, name=" ", scopes=[], expires_at=NOW + timedelta(days=400))
    with pytest.raises(UsageError, match="in the future"):
        tokens.issue_api_token(otto, name="x", scopes=[Action.VIEW], expires_at=NOW)


def test_a_token_makes_no_other_and_no_calendars_address_whatever_its_scopes() -> None:
    otto = actor(make_person("otto", "reviewer"))
    scopes = [Action.MANAGE_OWN_ACCOUNT, Action.VIEW]
    _, text = tokens.issue_api_token(otto, name="x", scopes=scopes, expires_at=NOW + timedelta(days=1))
    by_token = tokens.actor_by_api_token(text, NOW)
    assert by_token is not None
    with pytest.raises(NotAllowed, match="a token makes no other"):
        tokens.issue_api_token(by_token, name="y", scopes=[Action.VIEW], expires_at=NOW + timedelta(days=365))
    with pytest.raises(NotAllowed, match="a token makes no other"):
        tokens.issue_feed_token(by_token)
    assert ApiToken.objects.count() == 1
    assert not FeedToken.objects.exists()


@pytest.mark.parametrize(("role", "has_calendar"), [("reviewer", True), ("vendor_contact", True), (None, False)])
def test_a_calendars_address_is_for_whoever_has_dates_to_look_at(role: str | None, has_calendar: bool) -> None:
    who = actor(make_person("otto", *([role] if role else [])))
    if has_calendar:
        tokens.issue_feed_token(who)
    else:
        with pytest.raises(NotAllowed, match="no duty here"):
            tokens.issue_feed_token(who)
    assert FeedToken.objects.count() == int(has_calendar)


def test_tokens_are_ended_by_their_owner_or_an_administrator_and_with_the_person() -> None:
    ada, otto, eve = (
        make_person("ada", "administrator"),
        make_person("otto", "reviewer"),
        make_person("eve", "reviewer"),
    )
    texts = []
    for number in range(3):
        token, text = tokens.issue_api_token(actor(otto), name=str(number), scopes=[Action.VIEW], expires_at=_MONTH)
        texts.append((token, text))
    with pytest.raises(NotAllowed):
        tokens.revoke_api_token(actor(eve), texts[0][0])
    tokens.revoke_api_token(actor(otto), texts[0][0])
    tokens.revoke_api_token(actor(ada), texts[1][0], why="seen in a log")
    assert [tokens.actor_by_api_token(text, NOW) is None for _, text in texts] == [True, True, False]
    feed, address = tokens.issue_feed_token(actor(otto))
    who = tokens.actor_by_feed_token(address, NOW)
    assert who is not None
    assert who.scopes == {Action.VIEW}
    deactivate_person(actor(ada), otto)
    assert tokens.actor_by_api_token(texts[2][1], NOW) is None
    assert tokens.actor_by_feed_token(address, NOW) is None
    feed.refresh_from_db()
    assert feed.revoked_at == NOW


def test_what_groups_gave_counts_by_a_token_for_as_long_as_the_house_says_after_the_last_sign_in(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    admin, otto = actor(make_person("ada", "administrator")), make_person("otto", "reviewer")
    map_group(admin, "owners", DutyRole.PLATFORM_OWNER)
    apply_groups(otto, ["owners"], NOW)
    scopes = [Action.WORK_REVIEW, Action.MANAGE_PLATFORM]
    end = NOW + timedelta(days=365)
    _, text = tokens.issue_api_token(actor(otto), name="x", scopes=scopes, expires_at=end)

    def rights(day: int) -> list[bool]:
        who = tokens.actor_by_api_token(text, NOW + timedelta(days=day))
        assert who is not None
        return [may(who, each) for each in scopes]

    assert [rights(day) for day in (29, 31)] == [[True, True], [True, False]]
    apply_groups(otto, ["owners"], NOW + timedelta(days=40))
    assert rights(60) == [True, True], "signed in again since"
    monkeypatch.setenv("PASSMUSTER_GROUP_DUTY_DAYS", "10")
    assert rights(60) == [True, False]
    monkeypatch.setenv("PASSMUSTER_GROUP_DUTY_DAYS", "often")
    with pytest.raises(UsageError, match="PASSMUSTER_GROUP_DUTY_DAYS: 'often'"):
        rights(60)
