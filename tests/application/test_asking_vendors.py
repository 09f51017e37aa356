from __future__ import annotations

from datetime import date, timedelta

import pytest

from passmuster.application.access import NotAllowed
from passmuster.application.calendar.deadlines import deadlines_until
from passmuster.application.evidence.evidence import add_evidence, evidence_for
from passmuster.application.record.evidence_check import evidence_problems
from passmuster.application.requests.asking_vendors import (
    Question,
    accept_answer,
    ask_vendor,
    requests_for,
    send_back,
    withdraw_request,
)
from passmuster.application.requests.vendor_requests import (
    MOST_FILES,
    answer_vendor_request,
    asked_of_vendor,
    files_of_vendor,
    hand_in_for_request,
    vendor_file,
)
from passmuster.errors import UnreadableInput, UsageError
from passmuster.model.evidence import EvidenceFacts, EvidenceKind
from passmuster.records.models import AuditEvent, Evidence, Message, Review, ReviewItem, Vendor, VendorRequest
from tests.keeping import NOW, actor, make_person, make_platform

pytestmark = pytest.mark.usefixtures("db")

FACTS = EvidenceFacts(
    "Report", EvidenceKind.REPORT, period_from=date(2026, 1, 1), period_to=date(2026, 5, 1), expires_on=date(2027, 1, 1)
)


class _Asked:
    """A request of a reviewer to Acme about a line of a review, and people of all kinds."""

    def __init__(self) -> None:
        self.vendor = Vendor.objects.create(name="Acme", created_at=NOW)
        self.platform = make_platform("Flows", vendor=self.vendor)
        self.rita = actor(make_person("rita", "reviewer", platform=self.platform))
        self.vera = actor(make_person("vera", "vendor_contact", vendor=self.vendor))
        rival = Vendor.objects.create(name="Rival", created_at=NOW)
        self.oleg = actor(make_person("oleg", "vendor_contact", vendor=rival))
        self.review = Review.objects.create(
            platform=self.platform, occurrence="q", because="q", status="open", due_on=NOW.date(), opened_at=NOW
        )
        self.item = ReviewItem.objects.create(
            review=self.review, kind="evidence", key="control:IAM-01", title="Report", due_on=NOW.date()
        )
        self.question = Question(
            self.vendor,
            "The report, please",
            platform=self.platform,
            control="IAM-01",
            due_on=NOW.date() + timedelta(days=7),
            item=self.item,
        )
        self.request = ask_vendor(self.rita, self.question)


def test_what_a_vendor_hands_in_is_evidence_of_whoever_asked_and_belongs_to_what_it_was_asked_for() -> None:
    asked = _Asked()
    assert Message.objects.get(person_id=asked.vera.person_id).link == "/asked/"
    piece = hand_in_for_request(asked.vera, asked.request, [b"all ", b"well"], name="../r.txt", facts=FACTS)
    answer_vendor_request(asked.vera, asked.request, "Here it is.")
    assert (piece.owner_id, piece.vendor, piece.platform) == (asked.rita.person_id, asked.vendor, asked.platform)
    assert (piece.controls, list(piece.reviews.all()), piece.request) == (["IAM-01"], [asked.review], asked.request)
    assert (piece.file_name, piece.expires_on, piece.uploaded_by_id) == (
        "r.txt",
        date(2027, 1, 1),
        asked.vera.person_id,
    )
    assert piece in evidence_for(asked.rita)
    asked.item.refresh_from_db()
    assert (asked.item.answer, asked.item.status) == ("Here it is.", "open")
    told = Message.objects.get(person_id=asked.rita.person_id)
    assert (told.link, told.kind) == (f"/vendor-requests/{asked.request.pk}/", "evidence_answered")
    accept_answer(asked.rita, asked.request, note="seen")
    verbs = ["ask_vendor", "hand_in_vendor_evidence", "answer_vendor_request", "accept_vendor_answer"]
    assert list(AuditEvent.objects.order_by("number").values_list("action", flat=True)) == verbs
    event = AuditEvent.objects.get(action="accept_vendor_answer")
    assert event.after == {"status": "accepted", "files": [piece.sha256]}
    assert list(evidence_problems()) == []
    for late in (
        lambda: answer_vendor_request(asked.vera, asked.request, "more"),
        lambda: hand_in_for_request(asked.vera, asked.request, [b"x"], name="x.txt", facts=FACTS),
        lambda: withdraw_request(asked.rita, asked.request, why="no"),
    ):
        with pytest.raises(UsageError):
            late()


def test_what_will_not_do_goes_back_with_its_reason_and_is_answered_again() -> None:
    asked = _Asked()
    with pytest.raises(UsageError, match="cannot become accepted"):
        accept_answer(asked.rita, asked.request)
    answer_vendor_request(asked.vera, asked.request, "Yes.")
    with pytest.raises(UsageError, match="what is missing"):
        send_back(asked.rita, asked.request, why=" ")
    send_back(asked.rita, asked.request, why="Which date?")
    seen = asked_of_vendor(asked.vera).get()
    assert (seen.status, seen.decision, seen.answer) == ("open", "Which date?", "Yes.")
    asked.item.refresh_from_db()
    assert asked.item.answer == ""
    answer_vendor_request(asked.vera, asked.request, "On 1 May.")
    accept_answer(asked.rita, asked.request)
    assert VendorRequest.objects.get().status == "accepted"


def test_a_guest_reaches_nothing_of_another_vendor_and_no_insider_hands_in_for_one() -> None:
    asked = _Asked()
    piece = hand_in_for_request(asked.vera, asked.request, [b"x"], name="x.txt", facts=FACTS)
    assert not asked_of_vendor(asked.oleg).exists()
    assert not files_of_vendor(asked.oleg).exists()
    assert not asked_of_vendor(asked.rita).exists()
    for tries in (
        lambda: answer_vendor_request(asked.oleg, asked.request, "x"),
        lambda: hand_in_for_request(asked.oleg, asked.request, [b"x"], name="x.txt", facts=FACTS),
        lambda: vendor_file(asked.oleg, piece.pk),
        lambda: vendor_file(asked.rita, piece.pk),
        lambda: answer_vendor_request(asked.rita, asked.request, "x"),
        lambda: accept_answer(asked.vera, asked.request),
        lambda: ask_vendor(asked.vera, asked.question),
        lambda: add_evidence(asked.vera, [b"x"], name="x.txt", facts=FACTS),
    ):
        with pytest.raises(NotAllowed):
            tries()
    assert Evidence.objects.count() == 1
    assert vendor_file(asked.vera, piece.pk)[1].read_bytes() == b"x"


def test_a_request_taken_back_is_gone_for_the_vendor_and_one_of_a_sealed_review_is_over() -> None:
    asked = _Asked()
    other = ask_vendor(asked.rita, Question(asked.vendor, "Another", platform=asked.platform))
    withdraw_request(asked.rita, other, why="found it myself")
    assert list(asked_of_vendor(asked.vera)) == [asked.request]
    Review.objects.update(status="sealed")
    with pytest.raises(UsageError, match="dealt with"):
        answer_vendor_request(asked.vera, asked.request, "late")


def test_files_are_bounded_in_number_and_kind_and_a_refused_one_leaves_nothing() -> None:
    asked = _Asked()
    with pytest.raises(UnreadableInput, match="no kind"):
        hand_in_for_request(asked.vera, asked.request, [b"MZ"], name="x.exe", facts=FACTS)
    with pytest.raises(UsageError, match="ends before"):
        wrong = EvidenceFacts("R", EvidenceKind.REPORT, period_from=date(2026, 2, 1), period_to=date(2026, 1, 1))
        hand_in_for_request(asked.vera, asked.request, [b"x"], name="x.txt", facts=wrong)
    assert not Evidence.objects.exists()
    for number in range(MOST_FILES):
        hand_in_for_request(asked.vera, asked.request, [b"%d" % number], name="x.txt", facts=FACTS)
    with pytest.raises(UsageError, match="files already"):
        hand_in_for_request(asked.vera, asked.request, [b"more"], name="x.txt", facts=FACTS)


def test_all_that_is_wrong_with_a_question_is_told_at_once_and_rights_hold_by_platform() -> None:
    asked = _Asked()
    silent = Vendor.objects.create(name="Silent", created_at=NOW)
    wrong = Question(silent, " ", platform=asked.platform, due_on=date(2026, 1, 1), control="x" * 101)
    with pytest.raises(UsageError) as told:
        ask_vendor(asked.rita, wrong)
    assert [line.split(":")[0] for line in str(told.value).splitlines()] == ["title", "control", "due", "vendor"]
    with pytest.raises(NotAllowed):
        ask_vendor(asked.rita, Question(asked.vendor, "About nothing"))
    stranger = actor(make_person("eve", "reviewer", platform=make_platform("Else")))
    assert not requests_for(stranger).exists()
    with pytest.raises(NotAllowed):
        accept_answer(stranger, asked.request)


def test_an_answer_that_is_late_is_told_like_everything_that_is_late() -> None:
    asked = _Asked()
    late = [each for each in deadlines_until(NOW + timedelta(days=9)) if each.key.startswith("evidence_request")]
    assert [(each.owner_id, each.platform) for each in late] == [(asked.rita.person_id, asked.platform)]
    assert "Acme owes an answer" in late[0].what
