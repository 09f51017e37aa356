from __future__ import annotations

import json
import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from dateutil.rrule import rrulestr

from passmuster.application.access import Actor, NotAllowed
from passmuster.application.acting import keeper
from passmuster.application.findings.deviations import decide_deviation
from passmuster.application.looking.looking import approve_baseline
from passmuster.application.reviews import reviewing
from passmuster.application.reviews.review_work import (
    answer_items,
    assign_items,
    missing_signatures,
    remind_reviewers,
    reopen_review,
    sign_review,
)
from passmuster.application.reviews.reviewing import (
    cancel_review,
    open_due_reviews,
    open_review,
    set_scope,
)
from passmuster.application.reviews.sealing import reproduce_report, seal_review, verify_seal
from passmuster.application.storage.storing import home
from passmuster.controls.catalogue import shipped_folder
from passmuster.errors import UsageError
from passmuster.model.keeping import ItemStatus, ReviewStatus
from passmuster.pipeline.cadence import next_due_day
from passmuster.records.models import Deviation, Message, Person, Platform, Review, ReviewItem
from tests.keeping import NOW, actor, make_person, make_platform

EXAMPLES = shipped_folder("examples")


def _at(person: Person, day: int) -> Actor:
    return actor(person, now=NOW + timedelta(days=day))


def _people(platform: Platform) -> dict[str, Person]:
    return {
        "owner": make_person("otto", "platform_owner", platform=platform),
        "reviewer": make_person("rita", "reviewer", platform=platform),
        "approver": make_person("bea", "approver"),
        "legal": make_person("lea", "legal"),
    }


def _answer_all(who: Actor, review: Review, *, words: str = "looked at it together") -> None:
    waiting = review.items.filter(status=ItemStatus.OPEN)
    legal = Person.objects.filter(duties__role="legal").first()
    for line in waiting.filter(key="ask:legal"):
        answer_items(actor(legal, now=who.now) if legal else who, review, [line.pk], answer="nothing stands against it")
    about_controls = waiting.filter(kind="question", key__startswith="control:")
    others = waiting.exclude(pk__in=about_controls)
    answer_items(who, review, list(others.values_list("pk", flat=True)), answer=words)
    answer_items(who, review, list(about_controls.values_list("pk", flat=True)), answer=words, says="met")


@pytest.mark.usefixtures("db")
def test_a_review_opens_once_looks_and_names_who_owes_what() -> None:
    platform = make_platform(data_class="restricted")
    people = _people(platform)
    review = open_review(actor(people["reviewer"]), platform, "event:1", because="a trial")
    assert (review.status, review.due_on) == (ReviewStatus.OPEN, date(2026, 6, 22))
    assert review.collection is not None
    assert review.evaluation is not None
    summary = review.evaluation.summary
    outcomes = list(review.items.filter(kind="control").values_list("outcome", flat=True))
    for outcome in ("fail", "unknown", "not_applicable"):
        assert outcomes.count(outcome) == summary[outcome]
    asked = review.items.filter(kind="question", key__startswith="control:")
    assert asked.count() >= 10
    assert not review.items.filter(status="open", assignee=None).exists()
    assert set(review.items.filter(key="ask:legal").values_list("assignee__name", "status")) == {("Lea", "open")}
    assert set(review.items.filter(kind="control", outcome="pass").values_list("status", flat=True)) == {"done"}
    assert review.items.filter(kind="evidence", status="open", key="type:restore_test").exists()
    told = Message.objects.filter(kind="review_opened")
    owing = review.items.filter(status="open").values_list("assignee", flat=True)
    assert set(told.values_list("person", flat=True)) == set(owing)
    # The same occurrence is the same review.
    assert open_review(actor(people["owner"]), platform, "event:1", because="again").pk == review.pk
    assert Review.objects.count() == 1
    with pytest.raises(NotAllowed):
        open_review(actor(people["legal"]), platform, "event:2", because="x")


@pytest.mark.usefixtures("db")
def test_a_review_from_opening_to_a_seal_that_finds_every_change() -> None:
    platform = make_platform(export_path=str(EXAMPLES / "n8n-before"), tier="high")
    people = _people(platform)
    first = open_review(actor(people["reviewer"]), platform, "q1", because="first quarter")
    with pytest.raises(UsageError, match=r"\d+ lines? not answered yet"):
        sign_review(_at(people["owner"], 1), first, statement="fine")
    question = first.items.filter(key__startswith="control:", kind="question").order_by("pk")[0]
    with pytest.raises(UsageError, match="say whether it is met"):
        answer_items(_at(people["reviewer"], 1), first, [question.pk], answer="yes")
    answer_items(
        *(_at(people["reviewer"], 1), first, [question.pk]), answer="we do this", seen="contract, page 4", says="met"
    )
    question.refresh_from_db()
    assert (question.status, question.outcome, question.seen, question.done_by) == (
        *("done", "pass", "contract, page 4"),
        people["reviewer"],
    )
    _answer_all(_at(people["reviewer"], 2), first)
    signed = sign_review(_at(people["owner"], 3), first, statement="I answer for it")
    assert (signed.status, missing_signatures(signed)) == ("open", ["approver"])
    with pytest.raises(UsageError, match="signed already"):
        sign_review(_at(people["owner"], 3), first, statement="twice")
    signed = sign_review(_at(people["approver"], 4), first, statement="agreed")
    assert signed.status == "signed"
    with pytest.raises(UsageError, match="is signed"):
        answer_items(_at(people["reviewer"], 5), signed, [question.pk], answer="changed", says="not_met")
    with pytest.raises(NotAllowed):
        seal_review(_at(people["owner"], 5), signed)
    sealed = seal_review(_at(people["approver"], 5), signed)
    assert sealed.status == "sealed"
    folder = home() / sealed.seal["key"]
    told = json.loads((folder / "report" / "evaluation.json").read_text())
    (stated,) = [r for r in told["results"] if r["control"] == question.key.rpartition(":")[2]]
    assert (stated["status"], "rita@example.org stated met" in stated["reason"]) == ("pass", True), stated["reason"]
    assert verify_seal(sealed) == []
    assert reproduce_report(sealed) == []
    approve_baseline(_at(people["approver"], 6), sealed.collection, "as reviewed")  # type: ignore[arg-type]
    # Next quarter: the answers are there for reference, and asked for again.
    platform.export_path = str(EXAMPLES / "n8n")
    platform.save()
    # One that was opened on an event and not worked yet takes nothing away from it.
    event = open_review(_at(people["reviewer"], 80), platform, "event", because="a vendor's incident")
    assert event.previous == first
    second = open_review(_at(people["reviewer"], 90), platform, "q2", because="second quarter")
    assert second.previous == first
    again = second.items.get(kind="question", key=question.key)
    assert (again.status, again.answer, again.last_answer) == ("open", "", "we do this")
    assert second.changes["review"]["tables"]["apps"]["added"] > 0
    assert second.changes["controls"]
    _answer_all(_at(people["reviewer"], 91), second)
    sign_review(_at(people["owner"], 92), second, statement="ok")
    sign_review(_at(people["approver"], 92), second, statement="ok")
    resealed = seal_review(_at(people["approver"], 93), second)
    assert verify_seal(resealed) == []
    assert reproduce_report(resealed) == []
    assert "Since" in (home() / resealed.seal["key"] / "report" / "report.html").read_text()
    _every_change_is_found(sealed, folder)


def _every_change_is_found(sealed: Review, folder: Path) -> None:
    for name in sealed.seal["files"]:
        path = folder / name
        kept = path.read_bytes()
        path.write_bytes(bytes([kept[0] ^ 1]) + kept[1:] if kept else b"x")
        assert any(name in complaint for complaint in verify_seal(sealed)), name
        path.write_bytes(kept)
    (folder / "extra").write_text("x")
    assert verify_seal(sealed) == ["extra: was added"]
    (folder / "extra").unlink()
    item = sealed.items.filter(status="done").order_by("pk")[0]
    ReviewItem.objects.filter(pk=item.pk).update(answer="something else")
    assert verify_seal(sealed) == ["the review's lines or signatures in the database were altered since it was sealed"]
    ReviewItem.objects.filter(pk=item.pk).update(answer=item.answer)
    assert verify_seal(sealed) == []
    forged = Review.objects.get(pk=sealed.pk)
    forged.seal = {**forged.seal, "digest": "0" * 64}
    assert len(verify_seal(forged)) == 2
    shutil.move(folder, folder.with_suffix(".gone"))
    assert "the whole folder is missing" in verify_seal(sealed)[0]
    shutil.move(folder.with_suffix(".gone"), folder)


@pytest.mark.usefixtures("db")
def test_signatures_can_be_taken_back_and_a_review_cancelled_with_a_reason() -> None:
    platform = make_platform(tier="low")
    people = _people(platform)
    review = open_review(actor(people["reviewer"]), platform, "q", because="x")
    _answer_all(_at(people["reviewer"], 1), review)
    assert sign_review(_at(people["owner"], 2), review, statement="").status == "signed"
    again = reopen_review(_at(people["owner"], 3), review, why="a line was wrong")
    assert (again.status, again.sign_offs.count(), again.signed_at) == ("open", 0, None)
    set_scope(_at(people["reviewer"], 3), again, out=[("trial tenants", "emptied every night")])
    with pytest.raises(UsageError, match="needs a name and a reason"):
        set_scope(_at(people["reviewer"], 3), again, out=[("trial tenants", " ")])
    with pytest.raises(UsageError, match="say why"):
        cancel_review(_at(people["owner"], 3), again, why="")
    assert cancel_review(_at(people["owner"], 3), again, why="merged into the next").status == "cancelled"
    with pytest.raises(UsageError, match="is cancelled"):
        answer_items(_at(people["reviewer"], 4), again, [], answer="x")


@pytest.mark.usefixtures("db")
def test_a_review_that_the_cadence_asks_for_is_cancelled_by_those_who_seal() -> None:
    platform = make_platform(next_review_on=date(2026, 6, 1))
    people = _people(platform)
    (review,) = open_due_reviews(keeper(NOW))
    with pytest.raises(NotAllowed, match="those who seal reviews decide"):
        cancel_review(_at(people["owner"], 1), review, why="too much to do")
    assert cancel_review(_at(people["approver"], 1), review, why="it is switched off").status == "cancelled"


@pytest.mark.usefixtures("db")
def test_nothing_changes_under_a_signature() -> None:
    platform = make_platform(tier="high")
    people = _people(platform)
    review = open_review(actor(people["reviewer"]), platform, "q", because="x")
    _answer_all(_at(people["reviewer"], 1), review)
    with pytest.raises(UsageError, match="open and nobody has signed it"):
        reopen_review(_at(people["owner"], 2), review, why="x")
    assert sign_review(_at(people["owner"], 2), review, statement="I saw all of it").status == "open"
    line = review.items.filter(kind="question", key__startswith="control:").first()
    assert line is not None
    reviewer = _at(people["reviewer"], 3)
    for change in (
        lambda: answer_items(reviewer, review, [line.pk], answer="not so", says="not_met"),
        lambda: set_scope(reviewer, review, out=[("all production", "too much work")]),
        lambda: assign_items(reviewer, review, [line.pk], people["owner"]),
    ):
        with pytest.raises(UsageError, match="Otto signed what stands here; whoever may sign takes the signatures"):
            change()
    again = reopen_review(_at(people["approver"], 3), review, why="a line is wrong")
    assert (again.status, again.sign_offs.count()) == ("open", 0)
    assert Message.objects.filter(person=people["owner"], text__contains="took your signature").count() == 1
    assert answer_items(reviewer, review, [line.pk], answer="not so", says="not_met") == 1


@pytest.mark.usefixtures("db")
def test_what_legal_is_asked_only_legal_answers_unless_there_is_nobody() -> None:
    platform = make_platform(data_class="confidential", regulations=["GDPR"])
    people = _people(platform)
    review = open_review(actor(people["reviewer"]), platform, "q", because="x")
    line = review.items.get(key="ask:legal")
    with pytest.raises(NotAllowed, match="legal and privacy answer this line; it waits for Lea"):
        answer_items(_at(people["owner"], 1), review, [line.pk], answer="all fine")
    assert answer_items(_at(people["legal"], 1), review, [line.pk], answer="the contract covers it") == 1
    people["legal"].duties.all().delete()
    assert answer_items(_at(people["owner"], 1), review, [line.pk], answer="nobody is there for legal") == 1


@pytest.mark.usefixtures("db")
def test_where_the_platform_cannot_be_looked_at_the_review_opens_on_the_last_look_and_says_so(tmp_path: Path) -> None:
    platform = make_platform()
    people = _people(platform)
    platform.export_path = str(tmp_path / "nothing")
    platform.save()
    blind = open_review(actor(people["reviewer"]), platform, "a", because="x")
    assert (blind.status, blind.collection) == ("open", None)
    assert "there is no earlier look to use" in blind.shortfall
    assert blind.items.filter(kind="question").exists()
    platform.export_path = str(EXAMPLES / "n8n")
    platform.save()
    seen = open_review(_at(people["reviewer"], 1), platform, "b", because="x")
    platform.export_path = str(tmp_path / "nothing")
    platform.save()
    late = open_review(_at(people["reviewer"], 2), platform, "c", because="x")
    assert late.collection == seen.collection
    assert "the look of 2026-06-02 is used" in late.shortfall


@pytest.mark.usefixtures("db")
def test_due_reviews_open_by_themselves_each_once_and_missed_days_are_one() -> None:
    platform = make_platform(tier="high", time_zone="Pacific/Auckland")
    make_person("otto", "platform_owner")
    assert open_due_reviews(keeper(NOW)) == []
    platform.refresh_from_db()
    assert platform.next_review_on == date(2026, 9, 1)
    # The day begins in Auckland, half a day before it does in UTC.
    assert open_due_reviews(keeper(datetime(2026, 8, 31, 11, 59, tzinfo=UTC))) == []
    (review,) = open_due_reviews(keeper(datetime(2026, 8, 31, 12, 1, tzinfo=UTC)))
    assert (review.occurrence, review.due_on) == ("cadence:2026-09-01", date(2026, 9, 15))
    assert open_due_reviews(keeper(datetime(2026, 8, 31, 12, 5, tzinfo=UTC))) == []
    (late,) = open_due_reviews(keeper(datetime(2027, 7, 1, tzinfo=UTC)))
    assert late.occurrence == "cadence:2026-12-01"
    platform.refresh_from_db()
    assert platform.next_review_on == date(2027, 9, 1)
    assert Review.objects.count() == 2


@pytest.mark.usefixtures("db")
def test_a_review_left_half_opened_is_opened_to_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    platform = make_platform()
    people = _people(platform)

    def killed(*_given: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(reviewing, "lay_out", killed)
    with pytest.raises(KeyboardInterrupt):
        open_review(actor(people["reviewer"]), platform, "a", because="x")
    half = Review.objects.get()
    assert (half.status, half.items.count()) == ("opening", 0)
    monkeypatch.undo()
    (whole,) = open_due_reviews(keeper(NOW))
    assert (whole.pk, whole.status) == (half.pk, "open")
    assert platform.collections.count() == 1


@pytest.mark.parametrize(
    ("rule", "starts"),
    [
        ("FREQ=MONTHLY;INTERVAL=3", date(2026, 1, 28)),
        ("FREQ=YEARLY", date(2026, 6, 1)),
        ("FREQ=MONTHLY;BYDAY=-1FR", date(2026, 1, 1)),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", date(2026, 3, 3)),
        ("FREQ=MONTHLY;INTERVAL=3;BYDAY=1MO", date(2026, 1, 1)),
    ],
)
def test_the_next_day_is_that_of_another_library(rule: str, starts: date) -> None:
    first = datetime.combine(starts, datetime.min.time())
    for after in (starts, date(2026, 7, 4), date(2027, 3, 31), date(2028, 2, 29)):
        expected = rrulestr(rule, dtstart=first).after(datetime.combine(after, datetime.max.time()))
        assert next_due_day(rule, "Europe/Berlin", starts, after) == expected.date()


@pytest.mark.usefixtures("db")
def test_lines_can_be_handed_over_and_whoever_owes_is_reminded_once_a_week() -> None:
    platform = make_platform()
    people = _people(platform)
    review = open_review(actor(people["reviewer"]), platform, "q", because="x")
    some = list(review.items.filter(status="open").values_list("pk", flat=True)[:3])
    assert assign_items(actor(people["owner"]), review, some, people["approver"], why="away") == 3
    assert set(ReviewItem.objects.filter(pk__in=some).values_list("assignee__name", flat=True)) == {"Bea"}
    assert remind_reviewers(keeper(NOW)) == 0
    late = keeper(datetime.combine(review.due_on, datetime.min.time(), UTC) + timedelta(days=2))
    assert remind_reviewers(late) > 1
    count = Message.objects.filter(kind="review_late").count()
    remind_reviewers(late)
    assert Message.objects.filter(kind="review_late").count() == count


@pytest.mark.usefixtures("db")
def test_exceptions_are_lines_of_the_checklist() -> None:
    platform = make_platform()
    people = _people(platform)
    for status in ("requested", "approved", "expired"):
        Deviation.objects.create(
            *(),
            platform=platform,
            control="A",
            reason="r",
            owner=people["owner"],
            requested_by=people["reviewer"],
            status=status,
            requested_at=NOW,
            ends_on=date(2026, 6, 10),
        )
    review = open_review(actor(people["reviewer"]), platform, "q", because="x")
    lines = review.items.filter(kind="deviation").order_by("pk")
    assert [(each.outcome, each.assignee) for each in lines] == [
        ("requested", people["approver"]),
        ("approved", people["owner"]),
    ]
    asked = Deviation.objects.get(status="requested")
    with pytest.raises(UsageError, match="Exception from A until 2026-06-10: decide on the exception or withdraw it"):
        answer_items(_at(people["reviewer"], 1), review, [each.pk for each in lines], answer="ok")
    decide_deviation(_at(people["approver"], 1), asked, is_approved=False, reason="mend it")
    assert answer_items(_at(people["reviewer"], 1), review, [each.pk for each in lines], answer="it was declined") == 2
