"""What the copies of checkpoints beside the signing key tell, which no right of the database reaches."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection

from passmuster.application.access import Action
from passmuster.application.acting import acting, event_fields, keeper
from passmuster.application.record.auditing import keeper_signer, verify_record
from passmuster.application.record.checkpoints import make_checkpoint, places_of, write_checkpoint
from passmuster.application.record.older_record import accept_older, tell_restore
from passmuster.errors import UsageError
from passmuster.model.chain import event_digest
from passmuster.records.archive import DUMP, home_files, unpack_archive, write_archive
from passmuster.records.chain_check import CHECKPOINT_TYPE, Verdict, read_checkpoint
from passmuster.records.models import AuditEvent, AuditHead, Checkpoint
from passmuster.records.own_checkpoints import own_files
from tests.keeping import HOME, NOW, actor, forget_copies, make_person, past_can_change


def _fill(count: int) -> None:
    who = actor(make_person(f"ada{AuditEvent.objects.count()}", "administrator"))
    for number in range(count):
        with acting(who, Action.MANAGE_PROGRAMME, "vendor", why=f"reason {number}"):
            pass


def _sql(text: str, *given: object) -> None:
    with past_can_change(), connection.cursor() as cursor:
        cursor.execute(text, given)


def _verdict(*kept: Path) -> Verdict:
    return verify_record(public_key=keeper_signer().public_key, kept=kept)


def _sign() -> Checkpoint | None:
    return write_checkpoint(keeper(NOW), keeper_signer())


def _forge(number: int) -> None:
    """Change one event, and reckon anew all that follows, with no more than the database."""
    previous = ""
    with past_can_change():
        for event in AuditEvent.objects.order_by("number"):
            event.why = "nothing happened here" if event.number == number else event.why
            event.previous_digest = previous or event.previous_digest
            event.digest = previous = event_digest(event_fields(event))
            event.save()
        AuditHead.objects.update(digest=previous)


def _cut_to(number: int) -> None:
    _sql("DELETE FROM records_auditevent WHERE number > %s", number)
    last = AuditEvent.objects.get(number=number)
    AuditHead.objects.update(number=number, digest=last.digest)


def _forged_whole() -> None:
    _forge(2)
    _sql("DELETE FROM records_checkpoint")


def _older_copy() -> None:
    _sql("DELETE FROM records_checkpoint WHERE number > 4")
    _cut_to(4)


_ATTACKS: dict[str, tuple[Callable[[], None], str]] = {
    "all rewritten and no checkpoint left": (
        _forged_whole,
        "the first 4 events are not those the checkpoint was signed",
    ),
    "the newest checkpoint is gone": (
        lambda: _sql("DELETE FROM records_checkpoint WHERE number > 4"),
        "the checkpoint over 7 events is not in the database as it was signed",
    ),
    "all checkpoints are gone": (
        lambda: _sql("DELETE FROM records_checkpoint"),
        "the checkpoint over 4 events is not in the database as it was signed",
    ),
    "cut off to an earlier checkpoint": (_older_copy, "events after 4 are gone: a checkpoint was signed over 7 events"),
    "signed at another time": (
        lambda: _sql("UPDATE records_checkpoint SET created_at = created_at - interval '1 day' WHERE number = 7"),
        "the checkpoint over 7 events was changed",
    ),
}


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize("name", _ATTACKS)
def test_what_whoever_holds_the_database_alone_does_is_found_and_not_signed_over(name: str) -> None:
    attack, words = _ATTACKS[name]
    _fill(3)
    _sign()
    _fill(2)
    _sign()
    assert _verdict().holds
    attack()
    assert words in _verdict().broken
    with pytest.raises(UsageError, match="is not signed, for it does not hold"):
        _sign()


@pytest.mark.usefixtures("db")
def test_any_flipped_byte_of_a_copy_is_found() -> None:
    _fill(2)
    _sign()
    (path,) = own_files(HOME)
    data = path.read_bytes()
    for place in range(len(data)):
        path.write_bytes(data[:place] + bytes([data[place] ^ 1 << place % 7]) + data[place + 1 :])
        assert not _verdict().holds, data[max(0, place - 20) : place + 20]


@pytest.mark.usefixtures("db")
def test_warnings_say_what_no_signature_covers_and_what_was_not_compared(tmp_path: Path) -> None:
    assert _verdict().warnings == ()
    _fill(3)
    first, second = _verdict().warnings
    assert first.startswith("no checkpoint over 3 event(s)")
    assert second.startswith("nothing kept elsewhere was compared")
    make_checkpoint(keeper(NOW), to=tmp_path)
    (told,) = _verdict(*tmp_path.iterdir()).warnings
    assert told.startswith("the last 1 event(s) are not signed yet")
    _fill(1)
    assert "the last 2 event(s) are not signed yet" in _verdict().warnings[0]


@pytest.mark.usefixtures("db")
def test_a_keeper_from_before_or_killed_before_its_copies_gets_them_at_the_next_signing() -> None:
    _fill(3)
    _sign()
    # As it was signed before: without the time, and without an event.
    last = AuditEvent.objects.order_by("-number")[0]
    tree_root = Checkpoint.objects.get().root
    body = {"number": last.number, "root": tree_root, "head_digest": last.digest}
    old = keeper_signer().sign(json.dumps(body, sort_keys=True).encode(), CHECKPOINT_TYPE)
    with past_can_change():
        Checkpoint.objects.update(envelope=old)
    forget_copies()
    assert _verdict().holds
    assert _sign() is None
    (path,) = own_files(HOME)
    assert read_checkpoint(path, public_key=keeper_signer().public_key)["number"] == 4
    assert _verdict().holds


@pytest.mark.usefixtures("db")
def test_signing_and_sending_are_events_and_are_not_signed_for_their_own_sake(tmp_path: Path) -> None:
    _fill(2)
    make_checkpoint(keeper(NOW), to=tmp_path)
    told = list(AuditEvent.objects.order_by("number").values_list("action", "subject_kind", "subject_id", "actor"))[2:]
    assert told == [
        ("sign_record", "checkpoint", "3", "passmuster"),
        ("send_checkpoint", "checkpoint", "3", "passmuster"),
    ]
    for _ in range(3):
        assert make_checkpoint(keeper(NOW), to=tmp_path).startswith("nothing new since 3 event(s)")
    assert AuditEvent.objects.count() == 4
    kept = Checkpoint.objects.get()
    _sql("UPDATE records_checkpoint SET exported_to = '[\"s3://acme/record\"]'")
    assert places_of(kept) == [str(tmp_path / "checkpoint-000000000003.json")]
    _fill(1)
    assert make_checkpoint(keeper(NOW)).startswith("signed 6 event(s)")


@pytest.mark.usefixtures("db")
def test_another_checkpoint_of_that_number_in_a_folder_is_not_written_over(tmp_path: Path) -> None:
    _fill(2)
    make_checkpoint(keeper(NOW), to=tmp_path)
    (path,) = tmp_path.iterdir()
    path.write_text("another")
    with pytest.raises(UsageError, match="another checkpoint of that number is there already"):
        make_checkpoint(keeper(NOW), to=tmp_path)
    assert path.read_text() == "another"


@pytest.mark.usefixtures("db")
def test_an_older_copy_of_the_database_is_accepted_with_a_reason_and_told_ever_after(tmp_path: Path) -> None:
    _fill(3)
    _sign()
    _fill(2)
    make_checkpoint(keeper(NOW), to=tmp_path)
    (elsewhere,) = tmp_path.iterdir()
    who = actor(make_person("root", "administrator"))
    with pytest.raises(UsageError, match="there is nothing to accept"):
        accept_older(who, "no reason")
    _older_copy()
    assert "an older copy of the database was put back, of which no event tells" in _verdict().broken
    with pytest.raises(UsageError, match="say why"):
        accept_older(who, " ")
    assert "1 checkpoint(s), over up to 7 events" in accept_older(who, "the disk failed")
    told = _verdict()
    assert told.holds
    assert any("of an older record" in each or "put aside" in each for each in told.warnings)
    broken = _verdict(elsewhere).broken
    assert "Event 5 tells of a restore of the first 4 events: all checkpoints over no more than these hold" in broken
    assert _sign()
    assert _verdict().holds
    _forge(2)
    with pytest.raises(UsageError, match="does not hold in itself"):
        accept_older(who, "again")


@pytest.mark.usefixtures("db")
def test_a_restored_backup_explains_later_checkpoints_and_still_finds_what_was_forged(tmp_path: Path) -> None:
    _fill(3)
    make_checkpoint(keeper(NOW), to=tmp_path)
    head = AuditHead.objects.values("number", "digest").get()
    _fill(2)
    make_checkpoint(keeper(NOW), to=tmp_path)
    later = sorted(tmp_path.iterdir())
    _sql("DELETE FROM records_checkpoint WHERE number > 4")
    _cut_to(head["number"])
    forget_copies()
    tell_restore(actor(make_person("root", "administrator")), Path("b.tar.gz"), {"made_at": "then", "record": head})
    assert _verdict().holds
    assert "Event 6 tells of a restore of the first 5 events" in _verdict(*later).broken
    _sql("DELETE FROM records_checkpoint")
    _forge(2)
    assert "checkpoints over what was restored do not hold either" in _verdict(*later).broken


@pytest.mark.usefixtures("db")
def test_a_backup_holds_the_copies_of_what_its_dump_holds_and_no_later_ones(tmp_path: Path) -> None:
    _fill(3)
    _sign()
    number = AuditHead.objects.get().number
    _fill(2)
    _sign()
    assert len([path for path in home_files(HOME) if path.parent.name == "checkpoints"]) == 2
    dump = tmp_path / DUMP
    dump.write_text("")
    write_archive(tmp_path / "b.tar.gz", {"record": {"number": number}}, dump, HOME)
    unpacked = tmp_path / "unpacked"
    unpacked.mkdir()
    unpack_archive(tmp_path / "b.tar.gz", unpacked)
    assert [path.name for path in own_files(unpacked / "home")] == ["checkpoint-000000000004.json"]
