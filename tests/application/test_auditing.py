from __future__ import annotations

from pathlib import Path

import pytest
from django.db import DatabaseError, connection, transaction

from passmuster.application.access import Action
from passmuster.application.acting import acting, keeper
from passmuster.application.record.auditing import keeper_signer, verify_record
from passmuster.application.record.checkpoints import write_checkpoint
from passmuster.application.record.exporting import export_record
from passmuster.errors import UsageError
from passmuster.records.chain_check import Verdict, verify_export
from passmuster.records.models import AuditEvent, Checkpoint
from tests.keeping import NOW, actor, make_person, past_can_change


def _fill(count: int) -> None:
    who = actor(make_person("ada", "administrator"))
    for number in range(count):
        with acting(who, Action.MANAGE_PROGRAMME, "vendor", why=f"reason {number}, with ünïcode") as event:
            event.subject_id, event.before, event.after = str(number), {"name": "old"}, {"name": "new", "n": number}


def _verdict() -> Verdict:
    return verify_record(public_key=keeper_signer().public_key)


def _sql(text: str, *given: object) -> None:
    with connection.cursor() as cursor, past_can_change():
        cursor.execute(text, given)


@pytest.mark.usefixtures("db")
def test_an_untouched_record_holds_also_when_it_is_empty() -> None:
    assert _verdict() == Verdict(0, 0)
    assert write_checkpoint(keeper(NOW), keeper_signer()) is None
    _fill(7)
    assert write_checkpoint(keeper(NOW), keeper_signer())
    assert write_checkpoint(keeper(NOW), keeper_signer()) is None
    assert (_verdict().events, _verdict().checkpoints, _verdict().broken) == (8, 1, "")


_COLUMNS = {
    "at": "at + interval '1 second'",
    "actor": "'eve@example.org'",
    "by": "'api'",
    "action": "'view'",
    "subject_kind": "'x'",
    "subject_id": "'99'",
    "platform": "'p'",
    "before": '\'{"name": "odd"}\'',
    "after": "null",
    "why": "why || ' '",
    "previous_digest": "repeat('0', 64)",
    "digest": "repeat('a', 64)",
}


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize("column", _COLUMNS)
@pytest.mark.parametrize("number", [1, 4, 7])
def test_any_changed_field_of_any_event_is_found_and_named(column: str, number: int) -> None:
    _fill(7)
    _sql(f"UPDATE records_auditevent SET {column} = {_COLUMNS[column]} WHERE number = %s", number)
    verdict = _verdict()
    if column == "previous_digest" and number == 1:
        assert verdict.holds  # the first follows nothing, and says so
    else:
        assert f"event {number} " in verdict.broken
        assert verdict.events == number - 1


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize(
    ("statements", "words"),
    [
        (["DELETE FROM records_auditevent WHERE number = 3"], "event 3 is not there"),
        (
            [
                "DELETE FROM records_auditevent WHERE number = 3",
                # In two steps: in which order rows are renumbered is the database's own affair.
                "UPDATE records_auditevent SET number = number + 100 WHERE number > 3",
                "UPDATE records_auditevent SET number = number - 101 WHERE number > 103",
            ],
            "event 3 does not follow",
        ),
        (
            [
                "UPDATE records_auditevent SET number = 100 WHERE number = 2",
                "UPDATE records_auditevent SET number = 2 WHERE number = 3",
                "UPDATE records_auditevent SET number = 3 WHERE number = 100",
            ],
            "event 2 does not follow",
        ),
        (["DELETE FROM records_auditevent WHERE number > 5"], "are gone"),
        (
            [
                "DELETE FROM records_auditevent WHERE number > 5",
                "UPDATE records_audithead SET number = 5, "
                "digest = (SELECT digest FROM records_auditevent WHERE number = 5)",
            ],
            "events after 5 are gone: a checkpoint was signed over 8 events",
        ),
    ],
)
def test_what_was_removed_inserted_reordered_or_cut_off_is_found(statements: list[str], words: str) -> None:
    _fill(7)
    write_checkpoint(keeper(NOW), keeper_signer())
    for statement in statements:
        _sql(statement)
    assert words in _verdict().broken


@pytest.mark.usefixtures("db")
def test_a_chain_forged_from_the_middle_does_not_match_its_checkpoint() -> None:
    from passmuster.application.acting import event_fields  # noqa: PLC0415
    from passmuster.model.chain import event_digest  # noqa: PLC0415

    _fill(7)
    write_checkpoint(keeper(NOW), keeper_signer())
    previous = ""
    for event in AuditEvent.objects.order_by("number"):
        event.why = "forged" if event.number == 3 else event.why
        event.previous_digest = previous or event.previous_digest
        event.digest = previous = event_digest(event_fields(event))
        with past_can_change():
            event.save()
    _sql("UPDATE records_audithead SET digest = %s", previous)
    assert "are not those the checkpoint was signed over" in _verdict().broken
    with pytest.raises(UsageError, match="does not hold"):
        write_checkpoint(keeper(NOW), keeper_signer())


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize("field", ["root", "head_digest", "payload", "sig", "payloadType"])
def test_any_changed_checkpoint_is_found(field: str) -> None:
    _fill(7)
    made = write_checkpoint(keeper(NOW), keeper_signer())
    assert made is not None
    if field in ("root", "head_digest"):
        with past_can_change():
            Checkpoint.objects.update(**{field: "b" * 64})
    else:
        envelope = made.envelope
        place = envelope["signatures"][0] if field == "sig" else envelope
        place[field] = ("B" if place[field][0] != "B" else "C") + place[field][1:]
        with past_can_change():
            Checkpoint.objects.update(envelope=envelope)
    assert "checkpoint" in _verdict().broken


@pytest.mark.usefixtures("db")
def test_the_export_verifies_offline_and_any_flipped_byte_is_found(tmp_path: Path) -> None:
    _fill(5)
    write_checkpoint(keeper(NOW), keeper_signer())
    _fill_more()
    target = tmp_path / "record.jsonl"
    key = keeper_signer().public_key
    export_record(actor(make_person("otto", "auditor")), target, public_key=key)
    good = verify_export(target, public_key=key)
    # The event of signing is signed; those after it are of what was done later and of exporting.
    assert (good.events, good.checkpoints, good.signed, good.broken) == (8, 1, 6, "")
    assert good.warnings[0].startswith("the last 2 event(s) are not signed yet")
    data = target.read_bytes()
    for place in range(len(data)):
        bit = 1 << (place % 7)
        target.write_bytes(data[:place] + bytes([data[place] ^ bit]) + data[place + 1 :])
        _assert_found(target, key, data, place)


def _assert_found(target: Path, key: str, data: bytes, place: int) -> None:
    verdict = verify_export(target, public_key=key)
    assert verdict.broken, data[max(0, place - 40) : place + 40]


def _fill_more() -> None:
    with acting(actor(make_person("zoe", "administrator")), Action.MANAGE_PROGRAMME, "vendor", why="late"):
        pass


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE records_auditevent SET why = 'better' WHERE number = 2",
        "DELETE FROM records_auditevent WHERE number = 2",
        "TRUNCATE records_auditevent",
        "DELETE FROM records_audithead",
        "UPDATE records_checkpoint SET root = head_digest",
        "DELETE FROM records_checkpoint",
    ],
)
def test_the_database_itself_refuses_to_change_the_past(statement: str) -> None:
    _fill(3)
    write_checkpoint(keeper(NOW), keeper_signer())
    with pytest.raises(DatabaseError, match="what is recorded stays"), transaction.atomic():
        connection.cursor().execute(statement)
    assert (_verdict().events, _verdict().checkpoints, _verdict().broken) == (4, 1, "")
