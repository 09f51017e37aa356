from __future__ import annotations

import hashlib
import os
import shutil
import time
from pathlib import Path

import pytest

from passmuster.application.access import Actor
from passmuster.application.evidence.bundling import bundle_review
from passmuster.application.evidence.evidence import add_evidence, readable_file
from passmuster.application.looking.looking import collect_platform
from passmuster.application.record.auditing import keeper_signer, verify_record
from passmuster.application.record.moving_files import move_files_away
from passmuster.application.reviews.sealing import report_of, reproduce_report, seal_review, verify_seal
from passmuster.application.storage.file_stores import (
    CACHE_MB,
    FILES,
    describe_files,
    file_store,
    local_files,
    require_stores,
)
from passmuster.application.storage.storing import home
from passmuster.errors import StoreFailed, UsageError
from passmuster.model.evidence import EvidenceFacts, EvidenceKind
from passmuster.records.bundle import verify_bundle
from passmuster.records.models import AuditEvent, Evidence, Platform, Review
from tests.keeping import NOW, actor, make_person, make_platform
from tests.stores.server import Store, cut_line

_PDF = b"%PDF-1.7\nproof"


@pytest.fixture
def named(reached: Store, monkeypatch: pytest.MonkeyPatch) -> str:
    """A bucket of its own that PASSMUSTER_FILES names; nothing read before."""
    name = reached.bucket()
    monkeypatch.setenv(FILES, f"s3://{name}/keeper")
    _forget()
    return name


def _forget() -> None:
    """What a new machine knows: nothing of what was read before."""
    shutil.rmtree(home() / "cache", ignore_errors=True)


def _add(who: Actor, content: bytes = _PDF, **more: object) -> Evidence:
    facts = EvidenceFacts("Report", EvidenceKind.REPORT, **more)  # type: ignore[arg-type]
    return add_evidence(who, [content], name="report.pdf", facts=facts)


def _broken() -> str:
    return verify_record(public_key=keeper_signer().public_key).broken


def _key(evidence: Evidence) -> str:
    return f"keeper/sha256/{evidence.sha256[:2]}/{evidence.sha256}"


@pytest.mark.usefixtures("db")
def test_evidence_lies_in_the_bucket_under_its_digest_and_is_read_from_there(reached: Store, named: str) -> None:
    who = actor(make_person("ada", "reviewer"))
    made = _add(who)
    assert not local_files(home()).path_of(made.sha256).exists()
    assert reached.client.get_object(Bucket=named, Key=_key(made))["Body"].read() == _PDF
    _forget()
    assert readable_file(who, made.pk)[1].read_bytes() == _PDF
    assert _add(who).sha256 == made.sha256
    assert _broken() == ""


@pytest.mark.usefixtures("db")
def test_what_is_changed_or_removed_in_the_bucket_is_found_though_it_was_read_before(
    reached: Store, named: str
) -> None:
    who = actor(make_person("ada", "reviewer"))
    made = _add(who)
    reached.client.put_object(Bucket=named, Key=_key(made), Body=_PDF.replace(b"proof", b"pr00f"))
    assert _broken() == f"the file of evidence {made.pk} (event 1) was changed"
    _forget()
    with pytest.raises(UsageError, match="was changed; restore it"):
        readable_file(who, made.pk)
    reached.client.delete_object(Bucket=named, Key=_key(made))
    assert "is gone" in _broken()
    with pytest.raises(UsageError, match="is gone"):
        readable_file(who, made.pk)
    _add(who)
    assert _broken() == ""


@pytest.mark.usefixtures("db")
def test_a_damaged_file_in_the_bucket_is_mended_by_the_same_file(reached: Store, named: str) -> None:
    who = actor(make_person("ada", "reviewer"))
    made = _add(who)
    reached.client.put_object(Bucket=named, Key=_key(made), Body=b"damaged")
    assert "was changed" in _broken()
    _add(who)
    assert _broken() == ""


@pytest.mark.usefixtures("db")
def test_a_line_that_breaks_while_evidence_is_handed_in_leaves_nothing_half_done(
    store: Store, named: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    who, large = actor(make_person("ada", "reviewer")), _PDF + b"\n%" + b"x" * 3_000_000
    with cut_line(store, after_bytes=1_000_000) as broken:
        monkeypatch.setenv("AWS_ENDPOINT_URL", broken.environ["AWS_ENDPOINT_URL"])
        with pytest.raises(StoreFailed, match="did not answer"):
            _add(who, large)
        # What cannot be looked at is no finding, and no "intact" either.
        with pytest.raises(StoreFailed):
            file_store().problem("0" * 64)
    assert not Evidence.objects.exists()
    assert not AuditEvent.objects.exists()
    assert not [path for path in (home() / "cache").rglob("*") if path.is_file()]
    monkeypatch.setenv("AWS_ENDPOINT_URL", store.environ["AWS_ENDPOINT_URL"])
    assert store.client.list_objects_v2(Bucket=named)["KeyCount"] == 0
    made = _add(who, large)
    assert readable_file(who, made.pk)[1].stat().st_size == len(large)


@pytest.mark.usefixtures("db", "named")
def test_the_copies_here_stay_within_their_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CACHE_MB, "1")
    who = actor(make_person("ada", "reviewer"))
    made = [_add(who, _PDF + bytes([65 + number]) * 400_000) for number in range(5)]

    def held() -> set[str]:
        return {path.name for path in (home() / "cache").rglob("*") if path.is_file()}

    # What was used just now stays, whatever the bound: somebody may be about to open it.
    assert held() == {each.sha256 for each in made}
    long_ago = time.time() - 3_600
    for number, each in enumerate(made):
        path = readable_file(who, each.pk)[1]
        os.utime(path, (long_ago + number, long_ago + number))
    last = _add(who, _PDF + b"z" * 400_000)
    assert held() == {made[4].sha256, last.sha256}
    assert readable_file(who, made[0].pk)[1].read_bytes().endswith(b"A")
    assert _broken() == ""


def _signed(platform: Platform) -> Review:
    keeper = actor(make_person(f"kim-{platform.slug}", "platform_owner"))
    look = collect_platform(keeper, platform, "test")
    return Review.objects.create(
        platform=platform, occurrence="q", because="due", status="signed", due_on=NOW.date(), opened_at=NOW,
        signed_at=NOW, collection=look, evaluation=look.evaluations.get(),
    )  # fmt: skip


@pytest.mark.usefixtures("db")
def test_a_sealed_review_is_one_archive_in_the_bucket_from_which_it_is_read_verified_and_made_again(
    reached: Store, named: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    review = _signed(make_platform())
    who = actor(make_person("ada", "approver"))
    with cut_line(reached, after_bytes=20_000) as broken:
        monkeypatch.setenv("AWS_ENDPOINT_URL", broken.environ["AWS_ENDPOINT_URL"])
        with pytest.raises(StoreFailed):
            seal_review(who, review)
    monkeypatch.setenv("AWS_ENDPOINT_URL", reached.environ["AWS_ENDPOINT_URL"])
    review.refresh_from_db()
    assert (review.status, review.seal) == ("signed", {})
    assert not list((home() / "reviews" / review.platform.slug).glob("*"))
    sealed = seal_review(who, review)
    assert not (home() / sealed.seal["key"]).exists()
    _forget()
    assert verify_seal(sealed) == []
    report = report_of(who, sealed)
    assert report is not None
    assert hashlib.sha256(report).hexdigest() == sealed.seal["files"]["report/report.html"]
    assert reproduce_report(sealed) == []
    assert _broken() == ""
    digest = sealed.seal["archive"]["sha256"]
    key = f"keeper/sha256/{digest[:2]}/{digest}"
    whole = reached.client.get_object(Bucket=named, Key=key)["Body"].read()
    for place in (0, 300, len(whole) // 2, len(whole) - 1):
        reached.client.put_object(
            Bucket=named, Key=key, Body=whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :]
        )
        assert verify_seal(sealed) == ["the archive of its files was changed"]
    assert _broken() == f"the sealed review {sealed.pk} (event {AuditEvent.objects.count()}): " + verify_seal(sealed)[0]
    reached.client.delete_object(Bucket=named, Key=key)
    assert verify_seal(sealed) == ["the archive of its files is gone"]


@pytest.mark.usefixtures("db")
def test_what_lies_in_the_home_is_moved_into_the_bucket_and_verifies_from_there(
    reached: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv(FILES, raising=False)
    who, admin = actor(make_person("ada", "approver")), actor(make_person("otto", "administrator"))
    platform = make_platform()
    sealed = seal_review(who, _signed(platform))
    folder = home() / sealed.seal["key"]
    review = Review.objects.create(
        platform=platform, occurrence="r", because="due", status="open", due_on=NOW.date(), opened_at=NOW
    )
    made = [_add(who, _PDF + bytes([65 + number]), platform=platform.pk, reviews=(review.pk,)) for number in range(3)]
    with pytest.raises(UsageError, match="name a bucket in PASSMUSTER_FILES"):
        move_files_away(admin)
    monkeypatch.setenv(FILES, f"s3://{reached.bucket()}")
    assert "is gone" in _broken()
    moved = move_files_away(admin)
    assert (moved.files, moved.reviews) == (3, 1)
    assert not folder.exists()
    assert not list(local_files(home()).all_files())
    _forget()
    assert _broken() == ""
    sealed.refresh_from_db()
    assert "archive" in sealed.seal
    assert report_of(who, sealed)
    events = AuditEvent.objects.count()
    assert move_files_away(admin).files == 0
    assert AuditEvent.objects.count() == events
    bundle_review(who, review.pk, tmp_path / "bundle.tar", keeper_signer())
    assert verify_bundle(tmp_path / "bundle.tar", public_key=keeper_signer().public_key).files == len(made)


def test_where_the_files_are_and_whether_they_are_locked_is_told(
    reached: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(FILES, raising=False)
    assert describe_files().endswith("/files")
    monkeypatch.setenv(FILES, f"s3://{reached.bucket()}")
    assert describe_files().endswith("which the store does NOT lock")
    monkeypatch.setenv(FILES, f"s3://{reached.bucket(locked_days=9)}/x")
    assert describe_files().endswith("/x, locked by the store (COMPLIANCE, 9 days)")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    assert "did not answer" in describe_files()


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({FILES: "/srv/files"}, "names no bucket"),
        ({FILES: "s3://bucket"}, "AWS_ACCESS_KEY_ID is not set"),
        ({"PASSMUSTER_CHECKPOINTS": "s3://bucket"}, "AWS_ACCESS_KEY_ID is not set"),
        ({CACHE_MB: "plenty"}, "is no number of MiB"),
    ],
)
def test_settings_that_cannot_work_are_refused_before_anything_starts(given: dict[str, str], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        require_stores(given)
    require_stores({"PASSMUSTER_CHECKPOINTS": "/mnt/elsewhere"})
