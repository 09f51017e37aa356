"""Recorded answers, pages, and what an answer means for a table."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from passmuster.collect.answers import Answer, Request
from passmuster.collect.paging import Paging, read_all
from passmuster.collect.recorded import RecordedAnswers, source_sha256
from passmuster.collect.statuses import Verdict, judge, judge_listing, message_of, worst
from passmuster.errors import UnreadableInput
from passmuster.model.words import CollectionStatus

USERS = Request("users", "/users")
PAGING = Paging(
    lambda body: body.get("data") if isinstance(body, dict) and isinstance(body.get("data"), list) else None,
    lambda body, _count: {"cursor": body["next"]} if body.get("next") else None,
)


def put(folder: Path, name: str, document: Any) -> None:
    text = document if isinstance(document, str) else json.dumps(document)
    (folder / f"{name}.json").write_text(text, encoding="utf-8")


def page(items: list[Any], following: str | None = None) -> dict[str, Any]:
    return {"status": 200, "body": {"data": items, "next": following}}


def test_progress_of_recorded_answers_names_each_file(tmp_path: Path) -> None:
    told: list[str] = []
    put(tmp_path, "users", page([1], "c2"))
    put(tmp_path, "users_page2", page([2]))
    read_all(RecordedAnswers(tmp_path, progress=told.append), USERS, PAGING)

    assert told == ["reading users.json", "reading users_page2.json"]


def test_a_recorded_answer_is_found_by_name_and_loses_its_cookies(tmp_path: Path) -> None:
    put(tmp_path, "users", {"status": 200, "headers": {"Set-Cookie": "s=canary", "ETag": "x"}, "body": [1]})
    answer = RecordedAnswers(tmp_path).ask(USERS)

    assert (answer.status, answer.body, dict(answer.headers)) == (200, [1], {"etag": "x"})


def test_status_and_headers_may_be_left_out(tmp_path: Path) -> None:
    put(tmp_path, "users", {"body": {"data": []}})

    assert RecordedAnswers(tmp_path).ask(USERS) == Answer(200, {"data": []})


def test_a_missing_file_is_told_by_name(tmp_path: Path) -> None:
    answers = RecordedAnswers(tmp_path)

    assert not answers.has("users")
    assert answers.ask(USERS) == Answer(None, problem=f"{tmp_path.name}/users.json is not there")


@pytest.mark.parametrize(
    ("document", "place"),
    [
        ('{"body": [1,', "line 1"),
        ("[]", "must hold an object"),
        ("{}", "neither"),
        ('{"status": "ok", "body": 1}', "status"),
        ('{"status": true, "body": 1}', "status"),
        ('{"status": 99, "body": 1}', "status"),
        ("\x80", "users.json"),
    ],
)
def test_a_malformed_file_is_told_with_its_place_and_without_its_folder(
    tmp_path: Path, document: str, place: str
) -> None:
    (tmp_path / "users.json").write_bytes(document.encode("latin-1"))
    answer = RecordedAnswers(tmp_path).ask(USERS)

    assert answer.status is None
    assert "users.json" in answer.problem
    assert place in answer.problem
    assert str(tmp_path) not in answer.problem


def test_a_name_cannot_lead_out_of_the_folder(tmp_path: Path) -> None:
    put(tmp_path, "users", page([]))
    (tmp_path / "inner").mkdir()

    assert not RecordedAnswers(tmp_path / "inner").has("../users")


def test_a_missing_folder_is_unreadable_input(tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput, match="is not a folder"):
        RecordedAnswers(tmp_path / "nowhere")


def test_the_digest_of_a_folder_follows_names_and_contents(tmp_path: Path) -> None:
    assert source_sha256(tmp_path) == ""
    put(tmp_path, "users", page([1]))
    first = source_sha256(tmp_path)
    put(tmp_path, "users", page([2]))
    second = source_sha256(tmp_path)
    (tmp_path / "users.json").rename(tmp_path / "people.json")

    assert len({first, second, source_sha256(tmp_path)}) == 3


def test_pages_are_read_to_the_end(tmp_path: Path) -> None:
    put(tmp_path, "users", page([1, 2], "b"))
    put(tmp_path, "users_page2", page([3], "c"))
    put(tmp_path, "users_page3", page([4]))
    listing = read_all(RecordedAnswers(tmp_path), USERS, PAGING)

    assert (listing.items, listing.cut_short) == ([1, 2, 3, 4], "")


def test_a_first_page_may_be_named_so(tmp_path: Path) -> None:
    put(tmp_path, "users_page1", page([1], "b"))
    put(tmp_path, "users_page2", page([2]))

    assert read_all(RecordedAnswers(tmp_path), USERS, PAGING).items == [1, 2]


def test_a_page_that_fails_keeps_what_was_read_and_is_told(tmp_path: Path) -> None:
    put(tmp_path, "users", page([1], "b"))
    listing = read_all(RecordedAnswers(tmp_path), USERS, PAGING)
    verdict = judge_listing(listing, what="users")

    assert listing.items == [1]
    assert verdict.status is CollectionStatus.PARTIAL
    assert "users_page2.json is not there" in verdict.reason


def test_a_cursor_that_repeats_ends_the_reading(tmp_path: Path) -> None:
    for name in ("users", "users_page2", "users_page3"):
        put(tmp_path, name, page([1], "again"))
    listing = read_all(RecordedAnswers(tmp_path), USERS, PAGING)

    assert (len(listing.items), "points back" in listing.cut_short) == (2, True)


def test_an_empty_page_with_a_next_one_ends_the_reading(tmp_path: Path) -> None:
    put(tmp_path, "users", page([], "b"))

    assert "is empty" in read_all(RecordedAnswers(tmp_path), USERS, PAGING).cut_short


class Endless:
    """A platform whose pages never end."""

    asked = 0

    def has(self, _name: str) -> bool:
        return True

    def ask(self, _request: Request) -> Answer:
        self.asked += 1
        return Answer(200, {"data": [self.asked], "next": str(self.asked)})


def test_endless_pages_end() -> None:
    platform = Endless()
    listing = read_all(platform, USERS, PAGING)

    assert "more than" in listing.cut_short
    assert judge_listing(listing, what="users").status is CollectionStatus.PARTIAL
    assert platform.asked <= 2000


@pytest.mark.parametrize("body", [None, "<html>hello</html>", "text", {"data": {}}, 7])
def test_an_answer_that_is_no_list_is_an_error(tmp_path: Path, body: Any) -> None:
    put(tmp_path, "users", {"status": 200, "body": body})
    listing = read_all(RecordedAnswers(tmp_path), USERS, PAGING)
    verdict = judge_listing(listing, what="users")

    assert verdict.status is CollectionStatus.ERROR
    assert "not the list it should be" in verdict.reason


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (Answer(200, {}), CollectionStatus.OK),
        (Answer(401, {"message": "unauthorized"}), CollectionStatus.DENIED),
        (Answer(403, {"message": "Forbidden"}), CollectionStatus.DENIED),
        (Answer(404, {}), CollectionStatus.UNSUPPORTED),
        (Answer(429, {}), CollectionStatus.ERROR),
        (Answer(500, {}), CollectionStatus.ERROR),
        (Answer(None, problem="no answer"), CollectionStatus.ERROR),
        (Answer(200, None, problem="malformed"), CollectionStatus.ERROR),
        (Answer(302, None, problem="redirects"), CollectionStatus.ERROR),
    ],
)
def test_each_answer_has_one_meaning(answer: Answer, status: CollectionStatus) -> None:
    verdict = judge(answer, what="users", unlock="ask for user:list")

    assert verdict.status is status
    assert bool(verdict.reason) == (status is not CollectionStatus.OK)
    assert (verdict.unlock == "ask for user:list") == (status is CollectionStatus.DENIED)


def test_a_platform_may_read_its_own_refusals() -> None:
    own = Verdict(CollectionStatus.NOT_LICENSED, "not in the plan")

    assert judge(Answer(403, {}), what="x", platform_says=lambda _: own) == own
    assert judge(Answer(403, {}), what="x", platform_says=lambda _: None).status is CollectionStatus.DENIED


def test_messages_are_short_and_without_secrets() -> None:
    text = message_of(Answer(403, {"message": "token=canary is\nwrong " + "x" * 500}))

    assert "canary" not in text
    assert "\n" not in text
    assert len(text) <= 200
    assert message_of(Answer(403, ["?"])) == ""


def test_the_worst_verdict_wins() -> None:
    denied = Verdict(CollectionStatus.DENIED, "no")

    assert worst(Verdict(CollectionStatus.OK), denied, Verdict(CollectionStatus.PARTIAL, "half")) == denied
