"""Vendors patch region by region: from notices and snapshots to the vendor's job in each environment."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from passmuster.pipeline.plan_problem import build_problem
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
    head = {"kind": "security_fix", "vendor": "Microsoft", "platforms": ["Power Platform"], "severity": "high"}
    store = imported(
        folder, {"schema": "passmuster/notice@1", "notices": [{**head, "text": "A fix.", **each} for each in notices]}
    )
    rows = {
        "platforms": [{"product": "power_platform", "vendor": "Microsoft", "hosting": "vendor", "name": "Tenant"}],
        "environments": [{"environment_id": "prod", "name": "Production", "region": region}],
    }
    make_snapshot(folder / "snapshot", rows)
    return asked(
        store, "--snapshot", str(folder / "snapshot"), "--policy", "severity", "--as-of", "2026-12-01T00:00:00Z"
    )


def vendor_days(folder: Path, document: dict[str, Any]) -> list[tuple[str, str]]:
    (folder / "triage.json").write_text(json.dumps(document), encoding="utf-8")
    (folder / "calendar.yaml").write_text(CALENDAR, encoding="utf-8")
    jobs = build_problem(folder / "triage.json", folder / "calendar.yaml").document["jobs"]
    return [(job["vendor"]["earliest"][:10], job["vendor"]["latest"][:10]) for job in jobs]


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
