"""What changed, thing by thing, behind every count of drift; and how a finding is mended."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from passmuster.application.acting import keeper
from passmuster.application.looking.looking import approve_baseline, collect_platform
from passmuster.application.storage.storing import drift_file
from passmuster.controls.catalogue import shipped_folder
from passmuster.records.models import Collection, Finding, Person, Review
from passmuster.web.changed_words import facts_of
from passmuster.web.column_words import column_words
from tests.keeping import NOW, actor, make_person, make_platform
from tests.web.api.house import caller

pytestmark = pytest.mark.usefixtures("db")
EXAMPLES = shipped_folder("examples")


def _client(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def looked() -> tuple[Collection, Person]:
    """The newer of two looks, the older of which is the baseline; and an auditor of that platform alone."""
    platform = make_platform(export_path=str(EXAMPLES / "n8n-before"))
    anna = make_person("anna", "approver", platform=platform)
    first = collect_platform(keeper(NOW), platform)
    approve_baseline(actor(anna), first, "as agreed")
    platform.refresh_from_db()
    platform.export_path = str(EXAMPLES / "n8n")
    platform.save()
    return collect_platform(keeper(NOW + timedelta(days=1)), platform), make_person("ada", "auditor", platform=platform)


def test_every_difference_is_told_with_names_and_both_values(looked: tuple[Collection, Person]) -> None:
    look, ada = looked
    client = _client(ada)
    count = client.get(f"/collections/{look.pk}/").content.decode()
    for against in ("last", "baseline"):
        address = f"/collections/{look.pk}/changes/{against}/"
        assert f'href="{address}#apps"' in count
        answer = client.get(address)
        tables = {each.table: each for each in answer.context["changes"].tables}
        told = {(thing.how, thing.name): thing.values for thing in tables["apps"].things}
        assert {("added", "Damage reports"), ("changed", "Booking intake")} <= set(told)
        (setting,) = (each for each in tables["settings"].things if each.id == "n8n.publicApi.swaggerUi.enabled")
        assert [(each.before, each.after) for each in setting.values] == [(False, True)]
        # Whoever has no name is called by what they sign in with; what the platform said word for word is left out.
        (guest,) = (each for each in tables["principals"].things if each.how == "added")
        assert guest.name == "guest@harbourfreight.example"
        assert all(
            value.column.name not in ("raw", "platform_id")
            for each in tables.values()
            for t in each.things
            for value in t.values
        )
        page = answer.content.decode()
        assert "2.38.4" in page
        assert "2.40.7" in page
        # What could not be compared is said, and nothing concluded of it.
        assert "Keys: base: unsupported" in page


@pytest.mark.parametrize(
    ("column", "words"),
    [
        ("object_id", "on what"),
        ("is_eligible_only", "only eligible, not yet active"),
        ("is_enabled", "enabled"),
        ("app_id", "app"),
        ("next_step_ids", "next step"),
        ("runs_30d", "runs in 30 days"),
        ("retention_days", "retention, days"),
        ("last_used_at", "last used at"),
        ("value_bool", "value"),
    ],
)
def test_columns_are_told_in_words(column: str, words: str) -> None:
    assert column_words(column) == words


def test_a_row_that_is_new_is_told_in_words_not_in_names_of_columns(looked: tuple[Collection, Person]) -> None:
    look, ada = looked
    page = _client(ada).get(f"/collections/{look.pk}/changes/baseline/").content.decode()
    assert '<span class="mild">on what</span>' in page
    for raw in ("object id", "is eligible only", "principal id"):
        assert f'<span class="mild">{raw}</span>' not in page


def test_values_are_told_in_words_times_and_names_not_as_the_tables_keep_them(
    looked: tuple[Collection, Person],
) -> None:
    look, ada = looked
    answer = _client(ada).get(f"/collections/{look.pk}/changes/baseline/")
    things = {(t.table, thing.id): thing for t in answer.context["changes"].tables for thing in t.things}
    told = {each.label: each.now for each in facts_of(things["credentials", "keyJonasLaptop001"])}
    assert (told["owner"], told["kind"], told["enabled"]) == ("Jonas Whitlock", "api key", "yes")
    assert told["scopes"] == "credential:create, workflow:read, workflow:update"
    assert told["created at"] == datetime(2026, 1, 5, 8, tzinfo=UTC)
    # What brings others together is called by them; what a key names beside its id is told.
    (grant,) = (thing for (table, _), thing in things.items() if table == "grants")
    assert grant.name == "guest@harbourfreight.example, Member, recorded"
    (step,) = (thing for (table, known), thing in things.items() if (table, known) == ("app_steps", "note"))
    assert {each.label: each.now for each in facts_of(step)}["app"] == "Damage reports"
    page = answer.content.decode()
    assert '<time datetime="2026-01-05T08:00:00Z">2026-01-05 08:00</time>' in page
    assert "<summary>What the words of credentials mean</summary>" in page
    for raw in ("api_key", "[&quot;", "&quot;]", "True", "False", "00000020-03aa", "T08:00:00Z<"):
        assert raw not in page, raw


def test_the_whole_document_is_handed_out_to_those_who_see_the_platform(looked: tuple[Collection, Person]) -> None:
    look, ada = looked
    answer = caller(ada).get(f"/api/v1/collections/{look.pk}/drift/baseline")
    told = json.loads(b"".join(answer.streaming_content))
    assert told["schema"] == "passmuster/drift@1"
    assert told == json.loads(drift_file(look, "baseline").read_text())
    stranger = make_person("sam", "auditor", platform=make_platform("Other"))
    assert caller(stranger).get(f"/api/v1/collections/{look.pk}/drift/baseline").status_code == 404
    assert _client(stranger).get(f"/collections/{look.pk}/changes/baseline/").status_code == 404
    assert caller(ada).get(f"/api/v1/collections/{look.pk}/drift/review").status_code == 404
    assert _client(ada).get(f"/collections/{look.pk}/changes/else/").status_code == 404


def test_what_a_look_of_that_number_found_before_a_restore_is_never_told_of_this_one(
    looked: tuple[Collection, Person],
) -> None:
    look, ada = looked
    look.store_key = f"{look.store_key}-of-another"
    look.save()
    assert caller(ada).get(f"/api/v1/collections/{look.pk}/drift/baseline").status_code == 404
    page = _client(ada).get(f"/collections/{look.pk}/changes/baseline/").content.decode()
    assert "is not kept here any more" in page


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "is not kept here any more"),
        ("{", "is not JSON"),
        ('{"tables": {"apps": {}}, "warnings": []}', "is damaged"),
    ],
)
def test_a_drift_that_is_gone_or_damaged_is_said(
    looked: tuple[Collection, Person], content: str | None, told: str
) -> None:
    look, ada = looked
    file = drift_file(look, "last")
    file.unlink()
    if content is not None:
        file.write_text(content)
    answer = _client(ada).get(f"/collections/{look.pk}/changes/last/")
    assert answer.status_code == 200
    assert told in answer.content.decode()


def test_a_finding_says_why_it_matters_and_how_it_is_mended(looked: tuple[Collection, Person]) -> None:
    _, ada = looked
    finding = Finding.objects.get(control="IAM-04", resource_name="Tomas Okafor")
    page = _client(ada).get(f"/findings/{finding.pk}/").content.decode()
    assert "How to mend it" in page
    assert "<li>Ask each person listed to enrol a second factor" in page
    assert "Why it matters" in page
    told = caller(ada).get(f"/api/v1/findings/{finding.pk}").json()
    assert told["remediation"].startswith("1. Ask each person listed")
    assert told["rationale"]


def test_a_finding_about_findings_is_never_about_itself(looked: tuple[Collection, Person]) -> None:
    look, _ = looked
    for day in (300, 600):
        collect_platform(keeper(NOW + timedelta(days=day)), look.platform)
    about = Finding.objects.filter(control="GOV-02").exclude(status="closed")
    chased = set(
        Finding.objects.filter(pk__in=[int(each.resource_id) for each in about]).values_list("control", flat=True)
    )
    assert chased
    assert "GOV-02" not in chased
    assert about.filter(resource_name="IAM-04 Tomas Okafor").exists()


def test_a_review_whose_look_nobody_judged_still_leads_to_what_changed(looked: tuple[Collection, Person]) -> None:
    look, ada = looked
    counts = {"collection": look.pk - 1, "tables": {"apps": {"added": 2, "removed": 0, "changed": 0}}}
    review = Review.objects.create(
        platform=look.platform,
        occurrence="o",
        because="b",
        status="open",
        opened_at=NOW,
        due_on=NOW.date(),
        collection=look,
        changes={"baseline": counts},
    )
    page = _client(ada).get(f"/reviews/{review.pk}/")
    assert page.status_code == 200
    assert f'href="/collections/{look.pk}/changes/baseline/#apps"' in page.content.decode()
