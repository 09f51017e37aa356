"""What was decided is signed soon, and nothing is signed over a record that does not hold."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from passmuster.application.access import Action
from passmuster.application.acting import acting, keeper
from passmuster.application.people.duties import Held
from passmuster.application.people.people import change_duties
from passmuster.application.record import signing_soon
from passmuster.application.record.auditing import keeper_signer, verify_record
from passmuster.application.record.checkpoints import write_checkpoint
from passmuster.application.record.signing_soon import DECISIVE, sign_decisions
from passmuster.application.working.working import ask_for
from passmuster.errors import OutputRefused, UsageError
from passmuster.model.keeping import DutyRole
from passmuster.records.models import AuditEvent, AuditHead, Checkpoint, Person
from passmuster.records.own_checkpoints import own_files
from passmuster.worker.tasks import tasks
from tests.keeping import HOME, NOW, actor, forget_copies, make_person, past_can_change
from tests.working_off import work_off

pytestmark = pytest.mark.usefixtures("db")
NOTHING = "nothing was decided since the record was signed"


@pytest.fixture(autouse=True)
def _no_copies() -> None:
    forget_copies()


def _noise() -> None:
    who = actor(Person.objects.filter(email="ada@example.org").first() or make_person("ada", "administrator"))
    with acting(who, Action.MANAGE_PROGRAMME, "vendor", verb="change_vendor"):
        pass


def _decide() -> None:
    _noise()
    with acting(actor(Person.objects.get()), Action.MANAGE_PROGRAMME, "tier_proposal", verb="decide_tier"):
        pass


def _sign(**to: str) -> str:
    return sign_decisions(keeper(NOW), **to)


def test_what_was_decided_is_signed_and_what_was_not_waits_for_the_day() -> None:
    assert _sign() == NOTHING
    _noise()
    assert _sign() == NOTHING
    _decide()
    assert _sign() == "signed 4 event(s)"
    assert _sign() == NOTHING
    _decide()
    _noise()
    assert _sign() == "signed 8 event(s)"
    found = verify_record(public_key=keeper_signer().public_key)
    assert (found.broken, found.checkpoints, found.signed) == ("", 2, 8)
    assert [int(path.stem.removeprefix("checkpoint-")) for path in own_files(HOME)] == [4, 8]


def test_it_reads_no_signed_event_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(5):
        _decide()
    write_checkpoint(keeper(NOW), keeper_signer())
    _decide()
    read: list[int] = []
    fields = signing_soon.event_fields
    monkeypatch.setattr(signing_soon, "event_fields", lambda event: read.append(event.number) or fields(event))
    assert _sign() == "signed 14 event(s)"
    assert read == [12, 13]


def _changed_since() -> None:
    AuditEvent.objects.filter(number=6).update(why="as agreed")


def _signed_exchanged() -> None:
    AuditEvent.objects.filter(number=2).update(digest="ab" * 32)


def _cut_off() -> None:
    """Down to before the checkpoint, which goes too."""
    AuditEvent.objects.filter(number__gt=2).delete()
    Checkpoint.objects.all().delete()
    AuditHead.objects.update(number=2, digest=AuditEvent.objects.get(number=2).digest)
    _decide()


def _end_moved() -> None:
    AuditHead.objects.update(digest="ab" * 32)


@pytest.mark.parametrize("tampered", [_changed_since, _signed_exchanged, _cut_off, _end_moved])
def test_nothing_is_signed_over_a_record_that_does_not_hold(tampered: Callable[[], None]) -> None:
    _decide()
    assert _sign() == "signed 3 event(s)"
    _decide()
    _decide()
    with past_can_change():
        tampered()
    before = Checkpoint.objects.count()
    with pytest.raises(UsageError, match="the record is not signed, for it does not hold"):
        _sign()
    assert Checkpoint.objects.count() == before


def test_it_goes_where_checkpoints_are_kept_and_what_was_not_taken_goes_the_next_time(tmp_path: Path) -> None:
    _decide()
    away = tmp_path / "away"
    away.write_text("no folder")
    with pytest.raises(OutputRefused):
        _sign(to=str(away))
    away.unlink()
    assert _sign(to=str(away)) == f"{NOTHING}; written to {away}/checkpoint-000000000003.json"
    assert _sign(to=str(away)) == NOTHING


def test_a_worker_signs_what_was_decided_within_a_quarter_of_an_hour(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PASSMUSTER_CHECKPOINTS", str(tmp_path))
    change_duties(actor(make_person("ada", "administrator")), make_person("rita"), [Held(DutyRole.REVIEWER)])
    assert "sign_decisions" in tasks()
    ask_for("sign_decisions", key="sign_decisions/1", title="Sign what was decided", now=NOW)
    (work,) = work_off(NOW)
    assert (work.error, work.progress[:6]) == ("", "signed")
    assert [path.name for path in tmp_path.iterdir()] == [f"checkpoint-{Checkpoint.objects.get().number:012}.json"]


def test_every_decision_that_is_named_is_one_that_a_use_case_writes() -> None:
    folder = Path(signing_soon.__file__).parents[1]
    others = [path for path in folder.rglob("*.py") if path.name != "signing_soon.py"]
    written = "\n".join(path.read_text(encoding="utf-8") for path in others)
    assert [verb for verb in sorted(DECISIVE) if not re.search(rf'"{verb}"', written)] == []
