from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection, connections

from passmuster.application.access import Action
from passmuster.application.acting import acting
from passmuster.application.changes.feeds_fetched import FeedsFetched, feeds_fetched
from passmuster.application.messages.telling import tell
from passmuster.application.storage.feeds_file import FEEDS
from passmuster.application.working.working import ask_for, take_over_lost, take_up
from passmuster.model.keeping import WorkState
from passmuster.pipeline.intelligence import show
from passmuster.records.models import AuditEvent, Delivery, Message, Work
from passmuster.worker.beating import Beat
from passmuster.worker.performing import Doing, Means, perform
from passmuster.worker.tasks import tasks, tell_failure
from tests.application.receiving import http_server
from tests.keeping import NOW, make_person, make_platform
from tests.web.api.house import caller

_ADVISORY = """\
schema: passmuster/advisories@1
feed: our house
advisories:
  - id: KB1234
    title: Something can be read
    published: 2026-03-01
    vendor: Example
    product: Builder
    affected: ["< 2.4.1"]
    fixed: 2.4.1
    source: https://vendor.example/kb1234
"""


def _do(kind: str, task: Callable[[Doing], None] | None = None) -> Work:
    work = ask_for(kind, key=f"{kind}/1", title=kind, now=NOW)
    assert work is not None
    known = tasks() if task is None else {kind: task}
    perform(work.pk, work.job_id or 0, Means(known, lambda: NOW, Beat(), tell_failure))
    work.refresh_from_db()
    return work


@pytest.mark.usefixtures("db")
def test_messages_go_out_by_the_ways_the_environment_sets_up(monkeypatch: pytest.MonkeyPatch) -> None:
    ada = make_person("ada", "reviewer", preferences={"messages": {"ways": ["chat"], "chat": "OPS"}})
    tell(ada, key="k", kind="late", text="Do it.", link="/findings", due_at=NOW, now=NOW)
    with http_server() as received:
        monkeypatch.setenv("PASSMUSTER_CHAT_OPS", f"json://127.0.0.1:{received.port}/")
        work = _do("deliver")
    assert (work.state, work.progress) == (WorkState.DONE, "1 sent")
    assert received.json()["title"] == "Passmuster: Do it."
    assert Delivery.objects.get().sent_at == NOW


@pytest.mark.usefixtures("db")
def test_feeds_are_fetched_where_there_is_a_list_of_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "sync" not in tasks()
    (tmp_path / "advisories.yaml").write_text(_ADVISORY)
    (tmp_path / "feeds.yaml").write_text("schema: passmuster/sync@1\nfeeds:\n  - {name: ours, path: advisories.yaml}\n")
    monkeypatch.setenv(FEEDS, str(tmp_path / "feeds.yaml"))
    monkeypatch.setattr("passmuster.records.settings.HOME", tmp_path)
    work = _do("sync")
    assert (work.state, work.error) == (WorkState.DONE, "")
    assert show("KB1234", tmp_path / "intel").advisory.id == "KB1234"
    assert Work.objects.filter(kind__in=["events", "plan"]).count() == 2
    Work.objects.all().delete()
    assert _do("sync").state == WorkState.DONE
    assert not Work.objects.filter(kind="plan").exists()


@pytest.mark.usefixtures("db")
def test_a_feed_that_is_away_is_told_and_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "feeds.yaml").write_text(
        "schema: passmuster/sync@1\nfeeds:\n  - {name: kev, url: 'http://127.0.0.1:9/kev.json'}\n"
    )
    monkeypatch.setenv(FEEDS, str(tmp_path / "feeds.yaml"))
    monkeypatch.setattr("passmuster.records.settings.HOME", tmp_path)
    work = _do("sync")
    assert work.state == WorkState.WAITING
    assert work.error.startswith("kev: ")


@pytest.mark.usefixtures("db")
def test_it_is_told_when_feeds_were_last_fetched_and_what_went_wrong_since(tmp_path: Path) -> None:
    file = tmp_path / "feeds.yaml"
    environ = {"PASSMUSTER_HOME": str(tmp_path)}
    hour = NOW.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    assert feeds_fetched(environ, NOW) == FeedsFetched(is_set_up=False)
    file.write_text("schema: passmuster/sync@1\nfeeds: [{name: kev, path: k}, {name: epss, path: e}]")
    names = ("kev", "epss")
    assert feeds_fetched(environ, NOW) == FeedsFetched(True, None, "", hour, names)
    told = {"kind": "sync", "title": "Fetch", "created_at": NOW}
    Work.objects.create(key="1", state="failed", error="kev: away", ended_at=NOW, **told)
    assert feeds_fetched(environ, NOW) == FeedsFetched(True, None, "kev: away", hour, names)
    Work.objects.create(key="2", state="done", ended_at=NOW, **told)
    assert feeds_fetched(environ, NOW) == FeedsFetched(True, NOW, "", hour, names)
    later = NOW + timedelta(minutes=5)
    Work.objects.create(key="3", state="waiting", error="epss: away", not_before=later, **told)
    assert feeds_fetched(environ, NOW) == FeedsFetched(True, NOW, "epss: away", later, names)
    Work.objects.update(state="running", error="")
    assert feeds_fetched(environ, NOW).next_at is None
    file.write_text("feeds: [kev]")
    assert "must begin with `schema: passmuster/sync@1`" in feeds_fetched(environ, NOW).problem


@pytest.mark.usefixtures("db")
def test_a_program_asks_what_the_page_tells_of_feeds(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "feeds.yaml").write_text("schema: passmuster/sync@1\nfeeds: [{name: kev, path: k}]")
    monkeypatch.setenv("PASSMUSTER_FEEDS", str(tmp_path / "feeds.yaml"))
    Work.objects.create(key="1", kind="sync", title="Fetch", state="failed", error="kev: away", created_at=NOW)
    asked = caller(make_person("rita", "reviewer")).get("/api/v1/feeds")
    told = asked.json()
    assert asked.status_code == 200
    assert (told["is_set_up"], told["problem"], told["last_at"], told["feeds"]) == (True, "kev: away", None, ["kev"])
    assert told["next_at"].endswith("Z")
    assert caller(make_person("gus", "vendor_contact")).get("/api/v1/feeds").status_code == 403


@pytest.mark.usefixtures("db")
def test_the_platforms_owners_hear_of_work_that_was_given_up_else_the_administrators() -> None:
    ours, theirs = make_platform("Ours"), make_platform("Theirs")
    owner, admin = make_person("otto", "platform_owner", platform=ours), make_person("ada", "administrator")
    for number, platform in enumerate((ours, theirs, None)):
        work = Work.objects.create(
            key=str(number), kind="collect", title="Look", platform=platform, created_at=NOW, error="away", attempts=5
        )
        tell_failure(work, NOW)
    assert list(Message.objects.order_by("pk").values_list("person", flat=True)) == [owner.pk, admin.pk, admin.pk]
    assert Message.objects.first().text == "Look: failed 5 times: away. Mend the cause, then try it again."  # type: ignore[union-attr]


@pytest.mark.usefixtures("db")
def test_of_a_chore_that_fails_all_day_the_administrators_hear_once_that_day() -> None:
    admin, midday = make_person("ada", "administrator"), NOW.replace(hour=12)
    for hours in (0, 1, 3, 24):
        at = midday + timedelta(hours=hours)
        work = Work.objects.create(
            key=f"sign_decisions/{hours}", kind="sign_decisions", title="Sign", created_at=at, ended_at=at, error="away"
        )
        tell_failure(work, at)
    assert list(Message.objects.order_by("pk").values_list("person", "created_at")) == [
        (admin.pk, midday),
        (admin.pk, midday + timedelta(hours=24)),
    ]


@pytest.mark.usefixtures("durable_db")
def test_a_worker_that_was_paused_in_the_middle_does_no_step_twice() -> None:
    paused, resume = threading.Event(), threading.Event()

    def step(doing: Doing) -> None:
        if not AuditEvent.objects.filter(subject_id="the step").exists():
            if doing.work.attempts == 1:
                paused.set()
                resume.wait(timeout=120)
            with acting(doing.actor, Action.COLLECT, "step") as event:
                event.subject_id = "the step"

    thread = threading.Thread(target=lambda: (_do("steps", step), connections.close_all()))
    thread.start()
    assert paused.wait(timeout=120)
    (work,) = take_over_lost(datetime.now(UTC), lost_after=timedelta(0))
    perform(work.pk, work.job_id or 0, Means({"steps": step}, lambda: NOW, Beat()))
    resume.set()
    thread.join(timeout=120)
    work.refresh_from_db()
    assert (work.state, work.attempts) == (WorkState.DONE, 2)
    assert AuditEvent.objects.filter(subject_id="the step").count() == 1
    assert take_up(work.pk, work.job_id or 0, NOW) is None


@pytest.mark.usefixtures("db")
def test_the_server_ends_transactions_that_idle() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SHOW idle_in_transaction_session_timeout")
        assert cursor.fetchone()[0] == "2min"
