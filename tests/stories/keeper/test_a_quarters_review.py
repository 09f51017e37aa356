"""A quarter's review, from opening by itself to a sealed report that can be made again byte for byte."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime

import pytest

from passmuster.model.keeping import Tier
from tests.stories.keeper.faces import Face
from tests.stories.keeper.house import House
from tests.stories.keeper.people import Refused
from tests.stories.keeper.seen import Dated, Line
from tests.stories.keeper.shell import audit_verify

FIRST, SECOND = "before go-live", "scheduled for 2026-09-01"
PLATFORM = "Automations"


@pytest.fixture
def people(house: House) -> House:
    """A platform of the high tier, and those whom its review concerns."""
    platform = house.platform(PLATFORM, example="n8n-before", tier=Tier.HIGH)
    house.person("otto", "platform_owner", platform=platform)
    house.person("rita", "reviewer", platform=platform)
    house.person("remi", "remediation_owner", platform=platform)
    house.person("bea", "approver")
    house.person("audi", "auditor")
    return house


def test_a_quarters_review_is_worked_by_several_people_to_a_sealed_report(face: Face, people: House) -> None:
    _the_first_review_is_sealed(face, people)
    house = people
    _evidence_is_handed_in_between_reviews(face, house)
    # The quarter passes, and the platform goes on being built.
    house.export("automations", "n8n")
    house.clock.go_to(datetime(2026, 8, 31, 23, 30, tzinfo=UTC))
    house.work()
    face.sign_in(house["rita"])
    assert [each.because for each in face.reviews()] == [FIRST]
    house.clock.go_to(datetime(2026, 9, 1, 6, 0, tzinfo=UTC))
    house.work()
    _it_opened_by_itself_with_the_answers_of_last_time(face, house)
    _people_with_different_duties_work_it(face, house)
    _only_those_with_the_right_sign_and_seal(face, house)
    _the_report_is_reproduced_and_the_next_date_stands(face, house)
    assert audit_verify(house.home).startswith("intact: ")


def _the_first_review_is_sealed(face: Face, house: House) -> None:
    """Somebody opens it by hand before the platform goes live."""
    house.work()
    face.sign_in(house["rita"])
    face.open_review(PLATFORM, FIRST)
    house.work()
    opened = face.review(FIRST)
    assert (opened.status, opened.due_on) == ("open", date(2026, 6, 15))
    lines = face.checklist(FIRST)
    assert (opened.waiting, opened.lines) == (len(waiting(lines)), len(lines))
    asked = [line for line in waiting(lines) if line.is_about_control]
    face.answer(FIRST, asked, "met", "we do this", seen="the contract, page 4")
    face.answer(FIRST, others(waiting(lines), asked), "done", "gone through together")
    assert face.review(FIRST).waiting == 0
    for who in ("otto", "bea"):
        face.sign_in(house[who])
        face.sign(FIRST, "I answer for it")
    face.seal(FIRST)
    house.work()
    assert face.seal_holds(FIRST)
    assert face.next_review(PLATFORM) == date(2026, 9, 1)


def _evidence_is_handed_in_between_reviews(face: Face, house: House) -> None:
    house.clock.go_to(datetime(2026, 8, 21, 9, 0, tzinfo=UTC))
    face.sign_in(house["otto"])
    restore = house.outside / "restore.txt"
    restore.write_text("Restored the backup of 2026-08-20 into an empty instance within forty minutes.\n")
    face.hand_in(PLATFORM, "restore test", "Restore test of August", restore, date(2027, 2, 20))
    assert ("Restore test of August", "restore test", date(2027, 2, 20)) in face.evidence()


def _it_opened_by_itself_with_the_answers_of_last_time(face: Face, house: House) -> None:
    face.sign_in(house["rita"])
    (told,) = [text for text in face.messages() if "is open until 2026-09-15" in text]
    opened = face.review(SECOND)
    assert (opened.status, opened.opened_on, opened.due_on) == ("open", date(2026, 9, 1), date(2026, 9, 15))
    assert opened.missing == ("platform owner", "approver")
    # What was built since is seen: controls end otherwise than last time.
    assert opened.moved
    lines = face.checklist(SECOND)
    assert opened.waiting == len(waiting(lines))
    mine = [line for line in waiting(lines) if line.who == "Rita"]
    assert f"{len(mine)} lines wait for you" in told
    asked = [line for line in lines if line.is_about_control]
    assert {(line.last_answer, line.answer, line.status) for line in asked} == {("we do this", "", "open")}
    # Whoever owes a line is named, and nobody owes what looked by itself and passed.
    assert {line.who for line in waiting(lines)} == {"Rita", "Otto", "Remi"}
    assert {line.status for line in lines if line.outcome == "pass" and line.kind == "control"} == {"done"}
    obtained = {line.title: line.status for line in lines if line.kind == "evidence"}
    assert (obtained["Restore test"], obtained["Penetration test summary"]) == ("done", "open")


def _people_with_different_duties_work_it(face: Face, house: House) -> None:
    lines = face.checklist(SECOND)
    face.sign_in(house["remi"])
    # Findings are taken on in bulk, with a reason; those lines of the checklist are then answered.
    found = face.findings(PLATFORM, "open")
    serious = [each for each in found if each.severity in ("critical", "high")]
    assert len(serious) > 3
    face.take_on(serious, "mended with the release of this month")
    assert {each.name for each in face.findings(PLATFORM, "in progress")} == {each.name for each in serious}
    assert len(face.findings(PLATFORM, "open")) == len(found) - len(serious)
    history = face.finding(serious[0]).steps[0]
    assert history == ("in progress", house["remi"].email, "mended with the release of this month")
    mine = [line for line in waiting(lines) if line.who == "Remi"]
    face.answer(SECOND, mine, "done", "taken on, see the findings")
    # The owner leaves something out with its reason, and answers what only they know.
    face.sign_in(house["otto"])
    face.leave_out(SECOND, "trial instances", "emptied every night")
    face.hand_over(SECOND, [line for line in waiting(lines) if "incidents" in line.title], house["otto"], "I was there")
    # What leaves nothing to judge settles the line that asks for it.
    summary = house.outside / "summary.txt"
    summary.write_text("Tested from outside in August; nothing above low.\n")
    face.hand_in(PLATFORM, "penetration test summary", "Penetration test of August", summary, date(2027, 8, 31))
    lines = face.checklist(SECOND)
    (settled,) = [line for line in lines if line.title == "Penetration test summary"]
    assert (settled.status, settled.answered_by) == ("done", "Otto")
    own = [line for line in waiting(lines) if line.who == "Otto"]
    assert any("incidents" in line.title for line in own)
    face.answer(SECOND, own, "done", "no change, and no incident", seen="the ticket queue")
    with pytest.raises(Refused, match=r"\d+ lines? (wait first|not answered yet)"):
        face.sign(SECOND, "too early")
    # The reviewer answers what is left, and takes one answer back to mend it.
    face.sign_in(house["rita"])
    left = waiting(face.checklist(SECOND))
    assert {line.who for line in left} == {"Rita"}
    asked = [line for line in left if line.is_about_control]
    face.answer(SECOND, asked[:1], "not met", "the contract ended in July")
    face.answer(SECOND, asked[1:], "met", "as last time", seen="the contract, page 4")
    face.answer(SECOND, others(left, asked), "done", "looked at by hand")
    face.answer(SECOND, asked[1:2], "open", "answered too fast")
    assert face.review(SECOND).waiting == 1
    face.answer(SECOND, asked[1:2], "not applicable", "the feature is not used")
    lines = face.checklist(SECOND)
    assert waiting(lines) == []
    by_name = {line.name: line for line in lines}
    first, second = by_name[asked[0].name], by_name[asked[1].name]
    assert (first.outcome, first.answer, first.answered_by) == ("fail", "the contract ended in July", "Rita")
    assert (second.status, second.outcome) == ("not applicable", "not applicable")
    assert {by_name[line.name].answered_by for line in own} == {"Otto"}


def _only_those_with_the_right_sign_and_seal(face: Face, house: House) -> None:
    for who in ("rita", "remi", "audi"):
        face.sign_in(house[who])
        with pytest.raises(Refused, match=r"may( not)? sign review"):
            face.sign(SECOND, "I would like to")
    assert face.review(SECOND).signatures == ()
    face.sign_in(house["otto"])
    face.sign(SECOND, "I answer for it")
    with pytest.raises(Refused, match=r"(?i)signed already"):
        face.sign(SECOND, "twice")
    assert face.review(SECOND).missing == ("approver",)
    face.sign_in(house["bea"])
    with pytest.raises(Refused, match=r"(?i)this review is open"):
        face.seal(SECOND)
    face.sign(SECOND, "agreed")
    for who in ("otto", "audi"):
        face.sign_in(house[who])
        with pytest.raises(Refused, match=r"may( not)? seal review"):
            face.seal(SECOND)
    face.sign_in(house["bea"])
    signed = face.review(SECOND)
    assert (signed.status, signed.signatures) == ("signed", (("Otto", "platform owner"), ("Bea", "approver")))
    face.seal(SECOND)
    assert face.review(SECOND).status == "signed"
    house.work()
    assert face.review(SECOND).status == "sealed"


def _the_report_is_reproduced_and_the_next_date_stands(face: Face, house: House) -> None:
    face.sign_in(house["audi"])
    assert face.seal_holds(SECOND)
    page = face.report(SECOND, "report.html").decode()
    assert PLATFORM in page
    assert "the contract ended in July" in page
    assert face.make_report_again(SECOND) == []
    assert Dated(date(2026, 12, 1), f"Review of {PLATFORM} opens") in face.calendar(date(2026, 12, 1))
    assert face.next_review(PLATFORM) == date(2026, 12, 1)
    # The same from what is kept, by whoever has the folder: one flipped byte is found, on this face too.
    kept = max((house.home / "reviews").glob("*/*/report/findings.csv"), key=lambda path: path.stat().st_mtime)
    whole = kept.read_bytes()
    kept.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    assert not face.seal_holds(SECOND)
    assert face.make_report_again(SECOND) != []
    kept.write_bytes(whole)
    assert face.seal_holds(SECOND)
    face.have_record_verified()
    house.work()
    assert face.record_holds()


def waiting(lines: Collection[Line]) -> list[Line]:
    return [line for line in lines if line.status == "open"]


def others(lines: Collection[Line], but: Collection[Line]) -> list[Line]:
    return [line for line in lines if line not in but]
