from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from passmuster.records.models import Evidence, Person, Review, ReviewItem, Vendor, VendorRequest
from tests.keeping import NOW, make_person, make_platform

pytestmark = pytest.mark.usefixtures("db")


def _client_of(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_a_vendor_is_asked_answers_with_a_file_hears_what_is_missing_and_is_accepted() -> None:
    vendor = Vendor.objects.create(name="Acme", created_at=NOW)
    flows = make_platform("Flows", vendor=vendor)
    rita = _client_of(make_person("rita", "reviewer"))
    vera = _client_of(make_person("vera", "vendor_contact", vendor=vendor))
    form = rita.get("/vendor-requests/new/?platform=flows&control=IAM-01").context["form"]
    assert (form["vendor"].value(), form["control"].value()) == (vendor.pk, "IAM-01")
    asked = {"vendor": vendor.pk, "platform": flows.pk, "title": "The report, please", "detail": "Of this year."}
    assert rita.post("/vendor-requests/new/", {**asked, "title": ""}).status_code == 422
    assert rita.post("/vendor-requests/new/", {**asked, "control": "IAM-01"}).status_code == 302
    request = VendorRequest.objects.get()
    text = vera.get("/asked/").content.decode()
    assert "The report, please" in text
    assert "IAM-01" not in text
    assert vera.get(f"/asked/{request.pk}/file/").status_code == 200
    wrong = {"title": "R", "kind": "report", "file": SimpleUploadedFile("r.exe", b"MZ")}
    assert "no kind" in vera.post(f"/asked/{request.pk}/file/", wrong).content.decode()
    good = {"title": "R", "kind": "report", "expires_on": "2036-01-01", "file": SimpleUploadedFile("r.txt", b"fine")}
    assert vera.post(f"/asked/{request.pk}/file/", good).status_code == 302
    vera.post(f"/asked/{request.pk}", {"answer": "Attached."})
    assert "Accept or send back: The report, please" in rita.get("/").content.decode()
    page = rita.get(f"/vendor-requests/{request.pk}/").content.decode()
    assert "Attached." in page
    place = f"/vendor-requests/{request.pk}/decide/"
    told = rita.post(place, {"decision": "back", "reason": ""}, follow=True).context["messages"]
    assert "what is missing" in str(next(iter(told)))
    rita.post(place, {"decision": "back", "reason": "Of which month?"})
    assert "Of which month?" in vera.get("/asked/").content.decode()
    vera.post(f"/asked/{request.pk}", {"answer": "Of May."})
    rita.post(place, {"decision": "accept", "reason": ""})
    assert "nothing more is needed" in vera.get("/asked/").content.decode()
    piece = Evidence.objects.get()
    shown = rita.get(f"/evidence/{piece.pk}/").content.decode()
    assert f"/vendor-requests/{request.pk}/" in shown
    assert "from the vendor" in rita.get("/evidence/").content.decode()
    assert "The report, please" in rita.get("/vendor-requests/?status=accepted").content.decode()
    assert rita.post("/settings/vendors/", {"name": "Another"}).status_code == 403


def test_a_line_of_a_review_is_handed_to_a_vendors_contact_on_the_reviews_page() -> None:
    vendor = Vendor.objects.create(name="Acme", created_at=NOW)
    flows = make_platform("Flows", vendor=vendor)
    vera = make_person("vera", "vendor_contact", vendor=vendor)
    rita = _client_of(make_person("rita", "reviewer"))
    review = Review.objects.create(
        platform=flows, occurrence="q", because="q", status="open", due_on=NOW.date(), opened_at=NOW
    )
    item = ReviewItem.objects.create(review=review, kind="question", key="q", title="Well?", detail="In what way?")
    assert "Ask the vendor" in rita.get(f"/reviews/{review.pk}/").content.decode()
    hand = {"decision": "assign", "person": vera.pk, "pick": [item.pk], "reason": "You know it"}
    for _ in range(2):
        rita.post(f"/reviews/{review.pk}/answer", hand)
    request = VendorRequest.objects.get()
    assert (request.item, request.detail, request.platform) == (item, "You know it", flows)
    item.refresh_from_db()
    assert item.assignee is None
