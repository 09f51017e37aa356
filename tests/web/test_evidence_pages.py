from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from passmuster.application.acting import keeper
from passmuster.application.evidence.evidence import add_evidence, file_store
from passmuster.application.record.auditing import keeper_signer
from passmuster.application.record.checkpoints import write_checkpoint
from passmuster.model.evidence import EvidenceFacts, EvidenceKind
from passmuster.records.models import AuditEvent, Evidence, Person, Platform, Review
from tests.keeping import NOW, actor, make_person, make_platform, past_can_change
from tests.working_off import work_off

_PDF = b"%PDF-1.7\nproof"


def _client(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def _add(person: Person, title: str = "Backup test", **more: object) -> Evidence:
    facts = EvidenceFacts(title, EvidenceKind.REPORT, **more)  # type: ignore[arg-type]
    return add_evidence(actor(person), [_PDF], name="proof.pdf", facts=facts)


def _text(response: HttpResponse) -> str:
    return response.content.decode()


def _review(platform: Platform) -> Review:
    return Review.objects.create(
        platform=platform, occurrence="2026-Q2", because="due", due_on=date(2026, 6, 30), opened_at=NOW, status="open"
    )


@pytest.mark.usefixtures("db")
def test_a_file_is_handed_in_linked_superseded_and_taken_away_through_the_pages() -> None:
    person, platform = make_person("ada", "reviewer"), make_platform()
    review, client = _review(platform), _client(person)
    assert "No evidence yet" in _text(client.get("/evidence/"))
    form = client.get(f"/evidence/new/?platform={platform.slug}&review={review.pk}&control=PRV-08")
    assert 'enctype="multipart/form-data"' in _text(form)
    assert f'<option value="{review.pk}" selected>' in _text(form)
    told = {
        "title": "Backup <test>",
        "kind": "backup_proof",
        "platform": platform.pk,
        "controls": "PRV-08, BCK-01",
        "reviews": [review.pk],
        "period_from": "2026-01-01",
        "period_to": "2026-03-31",
        "expires_on": "2027-01-01",
        "file": SimpleUploadedFile("proof.pdf", _PDF),
    }
    answer = client.post("/evidence/new/", told)
    made = Evidence.objects.get()
    assert answer.headers["location"] == f"/evidence/{made.pk}/"
    assert (made.controls, list(made.reviews.all()), made.uploaded_by) == (["BCK-01", "PRV-08"], [review], person)
    shown = _text(client.get(f"/evidence/{made.pk}/"))
    assert "Backup &lt;test&gt;" in shown
    assert made.sha256 in shown
    assert "add evidence" in shown
    again = client.post(
        "/evidence/new/", {"title": "Again", "kind": "report", "file": SimpleUploadedFile("a.pdf", _PDF)}, follow=True
    )
    assert f"These bytes are evidence {made.pk} already" in _text(again)
    assert f'<a href="/evidence/{made.pk}/">evidence {made.pk}</a>' in _text(again)
    client.post(f"/evidence/{made.pk}/link/", {"controls": "LOG-01", "reviews": []})
    made.refresh_from_db()
    assert (made.controls, made.reviews.count()) == (["LOG-01"], 0)
    newer = {"title": "Newer", "kind": "report", "why": "yearly", "file": SimpleUploadedFile("n.pdf", _PDF + b"2")}
    assert client.get(f"/evidence/{made.pk}/supersede/").status_code == 200
    client.post(f"/evidence/{made.pk}/supersede/", newer)
    made.refresh_from_db()
    assert made.superseded_by is not None
    assert made.superseded_by.platform == platform
    assert "A newer one took its place" in _text(client.get(f"/evidence/{made.pk}/"))


@pytest.mark.usefixtures("db")
def test_a_file_is_saved_and_never_shown_in_place() -> None:
    person = make_person("ada", "reviewer")
    made = _add(person)
    answer = _client(person).get(f"/evidence/{made.pk}/file/")
    assert b"".join(answer.streaming_content) == _PDF  # type: ignore[attr-defined]
    assert answer.headers["content-disposition"] == 'attachment; filename="proof.pdf"'
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"].startswith("sandbox")
    assert answer.headers["cache-control"] == "no-store"
    path = file_store().path_of(made.sha256)
    path.chmod(0o600)
    path.write_bytes(b"worse")
    answer = _client(person).get(f"/evidence/{made.pk}/file/", follow=True)
    assert "was changed" in _text(answer)
    path.unlink()


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"file": SimpleUploadedFile("page.html", b"<html>")}, "no kind that is kept"),
        ({"file": SimpleUploadedFile("tool.pdf", b"MZ")}, "no kind that is kept"),
        ({"file": ""}, "required"),
        ({"title": ""}, "required"),
        ({"kind": "poem"}, "Select a valid choice"),
        ({"period_from": "2026-02-30"}, "Enter a valid date"),
        ({"period_from": "2026-03-01", "period_to": "2026-02-01"}, "ends before it begins"),
        ({"platform": 987654}, "Select a valid choice"),
    ],
)
def test_what_cannot_be_kept_is_told_beside_the_form_and_nothing_is_kept(change: dict[str, object], words: str) -> None:
    client = _client(make_person("ada", "reviewer"))
    told = {"title": "Proof", "kind": "report", "file": SimpleUploadedFile("proof.pdf", _PDF), **change}
    answer = client.post("/evidence/new/", told)
    assert answer.status_code == 422
    assert words in _text(answer)
    assert not Evidence.objects.exists()


@pytest.mark.usefixtures("db")
def test_what_belongs_to_another_platform_is_as_if_it_were_not_there() -> None:
    here, there = make_platform("Here"), make_platform("There")
    foreign = _add(make_person("ben", "reviewer", platform=there), "Foreign proof", platform=there.pk)
    client = _client(make_person("ada", "reviewer", platform=here))
    assert "Foreign proof" not in _text(client.get("/evidence/"))
    for path in ("", "file/", "supersede/"):
        assert client.get(f"/evidence/{foreign.pk}/{path}").status_code == 404
    assert client.post(f"/evidence/{foreign.pk}/link/", {"controls": "X"}).status_code == 404
    assert client.get(f"/evidence/{10**30}/").status_code == 404
    told = {"title": "x", "kind": "report", "platform": there.pk, "file": SimpleUploadedFile("p.pdf", _PDF)}
    assert client.post("/evidence/new/", told).status_code == 422
    # Without a platform it would be for everywhere, where this person has no duty.
    assert client.post("/evidence/new/", {**told, "platform": ""}).status_code == 422
    guest, auditor = _client(make_person("vera", "vendor_contact")), _client(make_person("otto", "auditor"))
    assert guest.get(f"/evidence/{foreign.pk}/").status_code == 403
    assert auditor.get(f"/evidence/{foreign.pk}/").status_code == 200
    assert auditor.get("/evidence/new/").status_code == 403


@pytest.mark.usefixtures("db")
def test_the_list_is_narrowed_by_kind_state_platform_and_words() -> None:
    person, platform = make_person("ada", "reviewer"), make_platform()
    facts = EvidenceFacts("Old certificate", EvidenceKind.REPORT, expires_on=date(2020, 1, 1))
    back_then = datetime(2019, 6, 1, tzinfo=UTC)
    add_evidence(actor(person, now=back_then), [_PDF], name="proof.pdf", facts=facts)
    _add(person, "Fresh report", platform=platform.pk, controls=("PRV-08",))
    client = _client(person)
    for query, expected in (
        ("state=expired", {"Old certificate"}),
        ("state=in_force", {"Fresh report"}),
        ("state=superseded", set()),
        (f"platform={platform.slug}", {"Fresh report"}),
        ("q=PRV-08", {"Fresh report"}),
        ("q=certi", {"Old certificate"}),
        ("kind=report", {"Old certificate", "Fresh report"}),
        ("kind=log", set()),
    ):
        text = _text(client.get(f"/evidence/?{query}"))
        assert {title for title in ("Old certificate", "Fresh report") if title in text} == expected, query
    assert client.get("/evidence/?after=nonsense").status_code == 400


@pytest.mark.usefixtures("db")
def test_the_record_is_read_narrowed_opened_and_verified() -> None:
    person, admin = make_person("ada", "reviewer"), _client(make_person("root", "administrator"))
    assert "Nothing was done yet" in _text(admin.get("/record/"))
    made = _add(person)
    write_checkpoint(keeper(NOW), keeper_signer())
    text = _text(admin.get("/record/"))
    assert "add evidence" in text
    assert "nowhere but here" in text
    event = AuditEvent.objects.get(action="add_evidence")
    shown = _text(admin.get(f"/record/{event.number}/"))
    assert event.digest in shown
    assert f'href="/evidence/{made.pk}/"' in shown
    assert made.sha256 in shown
    for query, is_there in (
        ("who=ada", True),
        ("who=eve", False),
        ("action=add_evidence", True),
        (f"kind=evidence&id={made.pk}", True),
        (f"id={made.pk}", True),
        ("action=sign_record", False),
        ("kind=checkpoint", False),
        ("since=2026-06-01&until=2026-06-01", True),
        ("until=2026-05-31", False),
        ("since=2026-06-02", False),
        ("until=2026-06-02", True),
    ):
        assert (f'href="/record/{event.number}/"' in _text(admin.get(f"/record/?{query}"))) is is_there, query
    assert "is no date" in _text(admin.get("/record/?since=yesterday"))
    assert "Waits for a worker" in _text(admin.post("/record/verify/", follow=True))
    work_off()
    text = _text(admin.get("/record/"))
    assert "the record holds: 2 events" in text
    assert "note: nothing kept elsewhere was compared" in text
    with past_can_change():
        AuditEvent.objects.update(why="better")
    admin.post("/record/verify/")
    work_off()
    assert "does not hold: event 1 was changed" in _text(admin.get("/record/"))
    assert _client(person).get("/record/").status_code == 403


@pytest.mark.usefixtures("db")
def test_an_approver_of_one_platform_reads_what_was_done_to_it_alone() -> None:
    here, there = make_platform("Here"), make_platform("There")
    ada = make_person("ada", "reviewer")
    _add(ada, platform=here.pk)
    _add(ada, platform=there.pk)
    client = _client(make_person("ben", "approver", platform=here))
    text = _text(client.get("/record/"))
    assert 'href="/record/1/"' in text
    assert 'href="/record/2/"' not in text
    assert "Verify now" not in text
    assert client.get("/record/2/").status_code == 404
    assert client.post("/record/verify/").status_code == 403
