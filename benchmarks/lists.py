"""`python -m benchmarks.lists`: pages, counts and facets of a long list of findings, against offset and counting.

Starts a PostgreSQL of its own in a scratch folder and prints the median of several runs of each question, its plan's
kind, and the ratio to the peer that answers the same another way.
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
from tests.web.many_findings import make_many_findings

from django.db import connection, transaction  # isort: skip
from django.db.models import Count  # isort: skip
from django.test.utils import CaptureQueriesContext  # isort: skip
from passmuster.records.models import Finding  # isort: skip
from passmuster.web import counting  # isort: skip
from passmuster.web.lists import cursor_of, page_of  # isort: skip

_ORDER = ("severity_rank", "id")
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
    for row in results:
        ratio = f"{row['peer_ms'] / row['ms']:9.0f}x {row['peer']}" if row["peer_ms"] else ""
        print(f"  {row['question']:44} {row['ms']:8.2f} ms, {row['queries']} queries {ratio}")
    if options.out:
        told = {"measured_at": datetime.now(UTC).isoformat(), "findings": int(options.findings), "results": results}
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
    deep = {"after": cursor_of(is_open.order_by(*_ORDER)[middle], _ORDER)}
    auditor = _keeping.actor(_keeping.make_person("auditor", "auditor"))
    counts = counting.totals_seen_by(auditor)
    today = _keeping.NOW.date()
    return [
        ("first page of the open", lambda: page_of(is_open, _ORDER, {}), "", None),
        (
            "a page in the middle of the open",
            lambda: page_of(is_open, _ORDER, deep),
            "by OFFSET",
            lambda: list(is_open.order_by(*_ORDER)[middle : middle + 51]),
        ),
        ("the same, backwards", lambda: page_of(is_open, _ORDER, {"before": deep["after"]}), "", None),
        ("first page of a platform's", lambda: page_of(platform, _ORDER, {}), "", None),
        ("first page of an owner's", lambda: page_of(mine, _ORDER, {}), "", None),
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
