"""Reviews run and plans are made while workers, web processes and the database are killed: nothing lost or twice.

`PASSMUSTER_CHAOS_SECONDS` makes it rage longer; `PASSMUSTER_CHAOS_SEED` repeats a run's choices.
"""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from django.db import DatabaseError, connection
from django.db.models import QuerySet
from django.utils import timezone

from passmuster.application.record.auditing import keeper_signer, verify_record
from passmuster.application.reviews.sealing import verify_seal
from passmuster.application.working.working import ask_for
from passmuster.model.keeping import WorkState
from passmuster.pipeline.intelligence import import_paths
from passmuster.records.models import (
    AnsweredCall,
    AuditEvent,
    Change,
    Collection,
    Evaluation,
    Plan,
    Platform,
    Review,
    ReviewItem,
    SignOff,
    Work,
)
from tests.application.house import ADVISORIES
from tests.keeping import HOME, make_person, make_platform
from tests.web.api.house import token_of
from tests.worker.chaos_processes import Processes, cut_connection, fell_database
from tests.worker.chaos_programme import Caller, Planning, Programme, Reviewing

_SECONDS = float(os.environ.get("PASSMUSTER_CHAOS_SECONDS", "60"))
_CALM_SECONDS = 480.0
_STEPS = 4
_WORKERS = 2
_PLATFORMS = ("alpha", "beta")
# Seals and plans take a second: whoever kills a worker now and then would hardly ever meet them.
_SHORT = ("propose", "seal")
_HARM = (
    *(*["pause"] * 3, *["kill"] * 2, *["aimed kill"] * 3, "aimed pause", *["cut"] * 2, "crash"),
    *(*["answering"] * 3, "web", "nothing"),
)


@pytest.fixture
def processes(durable_db: Path, tmp_path: Path) -> Iterator[Processes]:
    assert durable_db.is_dir()
    started = Processes(tmp_path, workers=_WORKERS)
    _await_all(started.port)
    yield started
    started.stop()


def _await_all(port: int) -> None:
    until = time.monotonic() + 240
    while time.monotonic() < until:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM procrastinate_workers")
            # Each has two lanes.
            are_there = cursor.fetchone()[0] == 2 * _WORKERS
        try:
            if are_there and httpx.get(f"http://127.0.0.1:{port}/health", timeout=5).is_success:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.2)
    pytest.fail("the workers or the web server did not start")


def _programmes(port: int, chance: random.Random) -> list[Programme]:
    roles = {"reviewer": "reviewer", "owner": "platform_owner", "approver": "approver", "remedy": "remediation_owner"}
    tokens = {name: token_of(make_person(name, role)) for name, role in roles.items()}
    people = {name: Caller(f"http://127.0.0.1:{port}", token) for name, token in tokens.items()}
    for name in _PLATFORMS:
        _environments(make_platform(name, tier="low", collect_every_hours=0, platform_id="n8n:demo"))
    (HOME / "advisories.yaml").write_text(ADVISORIES, encoding="utf-8")
    import_paths([HOME / "advisories.yaml"], HOME / "intel", as_of=timezone.now())
    # Looked at once in peace, so that there is something to plan from the first moment on.
    for work in [people["owner"].ask("POST", f"/api/v1/platforms/{name}/collect") for name in _PLATFORMS]:
        people["owner"].follow(work["address"])
    ends_at = time.monotonic() + _SECONDS
    kinds = (Reviewing, Planning)
    return [kind(name, people, ends_at, random.Random(chance.random())) for name in _PLATFORMS for kind in kinds]


def _environments(platform: Platform) -> None:
    nightly = {"id": "night", "rrule": "FREQ=DAILY", "starts": "2026-06-15T22:00:00", "minutes": 120}
    for name, external in (("production", "instance"), ("staging", "")):
        platform.environments.create(
            name=name, external_id=external, stage=name, time_zone="Europe/Berlin", windows=[nightly]
        )


def _ask(number: int) -> None:
    ask_for("steps", key=f"chaos/{number}", title=f"Chaos {number}", now=timezone.now(), arguments={"steps": _STEPS})


def _harm(processes: Processes, chance: random.Random) -> str:
    """Do one of the harms that there are; returns which."""
    harm = chance.choice(_HARM)
    if harm.startswith("aimed") and not _meets_short_work():
        return f"{harm} missed"
    if harm.endswith("kill"):
        processes.kill_worker(chance)
    elif harm.endswith("pause"):
        processes.pause_worker(chance)
    elif harm in ("cut", "crash"):
        cut_connection(chance, is_hard=harm == "crash")
    elif harm == "answering":
        processes.kill_answering(chance)
    elif harm == "web":
        processes.kill_web()
    return harm


def _meets_short_work() -> bool:
    """Whether a seal or a plan is being made, now or soon."""
    until = time.monotonic() + 2
    while time.monotonic() < until:
        if Work.objects.filter(kind__in=_SHORT, state=WorkState.RUNNING).exists():
            return True
        time.sleep(0.02)
    return False


def _rage(processes: Processes, chance: random.Random, done: Counter[str]) -> int:
    """Ask for work and do harm until the time is over; returns how many pieces were asked for."""
    asked, until = 0, time.monotonic() + _SECONDS
    falls = [time.monotonic() + _SECONDS * part for part in (0.35, 0.75)]
    while time.monotonic() < until:
        processes.tend()
        try:
            _ask(asked)
            asked += 1
            if falls and time.monotonic() > falls[0]:
                falls.pop(0)
                done["fall"] += fell_database()
            else:
                done[_harm(processes, chance)] += 1
        except DatabaseError:
            # What was asked for in that instant may or may not be there; asking again tells.
            connection.close()
        time.sleep(chance.uniform(0.5, 2.0))
    return asked


def _ask_for_the_rest(asked: int) -> None:
    for _ in range(60):
        try:
            for number in range(asked):
                _ask(number)
            return
        except DatabaseError:
            connection.close()
            time.sleep(1)
    pytest.fail("the database did not come back")


def _await_the_end(processes: Processes, programmes: list[Programme]) -> None:
    until = time.monotonic() + _CALM_SECONDS
    while time.monotonic() < until:
        processes.tend()
        if not any(each.is_alive() for each in programmes) and not _undone().exists():
            return
        time.sleep(0.5)


def _undone() -> QuerySet[Work]:
    return Work.objects.exclude(state=WorkState.DONE)


def test_nothing_is_lost_and_nothing_done_twice(processes: Processes) -> None:
    seed = int(os.environ.get("PASSMUSTER_CHAOS_SEED", str(time.time_ns() % 1_000_000)))
    chance, done = random.Random(seed), Counter[str]()
    programmes = _programmes(processes.port, chance)
    for each in programmes:
        each.start()
    asked = _rage(processes, chance, done)
    processes.calm()
    _ask_for_the_rest(asked)
    _await_the_end(processes, programmes)
    reviews = sum(len(each.confirmed.sealed) for each in programmes)
    plans = sum(len(each.confirmed.adopted) for each in programmes)
    attempts = Counter(Work.objects.values_list("kind", "attempts"))
    told = (
        f"seed {seed}, {dict(done)}, {asked} asked, {reviews} reviews sealed, {plans} plans, attempts {dict(attempts)}"
    )
    print(told)
    assert [each.confirmed.failures for each in programmes] == [[] for _ in programmes], told
    assert not any(each.is_alive() for each in programmes), told
    assert list(_undone().values_list("key", "state", "attempts", "error")) == [], told
    _assert_every_step_is_there_once(asked, told)
    for each in programmes:
        if isinstance(each, Reviewing):
            _assert_what_was_confirmed_is_there_once(each, told)
        else:
            _assert_plans_and_changes_are_there_once(each, told)
        _assert_each_look_asked_for_is_one_look(each, told)
    assert not AnsweredCall.objects.filter(status=0).exists(), told
    _assert_looks_are_whole(told)
    verdict = verify_record(public_key=keeper_signer().public_key)
    assert verdict.holds, (verdict, told)
    assert reviews, told
    assert plans, told
    assert processes.are_all_alive(), told
    assert processes.stop() == {0}


def _assert_every_step_is_there_once(asked: int, told: str) -> None:
    assert Work.objects.filter(kind="steps").count() == asked
    written = Counter(AuditEvent.objects.filter(subject_kind="step").values_list("subject_id", flat=True))
    assert written == Counter(f"chaos/{number}/{step}" for number in range(asked) for step in range(_STEPS)), told


def _assert_what_was_confirmed_is_there_once(programme: Programme, told: str) -> None:
    confirmed, events = programme.confirmed, _events()
    for occurrence, key in confirmed.reviews.items():
        review = Review.objects.get(platform__slug=programme.slug, occurrence=occurrence)
        assert review.pk == key, told
        assert (review.status, verify_seal(review)) == ("sealed", []), told
        assert SignOff.objects.filter(review=review).count() == 1, told
        for verb in ("open_review", "look_for_review", "lay_out_review", "sign_review", "ask_for_seal", "seal_review"):
            assert events[verb, str(key)] == 1, (verb, key, told)
        assert Work.objects.filter(kind="seal", key__startswith=f"seal/{key}/").count() == 1, told
    # Whatever a killed worker had written for a seal was taken away by whoever set it.
    left = sorted(each.name for each in (HOME / "reviews" / programme.slug).iterdir())
    assert left == sorted(Path(each.seal["key"]).name for each in Review.objects.filter(platform__slug=programme.slug))
    assert Review.objects.filter(platform__slug=programme.slug).count() == len(confirmed.reviews), told
    items = ReviewItem.objects.in_bulk(list(confirmed.answers))
    assert {key: items[key].answer for key in confirmed.answers} == confirmed.answers, told
    answered = Counter[int]()
    for event in AuditEvent.objects.filter(action="answer_items", platform=programme.slug):
        answered.update(int(line) for line in (event.after or {})["lines"])
    assert answered == Counter(list(confirmed.answers)), told


def _assert_each_look_asked_for_is_one_look(programme: Programme, told: str) -> None:
    for key in programme.confirmed.looks:
        work = Work.objects.get(pk=key)
        taken = Collection.objects.filter(because__contains=f"({work.key})", state__in=["done", "incomplete"])
        assert taken.count() == 1, told


def _assert_plans_and_changes_are_there_once(programme: Programme, told: str) -> None:
    """One piece of work and one plan for each key, one change for each patch and environment, made once."""
    confirmed, on = programme.confirmed, {"platform__slug": programme.slug}
    works, plans = {work for work, _ in confirmed.plans.values()}, [plan for _, plan in confirmed.plans.values()]
    assert set(Work.objects.filter(kind="propose", **on).values_list("pk", flat=True)) == works, told
    platform = Platform.objects.get(slug=programme.slug)
    made = Plan.objects.filter(platforms=[platform.pk])
    assert sorted(made.values_list("pk", flat=True)) == sorted(plans), told
    acts = AuditEvent.objects.filter(platform=programme.slug)
    assert acts.filter(action="ask_for_plan").count() == len(works) == len(plans), told
    proposed = acts.filter(action="propose_plan").values_list("subject_id", flat=True)
    assert Counter(proposed) == Counter(map(str, plans)), told
    adopted = acts.filter(action="adopt_plan")
    assert Counter(adopted.values_list("subject_id", flat=True)) == Counter(map(str, confirmed.adopted)), told
    changes = Change.objects.filter(platform=platform)
    assert set(changes.values_list("pk", flat=True)) == confirmed.changes, told
    places = Counter(changes.values_list("patch", "environment"))
    assert sorted(places.values()) == [1, 1], (places, told)
    assert sum((event.after or {})["made"] for event in adopted) == len(places), told


def _events() -> Counter[tuple[str, str]]:
    return Counter(AuditEvent.objects.values_list("action", "subject_id"))


def _assert_looks_are_whole(told: str) -> None:
    """Each look that was taken is judged once, each review rests on one of its own; none is left running."""
    looks = Collection.objects.all()
    assert not looks.filter(state="running").exists(), told
    taken = looks.filter(state__in=["done", "incomplete"]).values_list("pk", flat=True)
    assert Counter(Evaluation.objects.values_list("collection", flat=True)) == Counter(taken), told
    assert Evaluation.objects.filter(followed_at=None).count() == 0, told
    for review in Review.objects.select_related("collection", "evaluation"):
        assert review.collection is not None, told
        assert review.collection.because.startswith(f"review {review.pk}, "), told
        assert review.evaluation is not None, told
        assert review.evaluation.collection_id == review.collection_id, told
