"""The polite client against a real server that misbehaves."""

from __future__ import annotations

import gzip
import ssl
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import certifi
import pytest

from passmuster.collect.answers import Request
from passmuster.collect.base_url import read_base_url
from passmuster.collect.http import Clock, LiveAnswers, Patience, retry_after_s
from passmuster.collect.paging import Paging, read_all
from passmuster.errors import UsageError
from tests.collect.answering import Asked, Reply, answering

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
THINGS = Request("things", "/things")


class Waits(list[float]):
    """The waits that were asked for; nobody really waits."""

    def clock(self) -> Clock:
        return Clock(sleep=self.append, now=lambda: NOW, chance=lambda: 0.5)


def client(url: str, waits: Waits | None = None, **patience: Any) -> LiveAnswers:
    return LiveAnswers(
        read_base_url(url), patience=Patience(**patience), clock=(Waits() if waits is None else waits).clock()
    )


def in_turn(*replies: Reply) -> Callable[[Asked], Reply]:
    left = list(replies)
    return lambda _asked: left.pop(0) if len(left) > 1 else left[0]


def test_an_answer_comes_with_status_body_and_headers_but_without_cookies() -> None:
    with answering(lambda _: Reply(body={"a": 1}, headers={"set-cookie": "s=canary"})) as server:
        answer = client(server.url).ask(THINGS)

    assert (answer.status, answer.body, answer.is_ok) == (200, {"a": 1}, True)
    assert "canary" not in repr(answer)


def test_the_path_of_the_address_is_kept_and_parameters_are_sent() -> None:
    with answering(lambda _: Reply(body={})) as server:
        client(f"{server.url}/n8n/").ask(Request("x", "/api/x", params={"limit": "2"}))

    assert (server.asked[0].path, server.asked[0].params) == ("/n8n/api/x", {"limit": "2"})


def test_retry_after_in_seconds_is_waited_for() -> None:
    waits = Waits()
    with answering(in_turn(Reply(429, headers={"retry-after": "7"}), Reply(body=[1]))) as server:
        answer = client(server.url, waits).ask(THINGS)

    assert (answer.body, list(waits)) == ([1], [7.0])


def test_retry_after_as_a_date_is_waited_for_up_to_a_cap() -> None:
    waits = Waits()
    late = {"retry-after": "Mon, 01 Jun 2026 13:00:00 GMT"}
    with answering(in_turn(Reply(503, headers=late), Reply(body=[1]))) as server:
        client(server.url, waits, longest_wait_s=60).ask(THINGS)

    assert list(waits) == [60.0]


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7.0),
        ("Mon, 01 Jun 2026 12:00:30 GMT", 30.0),
        ("soon", None),
        ("", None),
        ("-5", None),
        ("9" * 30, 999999999.0),
    ],
)
def test_retry_after_is_seconds_or_a_date_or_nothing(value: str, seconds: float | None) -> None:
    assert retry_after_s(value, NOW) == seconds


def test_waits_double_and_attempts_are_bounded() -> None:
    waits = Waits()
    with answering(lambda _: Reply(502, {"message": "bad gateway"})) as server:
        answer = client(server.url, waits, attempts=4, first_wait_s=1).ask(THINGS)

    assert (answer.status, list(waits), len(server.asked)) == (502, [1.0, 2.0, 4.0], 4)


def test_the_time_allowed_for_waiting_is_bounded_over_all_requests() -> None:
    waits = Waits()
    with answering(lambda _: Reply(429, headers={"retry-after": "50"})) as server:
        answers = client(server.url, waits, budget_s=120)
        told = [answers.ask(THINGS) for _ in range(3)]

    assert sum(waits) <= 120
    assert "time allowed for waiting" in told[-1].problem


@pytest.mark.parametrize("status", [400, 401, 403, 404, 500])
def test_what_waiting_does_not_mend_is_asked_once(status: int) -> None:
    with answering(lambda _: Reply(status, {"message": "no"})) as server:
        answer = client(server.url).ask(THINGS)

    assert (answer.status, answer.body, len(server.asked)) == (status, {"message": "no"}, 1)


def test_a_dropped_connection_is_tried_again_for_reading_but_not_for_posting() -> None:
    with answering(in_turn(Reply(drop=True), Reply(body={"a": 1}))) as server:
        assert client(server.url).ask(THINGS).body == {"a": 1}
    with answering(lambda _: Reply(drop=True)) as server:
        answer = client(server.url).ask(Request("post", "/things", method="POST", json={}))

    assert answer.status is None
    assert "dropped the connection" in answer.problem
    assert len(server.asked) == 1


def test_a_platform_that_is_not_there_is_told_and_not_asked_for_ever() -> None:
    with answering(lambda _: Reply()) as server:
        gone = server.url
    waits = Waits()
    answers = client(gone, waits)
    told = [answers.ask(THINGS).problem for _ in range(5)]

    assert "cannot be reached" in told[0]
    assert "stopped answering" in told[-1]
    assert len(waits) == 2 * 3


def test_malformed_json_is_a_problem_with_its_place() -> None:
    with answering(lambda _: Reply(raw=b'{"data": [1, ')) as server:
        answer = client(server.url).ask(THINGS)

    assert answer.status == 200
    assert not answer.is_ok
    assert "line 1" in answer.problem


def test_malformed_errors_keep_their_status() -> None:
    with answering(lambda _: Reply(401, raw=b"{nope")) as server:
        answer = client(server.url).ask(THINGS)

    assert (answer.status, answer.problem) == (401, "")


def test_too_deep_json_is_a_problem() -> None:
    with answering(lambda _: Reply(raw=b"[" * 5000 + b"]" * 5000)) as server:
        assert "deeper" in client(server.url).ask(THINGS).problem


def test_too_much_is_not_read() -> None:
    with answering(lambda _: Reply(raw=b'"' + b"a" * 100_000 + b'"')) as server:
        assert "larger than 1000 bytes" in client(server.url, max_bytes=1000).ask(THINGS).problem


def test_a_small_answer_that_swells_when_unpacked_is_not_unpacked() -> None:
    bomb = gzip.compress(b"[" + b" " * 50_000_000 + b"]")
    assert len(bomb) < 100_000
    with answering(lambda _: Reply(raw=bomb, headers={"content-encoding": "gzip"})) as server:
        answer = client(server.url, max_bytes=1_000_000).ask(THINGS)

    assert "larger than 1000000 bytes" in answer.problem


def test_packed_answers_are_read_and_torn_ones_told() -> None:
    packed = gzip.compress(b'{"a": 1}')
    with answering(lambda _: Reply(raw=packed, headers={"content-encoding": "gzip"})) as server:
        assert client(server.url).ask(THINGS).body == {"a": 1}
    with answering(lambda _: Reply(raw=packed[:-12], headers={"content-encoding": "gzip"})) as server:
        assert "cut short" in client(server.url).ask(THINGS).problem
    with answering(lambda _: Reply(raw=b"plain", headers={"content-encoding": "gzip"})) as server:
        assert "not packed" in client(server.url).ask(THINGS).problem
    with answering(lambda _: Reply(raw=b"x", headers={"content-encoding": "br"})) as server:
        assert "not asked for" in client(server.url).ask(THINGS).problem


def test_a_redirect_to_another_host_is_told_and_not_followed() -> None:
    with answering(lambda _: Reply(body={"stolen": True})) as other:
        target = other.url.replace("127.0.0.1", "localhost")
        with answering(lambda _: Reply(302, headers={"location": f"{target}/things"})) as server:
            answer = LiveAnswers(read_base_url(server.url), headers={"X-Key": "canary"}).ask(THINGS)

    assert not answer.is_ok
    assert "redirects to 'localhost'" in answer.problem
    assert other.asked == []


def test_a_redirect_on_the_same_host_is_followed_but_not_in_circles() -> None:
    def moved(asked: Asked) -> Reply:
        return Reply(body=[1]) if asked.path == "/new" else Reply(301, headers={"location": "/new"})

    with answering(moved) as server:
        assert client(server.url).ask(THINGS).body == [1]
    with answering(lambda _: Reply(301, headers={"location": "/things"})) as server:
        assert "in circles" in client(server.url).ask(THINGS).problem


def test_a_redirect_after_posting_is_not_followed() -> None:
    with answering(lambda _: Reply(302, headers={"location": "/other"})) as server:
        answer = client(server.url).ask(Request("login", "/login", method="POST", json={"password": "canary"}))

    assert server.paths() == ["/login"]
    assert not answer.is_ok


def test_nothing_said_is_told() -> None:
    with answering(lambda _: Reply(204, raw=b"")) as server:
        answer = client(server.url).ask(THINGS)

    assert (answer.status, answer.body, answer.is_ok) == (204, None, True)


def test_a_certificate_nobody_vouches_for_is_refused(tmp_path: Any) -> None:
    context = ssl.create_default_context()
    assert context.verify_mode is ssl.CERT_REQUIRED
    with answering(lambda _: Reply()) as server:
        answer = client(server.url.replace("http://", "https://"), attempts=1).ask(THINGS)

    assert answer.status is None


def test_a_missing_certificate_file_is_wrong_usage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere/authority.pem")
    with pytest.raises(UsageError, match="SSL_CERT_FILE"):
        LiveAnswers(read_base_url("https://n8n.example.com"))


def test_a_certificate_file_that_changes_is_read_anew(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "authority.pem"
    file.write_bytes(Path(certifi.where()).read_bytes())
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    LiveAnswers(read_base_url("https://n8n.example.com"))
    file.write_text("no certificate")
    with pytest.raises(UsageError, match="SSL_CERT_FILE"):
        LiveAnswers(read_base_url("https://n8n.example.com"))


@pytest.mark.parametrize(
    "url",
    [
        *("n8n.example.com", "ftp://n8n.example.com", "https://", "https://h:99999", "https://[::1", ""),
        *(
            "https://user:canary@h.example",
            "https://user:canary",
            "user:canary@h.example",
            "https:/user:canary@h.example",
            "https://user:can@canary@h.example",
            "https://user:canary/x@h.example",
            "https://user:canary#x@h.example",
            "https://user:canary?x@h.example",
            "https://h.example/?mail=a@b.example&token=canary",
            "https://h.example/?token=canary",
            "https://h.example/#x",
            "https://h .example",
        ),
    ],
)
def test_an_address_that_cannot_work_is_wrong_usage_and_its_secrets_are_not_repeated(url: str) -> None:
    with pytest.raises(UsageError, match="--url") as caught:
        read_base_url(url)

    assert "canary" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "text", "is_in_clear"),
    [
        ("https://N8N.Example.com:443/", "https://n8n.example.com", False),
        ("http://n8n.example.com:5678/flows/api/v1", "http://n8n.example.com:5678/flows", True),
        ("http://127.0.0.1:5678", "http://127.0.0.1:5678", False),
        ("http://[::1]:5678/api/v1/", "http://[::1]:5678", False),
    ],
)
def test_addresses_are_spelled_in_one_way(url: str, text: str, is_in_clear: bool) -> None:
    base = read_base_url(url, drop_suffixes=("/api/v1",))

    assert (base.text, base.is_in_clear) == (text, is_in_clear)


def test_a_refusal_that_repeats_the_credential_loses_it() -> None:
    login = Request("login", "/login", method="POST", json={"user": "ivo", "password": "pass-canary"})
    echoes = [
        Reply(403, {"message": "key key-canary of ivo is not valid", "more": [{"given": "Bearer key-canary"}]}),
        Reply(401, {"message": "no user ivo with pass-canary"}),
    ]
    with answering(in_turn(*echoes)) as server:
        answers = LiveAnswers(read_base_url(server.url), headers={"Authorization": "Bearer key-canary"})
        bodies = [answers.ask(THINGS).body, answers.ask(login).body]

    assert bodies[0]["message"] == "key [redacted] of ivo is not valid"
    assert bodies[1]["message"] == "no user ivo with [redacted]"
    assert "canary" not in repr(bodies)


def test_progress_names_the_page_of_a_long_list() -> None:
    told: list[str] = []
    pages = (Reply(body={"data": [1], "next": "a"}), Reply(body={"data": [2]}))
    paging = Paging(lambda body: body["data"], lambda body, _count: {"at": body["next"]} if "next" in body else None)
    with answering(in_turn(*pages)) as server:
        read_all(LiveAnswers(read_base_url(server.url), progress=told.append), THINGS, paging)

    assert told == ["GET /things", "GET /things, page 2"]


def test_progress_tells_what_is_asked_and_why_it_waits() -> None:
    told: list[str] = []
    with answering(in_turn(Reply(429), Reply(body=[]))) as server:
        LiveAnswers(read_base_url(server.url), clock=Waits().clock(), progress=told.append).ask(THINGS)

    assert told == ["GET /things", "GET /things: waiting 0.5 s (HTTP 429)"]
