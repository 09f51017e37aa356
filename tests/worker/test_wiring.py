"""What must happen by itself, each through the worker."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from passmuster.application.acting import keeper
from passmuster.application.asking import ask_for_calendar_push, ask_for_look, ask_for_review, ask_for_verification
from passmuster.application.looking.looking import approve_baseline, collect_platform
from passmuster.application.messages.delivering import lay_out_deliveries
from passmuster.application.messages.message_choices import Way
from passmuster.application.messages.telling import tell
from passmuster.application.storage.feeds_file import FEEDS
from passmuster.application.storage.storing import advisory_store
from passmuster.application.working.keeping_days import Keeping, read_keeping
from passmuster.application.working.scheduling import CHORES, lay_out_chores
from passmuster.application.working.tidying import tidy
from passmuster.application.working.working import ask_for
from passmuster.cli.watching import PATIENCE_SECONDS
from passmuster.controls.catalogue import shipped_folder
from passmuster.errors import UsageError
from passmuster.model.keeping import ItemStatus, WorkState
from passmuster.records.models import (
    AuditEvent,
    Collection,
    Delivery,
    Evaluation,
    Message,
    Platform,
    Review,
    Ticket,
    TierProposal,
    Work,
)
from passmuster.worker.running import Pace
from passmuster.worker.tasks import tasks
from tests.application.following import follow, result
from tests.application.receiving import http_server
from tests.keeping import NOW, actor, make_person, make_platform
from tests.pipeline.test_triaging_store import kev, osv
from tests.report.radicale_server import PASSWORD, USER, radicale
from tests.working_off import work_off

pytestmark = pytest.mark.usefixtures("db")
EXAMPLES = shipped_folder("examples")
_HOUR = timedelta(hours=1)


def _do(kind: str, number: int = 0, *, after: timedelta = timedelta(0)) -> Work:
    """That chore, done by a worker so long after the beginning."""
    ask_for(kind, key=f"{kind}/{number}/{after}", title=kind, now=NOW + after)
    work_off(NOW + after)
    return Work.objects.get(key=f"{kind}/{number}/{after}")


def _look_again(platform: Platform, folder: Path, *, after: timedelta) -> Collection:
    """A look, asked for by its owner and taken by a worker, at what that folder holds."""
    Platform.objects.filter(pk=platform.pk).update(export_path=str(folder))
    owner = make_person(f"asker{after.total_seconds():.0f}", "platform_owner", is_active=True)
    ask_for_look(actor(owner, now=NOW + after), platform)
    (work,) = work_off(NOW + after)
    assert (work.state, work.error) == (WorkState.DONE, "")
    return Collection.objects.get(pk=work.result["collection"])


def test_everything_that_recurs_is_scheduled_and_can_be_done(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PASSMUSTER_TICKET_URL", "https://tickets.example/")
    monkeypatch.setenv("PASSMUSTER_CALDAV_URL", "https://calendar.example/")
    monkeypatch.setenv(FEEDS, str(tmp_path))
    (tmp_path / "feeds.yaml").write_text("")
    monkeypatch.setenv(FEEDS, str(tmp_path / "feeds.yaml"))
    chores = {chore.kind for chore in CHORES}
    assert chores == set(tasks()) - {"collect", "review", "verify", "propose", "seal"}
    assert lay_out_chores(NOW, set(tasks())) == len(CHORES)
    monkeypatch.delenv("PASSMUSTER_TICKET_URL")
    assert "tickets" not in tasks()


def test_a_platform_that_is_used_by_more_is_proposed_another_tier_and_its_owner_hears_of_it(tmp_path: Path) -> None:
    platform = make_platform(tier="low", export_path=str(EXAMPLES / "n8n-before"))
    otto, sam = make_person("otto", "platform_owner", platform=platform), make_person("sam", "sponsor")
    collect_platform(keeper(NOW), platform)
    grown = tmp_path / "grown"
    shutil.copytree(EXAMPLES / "n8n-before", grown)
    users = json.loads((grown / "users.json").read_text())
    one = users["body"]["data"][0]
    users["body"]["data"] += [{**one, "id": f"more-{n}", "email": f"more{n}@example.org"} for n in range(60)]
    (grown / "users.json").write_text(json.dumps(users))
    _look_again(platform, grown, after=_HOUR)
    proposal = TierProposal.objects.get()
    assert proposal.tier == "middle"
    told = Message.objects.filter(kind="drift_tier")
    assert {each.person for each in told} == {otto, sam}
    assert "the tier middle is proposed instead of low" in told[0].text
    assert told[0].link == f"/settings/platforms/{platform.slug}/"


def test_what_changed_is_one_message_each_and_goes_out_within_the_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    platform = make_platform(export_path=str(EXAMPLES / "n8n-before"))
    otto = make_person(
        "otto", "platform_owner", platform=platform, preferences={"messages": {"ways": ["chat"], "chat": "OPS"}}
    )
    first = collect_platform(keeper(NOW), platform)
    approve_baseline(actor(make_person("bea", "approver")), first, "as agreed")
    look = _look_again(platform, EXAMPLES / "n8n", after=_HOUR)
    kinds = list(Message.objects.filter(person=otto).values_list("kind", flat=True))
    assert kinds.count("drift_baseline") == 1
    assert kinds.count("drift_new_item") > 1
    assert Message.objects.filter(person=otto, kind="drift_baseline", link=f"/collections/{look.pk}/").exists()
    with http_server() as received:
        monkeypatch.setenv("PASSMUSTER_CHAT_OPS", f"json://127.0.0.1:{received.port}/")
        _do("deliver", 1, after=_HOUR + timedelta(minutes=1))
        assert len(received.requests) == 1
        tell(otto, key="more", kind="drift_new_item", text="One more.", link="/x", now=NOW + _HOUR * 1.1)
        _do("deliver", 2, after=_HOUR * 1.2)
        assert len(received.requests) == 1
        _do("deliver", 3, after=_HOUR * 2)
        assert len(received.requests) == 2
    assert not Message.objects.filter(person=otto, lines=None).exists()


def test_who_wants_drift_once_a_day_hears_of_it_once_a_day() -> None:
    ada = make_person("ada", "platform_owner", preferences={"messages": {"topics": {"drift": "daily"}}})
    tell(ada, key="k", kind="drift_new_item", text="New.", link="/x", now=NOW)
    assert lay_out_deliveries(NOW + _HOUR, {Way.MAIL}) == 0
    assert lay_out_deliveries(NOW + timedelta(days=1), {Way.MAIL}) == 1
    assert Delivery.objects.get().key == f"{ada.pk}/mail/daily/2026-06-02T08"


def test_the_calendar_is_pushed_when_it_is_asked_for_and_only_where_one_is_set_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_platform(next_review_on=(NOW + timedelta(days=9)).date())
    sponsor = actor(make_person("sam", "sponsor"))
    with pytest.raises(UsageError, match="PASSMUSTER_CALDAV_URL"):
        ask_for_calendar_push(sponsor)
    with radicale(tmp_path) as server:
        monkeypatch.setenv("PASSMUSTER_CALDAV_URL", server.calendar)
        monkeypatch.setenv("PASSMUSTER_CALDAV_USER", USER)
        monkeypatch.setenv("PASSMUSTER_CALDAV_PASSWORD", PASSWORD)
        asked = ask_for_calendar_push(sponsor)
        assert ask_for_calendar_push(sponsor) == asked
        (work,) = work_off(NOW)
        assert (work.state, work.result["added"]) == (WorkState.DONE, len(server.texts()))
        assert work.result["added"] > 0


def test_tickets_are_made_and_sent_where_a_ticket_system_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    platform = make_platform()
    follow(keeper(NOW), platform, [result("A", "fail", {"x": ""}), result("B", "fail", {"x": ""}, severity="low")])
    with http_server() as received:
        monkeypatch.setenv("PASSMUSTER_TICKET_URL", f"http://127.0.0.1:{received.port}/")
        monkeypatch.setenv("PASSMUSTER_TICKET_SECRET", "a secret of enough length")
        received.status = 503
        failed = _do("tickets", 1)
        assert failed.state == WorkState.WAITING
        assert "was not taken" in failed.error
        received.status = 200
        Work.objects.all().delete()
        assert _do("tickets", 2).state == WorkState.DONE
    assert [each.external_status for each in Ticket.objects.all()] == ["sent"]
    # The same delivery, tried again, is known by its id.
    assert len({headers["webhook-id"] for headers, _ in received.requests}) == 1


@pytest.fixture
def no_store() -> Iterator[None]:
    shutil.rmtree(advisory_store(), ignore_errors=True)
    yield
    shutil.rmtree(advisory_store(), ignore_errors=True)


@pytest.mark.usefixtures("no_store")
def test_a_feed_that_tells_of_an_exploited_vulnerability_opens_a_review(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform = make_platform()
    make_person("otto", "platform_owner", platform=platform)
    collect_platform(keeper(NOW), platform)
    feeds = []
    for name, document in (("osv", osv("CVE-2026-7001", "n8n", fixed="999.0.0")), ("kev", kev("CVE-2026-7001"))):
        (tmp_path / f"{name}.json").write_text(json.dumps(document))
        feeds.append(f"  - {{name: {name}, path: {name}.json}}\n")
    (tmp_path / "feeds.yaml").write_text("schema: passmuster/sync@1\nfeeds:\n" + "".join(feeds))
    monkeypatch.setenv(FEEDS, str(tmp_path / "feeds.yaml"))
    Platform.objects.update(created_at=NOW)
    _do("sync", after=_HOUR)
    review = Review.objects.get()
    assert (review.occurrence, review.status) == ("exploited:CVE-2026-7001", "open")
    assert Work.objects.get(kind="review").result["review"] == review.pk
    _do("events", after=_HOUR * 3)
    assert Review.objects.count() == 1


def test_reviews_that_are_due_open_each_by_work_of_its_own_and_one_that_cannot_holds_up_no_other() -> None:
    due = (NOW - timedelta(days=1)).date()
    good, bad = make_platform("Good", next_review_on=due), make_platform("Bad", next_review_on=due, packs=["nothing"])
    for platform in (good, bad):
        make_person(f"owner-of-{platform.slug}", "platform_owner", platform=platform)
    Platform.objects.filter(pk=bad.pk).update(cadence_rrule="nonsense")
    _do("reviews")
    assert Review.objects.get(platform=good).status == "open"
    good.refresh_from_db()
    assert good.next_review_on is not None
    assert good.next_review_on > NOW.date()
    _do("reviews", 2)
    assert Review.objects.filter(platform=good).count() == 1


def test_who_owes_lines_of_a_late_review_is_reminded_every_week() -> None:
    platform = make_platform()
    otto = make_person("otto", "platform_owner", platform=platform)
    rita = make_person("rita", "reviewer", platform=platform)
    ask_for_review(actor(rita), platform, "q", because="x")
    work_off(NOW)
    review = Review.objects.get()
    late = timedelta(days=(review.due_on - NOW.date()).days + 1)
    for days in (0, 1, 7):
        _do("remind", days, after=late + timedelta(days=days))
    told = Message.objects.filter(kind="review_late", person=otto)
    assert told.count() == 2
    review.items.filter(status=ItemStatus.OPEN).update(status=ItemStatus.DONE)
    _do("remind", 14, after=late + timedelta(days=14))
    assert told.count() == 2


def test_the_same_review_is_asked_for_once_and_told_by_its_work() -> None:
    platform = make_platform()
    rita = make_person("rita", "reviewer", platform=platform)
    asked = ask_for_review(actor(rita), platform, "q", because="a trial")
    assert ask_for_review(actor(rita), platform, "q", because="again") == asked
    work_off(NOW)
    assert ask_for_review(actor(rita), platform, "q", because="again").result["review"] == Review.objects.get().pk
    assert AuditEvent.objects.filter(action="ask_for_review").count() == 1
    with pytest.raises(UsageError, match="what the review is opened for"):
        ask_for_review(actor(rita), platform, "q2", because=" ")


def test_a_record_that_is_broken_can_still_be_verified_and_the_work_tells_it() -> None:
    auditor = actor(make_person("ann", "auditor"))
    ask_for_look(actor(make_person("otto", "platform_owner")), make_platform())
    ask_for_verification(auditor)
    work = next(each for each in work_off(NOW) if each.kind == "verify")
    assert work.result["holds"] is True
    assert work.result["events"] > 1
    assert "no checkpoint over" in work.result["warnings"][0]


class _Killed(BaseException):
    """Whatever ends a process in the middle."""


def test_a_look_whose_worker_was_lost_before_it_was_judged_is_judged_and_not_taken_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    platform = make_platform()
    ask_for_look(actor(make_person("otto", "platform_owner")), platform)
    with monkeypatch.context() as patched:
        patched.setattr("passmuster.application.looking.looking.evaluate_collection", _die)
        with pytest.raises(_Killed):
            work_off(NOW)
    assert (Collection.objects.get().state, Evaluation.objects.count()) == ("done", 0)
    # The lock of the dead one's session goes with it; here it is the test's own.
    Work.objects.update(state=WorkState.WAITING, token="")
    (work,) = work_off(NOW)
    assert (work.state, work.error) == (WorkState.DONE, "")
    assert (Collection.objects.count(), Evaluation.objects.count()) == (1, 1)


def _die(*_given: object) -> None:
    raise _Killed


def test_old_messages_go_and_young_ones_stay() -> None:
    ada = make_person("ada", "reviewer")
    for days in (401, 399):
        tell(ada, key=f"{days}", kind="late", text="Do it.", link="/x", now=NOW - timedelta(days=days), due_at=NOW)
    assert "1 messages" in tidy(NOW, ["deliver"], Keeping())
    assert Message.objects.get().key == "399"
    assert "1 messages" in tidy(NOW, ["deliver"], read_keeping({"PASSMUSTER_KEEP_MESSAGES_DAYS": "30"}))


@pytest.mark.parametrize("text", ["0", "29", "-1", "many", "1e3", "999999999", "٣٠"])
def test_days_that_are_none_or_too_few_are_refused_by_name(text: str) -> None:
    with pytest.raises(UsageError, match="PASSMUSTER_KEEP_MESSAGES_DAYS"):
        read_keeping({"PASSMUSTER_KEEP_MESSAGES_DAYS": text})


def test_who_stops_a_worker_waits_longer_than_it_takes() -> None:
    assert Pace().grace_seconds < PATIENCE_SECONDS
    units = (Path(__file__).parents[2] / "docs" / "howto" / "keeper.md").read_text(encoding="utf-8")
    waits = [int(seconds) for seconds in re.findall(r"^TimeoutStopSec=(\d+)$", units, re.MULTILINE)]
    assert len(waits) == 2
    assert min(waits) > PATIENCE_SECONDS
