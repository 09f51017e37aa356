"""Vendors patch region by region: from notices and snapshots to the vendor's job in each environment."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from passmuster.pipeline.plan_problem import build_problem
from tests.intel.matching.asking import cve_record
from tests.making import make_snapshot
from tests.pipeline.test_triaging_store import asked, imported

CALENDAR = """
schema: passmuster/calendar@1
horizon: {start: 2026-12-01, weeks: 8}
environments: [{id: prod, stage: prod, match: {environments: [prod]}}]
"""
SEPARATE = [
    {"id": "fix-us", "regions": ["US"], "enforced_at": "2026-12-03T00:00:00Z"},
    {"id": "fix-eu", "regions": ["EU"], "enforced_at": "2026-12-10T00:00:00Z"},
]
WAVES = [
    {
        "id": "fix",
        "waves": [
            {"regions": ["US"], "enforced_at": "2026-12-03T00:00:00Z"},
            {"regions": ["EU"], "enforced_at": "2026-12-10T00:00:00Z"},
        ],
    }
]


def decided(folder: Path, notices: list[dict[str, Any]], region: str | None) -> dict[str, Any]:
    """The triage of a service the vendor hosts, with one environment in a region."""
    return decided_in(folder, notices, {"prod": region})


def decided_in(
    folder: Path, notices: list[dict[str, Any]], regions: dict[str, str | None], *more: dict[str, Any]
) -> dict[str, Any]:
    """The same with environments in these regions; `more` are documents beside the notices."""
    head = {"kind": "security_fix", "vendor": "Microsoft", "platforms": ["Power Platform"], "severity": "high"}
    told = {"schema": "passmuster/notice@1", "notices": [{**head, "text": "A fix.", **each} for each in notices]}
    store = imported(folder, told, *more)
    rows = {
        "platforms": [{"product": "power_platform", "vendor": "Microsoft", "hosting": "vendor", "name": "Tenant"}],
        "environments": [{"environment_id": name, "name": name.title(), "region": regions[name]} for name in regions],
    }
    make_snapshot(folder / "snapshot", rows)
    return asked(
        store, "--snapshot", str(folder / "snapshot"), "--policy", "severity", "--as-of", "2026-12-01T00:00:00Z"
    )


def vendor_days(folder: Path, document: dict[str, Any]) -> list[tuple[str, str]]:
    return [span for _, span in vendor_spans(folder, document, CALENDAR)]


def vendor_spans(folder: Path, document: dict[str, Any], calendar: str) -> list[tuple[str, tuple[str, str]]]:
    """The environment and first and last day of each of the vendor's jobs."""
    (folder / "triage.json").write_text(json.dumps(document), encoding="utf-8")
    (folder / "calendar.yaml").write_text(calendar, encoding="utf-8")
    jobs = build_problem(folder / "triage.json", folder / "calendar.yaml").document["jobs"]
    return [(job["environment"], (job["vendor"]["earliest"][:10], job["vendor"]["latest"][:10])) for job in jobs]


@pytest.mark.parametrize("notices", [SEPARATE, WAVES])
@pytest.mark.parametrize(("region", "day"), [("unitedstates", "2026-12-03"), ("westeurope", "2026-12-10")])
def test_the_vendors_job_has_the_date_of_our_region(
    tmp_path: Path, notices: list[dict[str, Any]], region: str, day: str
) -> None:
    document = decided(tmp_path, notices, region)
    assert [each["environment"] for each in document["decisions"]] == ["prod"]
    assert "runs in" not in document["decisions"][0]["reason"]
    assert vendor_days(tmp_path, document) == [(day, day)]


def test_in_a_region_nobody_knows_every_notice_may_be_ours(tmp_path: Path) -> None:
    document = decided(tmp_path, SEPARATE, None)
    assert sorted(each["advisory"] for each in document["decisions"]) == ["fix-eu", "fix-us"]
    assert all("runs in a region that nobody tells" in each["reason"] for each in document["decisions"])


def test_of_waves_in_a_region_nobody_knows_the_job_spans_all(tmp_path: Path) -> None:
    document = decided(tmp_path, WAVES, None)
    (only,) = document["decisions"]
    assert "The vendor's notice is for US, EU" in only["reason"]
    assert vendor_days(tmp_path, document) == [("2026-12-03", "2026-12-10")]


def test_a_region_that_no_wave_names_is_not_concerned(tmp_path: Path) -> None:
    assert decided(tmp_path, WAVES, "japaneast")["decisions"] == []


SEVERAL = """
schema: passmuster/calendar@1
horizon: {start: 2026-12-01, weeks: 8}
environments:
  - {id: boston, stage: prod, match: {environments: [us-*]}}
  - {id: berlin, stage: prod, match: {environments: [eu-*]}}
  - {id: tokyo, stage: prod, match: {environments: [jp-*]}}
"""
EVERYWHERE = {"us-1": "unitedstates", "eu-1": "westeurope", "jp-1": "japaneast"}


@pytest.mark.parametrize("notices", [SEPARATE, WAVES])
def test_each_environment_has_the_date_of_its_own_wave(tmp_path: Path, notices: list[dict[str, Any]]) -> None:
    document = decided_in(tmp_path, notices, EVERYWHERE)
    assert sorted(each["environment"] for each in document["decisions"]) == ["eu-1", "us-1"]
    assert all("runs in" not in each["reason"] for each in document["decisions"])
    assert vendor_spans(tmp_path, document, SEVERAL) == [
        ("berlin", ("2026-12-10", "2026-12-10")),
        ("boston", ("2026-12-03", "2026-12-03")),
    ]


def test_an_environment_in_a_region_nobody_knows_leaves_the_others_their_dates(tmp_path: Path) -> None:
    document = decided_in(tmp_path, WAVES, {"us-1": "unitedstates", "eu-1": None})
    told = {each["environment"]: each["reason"] for each in document["decisions"]}
    assert "runs in a region that nobody tells" in told["eu-1"]
    assert "runs in" not in told["us-1"]
    assert vendor_spans(tmp_path, document, SEVERAL) == [
        ("berlin", ("2026-12-03", "2026-12-10")),
        ("boston", ("2026-12-03", "2026-12-03")),
    ]


@pytest.mark.parametrize(
    ("notice", "places"),
    [
        ({"enforced_at": "2026-12-03"}, ["test:1"]),
        ({"regions": ["global"], "enforced_at": "2026-12-03"}, ["test:1"]),
        ({"regions": ["EU", "US", "Japan"], "enforced_at": "2026-12-03"}, ["test:1"]),
        ({"regions": ["EU"], "enforced_at": "2026-12-03"}, ["eu-1"]),
        ({"regions": ["Brazil"], "enforced_at": "2026-12-03"}, []),
    ],
)
def test_what_is_the_same_in_all_regions_is_decided_once(
    tmp_path: Path, notice: dict[str, Any], places: list[str]
) -> None:
    document = decided_in(tmp_path, [{"id": "fix", **notice}], EVERYWHERE)
    assert [each["environment"] for each in document["decisions"]] == places


def test_a_vulnerability_of_a_platform_in_several_regions_is_told_once(tmp_path: Path) -> None:
    product = {"vendor": "Microsoft", "product": "Power Apps", "versions": [{"version": "N/A", "status": "affected"}]}
    record = cve_record([product], tags=("exclusively-hosted-service",))
    document = decided_in(tmp_path, WAVES, EVERYWHERE, record)
    places = sorted((each["advisory"], each["environment"]) for each in document["decisions"])
    assert places == [("CVE-2026-0001", "test:1"), ("fix", "eu-1"), ("fix", "us-1")]


def test_in_environments_of_one_region_the_platform_is_decided_on_as_before(tmp_path: Path) -> None:
    document = decided_in(tmp_path, WAVES, {"us-1": "unitedstates", "us-2": "eastus"})
    told = [(each["environment"], each["times"]["enforced_at"]) for each in document["decisions"]]
    assert told == [("test:1", "2026-12-03T00:00:00Z")]
