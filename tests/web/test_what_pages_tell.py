"""Numbers that lead to lists which agree with them, and words as people read them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from passmuster.records.models import Evidence, Person, Platform
from passmuster.web import trends
from passmuster.web.agenda import dates
from passmuster.web.change_values import is_late, late_ones, visible_changes
from passmuster.web.templatetags.pictures import in_words, past_their_date
from passmuster.web.templatetags.shown import product, spoken
from tests.keeping import NOW, actor, make_person, make_platform
from tests.web.test_lists import make_findings
from tests.web.test_overview import TODAY, make_change

with_db = pytest.mark.usefixtures("db")


def _client(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


@with_db
def test_patches_past_their_date_are_as_many_as_their_list_shows_and_deployed_is_not_done() -> None:
    platform, ada = make_platform(), make_person("ada", "auditor")
    past, ahead = NOW - timedelta(days=400), NOW + timedelta(days=4000)
    for status, due_at, is_in in (
        ("planned", past, True),
        ("deployed", past, True),
        ("rolled_back", past, True),
        ("verified", past, False),
        ("cancelled", past, False),
        ("planned", ahead, False),
        ("planned", None, False),
    ):
        change = make_change(platform, f"{status} {due_at}", status=status, due_at=due_at)
        assert is_late(change, NOW) is is_in
    assert late_ones(visible_changes(actor(ada)), NOW).count() == 3
    client = _client(ada)
    assert client.get("/patches/").context["overdue"] == 3
    assert client.get("/changes/?late=1").context["page"].paginator.count == 3
    text = client.get("/").content.decode()
    assert "3 past their date" in text


@with_db
def test_late_findings_are_told_platform_by_platform_until_there_are_many() -> None:
    ada = make_person("ada", "auditor")
    for number in range(3):
        make_findings(
            make_platform(f"P{number}"), number + 1, status="open", due_on=TODAY - timedelta(days=2), seed=number
        )
    lines = dates.overdue(actor(ada)).shown
    assert [(line.text, line.about) for line in lines] == [
        ("3 findings past their date", "P2"),
        ("2 findings past their date", "P1"),
        ("1 finding past its date", "P0"),
    ]
    assert _client(ada).get(lines[0].link).context["total"] == 3
    make_findings(make_platform("P3"), 1, status="open", due_on=TODAY - timedelta(days=2), seed=9)
    assert [line.text for line in dates.overdue(actor(ada)).shown] == ["7 findings past their date"]


@with_db
def test_a_platforms_page_shows_its_patches_and_evidence() -> None:
    here, there = make_platform("Here"), make_platform("There")
    ada = make_person("ada", "auditor")
    for platform in (here, there):
        make_change(platform, f"open on {platform}")
        make_change(platform, f"done on {platform}", status="verified")
        _evidence(platform, ada)
    text = _client(ada).get(f"/platforms/{here.slug}/").content.decode()
    assert "open on Here" in text
    assert "report of Here" in text
    for other in ("done on Here", "open on There", "report of There"):
        assert other not in text


def _evidence(platform: Platform, by: Person) -> None:
    Evidence.objects.create(
        title=f"report of {platform}",
        kind="report",
        file_name="r.pdf",
        media_type="application/pdf",
        sha256="0" * 64,
        size_bytes=1,
        platform=platform,
        uploaded_by=by,
        uploaded_at=NOW,
    )


def test_how_all_stand_now_is_the_mean_of_what_is_known() -> None:
    shares = [
        trends.Shares("A", "a", {"2026-01": 40, "2026-03": 80}),
        trends.Shares("B", "b", {"2026-02": 60, "2026-03": None}),
        trends.Shares("C", "c", {"2026-03": None}),
    ]
    assert [each.newest for each in shares] == [80, 60, None]
    assert trends.mean_passing(shares) == 70
    assert trends.mean_passing(shares[2:]) is None


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("business_contact not known for 5 of 5", "business contact not known for 5 of 5"),
        ("role_permissions: unsupported", "role permissions: unsupported"),
        ("the register allow_lists.csv was not handed over", "the register allow_lists.csv was not handed over"),
        ("see https://a.example/some_page and /var/some_file", "see https://a.example/some_page and /var/some_file"),
        ("a_b@example.org", "a_b@example.org"),
        (None, ""),
    ],
)
def test_columns_are_spoken_and_names_of_files_and_addresses_stay(written: str | None, read: str) -> None:
    assert spoken(written) == read


def test_kinds_severities_and_lateness_are_words() -> None:
    assert (product("power-platform"), product("n8n"), product("of_a_plugin")) == (
        "Power Platform",
        "n8n",
        "of a plugin",
    )
    assert in_words({"low": 1, "critical": 2, "info": 0}) == "2 critical, 1 low"
    assert in_words({}) == "none"
    assert [past_their_date(n) for n in (0, 1, 2)] == ["none past its date", "1 past its date", "2 past their date"]
