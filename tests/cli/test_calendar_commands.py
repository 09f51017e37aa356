"""The command line from decisions to a calendar on a real server."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.running import EXAMPLES, run
from tests.pipeline.test_plan_problem import decision, triage
from tests.report.radicale_server import PASSWORD, USER, radicale


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a problem and its plan, both made by the command line."""
    folder = tmp_path_factory.mktemp("made")
    decisions = triage(folder, decision("CVE-2026-1"), decision("CVE-2026-2", action="obtain_evidence"))
    done = run("plan-problem", decisions, "--calendar", EXAMPLES / "calendar.yaml", "--out", folder / "problem.json")
    assert (done.returncode, done.stdout) == (0, "")
    assert "2 jobs in 2 environments; 1 decision left out" in done.stderr
    assert "CVE-2026-2 of n8n: asks the vendor for evidence" in done.stderr
    done = run("plan", folder / "problem.json", "--work", "5", "--format", "json")
    assert done.returncode == 0, done.stderr
    (folder / "plan.json").write_text(done.stdout, encoding="utf-8")
    return folder


def test_a_plan_is_pushed_and_pushed_again_without_change(made: Path, tmp_path: Path) -> None:
    with radicale(tmp_path) as server:
        arguments = (
            "calendar",
            "push",
            made / "plan.json",
            "--problem",
            made / "problem.json",
            "--url",
            server.calendar,
        )
        secrets = {"PASSMUSTER_CALDAV_USER": USER, "PASSMUSTER_CALDAV_PASSWORD": PASSWORD}
        first = run(*arguments, "--format", "json", variables=secrets)
        assert first.returncode == 0, first.stderr
        told = json.loads(first.stdout)
        assert len(server.texts()) == len(told["added"]) > 2
        again = run(*arguments, "--format", "json", variables=secrets)
        assert json.loads(again.stdout)["unchanged"] == len(told["added"])
        assert json.loads(again.stdout)["added"] == []
        refused = run(*arguments, variables={**secrets, "PASSMUSTER_CALDAV_PASSWORD": "canary"})
        assert refused.returncode == 2
        assert "PASSMUSTER_CALDAV_PASSWORD" in refused.stderr
        assert "canary" not in refused.stderr + refused.stdout


def test_a_plan_of_another_problem_is_refused(made: Path, tmp_path: Path) -> None:
    other = json.loads((made / "problem.json").read_text(encoding="utf-8"))
    other["jobs"] = other["jobs"][1:]
    other["jobs"][0]["after"] = []
    (tmp_path / "other.json").write_text(json.dumps(other), encoding="utf-8")
    done = run(
        "calendar",
        "push",
        made / "plan.json",
        "--problem",
        tmp_path / "other.json",
        "--url",
        "http://127.0.0.1:9/plan/",
    )
    assert done.returncode == 2
    assert "is no job of the problem" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_address_in_clear_is_refused_before_anything_is_sent(made: Path) -> None:
    done = run(
        "calendar", "push", made / "plan.json", "--problem", made / "problem.json", "--url", "http://example.com/p/"
    )
    assert done.returncode == 2
    assert "in clear" in done.stderr


def test_an_output_that_cannot_be_written_leaves_nothing(made: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    done = run(
        "plan-problem",
        made / "triage.json",
        "--calendar",
        EXAMPLES / "calendar.yaml",
        "--out",
        tmp_path / "file" / "p.json",
    )
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file"]
