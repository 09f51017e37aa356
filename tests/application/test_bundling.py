from __future__ import annotations

import base64
import hashlib
import json
import tarfile
from datetime import date
from pathlib import Path

import pytest
from securesystemslib.dsse import Envelope
from securesystemslib.signer import SSlibKey

from passmuster.application.evidence.bundling import bundle_review
from passmuster.application.evidence.evidence import add_evidence, file_store
from passmuster.application.record.auditing import keeper_signer
from passmuster.errors import UnreadableInput, UsageError
from passmuster.model.evidence import EvidenceFacts, EvidenceKind
from passmuster.records.bundle import verify_bundle
from passmuster.records.models import Review
from passmuster.records.signing import own_signer
from tests.keeping import NOW, actor, make_person, make_platform


def _bundle(folder: Path, *contents: bytes) -> Path:
    platform = make_platform()
    review = Review.objects.create(
        platform=platform, occurrence="2026-Q2", because="due", due_on=date(2026, 6, 30), opened_at=NOW
    )
    who = actor(make_person("ada", "reviewer"))
    for number, content in enumerate(contents):
        facts = EvidenceFacts(f"Ünïcode {number}", EvidenceKind.LOG, platform=platform.pk, reviews=(review.pk,))
        add_evidence(who, [content], name="proof.txt", facts=facts)
    target = folder / "bundle.tar"
    assert bundle_review(actor(make_person("otto", "auditor")), review.pk, target, keeper_signer()) == len(contents)
    return target


@pytest.mark.usefixtures("db")
def test_a_bundle_verifies_offline_and_another_program_reads_it_too(tmp_path: Path) -> None:
    contents = [b"first\n", b"x" * 512, b"first\n"]
    target = _bundle(tmp_path, *contents)
    key = keeper_signer().public_key
    verdict = verify_bundle(target, public_key=key)
    assert (verdict.broken, verdict.files, verdict.about["platform"]) == ("", 2, "automations")
    assert verify_bundle(target).is_own_key
    # Held against another implementation of DSSE, and a reader of tar that is not ours.
    public = SSlibKey("x", "ed25519", "ed25519", {"public": base64.b64decode(key).hex()})
    with tarfile.open(target) as archive:
        names = archive.getnames()
        held = {name: (archive.extractfile(name) or pytest.fail("no file")).read() for name in names}
    envelopes = [Envelope.from_dict(json.loads(line)) for line in held.pop(names[0]).decode().splitlines()]
    statements = []
    for envelope in envelopes:
        public.keyid = next(iter(envelope.signatures))
        assert envelope.verify([public], 1)
        statements.append(json.loads(envelope.payload))
    assert {each["_type"] for each in statements} == {"https://in-toto.io/Statement/v1"}
    for statement in statements:
        for subject in statement["subject"]:
            assert hashlib.sha256(held[subject["name"]]).hexdigest() == subject["digest"]["sha256"]
    assert sorted(held.values()) == sorted(set(contents))
    assert [each["predicate"].get("title") for each in statements] == ["Ünïcode 0", "Ünïcode 1", "Ünïcode 2", None]


@pytest.mark.usefixtures("db")
def test_any_flipped_missing_or_added_byte_of_a_bundle_is_found(tmp_path: Path) -> None:
    target = _bundle(tmp_path, b"first\n", b"second\n")
    key, data = keeper_signer().public_key, target.read_bytes()
    bad = tmp_path / "bad.tar"
    for place in range(len(data)):
        bad.write_bytes(data[:place] + bytes([data[place] ^ 1 << place % 8]) + data[place + 1 :])
        assert not _holds(bad, key), place
    for wrong in (data[:-1], data + b"\0", data[:-1024], data[: len(data) // 2]):
        bad.write_bytes(wrong)
        assert not _holds(bad, key)
    for other in (data[512:], b"", data[:100]):
        bad.write_bytes(other)
        with pytest.raises(UnreadableInput, match="is no evidence bundle"):
            verify_bundle(bad, public_key=key)
    lines = data[512:].split(b"\n")
    # The statements exchanged: each is signed, the last one says in which order they stood.
    bad.write_bytes(data[:512] + b"\n".join([lines[1], lines[0], *lines[2:]]))
    assert verify_bundle(bad, public_key=key).broken == "the statements are not those the last one was signed over"


@pytest.mark.usefixtures("db")
def test_a_bundle_of_another_keeper_does_not_pass_for_ours(tmp_path: Path) -> None:
    target = _bundle(tmp_path, b"first\n")
    other = own_signer(tmp_path).public_key
    assert verify_bundle(target, public_key=other).broken == "statement 1 is not signed by that key"


@pytest.mark.usefixtures("db")
def test_damaged_evidence_is_not_handed_on_and_an_empty_review_says_so(tmp_path: Path) -> None:
    target = _bundle(tmp_path, b"first\n")
    review = Review.objects.get()
    path = file_store().path_of(hashlib.sha256(b"first\n").hexdigest())
    path.chmod(0o600)
    path.write_bytes(b"worse\n")
    who = actor(make_person("zoe", "reviewer"))
    with pytest.raises(UsageError, match="was changed"):
        bundle_review(who, review.pk, tmp_path / "again.tar", keeper_signer())
    assert {each.name for each in tmp_path.iterdir()} == {target.name}
    path.unlink()
    review.evidence.clear()
    with pytest.raises(UsageError, match="no evidence belongs"):
        bundle_review(who, review.pk, tmp_path / "again.tar", keeper_signer())
    with pytest.raises(UsageError, match="there is no review 0"):
        bundle_review(who, 0, tmp_path / "again.tar", keeper_signer())


def _holds(path: Path, key: str) -> bool:
    return not verify_bundle(path, public_key=key).broken
