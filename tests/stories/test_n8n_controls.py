"""What the shipped controls make of what the n8n connector collected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from passmuster.collect.connectors.n8n.connector import N8n
from passmuster.collect.interface import Target
from passmuster.model.results import ControlResult
from passmuster.pipeline.evaluating import judge, prepare_judging
from passmuster.snapshot.gathered import Gathered
from passmuster.snapshot.read import open_snapshot
from passmuster.snapshot.write import write_snapshot
from tests.collect.answering import page
from tests.collect.n8n_instance import EXAMPLES, copying

NOW = datetime(2026, 12, 1, tzinfo=UTC)
STEPS = "list_id,item,state,expires_at\nsteps,w1/script,refused,\nsteps,w1/http,refused,\n"


def judged(folder: Path, scratch: Path, *, params: Mapping[str, Any] | None = None) -> dict[str, ControlResult]:
    """The verdicts on one instance, declared to be production, beside a register that refuses two steps."""
    result = N8n().collect(Target(path=folder, platform_id="n8n:story"))
    production = [{**row, "kind": "production"} for row in result.tables["environments"].rows]
    result = replace(result, tables={**result.tables, "environments": Gathered.of(production)})
    registers = scratch / "registers"
    registers.mkdir()
    (registers / "allow_lists.csv").write_text(STEPS, encoding="utf-8")
    snapshot = scratch / "snapshot"
    snapshot.mkdir()
    write_snapshot(result, snapshot, started_at=NOW, taken_at=NOW)
    judging = prepare_judging((), registers=registers, as_of=NOW)
    return {r.control: r for r in judge(open_snapshot(snapshot), replace(judging, params=params or {})).results}


def test_everybody_with_a_personal_project_is_one_who_may_write_code(shared: Path, tmp_path: Path) -> None:
    folder = shared / "platforms" / "recorded" / "n8n"
    (found,) = judged(folder, tmp_path, params={"max_code_authors": 3})["PRV-05"].violations

    assert "4 people may write server-side code" in found.detail


def test_personal_projects_make_nobody_an_administrator(tmp_path: Path) -> None:
    results = judged(EXAMPLES, tmp_path, params={"max_administrators": 1, "max_code_authors": 4})

    assert results["PRV-01"].violations[0].detail.startswith("2 people can administer the platform")
    assert results["PRV-05"].violations[0].detail.startswith("5 people may write server-side code")


def step(step_id: str, node_type: str, **parameters: Any) -> dict[str, Any]:
    both = {
        "one": {"id": "crdCustomsApi0001"},
        "two": {"id": "crdOldChat0000001"},
        "three": {"id": "crdPortalDb000001"},
    }
    return {"id": step_id, "name": step_id, "type": node_type, "parameters": parameters, "credentials": both}


@pytest.fixture
def with_many_credentials(tmp_path: Path) -> Path:
    """An instance whose only workflow has steps that name three stored credentials each."""
    nodes = [
        step("script", "n8n-nodes-base.code"),
        step("command", "n8n-nodes-base.executeCommand"),
        step("sql", "n8n-nodes-base.postgres", operation="executeQuery", query="select {{ $json.a }}"),
        step(
            "http",
            "n8n-nodes-base.httpRequest",
            url="https://x.example",
            headers={"Authorization": "Bearer a1B2c3D4e5"},
        ),
    ]
    workflow = {"id": "w1", "name": "W", "active": True, "nodes": nodes, "connections": {}}
    return copying(tmp_path / "copy")(workflows=page([workflow]))


@pytest.mark.parametrize(
    ("control", "steps"),
    [
        ("APP-05", {"w1/command", "w1/script"}),
        ("APP-06", {"w1/command"}),
        ("APP-07", {"w1/sql"}),
        ("NHI-09", {"w1/http"}),
        ("CON-06", {"w1/http", "w1/script"}),
    ],
)
def test_a_step_with_several_credentials_is_one_finding(
    with_many_credentials: Path, tmp_path: Path, control: str, steps: set[str]
) -> None:
    result = judged(with_many_credentials, tmp_path)[control]
    found = [violation.id for violation in result.violations]

    # A control may leave a step to another that tells the same story; none may name a step twice or by another name.
    assert found
    assert set(found) <= steps
    assert len(found) == len(set(found)) == result.violation_count
