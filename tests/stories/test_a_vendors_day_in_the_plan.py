"""A vendor's notice with a day but without a score, from its file to the plan: the vendor acts, rated or not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from passmuster.cli.command_line import command

NOTICE = """schema: passmuster/notice@1
id: SF-2027-01
kind: security_fix
vendor: Salesforce
platforms: [Salesforce]
announced_at: 2026-11-20
preview_at: 2026-11-25
earliest_at: 2026-12-18
latest_at: 2026-12-28
text: Guest users lose access to internal records.
"""
CALENDAR = """schema: passmuster/calendar@1
horizon: {start: 2026-12-01T00:00:00Z, weeks: 8}
environments:
  - {id: sandbox, stage: test, owner: crm-team}
  - {id: prod, stage: prod, owner: crm-team, after: sandbox, match: {components: ["salesforce*"]}}
owners: [{id: crm-team, minutes_per_week: 300}]
windows:
  - {id: nights, environments: [sandbox, prod], rrule: FREQ=WEEKLY;BYDAY=SU, starts: 2026-12-06T02:00:00, minutes: 120}
freezes:
  - {name: year end, environments: [prod], start: 2026-12-20T00:00:00Z, end: 2027-01-03T00:00:00Z, binds: both}
"""
BOM = {
    "bomFormat": "CycloneDX",
    "specVersion": "1.6",
    "version": 1,
    "components": [{"type": "platform", "name": "Salesforce", "version": "Winter 27"}],
}


def answer(*arguments: object) -> dict[str, Any]:
    done = CliRunner().invoke(command, [str(each) for each in arguments])
    assert done.exit_code == 0, done.output
    found: dict[str, Any] = json.loads(done.stdout or "{}")
    return found


def planned(folder: Path, notice: str) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """The decision, the problem and the plan of one notice."""
    (folder / "notice.yaml").write_text(notice, encoding="utf-8")
    (folder / "calendar.yaml").write_text(CALENDAR, encoding="utf-8")
    (folder / "bom.json").write_text(json.dumps(BOM), encoding="utf-8")
    store, problem = folder / "store", folder / "problem.json"
    answer("intel", "import", folder / "notice.yaml", "--store", store, "--as-of", "2026-11-26", "--format", "json")
    triage = answer(
        *("triage", "--store", store, "--components", folder / "bom.json", "--policy", "bod-26-04"),
        *("--as-of", "2026-12-01T00:00:00Z", "--format", "json"),
    )
    (folder / "triage.json").write_text(json.dumps(triage), encoding="utf-8")
    answer("plan-problem", folder / "triage.json", "--calendar", folder / "calendar.yaml", "--out", problem)
    plan = answer("plan", problem, "--work", "1", "--format", "json")
    return triage["decisions"][0], json.loads(problem.read_text(encoding="utf-8")), plan


def test_an_unrated_notice_with_a_day_is_in_the_plan_with_its_conflicts(tmp_path: Path) -> None:
    decision, problem, plan = planned(tmp_path, NOTICE)
    assert decision["outcome"] == "needs_person"
    jobs = {job["id"]: job for job in problem["jobs"]}
    vendors = next(job for job in jobs.values() if job.get("mode") == "vendor_range")
    assert vendors["vendor"] == {"earliest": "2026-12-18T00:00:00Z", "latest": "2026-12-29T00:00:00Z"}
    test = next(job for job in jobs.values() if job["environment"] == "sandbox")
    assert test["must_end_by"] == "2026-12-29T00:00:00Z"
    assert [each["job"] for each in plan["conflicts"]] == [vendors["id"]]
    assert test["id"] in {each["job"] for each in plan["placements"]}


def test_an_unrated_notice_without_a_day_waits_for_a_person(tmp_path: Path) -> None:
    dated = ("preview_at", "earliest_at", "latest_at")
    _decision, problem, plan = planned(
        tmp_path, "".join(line for line in NOTICE.splitlines(keepends=True) if not line.startswith(dated))
    )
    assert (problem["jobs"], plan["conflicts"]) == ([], [])
    assert [each["code"] for each in problem["left_out"]] == ["needs_person"]
