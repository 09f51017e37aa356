"""A vendor's contact who asks for everything there is, and is told of nothing but what is asked of their company."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

import pytest

from passmuster.application.acting import actor_of
from passmuster.application.programme.platforms import Basics, add_platform
from passmuster.application.programme.vendors import add_vendor
from passmuster.application.requests.asking_vendors import Question, ask_vendor
from passmuster.application.requests.vendor_requests import hand_in_for_request
from passmuster.model.evidence import EvidenceFacts, EvidenceKind
from passmuster.records.models import ApiToken, AuditEvent, Message, Platform, Vendor
from tests.stories.keeper.addresses import Address
from tests.stories.keeper.conftest import BOTH
from tests.stories.keeper.guesting import Answered, AskedSeen, GuestCalls, GuestFace, GuestPages
from tests.stories.keeper.house import House
from tests.stories.keeper.other_peoples_records import WORD, make_records, what_is_there
from tests.stories.keeper.verifying import the_record_holds

QUESTION = "Which release mends it, and since when can it be had?"
ANSWER = "2.41.0 mends it; it can be had since the 12th."
BY = date(2026, 6, 20)
# All that is a guest's own: the first page, the keys, messages, what is asked, the account.
_OPEN = re.compile(r"^/(api/v1/)?(health$|keyboard/|settings/$|messages|asked|me\b|account/|$)")
# Addresses of one's own account that change it and name nothing that could be another's.
_OWN_STEPS = re.compile(r"^/(api/v1/)?(me|messages|account)/[^<{]*$")
_REFUSED = {403, 404, 405}


@pytest.fixture(params=BOTH)
def face(request: pytest.FixtureRequest) -> GuestFace:
    if request.param == "pages":
        return GuestPages(request.getfixturevalue("browser"))
    return GuestCalls(request.getfixturevalue("program"))


@pytest.fixture
def asked(house: House) -> House:
    """Two vendors with a platform each; Otto has something of every kind on both, the other vendor handed a file in."""
    ours = _vendor_with_platform(house, "Acme", "Acme Builder")
    theirs = _vendor_with_platform(house, f"{WORD} Systems", f"{WORD} Flows")
    house.person("vera", "vendor_contact", vendor=ours.vendor)
    house.person("oleg", "vendor_contact", vendor=theirs.vendor)
    house.person("rita", "reviewer", "administrator")
    house.person(f"{WORD.lower()}-otto", "platform_owner", "remediation_owner")
    otto, oleg = house.kept(f"{WORD.lower()}-otto"), house.kept("oleg")
    for platform in (ours, theirs):
        make_records(platform, otto)
    now = house.clock.now()
    assert theirs.vendor is not None
    wanted = Question(theirs.vendor, f"When is {WORD} mended?", f"{WORD} is asked", platform=theirs)
    request = ask_vendor(actor_of(otto, by="page", now=now), wanted)
    facts = EvidenceFacts(f"{WORD} roadmap", EvidenceKind.REPORT)
    hand_in_for_request(actor_of(oleg, by="page", now=now), request, [b"Soon.\n"], name="roadmap.txt", facts=facts)
    return house


def _vendor_with_platform(house: House, vendor: str, name: str) -> Platform:
    by = house.administrator()
    kept: Vendor = add_vendor(by, name=vendor)
    basics = Basics(name=name, kind="n8n", vendor=kept, export_path=str(house.export(name, "n8n")))
    return add_platform(by, name.lower().replace(" ", "-"), basics)


def test_a_guest_sees_what_is_asked_of_their_vendor_answers_it_and_finds_nothing_else(
    face: GuestFace, asked: House
) -> None:
    house = asked
    _every_address_leads_to_something_for_those_inside(face, house)
    face.ask_vendor("Acme", "Acme Builder", QUESTION, BY)
    face.sign_in(house["vera"])
    assert face.asked() == [AskedSeen(QUESTION, "Acme Builder", BY, "open")]
    assert len(face.messages()) == 1
    assert face.newest_message_leads_to() == "/asked/"
    _the_guest_tries_everything(face, house)
    _after_all_that_they_answer(face, house)


def _the_guest_tries_everything(face: GuestFace, house: House) -> None:
    tried = _addresses(face, house)
    answers = face.ask(tried)
    assert len(tried) > 300
    _what_is_closed_is_refused(tried, answers)
    _nothing_of_others_is_told(tried, answers)
    _what_is_there_is_answered_like_what_is_not(face, tried, answers)
    assert not AuditEvent.objects.filter(actor=house["vera"].email).exclude(platform="").exists()


def _after_all_that_they_answer(face: GuestFace, house: House) -> None:
    notes = house.outside / "notes.txt"
    notes.write_text("Mended in 2.41.0.\n")
    face.hand_in_for(QUESTION, "Release notes", notes)
    face.answer_asked(QUESTION, ANSWER)
    assert face.asked() == [AskedSeen(QUESTION, "Acme Builder", BY, "answered", ANSWER, ("Release notes",))]
    face.sign_in(house["rita"])
    assert face.answered(QUESTION) == ("answered", ANSWER, ("Release notes",))
    face.accept(QUESTION, "that will do")
    face.sign_in(house["vera"])
    assert face.asked() == [AskedSeen(QUESTION, "Acme Builder", None, "accepted", ANSWER, ("Release notes",))]
    face.sign_in(house["oleg"])
    assert [(each.title, each.status) for each in face.asked()] == [(f"When is {WORD} mended?", "open")]
    face.sign_in(house["rita"])
    assert the_record_holds(face, house)


def _every_address_leads_to_something_for_those_inside(face: GuestFace, house: House) -> None:
    """The numbers and names that are tried are those of records: who may see them is told of them."""
    face.sign_in(house["rita"])
    tried = [each for each in face.addresses(what_is_there()) if each.method == "GET"]
    shown = {each.pattern for each, answer in zip(tried, face.ask(tried), strict=True) if WORD in answer.text}
    assert len(shown) > 25, shown


def _addresses(face: GuestFace, house: House) -> list[Address]:
    """All of them, but for what is the guest's own to see, and steps that would end or change their own account."""
    kept = house.kept("vera")
    own = {
        "asked": face.own_requests(),
        "messages": set(Message.objects.filter(person=kept).values_list("pk", flat=True)),
        "me/tokens": set(ApiToken.objects.filter(person=kept).values_list("pk", flat=True)),
    }

    def is_own(each: Address) -> bool:
        if each.method != "GET" and _OWN_STEPS.match(each.pattern):
            return True
        found = re.match(r"^/(?:api/v1/)?(asked|messages|me/tokens)/(\d+)", each.path)
        return bool(found and int(found[2]) in own[found[1]])

    return [each for each in face.addresses(what_is_there()) if not is_own(each) and "logout" not in each.path]


def _what_is_closed_is_refused(tried: Sequence[Address], answers: Sequence[Answered]) -> None:
    wrong = [
        f"{each.method} {each.path}: {answer.status} at {answer.led_to}"
        for each, answer in zip(tried, answers, strict=True)
        if not _OPEN.match(each.path) and answer.status not in _REFUSED
    ]
    assert wrong == []


def _nothing_of_others_is_told(tried: Sequence[Address], answers: Sequence[Answered]) -> None:
    wrong = [
        f"{each.method} {each.path}: {answer.text[max(0, at - 80) : at + 80]!r}"
        for each, answer in zip(tried, answers, strict=True)
        if (at := answer.text.lower().find(WORD.lower())) >= 0
    ]
    assert wrong == []


def _what_is_there_is_answered_like_what_is_not(
    face: GuestFace, tried: Sequence[Address], answers: Sequence[Answered]
) -> None:
    """Neither by the status nor by the words can a guest tell which numbers and names are taken."""
    named = {(each.method, each.absent): each for each in tried if each.absent}
    nowhere = [Address(each.method, each.absent, "", each.pattern, each.body) for each in named.values()]
    of_nothing = dict(zip(named, face.ask(nowhere), strict=True))
    wrong = [
        f"{each.method} {each.path}: {answer.status}, but {nothing.status} where nothing is"
        for each, answer in zip(tried, answers, strict=True)
        if each.absent
        and (nothing := of_nothing[each.method, each.absent])
        and (nothing.status, nothing.text) != (answer.status, answer.text)
    ]
    assert wrong == []
