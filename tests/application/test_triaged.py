from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from passmuster.application.changes.triaged import keep_triaged, keep_triaged_of_plans
from passmuster.application.record.databases import migrate_database
from passmuster.records.models import Person, Plan, Platform, TriagedAdvisory
from tests.keeping import NOW, make_person, make_platform
from tests.web.api.house import caller

DAY = timedelta(days=1)

pytestmark = pytest.mark.usefixtures("db")


def decision(advisory: str, component: str = "n8n", **more: object) -> dict[str, Any]:
    told: dict[str, Any] = {
        "platform": "ours",
        "environment": "ours/Production",
        "advisory": advisory,
        "component": component,
        "title": f"About {advisory}",
        "version": "1.0",
        "fixed_versions": ["1.1", "1.2", "1.3", "1.4"],
        "severity": "HIGH",
        "points": {"in_kev": "no", "publicly_exposed": "yes"},
        "assumed": ["publicly_exposed"],
        "outcome": "act",
        "due_at": "2026-07-01T00:00:00Z",
        "who_patches": "customer",
        "reason": "because",
    }
    return {**told, **more}


def kept(platform: Platform, decisions: list[dict[str, Any]]) -> int:
    plan = Plan.objects.create(problem={}, plan={}, platforms=[platform.pk], made_at=NOW)
    return keep_triaged(plan, [platform], decisions)


def page(person: Person, query: str = "") -> str:
    client = Client()
    client.force_login(person)
    answer = client.get(f"/vulnerabilities/{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def test_an_advisory_is_one_row_with_its_environments_and_its_nearest_date() -> None:
    ours = make_platform("Ours")
    n = kept(
        ours,
        [
            decision("CVE-1", environment="ours/Test", due_at="2026-08-01T00:00:00Z"),
            decision("CVE-1", points={"in_kev": "yes"}),
            decision("CVE-1", environment=None, due_at=None),
            decision("CVE-2", severity=None, due_at=None, title="odd\0 title"),
            decision("CVE-3", platform="theirs"),
        ],
    )
    assert n == 2
    first, second = TriagedAdvisory.objects.order_by("due_order", "severity_rank", "id")
    assert (first.advisory, first.environments) == ("CVE-1", ["Test", "Production", ""])
    assert first.due_at == datetime.fromisoformat("2026-07-01T00:00:00Z")
    assert (first.severity, first.fixed, first.exposure, first.is_exposure_assumed) == (
        "high",
        "1.1, 1.2, 1.3",
        "yes",
        True,
    )
    assert (second.due_at, second.severity, second.severity_rank, second.title) == (None, "", 5, "odd title")


def test_the_next_plan_replaces_the_rows_of_its_platforms_and_no_others() -> None:
    ours, theirs = make_platform("Ours"), make_platform("Theirs")
    kept(ours, [decision("CVE-1"), decision("CVE-2")])
    kept(theirs, [decision("CVE-1", platform="theirs")])
    kept(ours, [decision("CVE-2"), decision("CVE-9")])
    rows = TriagedAdvisory.objects.order_by("platform_id", "advisory").values_list("platform__slug", "advisory")
    assert list(rows) == [("ours", "CVE-2"), ("ours", "CVE-9"), ("theirs", "CVE-1")]


def test_what_kept_plans_decided_is_laid_out_after_an_upgrade_and_only_where_nothing_is() -> None:
    ours, theirs = make_platform("Ours"), make_platform("Theirs")
    for platforms, decisions in (
        ([ours.pk], [decision("CVE-1")]),
        ([ours.pk, theirs.pk], [decision("CVE-2"), decision("CVE-3", platform="theirs")]),
        # Of an older release: nothing is told wrongly, and nothing fails.
        ([make_platform("Old").pk], [{"platform": "old", "advisory": "CVE-4"}]),
    ):
        Plan.objects.create(
            problem={},
            plan={},
            platforms=platforms,
            triage={"decisions": decisions},
            made_at=NOW + DAY * len(platforms),
        )
    kept(theirs, [decision("CVE-9", platform="theirs")])
    migrate_database()
    rows = TriagedAdvisory.objects.order_by("platform_id").values_list("platform__slug", "advisory")
    assert list(rows) == [("ours", "CVE-2"), ("theirs", "CVE-9")]
    assert keep_triaged_of_plans() == 0


def test_the_page_tells_what_nobody_looked_at_apart_from_what_nothing_concerns() -> None:
    ours = make_platform("Ours")
    ada = make_person("ada", "auditor")
    assert "Nobody has decided yet what concerns you" in page(ada)
    kept(ours, [])
    assert "Nothing is known to concern you" in page(ada)
    assert "Not decided about yet" not in page(ada)
    make_platform("Unseen")
    assert "Not decided about yet: Unseen." in page(ada)
    assert {each["name"]: each["plan"] is None for each in caller(ada).get("/api/v1/triages").json()} == {
        "Ours": False,
        "Unseen": True,
    }


def test_the_page_is_narrowed_by_platform_severity_exploitation_and_words() -> None:
    ours, theirs = make_platform("Ours"), make_platform("Theirs")
    kept(ours, [decision("CVE-1"), decision("CVE-2", severity="low", points={"in_kev": "yes"}, title="The LAST one")])
    kept(theirs, [decision("CVE-3", platform="theirs")])
    everybody, one = make_person("ada", "auditor"), make_person("bob", "reviewer", platform=ours)
    cases = {
        "": {"CVE-1", "CVE-2", "CVE-3"},
        "?platform=theirs": {"CVE-3"},
        "?severity=low": {"CVE-2"},
        "?exploited=1": {"CVE-2"},
        "?find=the+last": {"CVE-2"},
        "?find=%00cve-1": {"CVE-1"},
        "?find=100%25": set(),
    }
    for query, expected in cases.items():
        shown = page(everybody, query)
        assert {name for name in ("CVE-1", "CVE-2", "CVE-3") if name in shown} == expected, query
    assert "CVE-3" not in page(one)
    assert "Theirs" not in page(one)


def test_a_page_of_many_is_read_by_key_and_builds_no_more_than_it_shows() -> None:
    ours = make_platform("Ours")
    n = 20_000
    hours = range(n)
    kept(
        ours, [decision(f"CVE-{hour:06}", due_at=f"2026-07-{1 + hour % 28:02}T{hour % 24:02}:00:00Z") for hour in hours]
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE records_triagedadvisory")
    ada = make_person("ada", "auditor")
    with CaptureQueriesContext(connection) as caught:
        shown = page(ada)
    assert shown.count('data-label="Component"') == 50
    (listing,) = [q["sql"] for q in caught if '"sought"' in q["sql"]]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF) {listing}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "Seq Scan on records_triagedadvisory" not in plan
    assert "triaged_" in plan
    # The pages together are the whole list, once.
    seen: list[str] = []
    rows = TriagedAdvisory.objects.order_by("due_order", "severity_rank", "id")
    following = shown
    for _ in range(3):
        seen += [part.split("<", 1)[0].split(" ")[0].strip() for part in following.split('<th scope="row">')[1:]]
        link = following.split('rel="next" href="', 1)[1].split('"', 1)[0].replace("&amp;", "&")
        following = page(ada, link)
    assert seen == list(rows.values_list("advisory", flat=True)[: len(seen)])
    assert len(seen) == 150
