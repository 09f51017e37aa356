"""The page of the record: what was done to what by name, for those who may read it, and what goes out from here."""

from __future__ import annotations

import io
import json
import tarfile
from html import unescape
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from passmuster.application.access import Action
from passmuster.application.acting import acting, keeper
from passmuster.application.evidence.evidence import add_evidence
from passmuster.application.record.checkpoints import make_checkpoint
from passmuster.model.evidence import EvidenceFacts, EvidenceKind
from passmuster.records.chain_check import verify_export
from passmuster.records.models import AuditEvent, Checkpoint, Person, Platform, Review
from tests.keeping import NOW, actor, make_person, make_platform, past_can_change
from tests.web.api.house import caller
from tests.web.test_list_plans import explained, rows_read

pytestmark = pytest.mark.usefixtures("db")
# A page of 51 of what one in fifty has, or the index's whole answer.
_MOST_EVENTS = 6_000


def _client(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def _text(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return unescape(answer.content.decode())


def _review(platform: Platform) -> Review:
    return Review.objects.create(
        platform=platform, occurrence="q", because="the quarter", due_on=NOW.date(), opened_at=NOW, status="open"
    )


def _evidence(person: Person, platform: Platform, review: Review | None = None) -> int:
    links = (review.pk,) if review else ()
    facts = EvidenceFacts("Restore test", EvidenceKind.LOG, platform=platform.pk, reviews=links)
    return add_evidence(actor(person), [b"line\n"], name="proof.txt", facts=facts).pk


def test_events_name_what_they_are_about_and_lead_there_where_the_reader_may_read_it() -> None:
    platform, other = make_platform("Automations"), make_platform("Other")
    root, ada = make_person("root", "administrator"), make_person("ada", "reviewer")
    review = _review(platform)
    piece = _evidence(ada, platform)
    for subject in (review, ada, platform):
        with acting(actor(root), Action.MANAGE_PROGRAMME, subject, platform=platform):
            pass
    with acting(actor(root), Action.MANAGE_PROGRAMME, "review", platform=platform) as event:
        event.subject_id = str(_review(other).pk)
    text = _text(_client(root), "/record/")
    for link, name in (
        (f"/reviews/{review.pk}/", "Automations: the quarter"),
        (f"/settings/people/{ada.pk}/", "Ada"),
        ("/platforms/automations/", "Automations"),
        (f"/evidence/{piece}/", "Restore test"),
    ):
        assert f'<a href="{link}">{name}</a>' in text, name
    assert "Other: the quarter" in text
    here = _client(make_person("app", "approver", platform=platform))
    text = _text(here, "/record/")
    assert "Automations: the quarter" in text
    assert "Other: the quarter" not in text
    assert f"person {ada.pk}" in text
    assert f'href="/settings/people/{ada.pk}/"' not in text
    event_page = _text(here, f"/record/{AuditEvent.objects.get(action='add_evidence').number}/")
    assert f'<a href="/evidence/{piece}/">Restore test</a>' in event_page


def test_what_was_done_and_to_what_are_chosen_from_what_is_there() -> None:
    root = make_person("root", "administrator")
    _evidence(make_person("ada", "reviewer"), make_platform())
    text = _text(_client(root), "/record/")
    for option in ('<option value="add_evidence">add evidence</option>', '<option value="evidence">evidence</option>'):
        assert option in text
    assert '<option value="automations">' in text


def test_the_page_says_what_no_signature_covers_and_where_the_record_says_the_last_one_went(tmp_path: Path) -> None:
    root = make_person("root", "administrator")
    client = _client(root)
    _evidence(make_person("ada", "reviewer"), make_platform())
    assert "No checkpoint over 1 event." in _text(client, "/record/")
    make_checkpoint(keeper(NOW), to=tmp_path)
    with past_can_change():
        Checkpoint.objects.update(exported_to=["s3://acme-record/passmuster"])
    text = _text(client, "/record/")
    assert str(tmp_path / "checkpoint-000000000002.json") in text
    assert "s3://acme-record" not in text
    assert "The last 1 event is not signed yet" in text
    told = caller(root).get("/api/v1/record/head").json()
    assert (told["signed"], told["signed_at"][:10]) == (2, "2026-06-01")
    assert told["events"] == AuditEvent.objects.count()
    assert told["sent_to"] == [str(tmp_path / "checkpoint-000000000002.json")]


def test_the_record_and_a_reviews_evidence_are_saved_by_those_who_may(tmp_path: Path) -> None:
    platform = make_platform()
    ada = make_person("ada", "reviewer", platform=platform)
    review, bare = _review(platform), _review(make_platform("Other"))
    assert "evidence-bundle" not in _text(_client(ada), f"/reviews/{review.pk}/")
    _evidence(ada, platform, review)
    address = f"/reviews/{review.pk}/evidence-bundle"
    assert f'href="{address}"' in _text(_client(ada), f"/reviews/{review.pk}/")
    answer = _client(ada).get(address)
    assert "attachment" in answer["Content-Disposition"]
    with tarfile.open(fileobj=io.BytesIO(b"".join(answer))) as bundle:  # type: ignore[arg-type]
        assert "evidence.intoto.jsonl" in bundle.getnames()
    assert AuditEvent.objects.filter(action="bundle_evidence", actor=ada.email).count() == 1
    assert _client(ada).get(f"/reviews/{bare.pk}/evidence-bundle").status_code == 404
    assert _client(ada).get("/record/export").status_code == 403
    auditor = _client(make_person("otto", "auditor"))
    assert 'href="/record/export"' in _text(auditor, "/record/")
    assert "link some to it first" in unescape(
        auditor.get(f"/reviews/{bare.pk}/evidence-bundle", follow=True).content.decode()
    )
    target = tmp_path / "record.jsonl"
    target.write_bytes(b"".join(auditor.get("/record/export")))  # type: ignore[arg-type]
    verdict = verify_export(target)
    assert (verdict.holds, verdict.events) == (True, AuditEvent.objects.count())
    assert json.loads(target.read_text().splitlines()[-2])["event"]["action"] == "export_record"
    assert 'href="/record/export"' not in _text(_client(make_person("app", "approver")), "/record/")


def test_among_many_events_no_filter_of_the_page_or_the_api_reads_more_than_it_shows() -> None:
    root = make_person("root", "administrator")
    client, program = _client(root), caller(root)
    with connection.cursor() as cursor, past_can_change():
        cursor.execute(
            "INSERT INTO records_auditevent (number, at, actor, by, action, subject_kind, subject_id, platform, why, "
            "previous_digest, digest) SELECT n, timestamptz '2026-01-01' + n * interval '1 minute', "
            "'p' || n % 40 || '@example.org', 'page', 'act_' || CASE WHEN n % 9999 = 7 THEN 99 ELSE n % 50 END, "
            "'kind_' || n % 20, n % 5000, '', '', '', '' FROM generate_series(1001, 61000) n"
        )
        cursor.execute("ANALYZE records_auditevent")
    for query in (
        "",
        "who=p7@",
        "action=act_99",
        "kind=kind_3",
        "kind=kind_3&id=4003",
        "id=4003",
        "until=2026-01-02",
        "since=2026-02-10",
    ):
        _looks_at_few(client, f"/record/?{query}")
        named = query.replace("kind=", "subject_kind=").replace("&id=", "&subject_id=")
        _looks_at_few(program, f"/api/v1/record?{'subject_' if named.startswith('id=') else ''}{named}")


def _looks_at_few(client: Client, address: str) -> None:
    with CaptureQueriesContext(connection) as caught:
        assert client.get(address).status_code == 200, address
    asked = [each["sql"] for each in caught if "records_auditevent" in each["sql"]]
    assert asked, address
    for sql in asked:
        assert rows_read(explained(sql), "records_auditevent") <= _MOST_EVENTS, (address, sql)
