"""A call that bears a key is done once, whatever became of its answer."""

from __future__ import annotations

import threading
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from passmuster.application.working.answered_calls import Answer, Call, answer_once, forget_answers
from passmuster.records.models import AnsweredCall, ApiToken, AuditEvent, Evidence, Vendor, Work
from tests.keeping import NOW, make_person, make_platform
from tests.web.api.house import caller

with_db = pytest.mark.usefixtures("db")
KEY = '"8e03978e-40d5-43dd-bc93-6894a57f9324"'


def _post(asks: Client, path: str, body: Any, key: str = KEY) -> Any:
    return asks.post(f"/api/v1{path}", body, "application/json", headers={"idempotency-key": key})


@pytest.fixture
def asks(db: Path) -> Client:
    make_platform("Ours")
    return caller(make_person("ada", "administrator", "reviewer"))


def test_the_same_call_again_has_the_same_answer_and_does_nothing(asks: Client) -> None:
    first = _post(asks, "/vendors", {"name": "n8n"})
    assert first.status_code == 201, first.content
    events = AuditEvent.objects.count()
    again = _post(asks, "/vendors", {"name": "n8n"})
    assert (again.status_code, again.json()) == (201, first.json())
    # A key may be written without quotes too.
    assert _post(asks, "/vendors", {"name": "n8n"}, KEY.strip('"')).json() == first.json()
    assert (Vendor.objects.count(), AuditEvent.objects.count()) == (1, events)


def test_a_look_is_asked_for_anew_by_another_key_alone(asks: Client) -> None:
    first = _post(asks, "/platforms/ours/collect", {})
    assert first.status_code == 202, first.content
    Work.objects.update(state="done")
    assert _post(asks, "/platforms/ours/collect", {}).json() == first.json()
    assert _post(asks, "/platforms/ours/collect", {}, "another").json()["id"] != first.json()["id"]
    assert Work.objects.count() == 2


@pytest.mark.parametrize(("path", "body"), [("/vendors", {"name": "other"}), ("/record/verify", {})])
def test_a_key_of_another_call_is_refused(asks: Client, path: str, body: Any) -> None:
    _post(asks, "/vendors", {"name": "n8n"})
    refused = _post(asks, path, body)
    assert refused.status_code == 422
    assert refused.headers["content-type"] == "application/problem+json"
    assert "another call bore this key" in refused.json()["detail"]
    assert Vendor.objects.count() == 1
    assert not Work.objects.exists()


def test_what_was_refused_keeps_nothing_and_may_be_tried_again(asks: Client) -> None:
    assert _post(asks, "/vendors", {"name": " "}).status_code == 422
    assert not AnsweredCall.objects.exists()
    assert _post(asks, "/vendors", {"name": "n8n"}).status_code == 201


def test_a_key_is_that_of_one_token(asks: Client) -> None:
    other = caller(make_person("bob", "administrator"))
    assert _post(asks, "/vendors", {"name": "n8n"}).json() != _post(other, "/vendors", {"name": "other"}).json()
    assert Vendor.objects.count() == 2


@pytest.mark.parametrize("key", ["", '""', "a b", "x" * 256, 'with"quote', "ü"])
def test_what_is_no_key_is_refused(asks: Client, key: str) -> None:
    assert _post(asks, "/vendors", {"name": "n8n"}, key).status_code == 422
    assert not Vendor.objects.exists()


def test_an_answer_that_holds_a_secret_is_never_kept(asks: Client) -> None:
    refused = _post(asks, "/me/calendar-feeds", {})
    assert refused.status_code == 422
    assert "holds a secret" in refused.json()["detail"]
    assert not AnsweredCall.objects.exists()


def test_a_file_is_handed_in_once_and_another_one_needs_another_key(asks: Client) -> None:
    def hand_in(content: bytes) -> Any:
        file = SimpleUploadedFile("report.txt", content)
        told = {"file": file, "title": "Report", "kind": "report"}
        return asks.post("/api/v1/evidence", told, headers={"idempotency-key": KEY})

    first = hand_in(b"All is well.\n")
    assert first.status_code == 201, first.content
    assert hand_in(b"All is well.\n").json() == first.json()
    assert hand_in(b"Nothing is.\n").status_code == 422
    assert Evidence.objects.count() == 1


def test_a_revoked_token_gets_no_kept_answer(asks: Client) -> None:
    _post(asks, "/vendors", {"name": "n8n"})
    ApiToken.objects.update(revoked_at=NOW)
    assert _post(asks, "/vendors", {"name": "n8n"}).status_code == 401


def test_the_description_tells_the_header_of_every_post_but_those_with_secrets(asks: Client) -> None:
    paths = asks.get("/api/v1/openapi.json").json()["paths"]
    told = {
        path: any(each["name"] == "Idempotency-Key" for each in methods["post"].get("parameters", ()))
        for path, methods in paths.items()
        if "post" in methods
    }
    without = {path.removeprefix("/api/v1") for path, is_told in told.items() if not is_told}
    assert without == {"/me/tokens", "/me/calendar-feeds", "/people/{pk}/sign-in-link"}
    assert not any(
        each["name"] == "Idempotency-Key"
        for methods in paths.values()
        for method, operation in methods.items()
        if method != "post"
        for each in operation.get("parameters", ())
    )


@with_db
def test_an_answer_is_forgotten_after_a_day() -> None:
    call = Call("token x", "k", "d")
    done = []

    def act() -> Answer:
        done.append(1)
        return Answer(200, str(len(done)))

    assert answer_once(call, act, NOW).body == "1"
    assert answer_once(call, act, NOW + timedelta(hours=23)).body == "1"
    assert answer_once(call, act, NOW + timedelta(hours=24)).body == "2"
    assert forget_answers(NOW + timedelta(hours=48)) == 1


def test_two_at_once_do_it_once(durable_db: Path) -> None:
    begun = threading.Event()
    done: list[int] = []
    answers: list[str] = []
    call = Call("token x", str(uuid.uuid4()), "d")

    def act() -> Answer:
        begun.set()
        done.append(1)
        # Until the other one waits for this, as the server itself tells.
        waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        with connection.cursor() as cursor:
            for _ in range(200):
                cursor.execute(f"SELECT pg_sleep(0.02), pg_stat_clear_snapshot(), ({waiting})")
                if cursor.fetchone()[2]:
                    break
        return Answer(200, "it")

    def ask() -> None:
        answers.append(answer_once(call, act, NOW).body)
        connection.close()

    first = threading.Thread(target=ask)
    first.start()
    assert begun.wait(120)
    second = threading.Thread(target=ask)
    second.start()
    first.join()
    second.join()
    assert (answers, done) == (["it", "it"], [1])
