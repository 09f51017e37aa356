from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connection

from passmuster.application.access import Action
from passmuster.application.acting import acting, keeper
from passmuster.application.record.auditing import keeper_signer, verify_record
from passmuster.application.record.checkpoints import make_checkpoint, places_of
from passmuster.application.storage.checkpoint_places import CHECKPOINTS, LOCK_DAYS, kept_elsewhere
from passmuster.application.working.working import ask_for
from passmuster.errors import UsageError
from passmuster.model.keeping import WorkState
from passmuster.records.models import Checkpoint, Work
from passmuster.worker.beating import Beat
from passmuster.worker.performing import Means, perform
from passmuster.worker.tasks import tasks, tell_failure
from tests.application.test_checkpoints import _cut_to, _fill
from tests.keeping import NOW, actor, forget_copies, make_person, past_can_change
from tests.stores.server import SECRET, Store, cut_line

_NAME = "checkpoint-000000000006.json"


def _broken(*places: str) -> tuple[str, list[str]]:
    with kept_elsewhere(places) as (paths, notes):
        return verify_record(public_key=keeper_signer().public_key, kept=paths).broken, notes


@pytest.mark.usefixtures("db")
def test_a_checkpoint_in_a_locked_bucket_tells_what_was_cut_off_whatever_is_done_to_the_bucket(
    reached: Store,
) -> None:
    name = reached.bucket(locked_days=5)
    place = f"s3://{name}/keeper"
    assert _broken(place) == ("", [f"{place}: no checkpoint is there"])
    _fill(5)
    told = make_checkpoint(keeper(NOW), to=place)
    assert told.startswith(f"signed 6 event(s); written to {place}/{_NAME} (locked until ")
    assert make_checkpoint(keeper(NOW), to=place).startswith("nothing new since 6 event(s)")
    assert places_of(Checkpoint.objects.get()) == [f"{place}/{_NAME}"]
    assert _broken(place) == ("", [])
    _cut_to(3)
    assert "are gone" in _broken(place)[0]
    # Whoever holds the machine has the keys too: a checkpoint of the shortened record is put over the old one.
    forget_copies()
    make_checkpoint(keeper(NOW))
    reached.client.delete_object(Bucket=name, Key=f"keeper/{_NAME}")
    broken, notes = _broken(place)
    assert "are gone" in broken
    assert any("removal mark" in note for note in notes)


@pytest.mark.usefixtures("db")
def test_another_record_of_the_same_length_is_not_signed_over_the_first(reached: Store) -> None:
    place = f"s3://{reached.bucket(locked_days=5)}"
    _fill(5)
    make_checkpoint(keeper(NOW), to=place)
    with past_can_change(), connection.cursor() as cursor:
        for table in ("auditevent", "checkpoint", "audithead"):
            cursor.execute(f"DELETE FROM records_{table}")
    forget_copies()
    who = actor(make_person("eve", "administrator"))
    for _ in range(5):
        with acting(who, Action.MANAGE_PROGRAMME, "vendor"):
            pass
    with pytest.raises(UsageError, match="another checkpoint of that number is there already"):
        make_checkpoint(keeper(NOW), to=place)


@pytest.mark.usefixtures("db")
def test_a_bucket_that_does_not_lock_is_refused_and_nothing_is_written(
    reached: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    _fill(5)
    for place in (f"s3://{reached.bucket()}", f"s3://{reached.bucket(can_lock=True)}"):
        with pytest.raises(UsageError, match=r"nothing was written.*would not lock it.*turn on object lock"):
            make_checkpoint(keeper(NOW), to=place)
        assert list(reached.at(place).versions("")) == []
    monkeypatch.setenv(LOCK_DAYS, "3650")
    assert "COMPLIANCE" in make_checkpoint(keeper(NOW.replace(year=2030)), to=place)
    for wrong in ("0", "-1", "ten", "99999999"):
        monkeypatch.setenv(LOCK_DAYS, wrong)
        with pytest.raises(UsageError, match="is no number of days"):
            make_checkpoint(keeper(NOW), to=place)


@pytest.mark.usefixtures("db")
def test_folders_files_and_buckets_are_read_together(reached: Store, tmp_path: Path) -> None:
    place = f"s3://{reached.bucket(locked_days=5)}"
    _fill(5)
    make_checkpoint(keeper(NOW), to=place)
    make_checkpoint(keeper(NOW), to=tmp_path)
    with kept_elsewhere([place, str(tmp_path), str(tmp_path / _NAME)]) as (paths, notes):
        assert len(paths) == 3
        assert notes == []
        assert verify_record(public_key=keeper_signer().public_key, kept=paths).checkpoints == 4


def _again(work: Work) -> Work:
    work.refresh_from_db()
    perform(work.pk, work.job_id or 0, Means(tasks(), lambda: NOW, Beat(), tell_failure))
    work.refresh_from_db()
    return work


@pytest.mark.usefixtures("db")
def test_a_store_that_does_not_answer_is_told_with_the_work_and_tried_again(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    _fill(5)
    place = f"s3://{store.bucket(locked_days=1)}"
    work = ask_for("checkpoint", key="checkpoint/1", title="Sign the record so far", now=NOW)
    assert work is not None
    with cut_line(store, after_bytes=0) as broken, monkeypatch.context() as environ:
        for name, value in {**broken.environ, CHECKPOINTS: place}.items():
            environ.setenv(name, value)
        work = _again(work)
    assert (work.state, work.attempts) == (WorkState.WAITING, 1)
    assert f"{place}: the store did not answer" in work.error
    assert SECRET not in work.error
    for name, value in {**store.environ, CHECKPOINTS: place}.items():
        monkeypatch.setenv(name, value)
    work = _again(work)
    assert work.state == WorkState.DONE
    assert "locked until" in work.progress
    assert _broken(place) == ("", [])
