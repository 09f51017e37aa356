from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from passmuster.application.working.scheduling import CHORES, lay_out_due, slot_of
from passmuster.records.models import Platform, Work
from passmuster.worker.tasks import tasks
from tests.keeping import NOW, make_platform


def test_a_slot_starts_at_whole_stretches_of_time() -> None:
    assert slot_of(datetime.fromisoformat("2026-06-01T09:14:59Z"), 15) == NOW
    assert slot_of(datetime.fromisoformat("2026-06-01T09:15:00Z"), 15) == NOW + timedelta(minutes=15)


@pytest.mark.usefixtures("db")
def test_what_is_due_becomes_work_once() -> None:
    platform = make_platform(collect_every_hours=6)
    make_platform("Idle", is_active=False)
    make_platform("Manual", collect_every_hours=0)
    kinds = {"collect", "deliver"}
    assert [lay_out_due(NOW, kinds), lay_out_due(NOW, kinds)] == [2, 0]
    assert Work.objects.get(kind="collect").platform == platform
    platform.refresh_from_db()
    assert platform.next_collection_at == NOW + timedelta(hours=6)


@pytest.mark.usefixtures("db")
def test_looks_missed_together_are_one_look() -> None:
    make_platform(collect_every_hours=1, next_collection_at=NOW - timedelta(days=3))
    assert lay_out_due(NOW, {"collect"}) == 1
    assert Platform.objects.get().next_collection_at == NOW + timedelta(hours=1)


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize("days_ahead", [4, 700])
def test_a_look_that_waits_for_longer_than_lies_between_two_is_due(days_ahead: int) -> None:
    make_platform(collect_every_hours=24 * 3, next_collection_at=NOW + timedelta(days=days_ahead))
    assert [lay_out_due(NOW, {"collect"}), lay_out_due(NOW, {"collect"})] == [1, 0]
    assert Platform.objects.get().next_collection_at == NOW + timedelta(days=3)


@pytest.mark.usefixtures("db")
def test_a_look_whose_time_is_to_come_is_not_due() -> None:
    make_platform(collect_every_hours=24 * 3, next_collection_at=NOW + timedelta(days=3))
    assert lay_out_due(NOW, {"collect"}) == 0


@pytest.mark.usefixtures("db")
def test_a_chore_waits_until_the_one_before_is_over() -> None:
    assert lay_out_due(NOW, {"deliver"}) == 1
    assert lay_out_due(NOW + timedelta(minutes=1), {"deliver"}) == 0
    Work.objects.update(state="done")
    assert lay_out_due(NOW + timedelta(minutes=1), {"deliver"}) == 1


def test_every_chore_has_its_task() -> None:
    assert {chore.kind for chore in CHORES} - {"sync", "tickets", "calendar"} <= set(tasks())
