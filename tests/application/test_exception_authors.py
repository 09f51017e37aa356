from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from passmuster.application.access import NotAllowed
from passmuster.application.findings.deviations import (
    Wanted,
    decide_deviation,
    renew_deviation,
    request_deviation,
    withdraw_deviation,
)
from passmuster.application.findings.exception_authors import without_own
from passmuster.records.models import Deviation, Message, Person
from passmuster.web.agenda.waiting import needs
from tests.application.following import follow, result
from tests.keeping import NOW, actor, make_person, make_platform

pytestmark = pytest.mark.usefixtures("db")
END = date(2026, 8, 1)


class _House:
    """A platform with a finding, two who may ask and decide, and two who may only ask or only decide."""

    def __init__(self) -> None:
        self.platform = make_platform()
        self.ada, self.ben = (make_person(name, "approver", "reviewer") for name in ("ada", "ben"))
        self.rita, self.anna = make_person("rita", "reviewer"), make_person("anna", "approver")
        follow(actor(self.rita), self.platform, [result("A", "fail", {"x": ""})])

    def wanted(self, **more: Any) -> Wanted:
        told: dict[str, Any] = {
            "control": "A",
            "reason": "later",
            "owner": self.rita,
            "ends_on": END,
            "platform": self.platform,
            "resource_id": "x",
        }
        return Wanted(**{**told, **more})

    def asked(self, who: Person, **more: Any) -> Deviation:
        return request_deviation(actor(who), self.wanted(**more))

    def granted(self, who: Person, by: Person, **more: Any) -> Deviation:
        return decide_deviation(actor(by), self.asked(who, **more), is_approved=True, reason="yes")

    def renewed(self, who: Person, former: Deviation) -> Deviation:
        later = actor(who, now=NOW + timedelta(days=20))
        return renew_deviation(later, former, reason="still", ends_on=END + timedelta(days=60))


def _can_decide(deviation: Deviation, person: Person, by: str = "page") -> bool:
    """Whether the use case lets them, and the lists of what waits say the same."""
    who = actor(person, by=by)
    is_listed = without_own(Deviation.objects.filter(pk=deviation.pk), person.pk).exists()
    waits = {line.link for line in needs(who).shown}
    assert (f"/deviations/{deviation.pk}/" in waits) is is_listed
    try:
        decide_deviation(who, deviation, is_approved=False, reason="no")
    except NotAllowed:
        assert not is_listed
        return False
    assert is_listed
    Deviation.objects.filter(pk=deviation.pk).update(status="requested", decided_by=None, decided_at=None)
    return True


@pytest.mark.parametrize("by", ["page", "api", "command"])
def test_whoever_asked_for_what_is_renewed_does_not_decide_on_the_renewal(by: str) -> None:
    house = _House()
    first = house.granted(house.ada, house.ben)
    second = decide_deviation(actor(house.anna), house.renewed(house.ben, first), is_approved=True, reason="yes")
    third = house.renewed(house.rita, second)
    assert {person.name: _can_decide(third, person, by) for person in (house.ada, house.ben, house.anna)} == {
        "Ada": False,
        "Ben": False,
        "Anna": True,
    }
    told = Message.objects.filter(kind="deviation_to_decide", link=f"/deviations/{third.pk}/")
    assert [message.person for message in told] == [house.anna]


@pytest.mark.parametrize("became", ["refused", "withdrawn", "approved"])
def test_whoever_asked_before_for_the_same_thing_does_not_decide_when_it_is_asked_anew(became: str) -> None:
    house = _House()
    before = house.asked(house.ada)
    if became == "withdrawn":
        withdraw_deviation(actor(house.ada), before, reason="not needed")
    else:
        decide_deviation(actor(house.ben), before, is_approved=became == "approved", reason="so")
    anew = house.asked(house.rita)
    assert not _can_decide(anew, house.ada)
    assert _can_decide(anew, house.ben)


@pytest.mark.parametrize(
    "other",
    [{"resource_id": "y"}, {"control": "B"}, {"resource_id": "", "rule": {"stages": ["sandbox"]}}],
)
def test_who_asked_for_another_thing_decides_as_ever(other: dict[str, Any]) -> None:
    house = _House()
    follow(actor(house.rita), house.platform, [result("B", "fail", {"x": "", "y": ""}), result("A", "fail", {"x": ""})])
    house.asked(house.ada, **other)
    assert _can_decide(house.asked(house.rita), house.ada)


def test_a_rule_for_every_platform_is_the_same_thing_however_often_it_is_asked_for() -> None:
    house = _House()
    rule = {"platform": None, "resource_id": "", "rule": {"stages": ["sandbox", "test"]}}
    house.asked(house.ada, **rule)
    anew = house.asked(house.rita, **rule)
    assert (_can_decide(anew, house.ada), _can_decide(anew, house.ben)) == (False, True)
    one = house.asked(house.rita, **{**rule, "platform": house.platform})
    assert _can_decide(one, house.ada)


def test_an_earlier_owner_may_decide_for_owners_are_named_by_others() -> None:
    house = _House()
    house.granted(house.rita, house.ben, owner=house.anna)
    assert _can_decide(house.asked(house.rita), house.anna)
