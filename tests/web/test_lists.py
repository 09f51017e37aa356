from __future__ import annotations

import random
from base64 import urlsafe_b64encode
from datetime import date, timedelta

import pytest
from django.db import connection
from django.db.models import Count, Model, QuerySet

from passmuster.model.words import Severity
from passmuster.records.models import Finding, FindingCount, FindingDueCount, FindingDueTotal, FindingTotal, Platform
from passmuster.web.counting import facets, falling_due, late, open_by_platform, open_by_severity, total
from passmuster.web.lists import BrokenCursor, page_of
from tests.keeping import NOW, actor, make_person, make_platform

pytestmark = pytest.mark.usefixtures("db")
TODAY = NOW.date()


def make_findings(platform: Platform, n: int, *, seed: int = 1, **more: object) -> list[Finding]:
    pick = random.Random(seed)
    made = []
    for number in range(n):
        severity = pick.choice(list(Severity))
        told = {
            "status": pick.choice(["open", "open", "in_progress", "accepted", "closed"]),
            "control": f"IAM-{pick.randrange(4):02}",
            "due_on": pick.choice([None, TODAY + timedelta(days=pick.randrange(-5, 6))]),
        } | more
        made.append(
            Finding(
                platform=platform,
                fingerprint=f"{platform.pk}-{seed}-{number}",
                pack="p",
                title="A finding",
                resource_id=f"r{number}",
                severity=severity,
                severity_rank=severity.rank,
                first_seen_at=NOW,
                last_seen_at=NOW,
                age_from=NOW,
                **told,
            )
        )
    return Finding.objects.bulk_create(made)


def walk(rows: QuerySet[Finding] | list[QuerySet[Finding]], order: tuple[str, ...], size: int) -> list[list[int]]:
    pages, given = [], {}
    while True:
        page = page_of(rows, order, given, size=size)
        pages.append([row.pk for row in page.rows])
        if not page.after:
            return pages
        given = {"after": page.after}


@pytest.mark.parametrize("order", [("severity_rank", "id"), ("-severity_rank", "-id"), ("-id",), ("resource_id", "id")])
def test_pages_forth_and_back_are_the_whole_list_in_order(order: tuple[str, ...]) -> None:
    make_findings(make_platform(), 43)
    whole = [row.pk for row in Finding.objects.order_by(*order)]
    pages = walk(Finding.objects.all(), order, 10)
    assert [pk for page in pages for pk in page] == whole
    assert [len(page) for page in pages] == [10, 10, 10, 10, 3]
    page = page_of(Finding.objects.all(), order, {}, size=10)
    back = []
    while page.after:
        page = page_of(Finding.objects.all(), order, {"after": page.after}, size=10)
    while page.before:
        page = page_of(Finding.objects.all(), order, {"before": page.before}, size=10)
        back.append([row.pk for row in page.rows])
    assert back == pages[:-1][::-1]
    assert page.after


@pytest.mark.parametrize("order", [("severity_rank", "id"), ("-severity_rank", "-id")])
def test_several_states_are_one_list_forth_and_back(order: tuple[str, ...]) -> None:
    make_findings(make_platform(), 60)
    states = ("open", "in_progress", "accepted")
    whole = [row.pk for row in Finding.objects.filter(status__in=states).order_by(*order)]
    parts = [Finding.objects.filter(status=status) for status in states]
    pages = walk(parts, order, 7)
    assert [pk for page in pages for pk in page] == whole
    page = page_of(parts, order, {}, size=7)
    while page.after:
        page = page_of(parts, order, {"after": page.after}, size=7)
    back = []
    while page.before:
        page = page_of(parts, order, {"before": page.before}, size=7)
        back.append([row.pk for row in page.rows])
    assert back == pages[:-1][::-1]


def test_a_page_continues_where_it_stood_though_rows_came_and_went() -> None:
    made = make_findings(make_platform(), 20, status="open")
    first = page_of(Finding.objects.all(), ("id",), {}, size=5)
    made[4].delete()
    second = page_of(Finding.objects.all(), ("id",), {"after": first.after}, size=5)
    assert [row.pk for row in second.rows] == [row.pk for row in made[5:10]]


@pytest.mark.parametrize("cursor", ["x", "%", "W10", "WzFd", urlsafe_b64encode(b'["1","zz"]').decode(), "A" * 2000])
def test_a_cursor_no_page_gave_out_is_refused(cursor: str) -> None:
    with pytest.raises(BrokenCursor):
        page_of(Finding.objects.all(), ("severity_rank", "id"), {"after": cursor})


def test_an_order_that_rises_and_falls_is_refused() -> None:
    with pytest.raises(ValueError, match="rises"):
        page_of(Finding.objects.all(), ("-severity_rank", "id"), {})


def counted(model: type[Model], *key: str) -> dict[tuple[object, ...], int]:
    return {tuple(getattr(row, name) for name in key): row.n for row in model._default_manager.exclude(n=0)}


def by_counting(rows: QuerySet[Finding], *key: str) -> dict[tuple[object, ...], int]:
    return {tuple(row[name] for name in key): row["n"] for row in rows.values(*key).annotate(n=Count("*"))}


BY_CONTROL = ("platform_id", "owner_id", "control", "severity_rank", "status")
BY_DATE = ("platform_id", "owner_id", "severity_rank", "status", "due_on")
TOTAL, DUE_TOTAL = (tuple(name for name in key if name != "owner_id") for key in (BY_CONTROL, BY_DATE))


def assert_counts_are_right() -> None:
    assert counted(FindingCount, *BY_CONTROL) == by_counting(Finding.objects.all(), *BY_CONTROL)
    dated = Finding.objects.exclude(due_on=None)
    assert counted(FindingDueCount, *BY_DATE) == by_counting(dated, *BY_DATE)
    assert counted(FindingTotal, *TOTAL) == by_counting(Finding.objects.all(), *TOTAL)
    assert counted(FindingDueTotal, *DUE_TOTAL) == by_counting(dated, *DUE_TOTAL)


def test_counts_follow_every_way_of_writing() -> None:
    one, other = make_platform("One"), make_platform("Other")
    make_findings(one, 60)
    make_findings(other, 40, seed=2, owner=make_person("ada", "reviewer"))
    assert_counts_are_right()
    Finding.objects.filter(control="IAM-01").update(status="closed", due_on=TODAY)
    assert_counts_are_right()
    Finding.objects.filter(platform=one, severity="high").update(owner=make_person("bob"))
    assert_counts_are_right()
    Finding.objects.filter(status="closed").delete()
    assert_counts_are_right()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO records_finding SELECT (f).* FROM (SELECT f FROM records_finding f) AS f "
            "ON CONFLICT (platform_id, fingerprint) DO UPDATE SET status = 'closed', owner_id = NULL"
        )
    assert_counts_are_right()
    Finding.objects.all().delete()
    assert_counts_are_right()


def test_what_a_person_sees_is_counted_on_their_platforms_only() -> None:
    one, other = make_platform("One"), make_platform("Other")
    make_findings(one, 50)
    make_findings(other, 50, seed=2)
    here = actor(make_person("ada", "reviewer", platform=one))
    everywhere = actor(make_person("bob", "auditor"))
    is_open = Finding.objects.filter(status__in=["open", "in_progress"])
    assert sum(open_by_severity(here).values()) == is_open.filter(platform=one).count()
    assert sum(open_by_severity(everywhere).values()) == is_open.count()
    assert list(open_by_severity(here)) == ["critical", "high", "medium", "low", "info"]
    assert set(open_by_platform(here)) == {one.pk}
    assert late(here, TODAY) == is_open.filter(platform=one, due_on__lt=TODAY).count()
    coming = falling_due(everywhere, TODAY, TODAY + timedelta(days=3))
    assert sum(coming.values()) == is_open.filter(due_on__range=(TODAY, TODAY + timedelta(days=3))).count()
    assert all(isinstance(on, date) for on in coming)
    assert late(actor(make_person("eve")), TODAY) == 0


def test_facets_are_counts_by_value_most_first() -> None:
    make_findings(make_platform(), 80)
    counts = FindingCount.objects.filter(n__gt=0)
    assert total(counts) == 80
    by_control = {facet.value: facet.n for facet in facets(counts, "control")}
    assert by_control == {name: n for (name,), n in by_counting(Finding.objects.all(), "control").items()}
    sizes = [facet.n for facet in facets(counts, "control")]
    assert sizes == sorted(sizes, reverse=True)
    assert [facet.value for facet in facets(counts, "severity_rank")] == [word.value for word in Severity]
