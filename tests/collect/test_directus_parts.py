"""Directus' permissions and steps in common words, case by case."""

from __future__ import annotations

from typing import Any

import pytest

from passmuster.collect.connectors.directus.capabilities import (
    capability_of,
    field_scope_of,
    names_role,
    row_scope_of,
)
from passmuster.collect.connectors.directus.steps import (
    category_of,
    checks_caller,
    destination_of,
    secret_headers,
    secret_hits,
)

ME = {"_eq": "$CURRENT_USER"}


@pytest.mark.parametrize(
    ("rule", "scope"),
    [
        (None, "all"),
        ({}, "all"),
        ({"_and": []}, "all"),
        ({"_or": []}, "all"),
        ({"_and": [{}, {"_or": []}]}, "all"),
        ({"status": {"_eq": "published"}}, "filtered"),
        ({"owner": ME}, "own"),
        ({"owner": {"id": ME}}, "own"),
        ({"_and": [{"status": {"_eq": "open"}}, {"owner": ME}]}, "own"),
        ({"_or": [{"owner": ME}, {"reviewer": ME}]}, "own"),
        ({"_or": [{"owner": ME}, {"status": {"_eq": "published"}}]}, "filtered"),
        ({"owner": {"_neq": "$CURRENT_USER"}}, "filtered"),
        ({"owner": {"_in": ["$CURRENT_USER"]}}, "own"),
        ("$CURRENT_USER", None),
    ],
)
def test_what_a_rule_leaves(rule: Any, scope: str | None) -> None:
    assert row_scope_of("read", rule) == scope
    assert row_scope_of("create", rule) == "all"


@pytest.mark.parametrize(
    ("action", "fields", "scope"),
    [
        ("read", ["*"], "all"),
        ("read", ["name"], "some"),
        ("read", [], "none"),
        ("read", None, "none"),
        ("read", "name,*", "all"),
        ("read", {"odd": 1}, None),
        ("delete", None, "all"),
        ("share", None, "all"),
    ],
)
def test_which_fields_an_action_reaches(action: str, fields: Any, scope: str | None) -> None:
    assert field_scope_of(action, fields) == scope


@pytest.mark.parametrize(
    ("collection", "action", "fields", "is_own", "word"),
    [
        ("customers", "read", ["*"], False, "read"),
        ("customers", "delete", None, False, "delete"),
        ("customers", "share", None, False, "share"),
        ("directus_users", "update", ["*"], False, "manage_roles"),
        ("directus_users", "update", ["role"], True, "manage_roles"),
        ("directus_users", "update", ["first_name"], True, "update"),
        ("directus_users", "update", ["first_name"], False, "manage_users"),
        ("directus_users", "create", ["email"], False, "manage_users"),
        ("directus_users", "delete", None, False, "manage_users"),
        ("directus_permissions", "create", ["*"], False, "manage_roles"),
        ("directus_flows", "create", ["*"], False, "author_code"),
        ("directus_operations", "update", ["*"], False, "author_code"),
        ("directus_settings", "update", ["*"], False, "manage_settings"),
        ("directus_collections", "create", ["*"], False, None),
        ("directus_activity", "delete", None, False, "manage_logs"),
        ("customers", "fly", ["*"], False, None),
    ],
)
def test_the_common_word_of_a_permission(
    collection: str, action: str, fields: Any, is_own: bool, word: str | None
) -> None:
    assert capability_of(collection, action, is_own=is_own, sets_role=names_role(fields)) == word


def step(kind: str, reject: str | None = None, **options: Any) -> dict[str, Any]:
    return {"id": "s", "type": kind, "options": options, "reject": reject}


HEADER = {"$trigger": {"headers": {"x-key": {"_eq": "{{$env.KEY}}"}}}}
BODY = {"$trigger": {"body": {"kind": {"_eq": "order"}}}}


@pytest.mark.parametrize(
    ("first", "expected"),
    [
        (step("condition", filter=HEADER), True),
        (step("condition", filter='{"$trigger": {"headers": {"x-key": {"_eq": "k"}}}}'), True),
        (step("condition", filter={"_and": [BODY, HEADER]}), True),
        (step("condition", filter={"_or": [BODY, HEADER]}), False),
        (step("condition", filter=BODY), False),
        (step("condition", filter={"$trigger": {"headers": {"x-key": {"_nnull": True}}}}), False),
        (step("condition", reject="elsewhere", filter=HEADER), False),
        (step("condition", filter="not json"), False),
        (step("json-web-token", operation="verify", token="{{$trigger.headers.authorization}}"), True),
        (step("json-web-token", operation="decode", token="{{$trigger.headers.authorization}}"), False),
        (step("item-create", collection="x"), False),
    ],
)
def test_only_a_first_step_that_turns_callers_away_guards_a_flow(first: dict[str, Any], expected: bool) -> None:
    assert checks_caller(first) is expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://api.example.org/x?y", ("https", "api.example.org")),
        ("http://user:word@api.example.org:8080/", ("http", "api.example.org")),
        ("https://{{$env.HOST}}/x", ("https", None)),
        ("{{$last.url}}", (None, None)),
        ("https://[bad", ("https", None)),
    ],
)
def test_where_a_request_leads_as_far_as_it_is_written(url: str, expected: tuple[str | None, str | None]) -> None:
    assert destination_of(step("request", url=url)) == expected


def test_headers_are_pairs_of_header_and_value_and_a_template_is_no_secret() -> None:
    def request(value: str) -> dict[str, Any]:
        return step("request", url="https://x.example", headers=[{"header": "Authorization", "value": value}])

    clear, template = request("Bearer EXAMPLE-not-a-real-key-8c41"), request("Bearer {{$env.KEY}}")

    assert (secret_headers(clear), secret_hits(clear)) == (1, 1)
    assert (secret_headers(template), secret_hits(template)) == (0, 0)


@pytest.mark.parametrize(
    ("kind", "category"),
    [
        ("exec", "script"),
        ("request", "http"),
        ("condition", "logic"),
        ("item-read", "connector"),
        ("my-op", "connector"),
    ],
)
def test_the_category_of_a_step(kind: str, category: str) -> None:
    assert category_of(kind) == category
