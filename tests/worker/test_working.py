from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection, connections, transaction

from passmuster.application.access import Action, NotAllowed
from passmuster.application.acting import acting, keeper
from passmuster.application.asking import ask_for_look
from passmuster.application.holding import WorkTakenOver
from passmuster.application.working.tidying import forget_old_work
from passmuster.application.working.working import (
    ask_for,
    end_work,
    put_back,
    show_progress,
    take_over_lost,
    take_up,
    try_again,
)
from passmuster.errors import UsageError
from passmuster.model.keeping import WorkState
from passmuster.records.models import AuditEvent, Vendor, Work
from passmuster.worker.beating import Beat
from passmuster.worker.performing import Doing, Means, perform
from tests.keeping import NOW, actor, make_person, make_platform

_AT_ONCE = timedelta(0)


def _ask(key: str = "a/1", kind: str = "count") -> Work:
    work = ask_for(kind, key=key, title="Count", now=NOW)
    assert work is not None
    return work


def _taken(work: Work) -> tuple[int, str]:
    work.refresh_from_db()
    assert work.job_id is not None
    found = take_up(work.pk, work.job_id, NOW)
    assert found is not None
    return found.pk, found.token


def _lost() -> int:
    return len(take_over_lost(NOW + timedelta(minutes=5), lost_after=timedelta(minutes=1)))


def _jobs() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo'")
        return int(cursor.fetchone()[0])


@pytest.mark.usefixtures("db")
def test_the_same_key_is_asked_for_once_and_wakes_one_job() -> None:
    _ask()
    assert ask_for("count", key="a/1", title="Count", now=NOW) is None
    assert (Work.objects.count(), _jobs()) == (1, 1)


@pytest.mark.usefixtures("db")
def test_work_asked_for_in_a_transaction_that_fails_leaves_no_job() -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        _ask()
        raise RuntimeError
    assert (Work.objects.count(), _jobs()) == (0, 0)


@pytest.mark.usefixtures("durable_db")
def test_of_many_who_reach_for_a_piece_of_work_one_gets_it() -> None:
    work = _ask()
    got: list[Work | None] = []

    def reach() -> None:
        got.append(take_up(work.pk, work.job_id or 0, NOW))
        connections.close_all()

    threads = [threading.Thread(target=reach) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([each for each in got if each]) == 1


@pytest.mark.usefixtures("db")
def test_a_worker_that_was_taken_over_writes_nothing_more() -> None:
    work = _ask()
    old = _taken(work)
    assert len(take_over_lost(NOW, lost_after=_AT_ONCE)) == 1
    new = _taken(work)
    with pytest.raises(WorkTakenOver), acting(keeper(NOW, old), Action.COLLECT, "vendor"):
        Vendor.objects.create(name="Twice", created_at=NOW)
    with pytest.raises(WorkTakenOver):
        show_progress(old, "half")
    assert not end_work(old, NOW)
    assert put_back(old, "late", NOW) is None
    with acting(keeper(NOW, new), Action.COLLECT, "vendor"):
        pass
    assert end_work(new, NOW)
    assert not Vendor.objects.exists()
    assert AuditEvent.objects.count() == 1


@pytest.mark.usefixtures("durable_db")
def test_what_is_being_written_this_moment_is_not_taken_over() -> None:
    held = _taken(_ask())
    seen: list[int] = []

    def sweep() -> None:
        seen.append(len(take_over_lost(NOW, lost_after=_AT_ONCE)))
        connections.close_all()

    with acting(keeper(NOW, held), Action.COLLECT, "vendor"):
        thread = threading.Thread(target=sweep)
        thread.start()
        thread.join(timeout=120)
        assert seen == [0]
    sweep()
    assert seen == [0, 1]


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize(("ahead", "found"), [(timedelta(minutes=61), 0), (timedelta(days=300), 1)])
def test_work_that_a_wrong_clock_put_off_is_asked_for_again(ahead: timedelta, found: int) -> None:
    work = _ask()
    put_back(_taken(work), "it did not answer", NOW + ahead - timedelta(minutes=1))
    assert len(take_over_lost(NOW)) == found
    assert len(take_over_lost(NOW)) == 0
    work.refresh_from_db()
    assert (work.not_before is None) == bool(found)


@pytest.mark.usefixtures("db")
def test_work_that_is_seen_to_is_left_alone_and_a_lost_job_is_asked_for_again() -> None:
    running, waiting = _ask("a/1"), _ask("a/2")
    _taken(running)
    assert _lost() == 0
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs WHERE id = %s", [waiting.job_id])
    Work.objects.update(seen_at=NOW - timedelta(days=400))
    assert _lost() == 2
    assert set(Work.objects.values_list("state", "token")) == {(WorkState.WAITING, "")}
    assert _lost() == 0


def _means(task: Callable[[Doing], None], failures: list[Work] | None = None) -> Means:
    told = [] if failures is None else failures
    return Means({"count": task}, lambda: NOW, Beat(), lambda work, _now: told.append(work))


@pytest.mark.usefixtures("db")
def test_a_job_that_comes_twice_does_its_work_once() -> None:
    done: list[int] = []
    work = _ask()
    for _ in range(2):
        perform(work.pk, work.job_id or 0, _means(lambda doing: done.append(doing.work.pk)))
    work.refresh_from_db()
    assert (done, work.state, work.attempts) == ([work.pk], WorkState.DONE, 1)


@pytest.mark.usefixtures("db")
def test_what_goes_wrong_is_tried_again_later_and_fails_in_the_end_with_its_reason() -> None:
    def wrong(_doing: Doing) -> None:
        raise UsageError("the vendor's API is away\0")

    failures: list[Work] = []
    work = _ask()
    waits = []
    for _ in range(5):
        assert work.job_id is not None
        perform(work.pk, work.job_id, _means(wrong, failures))
        work.refresh_from_db()
        waits.append(work.not_before)
    assert waits[:4] == [NOW + timedelta(minutes=minutes) for minutes in (1, 5, 15, 60)]
    assert (work.state, work.error, work.attempts) == (WorkState.FAILED, "the vendor's API is away", 5)
    assert [each.pk for each in failures] == [work.pk]
    again = try_again(actor(make_person("ada", "administrator")), work.pk)
    assert (again.state, again.attempts) == (WorkState.WAITING, 0)
    with pytest.raises(UsageError, match="only work that has failed"):
        try_again(actor(make_person("eve", "administrator")), work.pk)


@pytest.mark.usefixtures("db")
def test_a_fault_of_ours_and_an_unknown_kind_are_kept_with_the_work() -> None:
    def faulty(_doing: Doing) -> None:
        raise KeyError("x")

    first, second = _ask("a/1"), _ask("a/2", kind="strange")
    for work in (first, second):
        perform(work.pk, work.job_id or 0, _means(faulty))
        work.refresh_from_db()
    assert first.error == "a fault of Passmuster itself: KeyError: 'x'"
    assert second.error == "no such work is done here: strange; this worker's version or settings lack it"


@pytest.mark.usefixtures("db")
def test_work_over_which_worker_after_worker_dies_fails_in_the_end() -> None:
    work = _ask()
    for _ in range(10):
        assert work.state == WorkState.WAITING
        _taken(work)
        (work,) = take_over_lost(NOW, lost_after=_AT_ONCE)
    assert (work.state, work.error) == (WorkState.FAILED, "its worker was lost 10 times")
    assert take_over_lost(NOW, lost_after=_AT_ONCE) == []


@pytest.mark.usefixtures("db")
def test_a_person_asks_for_a_look_once_and_only_with_the_right() -> None:
    platform = make_platform()
    owner = actor(make_person("otto", "platform_owner", platform=platform))
    asked = ask_for_look(owner, platform)
    assert ask_for_look(owner, platform) == asked
    assert AuditEvent.objects.count() == 1
    with pytest.raises(NotAllowed):
        ask_for_look(actor(make_person("ann", "auditor")), platform)


@pytest.mark.usefixtures("db")
def test_old_chores_go_soon_and_other_work_later() -> None:
    for number, (kind, days) in enumerate([("deliver", 3), ("deliver", 1), ("collect", 3), ("collect", 31)]):
        Work.objects.create(
            key=str(number), kind=kind, title="x", created_at=NOW, state="done", ended_at=NOW - timedelta(days=days)
        )
    assert forget_old_work(NOW, ["deliver"]) == 2
    assert sorted(Work.objects.values_list("key", flat=True)) == ["1", "2"]
