"""An exception from its request to its end, and the finding that is open again with its clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from passmuster.model.keeping import Tier
from tests.stories.keeper.faces import Face
from tests.stories.keeper.house import House
from tests.stories.keeper.people import Refused
from tests.stories.keeper.seen import Dated, FindingSeen
from tests.stories.keeper.shell import audit_verify

PLATFORM = "Automations"
LAST_DAY = date(2026, 7, 10)
RENEWED_TO = date(2026, 9, 30)


@pytest.fixture
def people(house: House) -> House:
    """A platform, its owner, somebody who both mends and approves, and an approver."""
    platform = house.platform(PLATFORM, tier=Tier.HIGH)
    house.person("otto", "platform_owner", platform=platform)
    house.person("abel", "remediation_owner", "approver")
    house.person("bea", "approver")
    return house


def test_an_exception_holds_until_its_last_day_and_ages_from_the_first_grant(face: Face, people: House) -> None:
    house = people
    face.sign_in(house["otto"])
    face.have_looked_at(PLATFORM)
    house.work()
    finding = _a_finding(face)
    assert (finding.status, finding.due_on) == ("open", date(2026, 7, 1))
    _nobody_approves_their_own_request(face, house, finding)
    _another_approves_it_and_it_covers(face, house, finding)
    _its_owner_is_told_before_it_ends(face, house, finding)
    _it_ends_by_itself_and_the_finding_is_open_with_its_clock(face, house, finding)
    _renewed_it_still_ages_from_the_first_grant(face, house, finding)
    house.work()
    assert audit_verify(house.home).startswith("intact: ")


def _a_finding(face: Face) -> FindingSeen:
    """Of a control that found one thing only, so that its name says which exception is meant."""
    found = face.findings(PLATFORM, "open")
    controls = [each.control for each in found]
    return next(each for each in found if each.severity == "high" and controls.count(each.control) == 1)


def _nobody_approves_their_own_request(face: Face, house: House, finding: FindingSeen) -> None:
    house.clock.go_to(datetime(2026, 6, 3, 9, 0, tzinfo=UTC))
    face.sign_in(house["abel"])
    with pytest.raises(Refused, match=r"(?i)lies in the past"):
        face.ask_for_exception(finding, "the vendor mends it with the next release", date(2026, 6, 2))
    with pytest.raises(Refused, match=r"(?i)366 days at most"):
        face.ask_for_exception(finding, "the vendor mends it with the next release", date(2027, 7, 1))
    assert face.exceptions() == []
    face.ask_for_exception(finding, "the vendor mends it with the next release", LAST_DAY)
    with pytest.raises(Refused, match=r"(?i)nobody decides on their own request"):
        face.decide_exception(finding.control, is_approved=True, why="I know it well")
    (asked,) = face.exceptions()
    assert (asked.status, asked.asked_by, asked.decided_by) == ("requested", "Abel", "")
    assert face.finding(finding).status == "open"
    # Whoever looks after the platform may ask and not decide.
    face.sign_in(house["otto"])
    with pytest.raises(Refused, match=r"(?i)may( not)? decide deviation"):
        face.decide_exception(finding.control, is_approved=True, why="it is my platform")


def _another_approves_it_and_it_covers(face: Face, house: House, finding: FindingSeen) -> None:
    house.clock.go_to(datetime(2026, 6, 4, 9, 0, tzinfo=UTC))
    face.sign_in(house["bea"])
    assert any(f"asks for an exception from {finding.control} until {LAST_DAY}" in text for text in face.messages())
    face.decide_exception(finding.control, is_approved=True, why="the release is announced for June")
    (granted,) = face.exceptions()
    assert (granted.status, granted.decided_by, granted.ends_on) == ("approved", "Bea", LAST_DAY)
    assert granted.first_granted_on == date(2026, 6, 4)
    assert finding.name not in {each.name for each in face.findings(PLATFORM, "open")}
    accepted = face.finding(finding)
    assert (accepted.status, accepted.age_from) == ("accepted", date(2026, 6, 4))
    ends = Dated(LAST_DAY, f"Exception from {finding.control} ends")
    assert ends in face.calendar(LAST_DAY)
    with pytest.raises(Refused, match=r"(?i)this exception is approved"):
        face.decide_exception(finding.control, is_approved=False, why="on second thought")
    face.sign_in(house["abel"])
    assert any("is approved: the release is announced for June" in text for text in face.messages())


def _its_owner_is_told_before_it_ends(face: Face, house: House, finding: FindingSeen) -> None:
    house.clock.go_to(datetime.combine(LAST_DAY - timedelta(days=13), datetime.min.time(), UTC))
    house.work()
    face.sign_in(house["abel"])
    assert any(f"from {finding.control} ends on {LAST_DAY}" in text for text in face.messages())
    # A look finds it again and leaves it accepted.
    face.sign_in(house["otto"])
    face.have_looked_at(PLATFORM)
    house.work()
    assert face.finding(finding).status == "accepted"
    # The whole of its last day it holds.
    house.clock.go_to(datetime.combine(LAST_DAY, datetime.max.time().replace(microsecond=0, minute=40), UTC))
    face.sign_in(house["otto"])
    assert face.finding(finding).status == "accepted"


def _it_ends_by_itself_and_the_finding_is_open_with_its_clock(face: Face, house: House, finding: FindingSeen) -> None:
    house.clock.go_to(datetime.combine(LAST_DAY + timedelta(days=1), datetime.min.time(), UTC) + timedelta(minutes=1))
    # No worker came by; whoever reads finds it over all the same.
    face.sign_in(house["otto"])
    assert finding.name in {each.name for each in face.findings(PLATFORM, "open")}
    again = face.finding(finding)
    assert (again.status, again.age_from, again.first_seen_on) == ("open", date(2026, 6, 4), date(2026, 6, 1))
    # Thirty days from the first grant: late at once.
    assert again.due_on == date(2026, 7, 4)
    assert "ended on 2026-07-10" in again.steps[0][2]
    (over,) = face.exceptions()
    assert over.status == "expired"
    house.work()
    face.sign_in(house["abel"])
    assert any(f"from {finding.control} ended on {LAST_DAY}" in text for text in face.messages())


def _renewed_it_still_ages_from_the_first_grant(face: Face, house: House, finding: FindingSeen) -> None:
    face.renew_exception(finding.control, "the release slipped", RENEWED_TO)
    face.sign_in(house["bea"])
    face.decide_exception(finding.control, is_approved=True, why="it is dated now")
    over, renewed = face.exceptions()
    assert (over.status, renewed.status, renewed.ends_on) == ("expired", "approved", RENEWED_TO)
    assert renewed.first_granted_on == date(2026, 6, 4)
    accepted = face.finding(finding)
    assert (accepted.status, accepted.age_from) == ("accepted", date(2026, 6, 4))
