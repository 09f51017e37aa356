"""Evidence that waits at a line of a review, and lines that a guest was given, on the pages and by the API."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from passmuster.application.evidence.evidence import add_evidence
from passmuster.application.requests.asking_vendors import Question, ask_vendor
from passmuster.application.requests.vendor_requests import answer_vendor_request, hand_in_for_request
from passmuster.model.evidence import EvidenceFacts, EvidenceKind
from passmuster.records.models import Evidence, Person, Review, ReviewItem, Vendor, VendorRequest
from tests.keeping import actor, make_person, make_platform
from tests.web.api.house import caller
from tests.web.api.test_acting_by_api import post
from tests.web.api.test_reading import API

pytestmark = pytest.mark.usefixtures("db")


class _House:
    """A review with a line for which a vendor handed something in, one that is asked by control, one of a guest."""

    def __init__(self) -> None:
        now = timezone.now()
        self.rita = make_person("rita", "reviewer")
        self.vendor = Vendor.objects.create(name="Acme", created_at=now)
        self.vera = make_person("vera", "vendor_contact", vendor=self.vendor)
        platform = make_platform("Flows", vendor=self.vendor)
        self.review = Review.objects.create(
            platform=platform, occurrence="q", because="q", status="open", due_on=now.date(), opened_at=now
        )
        self.report, self.question, self.left = (
            ReviewItem.objects.create(review=self.review, kind=kind, key=key, title=title, assignee=who)
            for kind, key, title, who in (
                ("evidence", "type:report", "Report", self.rita),
                ("question", "control:no-code-baseline:IAM-01", "IAM-01 Sign-in", self.rita),
                ("evidence", "type:log", "Log", self.vera),
            )
        )
        rita, vera = actor(self.rita, now=now), actor(self.vera, now=now)
        later = now.date() + timedelta(days=90)
        facts = EvidenceFacts("Report of May", EvidenceKind.REPORT, platform=platform.pk, expires_on=later)
        request = ask_vendor(rita, Question(self.vendor, "Report", platform=platform, item=self.report))
        self.piece = hand_in_for_request(vera, request, [b"r"], name="r.txt", facts=facts)
        answer_vendor_request(vera, request, "Here.")
        self.shown = add_evidence(
            rita,
            [b"s"],
            name="s.txt",
            facts=EvidenceFacts("How we sign in", EvidenceKind.SCREENSHOT, platform.pk, controls=("IAM-01",)),
        )
        old = EvidenceFacts("Old log", EvidenceKind.LOG, platform.pk, expires_on=now.date())
        add_evidence(rita, [b"l"], name="l.txt", facts=old)


def _client(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_one_button_accepts_what_waits_and_what_falls_short_has_none() -> None:
    house = _House()
    client, page = _client(house.rita), f"/reviews/{house.review.pk}/"
    text = client.get(page).content.decode()
    assert "comes from the vendor, and nobody has accepted it yet" in text
    assert "Not enough" in text
    assert "Old log</a> counts only until" in text
    assert text.count("data-accept") == 2
    watching = _client(make_person("ada", "auditor")).get(page).content.decode()
    assert "data-accept" not in watching
    assert "nobody has accepted it yet" in watching
    for item, piece in ((house.report, house.piece), (house.question, house.shown)):
        answer = client.post(f"{page}accept", {"accept": f"{item.pk}:{piece.pk}"}, follow=True)
        assert "Accepted; the line is settled" in answer.content.decode()
        item.refresh_from_db()
        assert item.status == "done"
    assert house.question.outcome == "pass"
    assert VendorRequest.objects.get().status == "accepted"
    assert set(Evidence.objects.filter(reviews=house.review)) == {house.piece, house.shown}
    for odd in ("", "x:y", f"{house.left.pk}", f"{house.left.pk}:{house.piece.pk}", f"{'9' * 30}:1"):
        answer = client.post(f"{page}accept", {"accept": odd}, follow=True)
        assert answer.status_code == 200
        assert "Accepted" not in answer.content.decode()
    house.left.refresh_from_db()
    assert house.left.status == "open"


def test_what_a_guest_was_given_is_asked_of_the_vendor_instead() -> None:
    house = _House()
    client, page = _client(house.rita), f"/reviews/{house.review.pk}/"
    text = client.get(page).content.decode()
    assert "who may not see it" in text
    assert "Ask the vendor instead" in text
    client.post(f"{page}ask-instead")
    house.left.refresh_from_db()
    assert house.left.assignee == house.rita
    assert house.left.requests.get().vendor == house.vendor
    assert "Ask the vendor instead" not in client.get(page).content.decode()


def test_the_api_tells_what_waits_accepts_it_and_asks_the_vendor() -> None:
    house = _House()
    asks, path = caller(house.rita), f"/reviews/{house.review.pk}"
    items = {each["id"]: each for each in asks.get(f"{API}{path}/items").json()["items"]}
    (waits,) = items[house.report.pk]["handed_in"]
    assert waits == {
        "evidence": house.piece.pk,
        "title": "Report of May",
        "holds": "waits",
        "why": "comes from the vendor, and nobody has accepted it yet",
    }
    (short,) = items[house.left.pk]["handed_in"]
    assert short["holds"] == "falls_short"
    assert [items[line.pk]["is_with_guest"] for line in (house.report, house.left)] == [False, True]
    refused = post(asks, f"{path}/items/{house.left.pk}/accept", {"evidence": short["evidence"]})
    assert refused.status_code == 422, refused.content
    assert "answer the line in words" in refused.json()["detail"]
    taken = post(asks, f"{path}/items/{house.report.pk}/accept", {"evidence": house.piece.pk, "answer": "read it"})
    assert (taken.status_code, taken.json()["status"], taken.json()["answer"]) == (200, "done", "read it")
    assert post(asks, f"{path}/items/{house.question.pk}/accept", {"evidence": house.shown.pk}).status_code == 422
    met = {"evidence": house.shown.pk, "says": "met"}
    assert post(asks, f"{path}/items/{house.question.pk}/accept", met).json()["outcome"] == "pass"
    assert post(asks, f"{path}/ask-vendors").json() == {"changed": 1}
