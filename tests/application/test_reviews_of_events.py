"""A review that an event opened: laid out for what it touches, taken in more, signed and sealed."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from passmuster.application.access import NotAllowed
from passmuster.application.looking.handing_over import hand_over
from passmuster.application.reviews.review_work import answer_items, sign_review
from passmuster.application.reviews.reviewing import open_review
from passmuster.application.reviews.sealing import reproduce_report, seal_review, verify_seal
from passmuster.application.reviews.taking_in import take_in
from passmuster.application.storage.storing import home
from passmuster.documents.csv_file import read_csv
from passmuster.errors import UsageError
from passmuster.model.keeping import EventKind
from passmuster.records.models import AuditEvent, Message, Person, Platform, Review
from tests.keeping import NOW, actor, make_person, make_platform

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
def platform() -> Platform:
    return make_platform(tier="low")


@pytest.fixture
def rita(platform: Platform) -> Person:
    make_person("otto", "platform_owner", "remediation_owner")
    return make_person("rita", "reviewer", "approver")


def _open(who: Person, platform: Platform, occurrence: str, day: int = 0, **asked: Any) -> Review:
    return open_review(
        actor(who, now=NOW + timedelta(days=day)), platform, occurrence, because="it is exploited", **asked
    )


def _keys(review: Review) -> set[tuple[str, str]]:
    return set(review.items.values_list("kind", "key"))


def _finish(rita: Person, review: Review, day: int) -> Review:
    otto = Person.objects.get(name="Otto")
    waiting = review.items.filter(status="open")
    stated = waiting.filter(kind="question", key__startswith="control:")
    for lines, says in ((stated, "met"), (waiting.exclude(pk__in=stated.values("pk")), "")):
        chosen = list(lines.values_list("pk", flat=True))
        answer_items(actor(rita, now=NOW + timedelta(days=day)), review, chosen, answer="looked at", says=says)
    signed = sign_review(actor(otto, now=NOW + timedelta(days=day)), review, statement="so it is")
    return seal_review(actor(rita, now=NOW + timedelta(days=day + 1)), signed)


def test_an_events_checklist_is_short_and_becomes_the_whole_one_topic_by_topic(
    platform: Platform, rita: Person
) -> None:
    whole = _keys(_open(rita, platform, "q1"))
    review = _open(rita, platform, "exploited:CVE-1", events=[EventKind.EXPLOITED])
    asked = {("question", "ask:event:exploited:traces"), ("question", "ask:event:exploited:reach")}
    lines = _keys(review)
    assert lines - whole == asked
    assert len(lines) < len(whole) / 2
    assert review.items.get(key="ask:event:exploited:traces").assignee == rita
    assert review.scope["events"] == ["exploited"]
    left = {each["topic"]: each["lines"] for each in review.left}
    assert sum(left.values()) == len(whole | asked) - len(lines)
    assert AuditEvent.objects.filter(action="lay_out_review").latest("number").after["left_out"] == left  # type: ignore[index]

    count = take_in(actor(rita), review, ["identity", "evidence"], why="the attacker signed in as somebody")
    review.refresh_from_db()
    assert count == left["identity"] + left["evidence"]
    more = _keys(review) - lines
    assert len(more) == count
    assert ("evidence", "type:restore_test") in more
    assert {"identity", "evidence"}.isdisjoint(each["topic"] for each in review.left)
    told = Message.objects.filter(key__startswith=f"review:{review.pk}:taken_in:")
    owing = review.items.filter(status="open", key__in=[key for _, key in more]).values_list("assignee", flat=True)
    assert set(told.values_list("person", flat=True)) == set(owing)
    event = AuditEvent.objects.get(action="take_in")
    assert (event.why, event.after["taken_in"]) == (  # type: ignore[index]
        "the attacker signed in as somebody",
        ["evidence", "identity"],
    )

    take_in(actor(rita), review, [each["topic"] for each in review.left])
    review.refresh_from_db()
    assert _keys(review) == whole | asked
    assert (review.left, review.scope["in"]) == ([], [platform.name])


def test_what_is_not_left_out_cannot_be_taken_in_nor_by_who_does_not_work_it(platform: Platform, rita: Person) -> None:
    review = _open(rita, platform, "release:3", events=[EventKind.RELEASE])
    lines = _keys(review)
    for topics, words in (
        ([], "choose at least one topic"),
        (["identity", "patching", "tea"], r"not left out of this review: patching, tea; left out are identity, "),
    ):
        with pytest.raises(UsageError, match=words):
            take_in(actor(rita), review, topics)
    with pytest.raises(NotAllowed):
        take_in(actor(make_person("ada", "auditor")), review, ["identity"])
    whole = _open(rita, platform, "q1")
    with pytest.raises(UsageError, match="tea; nothing is left out"):
        take_in(actor(rita), whole, ["tea"])
    review.refresh_from_db()
    assert _keys(review) == lines


def test_its_report_says_what_is_left_out_and_it_stands_for_no_whole_review(platform: Platform, rita: Person) -> None:
    first = _finish(rita, _open(rita, platform, "q1"), 2)
    event = _open(rita, platform, "incident:7", 20, events=[EventKind.INCIDENT])
    assert event.previous == first
    sealed = _finish(rita, event, 21)
    folder = home() / sealed.seal["key"]
    report = (folder / "report" / "report.html").read_text()
    assert "Left out of this review" in report
    assert "an incident of the vendor does not touch it" in report
    assert "Left out of this review" not in (home() / first.seal["key"] / "report" / "report.html").read_text()
    assert (verify_seal(sealed), reproduce_report(sealed)) == ([], [])
    # What it did not ask is stated as it was stated before.
    told = json.loads((folder / "review.json").read_text())
    asked = {line["key"] for line in told["lines"]}
    stated = {row["control_id"]: row["attestation_id"] for _, row in read_csv(folder / "registers/attestations.csv")[1]}
    before = set(first.items.filter(kind="question", key__startswith="control:").values_list("key", flat=True))
    assert before - asked
    assert stated == {
        key.rpartition(":")[2]: f"review/{sealed.pk if key in asked else first.pk}/{key}" for key in before
    }
    # The next by the calendar is compared with the one before it, and it alone counts as held.
    assert _open(rita, platform, "q2", 90).previous == first
    registers = hand_over(platform, "p", home() / "handed", now=NOW + timedelta(days=90))
    held = [row["review_id"] for _, row in read_csv(registers / "reviews.csv")[1]]
    assert held == [str(first.pk), str(Review.objects.latest("pk").pk)]
