from __future__ import annotations

from datetime import date, timedelta

import pytest

from passmuster.application.access import Actor, NotAllowed
from passmuster.application.evidence.evidence import add_evidence, link_evidence, supersede_evidence
from passmuster.application.evidence.fitting import Holds
from passmuster.application.requests.asking_vendors import Question, accept_answer, ask_vendor, send_back
from passmuster.application.requests.vendor_requests import answer_vendor_request, hand_in_for_request
from passmuster.application.reviews.accepting import accept_evidence, handed_in
from passmuster.application.reviews.review_work import answer_items, ask_instead_of_guests, lines_with_guests
from passmuster.application.reviews.reviewing import open_review
from passmuster.errors import UsageError
from passmuster.model.evidence import EvidenceFacts, EvidenceKind
from passmuster.model.keeping import ItemStatus
from passmuster.records.models import AuditEvent, Evidence, Platform, Review, ReviewItem, Vendor, VendorRequest
from tests.keeping import NOW, actor, make_person, make_platform

pytestmark = pytest.mark.usefixtures("db")
LATER = date(2027, 1, 1)


class _House:
    """An open review that asks for a restore test and a penetration test, and whether a control is met."""

    def __init__(self) -> None:
        self.vendor = Vendor.objects.create(name="Acme", created_at=NOW)
        self.platform = make_platform("Flows", vendor=self.vendor)
        self.rita = actor(make_person("rita", "reviewer", platform=self.platform))
        self.anna = actor(make_person("anna", "approver"))
        self.vera = actor(make_person("vera", "vendor_contact", vendor=self.vendor))
        self.review = self.opened(self.platform, "q")
        self.restore, self.test, self.question = (
            self.line("evidence", "type:restore_test"),
            self.line("evidence", "type:penetration_test_summary"),
            self.line("question", "control:no-code-baseline:IAM-01"),
        )

    def opened(self, platform: Platform, occurrence: str, status: str = "open", days: int = 0) -> Review:
        when = NOW + timedelta(days=days)
        return Review.objects.create(
            platform=platform, occurrence=occurrence, because="q", status=status, due_on=when.date(), opened_at=when
        )

    def line(self, kind: str, key: str, review: Review | None = None) -> ReviewItem:
        return ReviewItem.objects.create(review=review or self.review, kind=kind, key=key, title=key)

    def asked(self, item: ReviewItem) -> VendorRequest:
        return ask_vendor(self.rita, Question(self.vendor, "Please", platform=self.platform, item=item))


@pytest.fixture
def house() -> _House:
    return _House()


def _facts(house: _House, kind: EvidenceKind = EvidenceKind.RESTORE_TEST, **more: object) -> EvidenceFacts:
    facts = {"platform": house.platform.pk, "expires_on": LATER, **more}
    return EvidenceFacts("Restored", kind, **facts)  # type: ignore[arg-type]


def _add(who: Actor, facts: EvidenceFacts) -> Evidence:
    return add_evidence(who, [b"all there"], name="r.txt", facts=facts)


def test_evidence_that_leaves_nothing_to_judge_settles_its_line_in_one_event_and_belongs_to_the_review(
    house: _House,
) -> None:
    piece = _add(house.rita, _facts(house))
    house.restore.refresh_from_db()
    assert (house.restore.status, house.restore.done_by_id) == ("done", house.rita.person_id)
    assert house.restore.seen == (
        f"Restored (evidence {piece.pk}), handed in by Rita on 2026-06-01, counts until 2027-01-01"
    )
    assert list(piece.reviews.all()) == [house.review]
    event = AuditEvent.objects.get()
    assert event.after is not None
    assert (event.action, event.after["settles"]) == (
        "add_evidence",
        {str(house.restore.pk): "type:restore_test"},
    )
    assert set(ReviewItem.objects.filter(status="open")) == {house.test, house.question}


def test_other_platforms_other_reviews_and_what_falls_short_settle_nothing(house: _House) -> None:
    other = make_platform("Else", vendor=house.vendor)
    theirs = house.line("evidence", "type:restore_test", house.opened(other, "q"))
    over = house.line("evidence", "type:restore_test", house.opened(house.platform, "old", "sealed"))
    _add(house.rita, _facts(house, expires_on=house.review.due_on))
    for line in (house.restore, theirs, over):
        line.refresh_from_db()
        assert line.status == "open"
    (fit,) = handed_in(house.rita, house.review, [house.restore])[house.restore.pk]
    assert (fit.holds, fit.why) == (Holds.FALLS_SHORT, "counts only until 2026-06-01, and is needed beyond 2026-06-01")
    with pytest.raises(UsageError, match=r"counts only until .* answer the line in words"):
        accept_evidence(house.rita, house.review, house.restore.pk, fit.piece.number)


def test_a_vendors_report_settles_the_lines_of_all_its_platforms(house: _House) -> None:
    other = make_platform("Else", vendor=house.vendor)
    theirs = house.line("evidence", "type:restore_test", house.opened(other, "q"))
    _add(house.anna, _facts(house, platform=None, vendor=house.vendor.pk))
    assert set(ReviewItem.objects.filter(status="done")) == {house.restore, theirs}


def test_a_newer_file_and_a_link_settle_too_and_an_answer_taken_back_stays_open(house: _House) -> None:
    old = _add(house.rita, _facts(house, expires_on=NOW.date()))
    new = supersede_evidence(house.rita, old, [b"newer"], name="n.txt", facts=_facts(house), why="old")
    house.restore.refresh_from_db()
    assert f"evidence {new.pk}" in house.restore.seen
    answer_items(house.rita, house.review, [house.restore.pk], answer="", status=ItemStatus.OPEN)
    link_evidence(house.rita, new, controls=["IAM-02"], reviews=[house.review.pk])
    house.restore.refresh_from_db()
    assert house.restore.status == "open"
    # It still fits, so it is shown, and one word settles the line.
    assert [fit.holds for fit in handed_in(house.rita, house.review, [house.restore])[house.restore.pk]] == ["settles"]
    accept_evidence(house.rita, house.review, house.restore.pk, new.pk)
    loose = _add(house.anna, _facts(house, EvidenceKind.PENETRATION_TEST_SUMMARY, platform=None))
    house.test.refresh_from_db()
    assert house.test.status == "open"
    link_evidence(house.anna, loose, controls=[], reviews=[house.review.pk])
    house.test.refresh_from_db()
    assert house.test.status == "done"


def test_what_a_vendor_hands_in_settles_nothing_before_somebody_accepts_it(house: _House) -> None:
    request = house.asked(house.restore)
    hand_in_for_request(house.vera, request, [b"ok"], name="r.txt", facts=_facts(house))
    answer_vendor_request(house.vera, request, "Here.")
    house.restore.refresh_from_db()
    assert (house.restore.status, house.restore.answer) == ("open", "Here.")
    (fit,) = handed_in(house.rita, house.review, [house.restore])[house.restore.pk]
    assert (fit.holds, fit.why) == (Holds.WAITS, "comes from the vendor, and nobody has accepted it yet")
    send_back(house.rita, request, why="which instance?")
    (fit,) = handed_in(house.rita, house.review, [house.restore])[house.restore.pk]
    assert (fit.holds, fit.why) == (Holds.FALLS_SHORT, "was sent back to the vendor")
    answer_vendor_request(house.vera, request, "All of them.")
    accept_answer(house.rita, request)
    house.restore.refresh_from_db()
    assert (house.restore.status, house.restore.answer) == ("done", "All of them.")
    event = AuditEvent.objects.get(action="accept_vendor_answer")
    assert event.after is not None
    assert event.after["settles"] == {str(house.restore.pk): "type:restore_test"}


def test_accepting_at_the_line_accepts_the_vendors_answer_too(house: _House) -> None:
    request = house.asked(house.restore)
    piece = hand_in_for_request(house.vera, request, [b"ok"], name="r.txt", facts=_facts(house, EvidenceKind.OTHER))
    answer_vendor_request(house.vera, request, "Here.")
    for _ in range(2):
        line = accept_evidence(house.rita, house.review, house.restore.pk, piece.pk)
        assert (line.status, line.answer) == ("done", "accepted: Restored")
    request.refresh_from_db()
    assert request.status == "accepted"
    assert AuditEvent.objects.filter(action="answer_items").count() == 1
    with pytest.raises(UsageError, match="answered already"):
        accept_evidence(house.rita, house.review, house.restore.pk, piece.pk, answer="again")


def test_whether_a_control_is_met_stays_a_persons_word(house: _House) -> None:
    piece = _add(house.rita, _facts(house, controls=("IAM-01",)))
    house.question.refresh_from_db()
    assert house.question.status == "open"
    (fit,) = handed_in(house.rita, house.review, [house.question])[house.question.pk]
    assert fit.holds is Holds.WAITS
    with pytest.raises(UsageError, match="say whether it is met"):
        accept_evidence(house.rita, house.review, house.question.pk, piece.pk)
    line = accept_evidence(house.rita, house.review, house.question.pk, piece.pk, says="met", answer="seen")
    assert (line.status, line.outcome, line.answer) == ("done", "pass", "seen")
    with pytest.raises(UsageError, match="about something else"):
        accept_evidence(house.rita, house.review, house.test.pk, piece.pk)


def test_nobody_accepts_what_they_may_not_read_or_where_they_may_not_work(house: _House) -> None:
    vendors = _add(house.anna, _facts(house, EvidenceKind.OTHER, platform=None, vendor=house.vendor.pk))
    with pytest.raises(NotAllowed):
        accept_evidence(house.rita, house.review, house.restore.pk, vendors.pk)
    piece = _add(house.anna, _facts(house, controls=("IAM-01",)))
    for who in (house.anna, house.vera):
        with pytest.raises(NotAllowed):
            accept_evidence(who, house.review, house.question.pk, piece.pk, says="met")
    assert handed_in(house.vera, house.review, [house.question]) == {}


def test_a_review_that_an_event_opened_does_not_make_last_quarters_evidence_old(house: _House) -> None:
    house.review.delete()
    house.opened(house.platform, "cadence:2026-03-01", "sealed", days=-90)
    house.opened(house.platform, "incident:1", "sealed", days=-3)
    now = house.opened(house.platform, "cadence:2026-06-01")
    line = house.line("evidence", "type:restore_test", now)
    for last_day, status in ((date(2026, 3, 2), "open"), (date(2026, 3, 10), "done")):
        _add(house.rita, _facts(house, period_to=last_day))
        line.refresh_from_db()
        assert line.status == status


def test_an_opening_review_takes_only_what_was_looked_at_and_links_it(house: _House) -> None:
    request = ask_vendor(house.rita, Question(house.vendor, "Please", platform=house.platform))
    hand_in_for_request(
        house.vera, request, [b"p"], name="p.txt", facts=_facts(house, EvidenceKind.INDEPENDENT_AUDIT_REPORT)
    )
    piece = _add(house.rita, _facts(house))
    review = open_review(house.rita, house.platform, "next", because="x")
    status = dict(review.items.filter(kind="evidence").values_list("key", "status"))
    assert (status["type:restore_test"], status["type:independent_audit_report"]) == ("done", "open")
    assert list(Evidence.objects.filter(reviews=review)) == [piece]


def test_lines_left_with_a_guest_are_asked_of_the_vendor_and_owed_by_whoever_asks(house: _House) -> None:
    ReviewItem.objects.filter(pk=house.restore.pk).update(assignee=house.vera.person_id)
    assert [line.pk for line in lines_with_guests(house.review)] == [house.restore.pk]
    assert ReviewItem.objects.get(pk=house.restore.pk).is_with_guest
    assert ask_instead_of_guests(house.rita, house.review) == 1
    assert VendorRequest.objects.get().item_id == house.restore.pk
    house.restore.refresh_from_db()
    assert house.restore.assignee_id == house.rita.person_id
    assert ask_instead_of_guests(house.rita, house.review) == 0
    assert AuditEvent.objects.filter(action="assign_items").count() == 1
