from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from passmuster.application.reviews.patch_lines import MOST_ADVISORIES, patch_lines
from passmuster.application.reviews.reviewing import open_review
from passmuster.model.keeping import ItemKind
from passmuster.records.models import Change, Plan, Platform, Review, TriagedAdvisory
from tests.keeping import NOW, actor, make_person, make_platform
from tests.web.api.house import caller

DUE_ON = date(2026, 6, 22)
SOON = datetime.fromisoformat("2026-06-22T23:00:00+00:00")
LATER = SOON + timedelta(hours=2)

pytestmark = pytest.mark.usefixtures("db")


def triage(platform: Platform, advisory: str, due_at: datetime | None, component: str = "n8n", **more: Any) -> None:
    plan = Plan.objects.create(problem={}, plan={}, platforms=[platform.pk], made_at=NOW)
    told = {"severity": "high", "severity_rank": 1, "outcome": "act", "version": "1.0"} | more
    told |= {"due_at": due_at, "due_order": due_at or datetime.fromisoformat("9999-01-01T00:00:00+00:00")}
    TriagedAdvisory.objects.create(platform=platform, plan=plan, advisory=advisory, component=component, **told)


def review_of(platform: Platform) -> Review:
    told = {"occurrence": "q", "because": "due", "status": "open", "opened_at": NOW}
    return Review.objects.create(platform=platform, due_on=DUE_ON, **told)


def advisories_in(platform: Platform) -> list[str]:
    return [line.title for line in patch_lines(review_of(platform), {}) if line.outcome == "no_change"]


@pytest.mark.parametrize(
    ("told", "has_line"),
    [
        ({"due_at": SOON}, True),
        ({"due_at": LATER}, False),
        ({"due_at": None}, False),
        ({"due_at": LATER, "is_exploited": True}, True),
        ({"due_at": None, "is_exploited": True}, True),
        ({"due_at": LATER, "severity": "critical", "severity_rank": 0}, False),
    ],
)
def test_an_advisory_without_a_change_has_a_line_where_it_is_due_within_the_reviews_days_or_exploited(
    told: dict[str, Any], has_line: bool
) -> None:
    platform = make_platform()
    triage(platform, "CVE-1", **told)
    triage(make_platform("Other"), "CVE-2", SOON)
    assert advisories_in(platform) == (["CVE-1 in n8n 1.0"] if has_line else [])


@pytest.mark.parametrize(
    ("component", "advisories", "status", "has_line"),
    [
        ("n8n", ["CVE-0", "CVE-1"], "planned", False),
        ("n8n", ["CVE-1"], "verified", False),
        ("n8n", ["CVE-1"], "cancelled", True),
        ("n8n", ["CVE-2"], "planned", True),
        ("node", ["CVE-1"], "planned", True),
    ],
)
def test_an_advisory_whose_change_stands_has_no_line_of_its_own(
    component: str, advisories: list[str], status: str, has_line: bool
) -> None:
    platform = make_platform()
    triage(platform, "CVE-1", SOON)
    told = {"job": "j", "patch": "p", "title": "T", "created_at": NOW}
    Change.objects.create(platform=platform, component=component, advisories=advisories, status=status, **told)
    assert bool(advisories_in(platform)) == has_line


def test_the_worst_fifty_have_lines_and_one_line_stands_for_the_rest() -> None:
    platform = make_platform()
    for number in range(MOST_ADVISORIES):
        triage(platform, f"CVE-{number:03}", SOON)
    triage(platform, "CVE-low", SOON, severity="low", severity_rank=3)
    triage(platform, "CVE-also-low", SOON, severity="low", severity_rank=3)
    triage(platform, "CVE-bad", LATER, severity="low", severity_rank=3, is_exploited=True)
    lines = patch_lines(review_of(platform), {})
    assert lines[0].title == "CVE-bad in n8n 1.0"
    assert len(lines) == MOST_ADVISORIES + 1
    assert lines[-1].title == "3 more advisories without a change"
    assert f"/vulnerabilities/?platform={platform.slug}" in lines[-1].detail
    assert len({line.key for line in lines}) == len(lines)


def test_a_review_that_opens_asks_the_remediation_owner_for_it_on_page_and_api_with_last_times_answer() -> None:
    platform = make_platform()
    rita = make_person("rita", "reviewer", platform=platform)
    remi = make_person("remi", "remediation_owner", platform=platform)
    triage(platform, "GHSA:1/x", None, component="c" * 300, title="Bad", is_exploited=True)
    first = open_review(actor(rita), platform, "event:1", because="a trial")
    (line,) = first.items.filter(kind=ItemKind.PATCH)
    assert (line.assignee, line.advisory, len(line.key)) == (remi, "GHSA:1/x", 300)
    assert line.detail == "Exploited, without a date. No change was made for it yet: adopt a plan, or say why not."
    first.items.filter(pk=line.pk).update(answer="the vendor has none")
    first.status = "sealed"
    first.save()
    client = Client()
    client.force_login(rita)
    second = open_review(actor(rita, now=NOW + timedelta(days=1)), platform, "event:2", because="a trial")
    assert second.items.get(kind=ItemKind.PATCH).last_answer == "the vendor has none"
    shown = client.get(f"/reviews/{second.pk}/", {"kind": "patch"}).content.decode()
    assert f'href="/vulnerabilities/?platform={platform.slug}&amp;find=GHSA%3A1/x"' in shown
    told = caller(rita).get(f"/api/v1/reviews/{second.pk}/items", {"kind": "patch"}).json()
    assert [item["outcome"] for item in told["items"]] == ["no_change"]
