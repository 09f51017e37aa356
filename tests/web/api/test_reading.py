from __future__ import annotations

import json
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.cache.backends import db as cache_in_database
from django.test import Client
from django.utils import timezone

from passmuster.application.access import TABLE, Action
from passmuster.model.keeping import DutyRole
from passmuster.records.models import ApiToken, Finding
from passmuster.web.api.values import Asked, Told
from tests.keeping import make_person, make_platform
from tests.web.api.house import caller, make_finding, make_house, token_of

pytestmark = pytest.mark.usefixtures("db")
API = "/api/v1"


def described() -> dict[str, Any]:
    return json.loads(Client().get(f"{API}/openapi.json").content)


def operations() -> list[tuple[str, str, Action]]:
    return [
        (method.upper(), path, Action(told["x-needs"]))
        for path, methods in described()["paths"].items()
        for method, told in methods.items()
    ]


def test_the_description_is_openapi_3_1_and_every_operation_says_its_right_and_its_problems() -> None:
    told = described()
    assert told["openapi"].startswith("3.1")
    assert told["components"]["securitySchemes"].keys() == {"Token", "Session"}
    names = [each["operationId"] for methods in told["paths"].values() for each in methods.values()]
    assert len(names) == len(set(names)) > 30
    for methods in told["paths"].values():
        for each in methods.values():
            assert each["security"] == [{"Token": []}, {"Session": []}]
            assert {"401", "403", "422", "429", "500"} <= each["responses"].keys()
            assert list(each["responses"]["401"]["content"]) == ["application/problem+json"]


def test_no_two_values_share_a_name_which_would_make_one_of_them_vanish_from_the_description() -> None:
    named = Counter(each.__name__ for each in _below(Told) | _below(Asked) if "[" not in each.__name__)
    assert [name for name, times in named.items() if times > 1] == []


def _below(kind: type[Any]) -> set[type[Any]]:
    direct = set(kind.__subclasses__())
    return direct | {each for one in direct for each in _below(one)}


# Files that no platform and no review of the house has yet.
_HELD_BY_NOBODY = ("{name}", "/evidence-bundle", "/drift/{against}", "/registers-workbook")


def filled(path: str, made: dict[str, Any]) -> str:
    """The path with the keys of those records."""
    kinds = {
        "environments": "environment", "vendors": "vendor", "collections": "collection", "evaluations": "evaluation",
        "reviews": "review", "findings": "finding", "deviations": "deviation", "changes": "change", "plans": "plan",
        "evidence": "evidence", "work": "work", "vulnerabilities": "triaged",
        "vendor-requests": "request", "asked": "request", "asked-files": "asked_file",
        "people": "contact", "tickets": "ticket",
    }  # fmt: skip
    kind = path.removeprefix(f"{API}/").split("/")[0]
    key = made[kinds[kind]].pk if kind in kinds else 1
    return (
        path.replace("{slug}", made["platform"].slug)
        .replace("{pk}", str(key))
        .replace("{number}", "1")
        .replace("{name}", "report.html")
        .replace("{against}", "last")
    )


@pytest.mark.parametrize("role", list(DutyRole))
def test_every_role_reads_what_the_table_says_and_nothing_else(role: DutyRole) -> None:
    house = make_house()
    vendor = {"vendor": house["ours"]["vendor"]} if role is DutyRole.VENDOR_CONTACT else {}
    asks = caller(make_person("walker", role, **vendor))
    for method, path, needs in operations():
        if method != "GET":
            continue
        answer = asks.get(filled(path, house["ours"]))
        if role not in TABLE[needs]:
            assert answer.status_code == 403, (path, answer.content)
        else:
            own = path.startswith((f"{API}/messages/", f"{API}/people/")) or path.endswith(_HELD_BY_NOBODY)
            assert answer.status_code in ({200, 404, 422} if own else {200}), (path, answer.content)


_NOT_OF_PLATFORMS = {
    Action.MANAGE_PEOPLE,
    Action.MANAGE_OWN_ACCOUNT,
    Action.ANSWER_VENDOR_REQUEST,
    Action.EXPORT_RECORD,
}


def test_a_duty_on_one_platform_shows_nothing_of_another() -> None:
    house = make_house()
    roles = [role for role in DutyRole if role is not DutyRole.VENDOR_CONTACT]
    asks = caller(make_person("here", *roles, platform=house["ours"]["platform"]))
    theirs = house["theirs"]
    seen = 0
    for method, path, needs in operations():
        if method != "GET" or needs in _NOT_OF_PLATFORMS:
            continue
        if path.endswith(_HELD_BY_NOBODY):
            continue
        if "{pk}" in path or "{slug}" in path:
            assert asks.get(filled(path, house["ours"])).status_code == 200, path
            assert asks.get(filled(path, theirs)).status_code == 404, path
        elif "{" not in path:
            answer = asks.get(path)
            assert answer.status_code == 200
            assert "theirs" not in answer.content.decode(), path
            told = answer.json() if "json" in answer.headers["content-type"] else []
            seen += len(told.get("items", []) if isinstance(told, dict) else told)
    assert seen > 10


def test_a_vendor_contact_gets_nothing_whatever_they_try() -> None:
    house = make_house()
    guest = make_person("guest", "vendor_contact", vendor=house["ours"]["vendor"])
    asks = caller(guest)
    open_to_all = {path for _, path, needs in operations() if needs is Action.MANAGE_OWN_ACCOUNT}
    for method, path, needs in operations():
        if path in open_to_all or needs is Action.ANSWER_VENDOR_REQUEST:
            continue
        answer = asks.generic(method, filled(path, house["ours"]), "{}", content_type="application/json")
        assert answer.status_code == 403, (method, path)
    assert asks.get(f"{API}/messages").json()["items"] == []
    assert asks.get(f"{API}/me").json()["person"]["email"] == guest.email


def test_nobody_is_known_without_a_token_that_holds() -> None:
    person = make_person("ada", "auditor")
    text = token_of(person)
    for headers in ({}, {"authorization": "Bearer pmt_nonsense"}, {"authorization": f"Basic {text}"}):
        answer = Client(headers=headers).get(f"{API}/platforms")
        assert answer.status_code == 401
        assert answer.headers["content-type"] == "application/problem+json"
        assert "Bearer" in answer.headers["www-authenticate"]
    known = Client(headers={"authorization": f"Bearer {text}"})
    assert known.get(f"{API}/platforms").status_code == 200
    token = ApiToken.objects.get()
    assert token.last_used_at is not None
    ApiToken.objects.filter(pk=token.pk).update(expires_at=token.created_at)
    assert known.get(f"{API}/platforms").status_code == 401


def test_a_token_does_no_more_than_its_scopes_say() -> None:
    asks = caller(make_person("ada", "administrator", "auditor"), Action.VIEW)
    assert asks.get(f"{API}/platforms").status_code == 200
    refused = asks.get(f"{API}/people")
    assert refused.status_code == 403
    assert "scopes do not include read_people" in refused.json()["detail"]
    assert asks.get(f"{API}/me").status_code == 403


def test_a_session_reads_and_writes_only_with_the_csrf_token() -> None:
    person = make_person("ada", "auditor")
    client = Client(enforce_csrf_checks=True)
    client.force_login(person)
    assert client.get(f"{API}/platforms").status_code == 200
    body = {"name": "x", "scopes": ["view"], "expires_at": "2036-01-01T00:00:00Z"}
    refused = client.post(f"{API}/me/tokens", body, content_type="application/json")
    assert refused.status_code == 403
    assert "CSRF" in refused.json()["detail"]
    client.cookies["csrftoken"] = secret = "a" * 32
    told = client.post(f"{API}/me/tokens", body, content_type="application/json", headers={"x-csrftoken": secret})
    assert told.status_code == 422
    assert "within a year" in told.json()["detail"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("PATCH", "/platforms", 405),
        ("GET", "/findings?limit=201", 422),
        ("GET", "/findings?limit=0", 422),
        ("GET", "/findings?cursor=nonsense", 422),
        ("GET", "/findings?statsu=open", 422),
        ("GET", "/findings?status=opened", 422),
        ("GET", "/findings?late_on=0", 422),
        ("GET", "/findings?control=%00", 422),
        ("GET", "/findings/99999999999999999999", 422),
        ("GET", "/findings/7", 404),
        ("GET", "/platforms/nowhere", 404),
        ("POST", "/me/tokens", 422),
    ],
)
def test_every_error_is_a_problem_document(method: str, path: str, status: int) -> None:
    asks = caller(make_person("ada", "auditor"))
    answer = asks.generic(method, f"{API}{path}", '{"a": ', content_type="application/json")
    assert answer.status_code in ((status, 400) if path == "/me/tokens" else (status,))
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert told["status"] == answer.status_code
    assert told["title"]
    assert told["detail"]


def test_a_fault_of_ours_is_a_problem_that_tells_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    asks = caller(make_person("ada", "auditor"))
    monkeypatch.setattr("passmuster.web.api.findings.parts_of", lambda *_given: 1 / 0)
    answer = asks.get(f"{API}/findings")
    assert answer.status_code == 500
    assert answer.json()["detail"] == "a fault of ours; it is in the log"


def test_lists_page_by_cursor_to_their_end_in_order() -> None:
    platform = make_platform()
    made = [make_finding(platform, f"r{number}", rank=number % 5) for number in range(23)]
    asks = caller(make_person("ada", "auditor"))
    seen, cursor, pages = [], "", 0
    while True:
        told = asks.get(f"{API}/findings", {"limit": 5, "cursor": cursor}).json()
        seen += [each["id"] for each in told["items"]]
        pages += 1
        if told["next"] is None:
            break
        cursor = told["next"]
    assert seen == [each.pk for each in sorted(made, key=lambda each: (each.severity_rank, each.pk))]
    assert pages == 5


def test_filters_leave_what_they_say() -> None:
    platform = make_platform()
    owner = make_person("otto", "remediation_owner")
    for number in range(10):
        more = {"status": "closed"} if number % 2 else {"owner": owner, "due_on": "2026-05-01"}
        make_finding(platform, f"r{number}", rank=number % 5, **more)
    asks = caller(make_person("ada", "auditor"))

    def count(**given: object) -> int:
        return len(asks.get(f"{API}/findings", given).json()["items"])

    assert count(status="closed") == Finding.objects.filter(status="closed").count() == 5
    assert count(owner=owner.pk) == 5
    assert count(severity="critical") == 2
    assert count(severity="critical", status="open") == 1
    assert count(late_on="2026-05-02") == 5
    assert count(late_on="2026-05-01") == 0
    assert count(platform="automations") == 10
    assert count(platform="elsewhere") == 0


def test_instants_are_told_in_utc_with_z() -> None:
    make_house()
    told = caller(make_person("ada", "auditor")).get(f"{API}/findings").json()["items"][0]
    assert told["first_seen_at"] == "2026-06-01T09:00:00Z"
    assert told["platform"] == "ours"


def test_too_many_calls_are_told_when_to_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    asks = caller(make_person("ada", "auditor"))
    # Within one minute, however long it takes: the cache asks two clocks what is over.
    moment = time.time() // 60 * 60 + 10
    monkeypatch.setattr(time, "time", lambda: moment)
    monkeypatch.setattr(cache_in_database, "tz_now", lambda: datetime.fromtimestamp(moment, UTC))
    answers = [asks.get(f"{API}/me").status_code for _ in range(600)]
    assert set(answers) == {200}
    refused = asks.get(f"{API}/me")
    assert refused.status_code == 429
    assert refused.headers["content-type"] == "application/problem+json"
    assert 0 < int(refused.headers["retry-after"]) <= 60


def test_a_token_is_made_used_listed_and_ended() -> None:
    ada = make_person("ada", "auditor")
    asks = Client()
    asks.force_login(ada)
    body = {"name": "script", "scopes": ["view"], "expires_at": (timezone.now() + timedelta(days=1)).isoformat()}
    by_token = caller(ada).post(f"{API}/me/tokens", body, content_type="application/json")
    assert by_token.status_code == 403
    assert "a token makes no other" in by_token.json()["detail"]
    made = asks.post(f"{API}/me/tokens", body, content_type="application/json")
    assert made.status_code == 201, made.content
    text = made.json()["text"]
    assert text not in asks.get(f"{API}/me/tokens").content.decode()
    other = Client(headers={"authorization": f"Bearer {text}"})
    assert other.get(f"{API}/findings").status_code == 200
    key = made.json()["token"]["id"]
    assert asks.delete(f"{API}/me/tokens/{key}").status_code == 204
    assert asks.delete(f"{API}/me/tokens/{key}").status_code == 204
    assert other.get(f"{API}/findings").status_code == 401
