from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from django.db import DatabaseError, connection, transaction

from passmuster.application.access import Action, Actor, NotAllowed
from passmuster.application.acting import acting, keeper
from passmuster.application.evidence.evidence import (
    add_evidence,
    evidence_for,
    expiring,
    file_store,
    link_evidence,
    readable_file,
    safe_name,
    supersede_evidence,
)
from passmuster.application.evidence.same_bytes import same_bytes
from passmuster.application.programme.review_policy import read_review_policy
from passmuster.application.record.auditing import keeper_signer, verify_record
from passmuster.application.record.checkpoints import write_checkpoint
from passmuster.application.reviews.sealing import told_of
from passmuster.application.storage.storing import home
from passmuster.errors import UnreadableInput, UsageError
from passmuster.model import evidence as limits
from passmuster.model.evidence import EvidenceFacts, EvidenceKind
from passmuster.pipeline.sealing import digest_of_all, spell_document
from passmuster.records.models import AuditEvent, Evidence, Review
from tests.keeping import NOW, actor, make_person, make_platform, past_can_change

_PDF = b"%PDF-1.7\nproof"


def _facts(title: str = "Report", **more: object) -> EvidenceFacts:
    return EvidenceFacts(title, EvidenceKind.REPORT, **more)  # type: ignore[arg-type]


def _add(who: Actor, content: bytes = _PDF, name: str = "report.pdf", **more: object) -> Evidence:
    return add_evidence(who, [content], name=name, facts=_facts(**more))


def _review(platform: object, **more: object) -> Review:
    return Review.objects.create(
        platform=platform, occurrence="2026-Q2", because="due", due_on=date(2026, 6, 30), opened_at=NOW, **more
    )


def _broken() -> str:
    return verify_record(public_key=keeper_signer().public_key).broken


@pytest.mark.usefixtures("db")
def test_what_is_handed_in_is_kept_by_its_digest_and_told_in_the_record() -> None:
    who = actor(make_person("ada", "reviewer"))
    made = _add(who, name="../../etc/Report: v1.pdf", controls=("PRV-08", "LOG-01"))
    found, path = readable_file(who, made.pk)
    assert path.read_bytes() == _PDF
    assert path.name == found.sha256
    assert path.stat().st_mode & 0o777 == 0o400
    assert (found.file_name, found.media_type, found.controls) == (
        "Report_ v1.pdf",
        "application/pdf",
        ["LOG-01", "PRV-08"],
    )
    event = AuditEvent.objects.get(action="add_evidence")
    assert event.after["sha256"] == made.sha256
    same = _add(who, name="copy.pdf")
    assert same.sha256 == made.sha256
    assert _broken() == ""


@pytest.mark.usefixtures("db")
def test_superseding_keeps_what_was_there_and_happens_once() -> None:
    who = actor(make_person("ada", "reviewer"))
    first = _add(who, expires_on=date(2026, 6, 20))
    assert list(expiring(date(2026, 7, 1))) == [first]
    second = supersede_evidence(who, first, [_PDF + b"2"], name="r.pdf", facts=_facts("Newer"), why="yearly")
    first.refresh_from_db()
    assert first.superseded_by == second
    assert readable_file(who, first.pk)[1].read_bytes() == _PDF
    assert list(expiring(date(2026, 7, 1))) == []
    with pytest.raises(UsageError, match="superseded by"):
        supersede_evidence(who, first, [_PDF + b"3"], name="r.pdf", facts=_facts("Third"), why="again")
    with pytest.raises(DatabaseError, match="what is recorded stays"), transaction.atomic():
        Evidence.objects.filter(pk=first.pk).update(sha256=second.sha256)
    assert _broken() == ""


@pytest.mark.usefixtures("db")
def test_only_those_with_the_right_on_the_platform_hand_in_and_read() -> None:
    here, there = make_platform("Here"), make_platform("There")
    reviewer = actor(make_person("ada", "reviewer", platform=here))
    other = actor(make_person("ben", "reviewer", platform=there))
    auditor, guest = actor(make_person("otto", "auditor")), actor(make_person("vera", "vendor_contact"))
    made = _add(reviewer, platform=here.pk)
    with pytest.raises(NotAllowed):
        _add(reviewer, platform=there.pk)
    for who in (auditor, guest):
        with pytest.raises(NotAllowed):
            _add(who, platform=here.pk)
    assert list(evidence_for(reviewer)) == list(evidence_for(auditor)) == [made]
    for who in (other, guest):
        assert list(evidence_for(who)) == []
        with pytest.raises(NotAllowed):
            readable_file(who, made.pk)
        with pytest.raises(NotAllowed):
            supersede_evidence(who, made, [_PDF], name="r.pdf", facts=_facts(platform=there.pk), why="mine")
        with pytest.raises(NotAllowed):
            link_evidence(who, made, controls=["IAM-01"], reviews=[])


@pytest.mark.usefixtures("db")
def test_it_is_linked_to_open_reviews_of_its_platform_and_stays_with_sealed_ones() -> None:
    here, there = make_platform("Here"), make_platform("There")
    review, foreign = _review(here), _review(there)
    who = actor(make_person("ada", "reviewer"))
    made = _add(who, platform=here.pk, reviews=(review.pk,))
    with pytest.raises(UsageError, match="no open reviews"):
        link_evidence(who, made, controls=[], reviews=[review.pk, foreign.pk])
    link_evidence(who, made, controls=["PRV-08", " "], reviews=[review.pk], why="belongs there")
    event = AuditEvent.objects.get(action="link_evidence")
    assert (event.before["controls"], event.after["controls"]) == ([], ["PRV-08"])
    link_evidence(who, made, controls=["PRV-08"], reviews=[review.pk])
    assert AuditEvent.objects.filter(action="link_evidence").count() == 1
    Review.objects.filter(pk=review.pk).update(status="sealed")
    with pytest.raises(UsageError, match="is sealed"):
        link_evidence(who, made, controls=[], reviews=[])
    with pytest.raises(UsageError, match="no open reviews"):
        _add(who, platform=here.pk, reviews=(review.pk,))


@pytest.mark.usefixtures("db")
def test_what_cannot_be_is_refused_all_at_once_and_nothing_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    who = actor(make_person("ada", "reviewer"))
    before = _files()
    with pytest.raises(UsageError) as raised:
        _add(who, title=" ", period_from=date(2026, 2, 1), period_to=date(2026, 1, 1), owner=999_999)
    assert "say in a title" in str(raised.value)
    assert "ends before it begins" in str(raised.value)
    assert "no such owner" in str(raised.value)
    with pytest.raises(UnreadableInput, match="no kind"):
        _add(who, b"MZ\0", "tool.exe")
    monkeypatch.setattr("passmuster.application.evidence.evidence.MAX_BYTES", 1 << 20)
    with pytest.raises(UnreadableInput, match="larger than 1 MiB"):
        add_evidence(who, _endless(), name="big.txt", facts=_facts())
    assert _files() == before
    assert not Evidence.objects.exists()
    assert limits.MAX_BYTES > 1 << 20


def _endless() -> Iterator[bytes]:
    while True:
        yield b"x" * 65_536


def _files() -> set[Path]:
    return set(file_store().path_of("0" * 64).parents[1].rglob("*"))


@pytest.mark.usefixtures("db")
def test_any_flipped_byte_of_an_evidence_file_is_found_and_so_is_an_exchanged_one() -> None:
    who = actor(make_person("ada", "reviewer"))
    first, second = _add(who, _PDF + b" one"), _add(who, _PDF + b" two")
    path = file_store().path_of(first.sha256)
    data = path.read_bytes()
    path.chmod(0o600)
    for place in range(len(data)):
        path.write_bytes(data[:place] + bytes([data[place] ^ 1 << place % 8]) + data[place + 1 :])
        assert _broken() == f"the file of evidence {first.pk} (event 1) was changed"
    with pytest.raises(UsageError, match="was changed"):
        readable_file(who, first.pk)
    path.write_bytes(data + b"\n")
    assert "was changed" in _broken()
    # A damaged file does not keep the chain itself from being signed.
    assert write_checkpoint(keeper(NOW), keeper_signer())
    path.unlink()
    assert "is gone" in _broken()
    _add(who, data)
    assert _broken() == ""
    with past_can_change():
        Evidence.objects.filter(pk=first.pk).update(sha256=second.sha256)
    assert "its sha256 differs" in _broken()
    with past_can_change(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM records_evidence WHERE id = %s", [first.pk])
    assert "is gone from the database" in _broken()


@pytest.mark.usefixtures("db")
def test_evidence_that_nobody_handed_in_is_found() -> None:
    who = make_person("ada", "reviewer")
    made = _add(actor(who))
    made.pk = None
    made.save(force_insert=True)
    assert _broken() == f"evidence {made.pk} was never handed in: no event tells of it"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("report.pdf", "report.pdf"),
        ("C:\\Users\\ada\\report.pdf", "report.pdf"),
        ("/etc/passwd", "passwd"),
        ("a\r\nSet-Cookie: x.txt", "a__Set-Cookie_ x.txt"),
        ("..", "file"),
        ("", "file"),
        ("x" * 300 + ".pdf", "x" * 196 + ".pdf"),
    ],
)
def test_a_name_is_no_more_than_a_name(given: str, expected: str) -> None:
    assert safe_name(given) == expected


@pytest.mark.usefixtures("db")
def test_any_flipped_byte_of_a_sealed_review_is_found_and_so_is_an_undone_seal() -> None:
    platform = make_platform()
    review = _review(platform, status="sealed")
    folder = home() / "reviews" / "by-hand"
    folder.mkdir(parents=True)
    path = folder / "review.json"
    path.write_bytes(spell_document(told_of(review)))
    files = {"review.json": hashlib.sha256(path.read_bytes()).hexdigest()}
    review.seal = {"key": "reviews/by-hand", "files": files, "digest": digest_of_all(files)}
    review.save()
    who = actor(make_person("ada", "approver"))
    with acting(who, Action.SEAL_REVIEW, review, platform=platform) as event:
        event.after = {"status": "sealed", "digest": review.seal["digest"]}
    assert _broken() == ""
    data = path.read_bytes()
    for place in range(0, len(data), 7):
        path.write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
        assert _broken().startswith(f"the sealed review {review.pk} (event 1): ")
    path.write_bytes(data)
    assert _broken() == ""
    Review.objects.filter(pk=review.pk).update(status="open")
    assert _broken() == f"the review {review.pk} was sealed (event 1) and is no longer"
    path.unlink()
    folder.rmdir()


def test_what_the_policy_of_reviews_asks_for_can_be_handed_in_under_its_name(tmp_path: Path) -> None:
    wanted = {kind for tier in read_review_policy(tmp_path).tiers.values() for kind in tier.evidence}
    assert wanted <= set(EvidenceKind)


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"expires_on": date(2026, 5, 30)}, "expired on 2026-05-30 already"),
        ({"period_from": date(2026, 6, 2), "period_to": date(2026, 6, 9)}, "begins on 2026-06-02, which has not come"),
        ({"controls": ("IAM-01", "NOPE-99")}, "controls: no pack of any platform has NOPE-99; take the name"),
        ({"controls": ("iam-01",)}, "no pack of any platform has iam-01; did you mean IAM-01?"),
        ({"controls": ("PVR-08",), "expires_on": date(2020, 1, 1)}, "2020-01-01 already.*did you mean PRV-08"),
    ],
)
def test_evidence_that_cannot_count_or_names_no_control_is_refused(told: dict[str, object], words: str) -> None:
    who = actor(make_person("ada", "reviewer"))
    with pytest.raises(UsageError, match=words):
        _add(who, **told)
    assert not Evidence.objects.exists()


@pytest.mark.usefixtures("db")
def test_evidence_may_end_today_or_begin_today_wherever_on_earth_it_is_handed_in() -> None:
    for told in ({"expires_on": date(2026, 6, 1)}, {"period_from": date(2026, 6, 1)}):
        assert EvidenceFacts("Report", EvidenceKind.REPORT, **told).problems_at(NOW) == ()
    evening, morning = NOW.replace(hour=22), NOW.replace(hour=1)
    assert _facts(period_from=date(2026, 6, 2)).problems_at(evening) == ()
    assert _facts(expires_on=date(2026, 5, 31)).problems_at(morning) == ()


@pytest.mark.usefixtures("db")
def test_a_control_that_a_piece_is_linked_to_stays_a_good_name_for_it_and_its_successor() -> None:
    who = actor(make_person("ada", "reviewer"))
    made = _add(who)
    Evidence.objects.update(controls=["GONE-01"])
    link_evidence(who, made, controls=["GONE-01", "IAM-01"], reviews=[])
    with pytest.raises(UsageError, match="has GONE-02"):
        link_evidence(who, made, controls=["GONE-01", "GONE-02"], reviews=[])
    facts = _facts(controls=("GONE-01",))
    assert supersede_evidence(who, made, [_PDF + b"2"], name="r.pdf", facts=facts, why="yearly").controls == ["GONE-01"]


@pytest.mark.usefixtures("db")
def test_bytes_that_were_handed_in_before_are_told_to_whoever_may_read_them() -> None:
    here, there = make_platform("Here"), make_platform("There")
    everywhere = actor(make_person("ada", "reviewer"))
    local = actor(make_person("leo", "reviewer", platform=here))
    first, second = _add(everywhere, platform=there.pk), _add(everywhere, platform=here.pk)
    other = _add(everywhere, _PDF + b"2", platform=here.pk)
    assert [same_bytes(everywhere, each) for each in (first, second, other)] == [[], [first.pk], []]
    assert same_bytes(local, second) == []
