"""From a triage document and a calendar file to a problem that the planner reads, and on to a calendar on a server."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from passmuster.documents.yaml_file import plain, read_yaml
from passmuster.errors import UnreadableInput
from passmuster.pipeline.plan_problem import build_problem, write_problem
from passmuster.plan.problem import read_problem
from passmuster.plan.windows import expand

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "calendar.yaml"


def decision(advisory: str, **more: Any) -> dict[str, Any]:
    return {
        "advisory": advisory,
        "component": "n8n",
        "environment": None,
        "policy": "bod-26-04",
        "points": {},
        "assumed": [],
        "estimated": [],
        "outcome": "14_days",
        "action": "patch",
        "clock_started_at": "2026-12-01T00:00:00Z",
        "clock_reason": "learned",
        "due_at": "2026-12-15T00:00:00Z",
        "who_patches": "customer",
        "reason": "Fix it within fourteen days.",
        "sources": [],
        **more,
    }


def triage(folder: Path, *decisions: dict[str, Any], **more: Any) -> Path:
    path = folder / "triage.json"
    path.write_text(
        json.dumps({"schema": "passmuster/triage@1", "decisions": list(decisions), **more}), encoding="utf-8"
    )
    return path


def calendar(folder: Path, text: str) -> Path:
    path = folder / "calendar.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_example_calendar_makes_a_problem_that_the_planner_reads(tmp_path: Path) -> None:
    # With the contract's keys alone.
    built = build_problem(triage(tmp_path, decision("CVE-2026-1"), decision("CVE-2026-2", action="hunt")), EXAMPLE)
    reading = read_problem(built.document, "problem.json", expand)
    assert reading.warnings == ()
    assert [job.id for job in reading.problem.jobs] == ["n8n@fixed/flows-prod", "n8n@fixed/flows-test"]
    assert {window.environment for window in reading.problem.windows} == {
        "flows-test",
        "flows-prod",
        "iot-prod",
        "apps-prod",
    }
    assert [entry["code"] for entry in built.document["left_out"]] == ["nothing_to_patch"]


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    path = triage(tmp_path, decision("CVE-2026-1"), decision("CVE-2026-2", component="node-red"))
    texts = []
    for name in ("a.json", "b.json"):
        write_problem(build_problem(path, EXAMPLE), tmp_path / name)
        texts.append((tmp_path / name).read_bytes())
    assert texts[0] == texts[1]


def test_the_times_of_the_decisions_are_used(tmp_path: Path) -> None:
    given = decision(
        "CVE-2026-1",
        fixed_versions=["2.0"],
        epss=0.5,
        times={"vendor_fixed_at": "2026-12-24T00:00:00Z", "available_at": None},
    )
    built = build_problem(triage(tmp_path, given, as_of="2026-12-02T00:00:00Z"), EXAMPLE)
    job = next(job for job in built.document["jobs"] if job["id"] == "n8n@2.0/flows-prod")
    assert job["available_at"] == "2026-12-24T00:00:00Z"
    assert job["weight"] == pytest.approx(2 * 60 / 14 * 1.5, rel=1e-4)


def test_a_vendors_calendar_is_read_beside_the_calendar_file(tmp_path: Path) -> None:
    event = "UID:a\nDTSTAMP:20260101T000000Z\nSUMMARY:Winter release\nDTSTART:20261210T200000Z\nDURATION:PT2H"
    text = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\nBEGIN:VEVENT\n{event}\nEND:VEVENT\nEND:VCALENDAR\n"
    (tmp_path / "vendor.ics").write_text(text.replace("\n", "\r\n"), encoding="utf-8", newline="")
    path = calendar(
        tmp_path,
        "schema: passmuster/calendar@1\nhorizon: {start: 2026-12-01, weeks: 4}\n"
        "environments: [{id: prod, stage: prod}]\nvendor_calendars: [{file: vendor.ics, as: vendor_jobs}]\n",
    )
    built = build_problem(triage(tmp_path), path)
    assert [(job["id"], job["vendor"]["earliest"]) for job in built.document["jobs"]] == [
        ("a/prod", "2026-12-10T20:00:00Z")
    ]


MISTAKES = [
    ('{"schema": "passmuster/triage@2", "decisions": []}', "is no passmuster/triage@1 document"),
    ("[]", "is no passmuster/triage@1 document"),
    ("{", "is not JSON"),
    (json.dumps({"schema": "passmuster/triage@1", "decisions": ["x"]}), "decisions.0: is no decision"),
    (
        json.dumps(
            {"schema": "passmuster/triage@1", "decisions": [{"action": "pray", "due_at": "soon", "component": 1}]}
        ),
        "decisions.0.action: 'pray' is none of",
    ),
]


@pytest.mark.parametrize(("text", "why"), MISTAKES)
def test_mistakes_of_both_files_are_told_together(tmp_path: Path, text: str, why: str) -> None:
    (tmp_path / "triage.json").write_text(text, encoding="utf-8")
    path = calendar(tmp_path, "schema: passmuster/calendar@1\nhorizon: {weeks: 0}\n")
    with pytest.raises(UnreadableInput) as caught:
        build_problem(tmp_path / "triage.json", path)
    assert why in str(caught.value)
    assert f"{path}: 'environments' must be given" in str(caught.value)
    assert "horizon.weeks" in str(caught.value)


@pytest.mark.parametrize("text", ["a: &a [1]\nb: *a\n", "- 1\n", "", "a: [\n", "schema: passmuster/calendar@2\n"])
def test_a_calendar_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(UnreadableInput, match=r"calendar\.yaml: "):
        build_problem(triage(tmp_path), calendar(tmp_path, text))


def test_a_vendors_calendar_that_is_missing_is_told(tmp_path: Path) -> None:
    path = calendar(tmp_path, EXAMPLE.read_text(encoding="utf-8") + "vendor_calendars: [{file: no.ics, as: freezes}]\n")
    with pytest.raises(UnreadableInput, match=r"no\.ics: there is no such file"):
        build_problem(triage(tmp_path), path)


def test_the_example_says_what_its_environments_are() -> None:
    document = plain(read_yaml(EXAMPLE))
    assert {item["id"] for item in document["environments"]} == {"flows-test", "flows-prod", "iot-prod", "apps-prod"}
