"""How the database answers the pages' questions: by one descent of an index, by few rows of counts, never by a scan."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext

from passmuster.records.models import Finding
from passmuster.web import counting
from passmuster.web.finding_filters import fields_of, how_many, narrow, rows_of
from passmuster.web.lists import cursor_of, page_of
from tests.keeping import NOW, actor, make_person, make_platform
from tests.web.many_findings import make_many_findings

pytestmark = pytest.mark.usefixtures("db")
N = 30_000
WORST_FIRST = ("severity_rank", "id")


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from nodes(part)


def plan_of(sql: str, params: Any = None) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {sql}", params)
        found = cursor.fetchone()[0]
    return list(nodes((json.loads(found) if isinstance(found, str) else found)[0]["Plan"]))


def plan_of_page(rows: QuerySet[Finding], given: dict[str, str]) -> list[dict[str, Any]]:
    with CaptureQueriesContext(
        connection,
    ) as caught:
        page_of(rows, WORST_FIRST, given)
    return plan_of(caught[-1]["sql"])


@pytest.fixture
def people() -> list[Any]:
    platforms = [make_platform(f"Platform {n}") for n in range(6)]
    people = [make_person("ada", "auditor"), make_person("bob", "reviewer", platform=platforms[0]), make_person("eve")]
    make_many_findings(platforms, people, N)
    return people


def filters(people: list[Any]) -> dict[str, QuerySet[Finding]]:
    is_open = Finding.objects.filter(status="open")
    return {
        "all open": is_open,
        "a platform's": is_open.filter(platform=Finding.objects.all()[0].platform_id),
        "mine": is_open.filter(owner=people[0]),
        "a control's": is_open.filter(control="CTL-007"),
    }


def test_any_page_of_a_list_is_one_descent_of_an_index(people: list[Any]) -> None:
    for name, rows in filters(people).items():
        middle = rows.order_by(*WORST_FIRST)[rows.count() // 2]
        given = {"after": cursor_of(middle, WORST_FIRST)}
        for place in ({}, given):
            plan = plan_of_page(rows, place)
            assert "Seq Scan" not in {node["Node Type"] for node in plan}, name
            for node in plan:
                # Nothing is read to be thrown away; a control of 70 findings may be sorted instead.
                assert node.get("Rows Removed by Filter", 0) == 0, (name, node)
                assert node["Actual Rows"] <= (100 if name == "a control's" else 51), (name, node)


def test_the_list_of_findings_is_one_descent_a_state_and_its_choices_are_counted_without_findings(
    people: list[Any],
) -> None:
    platform = str(Finding.objects.all()[0].platform_id)
    everywhere, one_platform = actor(people[0]), actor(people[1])
    for who, given in (
        (everywhere, {}),
        (everywhere, {"platform": platform}),
        (everywhere, {"owner": "me", "status": "any"}),
        (everywhere, {"late": "1"}),
        (one_platform, {}),
    ):
        narrowed = narrow(who, given)
        with CaptureQueriesContext(connection) as listing:
            page_of(rows_of(narrowed), narrowed.order, {})
        assert len(listing) == len(narrowed.statuses)
        for query in listing:
            plan = plan_of(query["sql"])
            assert "Seq Scan" not in {node["Node Type"] for node in plan}, given
            assert all(node.get("Rows Removed by Filter", 0) == 0 for node in plan), given
            assert all(node["Actual Rows"] <= 51 for node in plan), given
        with CaptureQueriesContext(connection) as counted:
            fields_of(narrowed)
            assert how_many(narrowed, most=5000) is not None
        assert not [query["sql"] for query in counted if '"records_finding"' in query["sql"]], given


def test_counts_and_facets_never_read_findings(people: list[Any]) -> None:
    today = NOW.date()
    with CaptureQueriesContext(connection) as caught:
        for person in people:
            who = actor(person)
            counting.open_by_severity(who)
            counting.open_by_platform(who)
            counting.late(who, today)
            counting.late(who, today, owner=person.pk)
            counting.falling_due(who, today, today + timedelta(days=14))
            for column in ("control", "severity_rank", "status", "platform_id"):
                counting.facets(counting.counts_seen_by(who), column)
            counting.total(counting.counts_seen_by(who))
    asked = [query["sql"] for query in caught if "records_finding" in query["sql"]]
    assert len(asked) >= 20
    assert not [sql for sql in asked if '"records_finding"' in sql]
