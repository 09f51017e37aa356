"""How the database answers the pages' questions of 1,000,000 findings: a bounded number of rows, whatever is asked.

Every query that a page or the API sends about findings or their counts is explained as it ran. Nothing here is timed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from passmuster.records.models import Finding, Person, Platform, Ticket
from tests.keeping import NOW, make_person, make_platform
from tests.web.api.house import caller
from tests.web.many_addresses import api_addresses, deep_addresses, page_addresses
from tests.web.many_findings import make_many_findings

N = 1_000_000
# A page is 50 rows and one more, of each part it is put together from; an index's page may hold some that do not fit.
MOST_FINDINGS = 6_000
# Platforms x controls x severities x states, or x days; none of these grows with the findings.
MOST_COUNTS = 60_000
MOST_PAGES = 6_000


@dataclass(frozen=True)
class Many:
    """A million findings and the people who look at them."""

    auditor: Person
    owner: Person
    small: Person
    two: Person
    platforms: list[Platform]


@pytest.fixture(scope="module")
def many(keeper_process: Path) -> Iterator[Many]:
    """Made once for this module, and undone as if it had never been."""
    with transaction.atomic():
        platforms = [make_platform(f"Platform {n:02}") for n in range(20)]
        people = [make_person(f"owner{n:03}") for n in range(199)]
        large, tiny = platforms[0], platforms[-1]
        owner = make_person("owner", "remediation_owner")
        small = make_person("small", "reviewer", platform=tiny)
        two = make_person("two", "reviewer", platform=tiny)
        two.duties.create(role="reviewer", platform=large, created_at=timezone.now())
        auditor = make_person("auditor", "auditor")
        make_many_findings(platforms, [*people, owner], N)
        ticket = Ticket.objects.create(platform=large, control="CTL-007", created_at=NOW, updated_at=NOW)
        Finding.objects.filter(platform=large, control="CTL-007").update(ticket=ticket)
        yield Many(auditor, owner, small, two, platforms)
        transaction.set_rollback(True)


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from nodes(part)


def explained(sql: str) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) {sql}")
        found = cursor.fetchone()[0]
    plan: dict[str, Any] = (json.loads(found) if isinstance(found, str) else found)[0]["Plan"]
    return plan


def rows_read(plan: dict[str, Any], table: str) -> int:
    """Rows of the table that were looked at, whether they were of use or not."""
    read = 0
    for node in nodes(plan):
        if node.get("Relation Name") == table:
            lost = node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
            read += round((node["Actual Rows"] + lost) * node["Actual Loops"])
    return read


def check(client: Client, address: str) -> list[str]:
    """What is wrong with the queries of that address."""
    # It holds so many, and what comes after is not told.
    connection.queries_log.clear()
    with CaptureQueriesContext(connection) as caught:
        answer = client.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    wrong, asked = [], 0
    for query in caught:
        sql = query["sql"]
        if "records_finding" not in sql or not sql.startswith("SELECT"):
            continue
        asked += 1
        plan = explained(sql)
        findings = rows_read(plan, "records_finding")
        counts = sum(rows_read(plan, f"records_finding{name}") for name in ("count", "duecount", "total", "duetotal"))
        pages = plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
        if findings > MOST_FINDINGS or counts > MOST_COUNTS or pages > MOST_PAGES:
            wrong.append(f"{address}: {findings} findings, {counts} counts, {pages} pages: {sql[:600]}")
    assert asked, address
    return wrong


def test_no_page_reads_more_than_it_shows(many: Many) -> None:
    wrong = []
    for person, word in ((many.auditor, ""), (many.owner, "owner=me")):
        client = Client()
        client.force_login(person)
        for address in page_addresses(many.platforms[0], many.platforms[-1]):
            wrong += check(client, address) if word in address else []
    assert not wrong, "\n".join(wrong)


def test_pages_in_the_middle_and_the_last_are_as_cheap(many: Many) -> None:
    client = Client()
    client.force_login(many.auditor)
    wrong = []
    for address in deep_addresses(many.platforms[0], many.platforms[-1]):
        wrong += check(client, address)
    assert not wrong, "\n".join(wrong)


def test_whoever_sees_few_platforms_pays_for_no_others(many: Many) -> None:
    wrong = []
    for person in (many.small, many.two):
        client = Client()
        client.force_login(person)
        for address in ("/", "/findings/", "/findings/?late=1", "/findings/?control=CTL-007", "/findings/?owner=none"):
            wrong += check(client, address)
    assert not wrong, "\n".join(wrong)


@contextmanager
def no_rows_believed_in(*tables: str) -> Iterator[None]:
    """The database thinks that these are empty, as of tables that were filled since it last swept them."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            told = "UPDATE pg_class SET relpages = 1, reltuples = 0 WHERE oid = ANY (%s::regclass[])"
            cursor.execute(told, [list(tables)])
        yield
        transaction.set_rollback(True)


def test_lists_hang_on_nothing_the_database_believes_of_small_tables(many: Many) -> None:
    wrong, large, tiny = [], many.platforms[0], many.platforms[-1]
    pages, api = Client(), caller(many.auditor)
    pages.force_login(many.auditor)
    with no_rows_believed_in("records_platform", "records_person", "records_duty", "records_ticket"):
        for address in page_addresses(large, tiny):
            wrong += check(pages, address)
        for address in api_addresses(large, tiny, many.owner):
            wrong += check(api, address)
    assert not wrong, "\n".join(wrong)


def test_the_api_reads_no_more(many: Many) -> None:
    wrong = []
    for person in (many.auditor, many.two):
        client = caller(person)
        for address in api_addresses(many.platforms[0], many.platforms[-1], many.owner):
            wrong += check(client, address)
    assert not wrong, "\n".join(wrong)
