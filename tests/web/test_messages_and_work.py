from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from passmuster.application.messages.telling import choices_of, tell
from passmuster.records.models import Message, Person, Work
from tests.keeping import NOW, make_person, make_platform
from tests.working_off import work_off


def _signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def _tell(person: Person, key: str) -> Message:
    tell(person, key=key, kind="late", text=f"Do <b>{key}</b>.", link="/findings", due_at=NOW, now=NOW)
    return Message.objects.get(person=person, key=key)


@pytest.mark.usefixtures("db")
def test_messages_are_shown_marked_and_gone() -> None:
    ada, bob = make_person("ada", "reviewer"), make_person("bob", "reviewer")
    first, _ = _tell(ada, "Alpha"), _tell(ada, "Beta")
    theirs = _tell(bob, "theirs")
    client = _signed_in(ada)
    page = client.get("/messages/").content.decode()
    assert "Do &lt;b&gt;Alpha&lt;/b&gt;." in page
    assert "theirs" not in page
    assert client.post("/messages/read/", {"message": [first.pk, theirs.pk, "x"]}).status_code == 302
    assert "Alpha" not in client.get("/messages/").content.decode()
    assert "Alpha" in client.get("/messages/?show=all").content.decode()
    client.post("/messages/read/", {"all": "1"})
    assert "Nothing unread" in client.get("/messages/").content.decode()
    theirs.refresh_from_db()
    assert theirs.read_at is None


@pytest.mark.usefixtures("db")
def test_a_hundred_messages_come_page_by_page_each_once() -> None:
    ada = make_person("ada", "reviewer")
    for number in range(120):
        _tell(ada, f"key{number:03}")
    client, seen, address = _signed_in(ada), [], "/messages/"
    while address:
        response = client.get(address)
        seen += [message.key for message in response.context["told"]]
        address = f"/messages/?before={response.context['next']}" if response.context["next"] else ""
    assert seen == [f"key{number:03}" for number in reversed(range(120))]


@pytest.mark.usefixtures("db")
def test_choices_are_kept_and_mistakes_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PASSMUSTER_CHAT_OPS", "json://127.0.0.1/")
    ada = make_person("ada", "reviewer")
    client = _signed_in(ada)
    page = client.get("/messages/choices/").content.decode()
    assert "<option>OPS</option>" in page
    assert "127.0.0.1" not in page
    form = {"ways": ["chat"], "chat": "OPS", "topic_drift": "at_once", "digest_hour": "7", "most_a_day": "5"}
    assert client.post("/messages/choices/", form).status_code == 302
    ada.refresh_from_db()
    kept = choices_of(ada)
    assert (kept.chat, kept.digest_hour, kept.most_a_day, dict(kept.topics)) == ("OPS", 7, 5, {"drift": "at_once"})
    wrong = client.post("/messages/choices/", {**form, "digest_hour": "noon", "topic_drift": "sometimes"})
    assert wrong.status_code == 422
    assert "digest_hour: a whole number" in wrong.content.decode()


@pytest.mark.usefixtures("db")
def test_work_is_seen_by_those_of_its_platform_and_tried_again_by_those_who_may() -> None:
    ours, theirs = make_platform("Ours"), make_platform("Theirs")
    for number, platform in enumerate((ours, theirs, None)):
        Work.objects.create(
            key=str(number),
            kind="collect",
            title=f"Look at {platform}",
            platform=platform,
            created_at=NOW,
            state="failed",
            ended_at=NOW,
            error="the vendor is away",
            attempts=5,
        )
    owner, auditor = make_person("otto", "platform_owner", platform=ours), make_person("ann", "auditor")
    page = _signed_in(owner).get("/work/").content.decode()
    assert "Look at Ours" in page
    assert "Try again" in page
    assert "Look at Theirs" not in page
    assert "Look at None" not in page
    all_of_it = _signed_in(auditor).get("/work/").content.decode()
    assert "Look at None" in all_of_it
    assert "Try again" not in all_of_it
    mine, other = Work.objects.get(key="0"), Work.objects.get(key="1")
    assert _signed_in(auditor).post(f"/work/{mine.pk}/again/").status_code == 403
    assert _signed_in(owner).post(f"/work/{other.pk}/again/").status_code == 404
    assert _signed_in(owner).post(f"/work/{mine.pk}/again/").status_code == 302
    part = _signed_in(owner).get(f"/work/{mine.pk}/part/").content.decode()
    assert "hx-get" in part
    assert _signed_in(owner).get(f"/work/{other.pk}/part/").status_code == 404
    Work.objects.filter(pk=mine.pk).update(state="done")
    assert "hx-get" not in _signed_in(owner).get(f"/work/{mine.pk}/part/").content.decode()


@pytest.mark.usefixtures("db")
def test_that_no_worker_runs_is_told_though_nothing_waits_to_everybody_inside() -> None:
    clients = [_signed_in(make_person("ada", "administrator"))]
    assert "No worker runs" in clients[0].get("/").content.decode()
    platform = make_platform()
    clients.append(_signed_in(make_person("remi", "remediation_owner", platform=platform)))
    ended_at = datetime(2026, 6, 1, 7, 31, tzinfo=UTC)
    Work.objects.create(kind="deliver", key="k", title="Send messages", state="done", created_at=NOW, ended_at=ended_at)
    for client in clients:
        for path in ("/", "/work/"):
            page = client.get(path).content.decode()
            assert "No worker runs; the last one was seen at" in page
            assert "2026-06-01 07:31" in page
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (clock_timestamp())")
    for path in ("/", "/work/"):
        assert "No worker runs" not in clients[0].get(path).content.decode()


@pytest.mark.usefixtures("db")
def test_work_that_waits_says_whether_anybody_works_and_once_done_what_came_of_it() -> None:
    platform = make_platform()
    client = _signed_in(make_person("otto", "platform_owner", platform=platform))
    where = f"/platforms/{platform.slug}/"
    client.post(f"{where}collect")
    work = Work.objects.get()
    for path in (where, "/work/", f"/work/{work.pk}/", f"/work/{work.pk}/part/"):
        page = client.get(path).content.decode()
        assert "No worker runs" in page
        assert "passmuster worker" in page
        assert f'hx-get="/work/{work.pk}/part/' in page
    # In the list it is said once for all, also when a part is asked for anew.
    assert client.get("/work/").content.decode().count("No worker runs") == 1
    assert "No worker runs" not in client.get(f"/work/{work.pk}/part/?listed=1").content.decode()
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (clock_timestamp())")
    assert "No worker runs" not in client.get(where).content.decode()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = clock_timestamp() - interval '5 minutes'")
    assert "the last one was seen at" in client.get(where).content.decode()
    work_off()
    page = client.get(f"/work/{work.pk}/").content.decode()
    assert "hx-get" not in page
    assert "tables were read" in page
    assert f"/collections/{platform.collections.get().pk}/" in page
    assert client.get(f"/work/{2**70}/").status_code == 404


@pytest.mark.usefixtures("db")
def test_chores_that_told_nothing_are_folded_so_that_what_came_of_work_stays_in_sight() -> None:
    platform, now = make_platform(), timezone.now()

    def ended(minutes: int, kind: str, title: str, **more: object) -> None:
        at = now - timedelta(minutes=minutes)
        told = {"state": "done", "created_at": at, "ended_at": at, **more}
        Work.objects.create(key=f"{kind}/{minutes}", kind=kind, title=title, **told)

    for minutes in range(1, 120):
        ended(minutes, "deliver", "Send messages")
        ended(minutes, "reviews", "Open the reviews that are due", progress="0 asked for")
    ended(130, "review", "Review of ours", platform=platform, result={"review": 7, "status": "open"})
    ended(131, "reviews", "Open the reviews that are due", progress="1 asked for")
    ended(60 * 30, "deliver", "Send messages")
    ended(140, "collect", "Look at ours", platform=platform)
    answer = _signed_in(make_person("ada", "administrator", "auditor")).get("/work/")
    assert [each.work.title for each in answer.context["done"]] == [
        "Review of ours",
        "Open the reviews that are due",
        "Look at ours",
    ]
    assert {each["title"]: each["count"] for each in answer.context["quiet"]} == {
        "Send messages": 119,
        "Open the reviews that are due": 119,
    }
    assert "Chores with nothing to tell" in answer.content.decode()
