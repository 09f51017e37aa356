"""`python -m benchmarks.lists`: pages, counts and facets of a long list of findings, against offset and counting.

Starts a PostgreSQL of its own in a scratch folder and prints the median of several runs of each question, with the
ratio to the peer that answers the same another way; then, of every address of pages and API that lists or counts
findings, its slowest query of each kind.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests import keeping as _keeping  # sets Django up, so it comes before any model
from tests.web.api.house import caller
from tests.web.many_addresses import WORST_FIRST, api_addresses, deep_addresses, page_addresses
from tests.web.many_findings import make_many_findings

from django.db import connection, transaction  # isort: skip
from django.db.models import Count  # isort: skip
from django.test import Client  # isort: skip
from django.test.utils import CaptureQueriesContext  # isort: skip
from passmuster.records.models import Finding, Person, Platform  # isort: skip
from passmuster.web import counting  # isort: skip
from passmuster.web.lists import cursor_of, page_of  # isort: skip

Question = Callable[[], Any]


def main(arguments: Sequence[str] | None = None) -> None:
    """Make the findings, ask every question, print and write what it took."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.lists", description=__doc__)
    parser.add_argument("--findings", type=float, default=2e6)
    parser.add_argument("--repeats", type=int, default=15)
    parser.add_argument("--out", type=Path, help="a JSON file for the results")
    options = parser.parse_args(arguments)
    with _database():
        seconds = _fill(int(options.findings))
        print(f"{int(options.findings)} findings made in {seconds:.1f} s, and counted")
        results = [_measured(*each, options.repeats) for each in _questions()]
        answers = [_answered(*each, options.repeats) for each in _addresses()]
    for row in results:
        ratio = f"{row['peer_ms'] / row['ms']:9.0f}x {row['peer']}" if row["peer_ms"] else ""
        print(f"  {row['question']:44} {row['ms']:8.2f} ms, {row['queries']} queries {ratio}")
    print(f"  {'slowest query of':60} {'of a list':>10} {'of counts':>10} {'all':>9}")
    for row in answers:
        shown = [f"{row[kind]:7.2f} ms" if row[kind] else " " * 10 for kind in ("list_ms", "counts_ms")]
        print(f"  {row['address'][:60]:60} {' '.join(shown)} {row['all_ms']:6.1f} ms")
    if options.out:
        told = {"measured_at": datetime.now(UTC).isoformat(), "findings": int(options.findings)}
        told |= {"results": results, "addresses": answers}
        options.out.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


def _database() -> Any:
    from contextlib import contextmanager  # noqa: PLC0415

    return contextmanager(_keeping.keeper_process.__wrapped__)()


def _fill(n: int) -> float:
    platforms = [_keeping.make_platform(f"Platform {number}") for number in range(20)]
    people = [_keeping.make_person(f"person{number}", "reviewer") for number in range(40)]
    started = time.perf_counter()
    with transaction.atomic():
        make_many_findings(platforms, people, n)
    seconds = time.perf_counter() - started
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE records_finding, records_findingtotal, records_findingduetotal")
    return seconds


def _questions() -> list[tuple[str, Question, str, Question | None]]:
    is_open = Finding.objects.filter(status="open")
    middle = is_open.count() // 2
    mine = is_open.filter(owner_id=is_open.exclude(owner=None)[0].owner_id)
    platform = is_open.filter(platform_id=is_open[0].platform_id)
    deep = {"after": cursor_of(is_open.order_by(*WORST_FIRST)[middle], WORST_FIRST)}
    auditor = _keeping.actor(_keeping.make_person("auditor", "auditor"))
    counts = counting.totals_seen_by(auditor)
    today = _keeping.NOW.date()
    return [
        ("first page of the open", lambda: page_of(is_open, WORST_FIRST, {}), "", None),
        (
            "a page in the middle of the open",
            lambda: page_of(is_open, WORST_FIRST, deep),
            "by OFFSET",
            lambda: list(is_open.order_by(*WORST_FIRST)[middle : middle + 51]),
        ),
        ("the same, backwards", lambda: page_of(is_open, WORST_FIRST, {"before": deep["after"]}), "", None),
        ("first page of a platform's", lambda: page_of(platform, WORST_FIRST, {}), "", None),
        ("first page of an owner's", lambda: page_of(mine, WORST_FIRST, {}), "", None),
        (
            "open by severity",
            lambda: counting.open_by_severity(auditor),
            "by counting",
            lambda: list(is_open.values("severity_rank").annotate(n=Count("*"))),
        ),
        ("open by platform and severity", lambda: counting.open_by_platform(auditor), "", None),
        (
            "facets: controls",
            lambda: counting.facets(counts, "control"),
            "by counting",
            lambda: list(Finding.objects.values("control").annotate(n=Count("*"))),
        ),
        ("facets: controls of the open", lambda: counting.facets(counts.filter(status="open"), "control"), "", None),
        ("how many a filter leaves", lambda: counting.total(counts.filter(status="open", severity_rank=1)), "", None),
        (
            "how many are late",
            lambda: counting.late(auditor, today),
            "by counting",
            lambda: Finding.objects.filter(status__in=counting.OPEN_STATUSES, due_on__lt=today).count(),
        ),
    ]


def _addresses() -> list[tuple[Client, str]]:
    """Who asks for which address, an auditor but where it is of one's own; `_fill` made the platforms and people."""
    large, tiny = Platform.objects.order_by("pk")[0], Platform.objects.order_by("-pk")[0]
    owner, auditor = Person.objects.get(name="Person0"), Person.objects.get(name="Auditor")
    by_page, by_owner, by_api = Client(), Client(), caller(auditor)
    by_page.force_login(auditor)
    by_owner.force_login(owner)
    asked = [
        (by_page, each) for each in (*page_addresses(large, tiny), *deep_addresses(large, tiny)) if "=me" not in each
    ]
    asked += [(by_owner, each) for each in page_addresses(large, tiny) if "=me" in each]
    return [*asked, *((by_api, each) for each in api_addresses(large, tiny, owner))]


def _answered(client: Client, address: str, repeats: int) -> dict[str, Any]:
    """The slowest query that lists and that counts, and all the database was asked: medians of the repeats, in ms."""
    times: dict[str, list[float]] = {}
    for run in range(repeats + 1):
        for sql, ms in _asked(client, address):
            times.setdefault(sql, []).extend([ms] if run else [])
    medians = {sql: statistics.median(each) for sql, each in times.items() if each}
    told: dict[str, Any] = {"address": address, "all_ms": sum(medians.values())}
    for kind in ("list", "counts"):
        told[f"{kind}_ms"] = max((ms for sql, ms in medians.items() if _kind(sql) == kind), default=None)
    return told


def _asked(client: Client, address: str) -> list[tuple[str, float]]:
    """Every query that answering the address sends, and its milliseconds."""
    seen: list[tuple[str, float]] = []

    def timed(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        started = time.perf_counter()
        answer = execute(sql, params, many, context)
        seen.append((sql, 1000 * (time.perf_counter() - started)))
        return answer

    with connection.execute_wrapper(timed):
        answer = client.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    return seen


def _kind(sql: str) -> str:
    if not sql.startswith("SELECT") or "records_finding" not in sql:
        return ""
    return "list" if 'FROM "records_finding"' in sql else "counts"


def _measured(question: str, ask: Question, peer: str, ask_peer: Question | None, repeats: int) -> dict[str, Any]:
    with CaptureQueriesContext(connection) as caught:
        ask()
    told = {"question": question, "queries": len(caught), "ms": _median(ask, repeats), "peer": peer}
    return told | {"peer_ms": _median(ask_peer, 3) if ask_peer else None}


def _median(ask: Question, repeats: int) -> float:
    taken = []
    for _ in range(repeats):
        started = time.perf_counter()
        ask()
        taken.append(1000 * (time.perf_counter() - started))
    return statistics.median(taken)


if __name__ == "__main__":
    main()
