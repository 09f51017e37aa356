from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from passmuster.application.acting import event_fields
from passmuster.application.evidence.evidence import add_evidence, link_evidence
from passmuster.application.record.auditing import keeper_signer, verify_record
from passmuster.application.record.evidence_links import recorded_links
from passmuster.application.requests.asking_vendors import Question, accept_answer, ask_vendor
from passmuster.application.requests.vendor_requests import answer_vendor_request, hand_in_for_request
from passmuster.application.reviews.accepting import accept_evidence
from passmuster.application.reviews.review_work import answer_items
from passmuster.application.reviews.reviewing import open_review
from passmuster.model.chain import START, event_digest
from passmuster.model.evidence import EvidenceFacts, EvidenceKind
from passmuster.model.keeping import ItemStatus
from passmuster.records.models import AuditEvent, AuditHead, Evidence, Platform, Review, ReviewItem, Vendor
from tests.keeping import NOW, actor, make_person, make_platform, past_can_change

pytestmark = pytest.mark.usefixtures("db")


def _broken() -> str:
    return verify_record(public_key=keeper_signer().public_key).broken


class _House:
    """An open review of a platform that asks for a restore test, and another one of it that asks for nothing."""

    def __init__(self) -> None:
        self.vendor = Vendor.objects.create(name="Acme", created_at=NOW)
        self.platform = make_platform("Flows", vendor=self.vendor)
        self.rita = actor(make_person("rita", "reviewer", platform=self.platform))
        self.vera = actor(make_person("vera", "vendor_contact", vendor=self.vendor))
        self.review, self.other = self.opened("q"), self.opened("r")
        self.line = ReviewItem.objects.create(review=self.review, kind="evidence", key="type:restore_test", title="x")
        self.question = ReviewItem.objects.create(
            review=self.review, kind="question", key="control:no-code-baseline:IAM-01", title="y"
        )

    def opened(self, occurrence: str) -> Review:
        return Review.objects.create(
            platform=self.platform, occurrence=occurrence, because="q", status="open", due_on=NOW.date(), opened_at=NOW
        )

    def facts(self, kind: EvidenceKind = EvidenceKind.REPORT, **more: object) -> EvidenceFacts:
        facts = {"platform": self.platform.pk, "controls": ("IAM-01",), "expires_on": date(2027, 1, 1), **more}
        return EvidenceFacts("Restored", kind, **facts)  # type: ignore[arg-type]

    def add(self, facts: EvidenceFacts) -> Evidence:
        return add_evidence(self.rita, [b"all there"], name="r.txt", facts=facts)


def _handed_in(house: _House) -> Evidence:
    return house.add(house.facts(reviews=(house.review.pk,)))


def _linked(house: _House) -> Evidence:
    return link_evidence(house.rita, house.add(house.facts()), controls=["IAM-02"], reviews=[house.review.pk])


def _settles_on_arrival(house: _House) -> Evidence:
    return house.add(house.facts(EvidenceKind.RESTORE_TEST))


def _accepted_at_a_line(house: _House) -> Evidence:
    piece = house.add(house.facts())
    accept_evidence(house.rita, house.review, house.question.pk, piece.pk, says="met")
    return piece


def _accepted_from_a_vendor(house: _House) -> Evidence:
    asked = ask_vendor(house.rita, Question(house.vendor, "Please", platform=house.platform))
    facts = house.facts(EvidenceKind.RESTORE_TEST)
    piece = hand_in_for_request(house.vera, asked, [b"all there"], name="r.txt", facts=facts)
    answer_vendor_request(house.vera, asked, "Here.")
    accept_answer(house.rita, asked)
    return piece


WAYS = [_handed_in, _linked, _settles_on_arrival, _accepted_at_a_line, _accepted_from_a_vendor]


@pytest.mark.parametrize("way", WAYS)
def test_a_link_made_by_any_use_case_holds_and_one_added_exchanged_or_taken_away_by_hand_is_found(
    way: Callable[[_House], Evidence],
) -> None:
    house = _House()
    piece = way(house)
    assert list(piece.reviews.all()) == [house.review]
    assert _broken() == ""
    for by_hand in ([house.review.pk, house.other.pk], [house.other.pk], []):
        piece.reviews.set(by_hand)
        assert _broken().startswith(f"evidence {piece.pk} ")
        assert _broken().endswith("its reviews differs")
    piece.reviews.set([house.review.pk])
    assert _broken() == ""
    Evidence.objects.filter(pk=piece.pk).update(controls=[*piece.controls, "Z-9"])
    assert _broken().endswith("its controls differs")


def test_what_was_unlinked_by_a_use_case_and_put_back_by_hand_is_found() -> None:
    house = _House()
    piece = _linked(house)
    link_evidence(house.rita, piece, controls=["IAM-02"], reviews=[])
    assert _broken() == ""
    piece.reviews.add(house.review)
    assert _broken().endswith("its reviews differs")
    Evidence.objects.filter(pk=piece.pk).update(controls=["IAM-02", "C"])
    assert _broken().endswith("its controls, reviews differ")


def test_pieces_that_settle_lines_when_a_review_opens_are_linked_by_its_event(platform_with_reader: Platform) -> None:
    rita = actor(make_person("rita", "reviewer"))
    facts = EvidenceFacts(
        "Restored", EvidenceKind.RESTORE_TEST, platform=platform_with_reader.pk, expires_on=date(2027, 1, 1)
    )
    piece = add_evidence(rita, [b"all there"], name="r.txt", facts=facts)
    review = open_review(rita, platform_with_reader, "q", because="due")
    assert list(piece.reviews.all()) == [review]
    assert _broken() == ""
    piece.reviews.clear()
    assert _broken().endswith("its reviews differs")


@pytest.fixture
def platform_with_reader() -> Platform:
    return make_platform("Automations", tier="high")


def _as_before(forget: Callable[[AuditEvent], bool]) -> None:
    """Let the record be one of an earlier version: some events tell no links, others were not written at all."""
    previous, number = START, 0
    with past_can_change():
        for event in AuditEvent.objects.order_by("number"):
            AuditEvent.objects.filter(pk=event.pk).delete()
            if forget(event):
                continue
            number += 1
            event.number, event.previous_digest = number, previous
            event.after = {key: value for key, value in (event.after or {}).items() if key != "links"} or None
            event.digest = previous = event_digest(event_fields(event))
            event.save(force_insert=True)
        AuditHead.objects.update(number=number, digest=previous)


@pytest.mark.parametrize("way", WAYS)
def test_records_of_earlier_versions_hold_as_they_are_and_links_added_to_them_are_found(
    way: Callable[[_House], Evidence],
) -> None:
    house = _House()
    piece = way(house)
    _as_before(lambda event: event.action == "accept_evidence")
    assert _broken() == ""
    piece.reviews.add(house.other)
    assert _broken().endswith("its reviews differs")


def test_accepting_says_once_which_review_a_piece_belongs_to() -> None:
    house = _House()
    piece = _accepted_at_a_line(house)
    event = AuditEvent.objects.get(action="accept_evidence")
    assert (event.subject_kind, event.subject_id) == ("evidence", str(piece.pk))
    assert event.after == {"links": {str(piece.pk): [house.review.pk]}}
    answer_items(house.rita, house.review, [house.question.pk], answer="", status=ItemStatus.OPEN)
    accept_evidence(house.rita, house.review, house.question.pk, piece.pk, says="met")
    assert AuditEvent.objects.filter(action="accept_evidence").count() == 1
    assert recorded_links()[str(piece.pk)].reviews == {house.review.pk}
