from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from passmuster.application.acting import keeper
from passmuster.application.looking.looking import collect_platform
from passmuster.records.models import Collection, Deviation, Finding, Person, Platform, Review
from tests.keeping import make_person, make_platform
from tests.working_off import work_off

pytestmark = pytest.mark.usefixtures("db")


def _client(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def looked() -> Platform:
    platform = make_platform(tier="low")
    collect_platform(keeper(timezone.now()), platform)
    return platform


def test_every_page_answers_with_and_without_rows(looked: Platform) -> None:
    client = _client(make_person("ada", "auditor"))
    look, finding = Collection.objects.get(), Finding.objects.all()[0]
    for path in (
        *("/platforms/", f"/platforms/{looked.slug}/", "/collections/", f"/collections/{look.pk}/", "/reviews/"),
        *("/findings/", "/findings/?status=closed", "/findings/?owner=me&late=1", f"/findings/{finding.pk}/"),
        *("/findings/?severity=high&control=NHI-02&due=soon", "/deviations/", "/deviations/?status=expired"),
    ):
        response = client.get(path)
        assert response.status_code == 200, path
        text = response.content.decode()
        assert "style=" not in text, path
        assert "<script>" not in text
    assert client.get("/findings/?after=nonsense").status_code == 400
    # Who reads all changes nothing.
    for path in (
        "/findings/decide",
        f"/platforms/{looked.slug}/collect",
        "/reviews/open",
        f"/collections/{look.pk}/approve",
    ):
        assert client.post(path).status_code == 403, path


def test_who_sees_one_platform_sees_nothing_of_another(looked: Platform) -> None:
    other = make_platform("Other")
    client = _client(make_person("otto", "platform_owner", platform=other))
    finding, look = Finding.objects.all()[0], Collection.objects.get()
    for path in (f"/platforms/{looked.slug}/", f"/findings/{finding.pk}/", f"/collections/{look.pk}/"):
        assert client.get(path).status_code == 404, path
    for path in ("/platforms/", "/findings/", "/collections/", "/reviews/"):
        text = client.get(path).content.decode()
        assert looked.name not in text, path
        assert finding.title not in text
    response = client.post("/findings/decide", {"pick": [finding.pk], "reason": "x", "decision": "start"}, follow=True)
    assert "not yours to see" in response.content.decode()
    assert client.post("/reviews/open", {"platform": looked.slug, "because": "x"}).status_code == 403


def test_findings_page_by_key_and_are_decided_in_bulk(looked: Platform) -> None:
    client = _client(make_person("rita", "reviewer"))
    keys = list(Finding.objects.values_list("pk", flat=True))
    assert len(keys) > 10
    response = client.post(
        "/findings/decide",
        {"pick": keys[:5], "reason": "this week", "decision": "start", "next": "/findings/?owner=me"},
    )
    assert response.headers["location"] == "/findings/?owner=me"
    assert Finding.objects.filter(status="in_progress").count() == 5
    away = client.post("/findings/decide", {"pick": keys, "reason": "x", "decision": "note", "next": "//evil.example/"})
    assert away.headers["location"] == "/findings/"
    assert (
        "say why"
        in client.post("/findings/decide", {"pick": keys[:1], "decision": "note"}, follow=True).content.decode()
    )


def test_an_exception_is_asked_for_and_decided_on_the_pages(looked: Platform) -> None:
    rita, bea = make_person("rita", "reviewer", "approver"), make_person("bea", "approver")
    finding = Finding.objects.order_by("severity_rank", "pk")[0]
    client = _client(rita)
    form = client.get(f"/deviations/request?platform={looked.slug}&control={finding.control}")
    assert finding.control in form.content.decode()
    end = (timezone.now() + timedelta(days=30)).date().isoformat()
    sent = {
        "platform": looked.slug,
        "control": finding.control,
        "resource": finding.resource_id,
        "reason": "until the move",
        "owner": rita.pk,
        "ends_on": end,
    }
    wrong = client.post("/deviations/request", {**sent, "ends_on": "2020-01-01"}, follow=True)
    assert "lies in the past" in wrong.content.decode()
    client.post("/deviations/request", sent)
    deviation = Deviation.objects.get()
    page = client.get(f"/deviations/{deviation.pk}/").content.decode()
    assert "another approver decides" in page
    own = client.post(f"/deviations/{deviation.pk}/decide", {"decision": "approve", "reason": "x"})
    assert own.status_code == 403
    _client(bea).post(f"/deviations/{deviation.pk}/decide", {"decision": "approve", "reason": "agreed"})
    finding.refresh_from_db()
    assert finding.status == "accepted"
    # It ends; whoever looks next sees the finding open, whether or not a worker ran.
    Deviation.objects.update(ends_on="2026-01-01")
    assert f"/findings/{finding.pk}/" in client.get("/findings/").content.decode()
    finding.refresh_from_db()
    assert finding.status == "open"


def test_a_review_is_worked_signed_and_sealed_on_the_pages(looked: Platform) -> None:
    rita = make_person("rita", "reviewer")
    otto = make_person("otto", "platform_owner", platform=looked)
    bea = make_person("bea", "approver")
    client = _client(rita)
    opened = client.post("/reviews/open", {"platform": looked.slug, "because": "a trial"})
    assert "Waits for a worker" in client.get("/reviews/").content.decode()
    work_off()
    review = Review.objects.get()
    assert opened.headers["location"] == "/reviews/"
    page = client.get(f"/reviews/{review.pk}/?status=open&kind=question").content.decode()
    assert "Checklist" in page
    lines = review.items.filter(status="open")
    asked = lines.filter(key__startswith="control:", kind="question").values_list("pk", flat=True)
    client.post(f"/reviews/{review.pk}/answer", {"pick": list(asked), "reason": "seen", "decision": "met"})
    rest = lines.filter(status="open").values_list("pk", flat=True)
    client.post(f"/reviews/{review.pk}/answer", {"pick": list(rest), "reason": "seen", "decision": "done"})
    client.post(f"/reviews/{review.pk}/scope", {"out": "trial tenant: emptied every night"})
    assert client.post(f"/reviews/{review.pk}/sign", {"decision": "sign"}).status_code == 403
    _client(otto).post(f"/reviews/{review.pk}/sign", {"decision": "sign", "reason": "mine"})
    review.refresh_from_db()
    assert review.status == "signed"
    approver = _client(bea)
    asked = approver.post(f"/reviews/{review.pk}/seal", follow=True).content.decode()
    assert "Waits for a worker" in asked
    assert "No worker runs" in asked
    assert ">Seal</button>" not in asked
    (work,) = work_off()
    review.refresh_from_db()
    assert review.status == "sealed"
    assert "the review is sealed" in approver.get(f"/work/{work.pk}/part/").content.decode()
    page = client.get(f"/reviews/{review.pk}/").content.decode()
    assert "The seal holds" in page
    assert "emptied every night" in page
    report = client.get(f"/reviews/{review.pk}/report/report.html")
    assert report.headers["content-disposition"].startswith("attachment")
    assert client.get(f"/reviews/{review.pk}/report/manifest.json").status_code == 404
    assert client.get("/reviews/?status=sealed").status_code == 200


def test_a_look_is_started_and_approved_on_the_pages(looked: Platform) -> None:
    client = _client(make_person("otto", "platform_owner", "approver", platform=looked))
    page = client.post(f"/platforms/{looked.slug}/collect", follow=True).content.decode()
    assert "Waits for a worker" in page
    assert "No worker runs" in page
    assert "Look now" not in page
    work_off()
    page = client.get(f"/platforms/{looked.slug}/").content.decode()
    assert "tables were read" in page
    assert "Look now" in page
    look = Collection.objects.latest("pk")
    client.post(f"/collections/{look.pk}/approve", {"reason": "as agreed"})
    looked.refresh_from_db()
    assert looked.baseline_collection == look
    assert "This is the approved baseline" in client.get(f"/collections/{look.pk}/").content.decode()
