"""What stays with somebody who left: who is told when they are shut out, and who hears of their changes later."""

from __future__ import annotations

from datetime import timedelta

import pytest

from passmuster.application.acting import keeper
from passmuster.application.changes.checking_changes import check_changes
from passmuster.application.people.people import deactivate_person
from passmuster.records.models import Change, Message, Ownership, Person, Platform, Review, ReviewItem
from tests.keeping import NOW, actor, make_person, make_platform
from tests.web.api.house import make_finding

pytestmark = pytest.mark.usefixtures("db")


def _change(platform: Platform, owner: Person) -> Change:
    return Change.objects.create(
        platform=platform,
        owner=owner,
        title="n8n 2.1",
        patch="p",
        job="p@live",
        status="planned",
        due_at=NOW - timedelta(days=1),
        created_at=NOW,
    )


def _leave_work(platform: Platform, person: Person) -> None:
    finding = make_finding(platform, "r1")
    finding.owner = person
    finding.save()
    review = Review.objects.create(
        platform=platform,
        occurrence="1",
        because="due",
        status="open",
        due_on=NOW.date(),
        opened_at=NOW,
    )
    for key, status in (("a", "open"), ("b", "open"), ("c", "done")):
        ReviewItem.objects.create(review=review, kind="question", key=key, title="?", assignee=person, status=status)
    _change(platform, person)


@pytest.mark.parametrize(("has_owner", "hears"), [(True, "Olga"), (False, "Ada")])
def test_who_owns_the_platform_else_an_administrator_hears_what_is_still_with_somebody_shut_out(
    has_owner: bool, hears: str
) -> None:
    platform, other = make_platform(), make_platform("other")
    ada, remi = make_person("ada", "administrator"), make_person("remi", "remediation_owner", "platform_owner")
    make_person("otto", "platform_owner", platform=other)
    if has_owner:
        make_person("olga", "platform_owner", platform=platform)
    _leave_work(platform, remi)
    deactivate_person(actor(ada), remi, why="left")
    message = Message.objects.get(kind="left_behind")
    assert message.person.name == hears
    for words in ("2 open lines of reviews", "1 open finding", "1 change not done", f"On {platform.name}"):
        assert words in message.text
    assert message.link == f"/platforms/{platform.slug}/"


def test_nobody_is_told_of_somebody_who_leaves_nothing() -> None:
    ada, remi = make_person("ada", "administrator"), make_person("remi", "remediation_owner")
    deactivate_person(actor(ada), remi)
    assert not Message.objects.exists()


@pytest.mark.parametrize(
    ("is_gone", "has_deputy", "hears"),
    [(False, True, {"Remi"}), (True, True, {"Dora"}), (True, False, {"Olga"})],
)
def test_messages_about_a_change_go_to_whoever_stands_in_for_an_owner_who_is_gone(
    is_gone: bool, has_deputy: bool, hears: set[str]
) -> None:
    platform = make_platform()
    ada, remi = make_person("ada", "administrator"), make_person("remi", "remediation_owner")
    dora = make_person("dora", "remediation_owner")
    make_person("olga", "platform_owner", platform=platform)
    change = _change(platform, remi)
    Ownership.objects.create(platform=platform, scope_kind="platform", owner=remi, deputy=dora if has_deputy else None)
    if is_gone:
        deactivate_person(actor(ada), remi)
    told = [each for each in check_changes(keeper(NOW)) if each.kind == "change_overdue"]
    assert {each.link for each in told} == {f"/changes/{change.pk}"}
    assert {Person.objects.get(pk=each.person_id).name for each in told} == hears
