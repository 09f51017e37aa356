"""`passmuster assurance` as people call it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.running import run
from tests.snapshot.assured import VENDOR, changed, write

ENDED = changed({"iso": {"expires_on": "2026-05-01"}, "test": {"open_findings": ...}})


def test_json_is_one_document_with_every_gap(tmp_path: Path) -> None:
    done = run("assurance", "check", write(tmp_path, ENDED), "--as-of", "2026-06-01", "--format", "json")
    document = json.loads(done.stdout)
    assert (done.returncode, done.stderr, document["schema"]) == (0, "", "passmuster/assurance-check@1")
    assert document["summary"] == {"vendors": 1, "gaps": 1, "open_questions": 1}
    (vendor,) = document["vendors"]
    assert [(gap["code"], gap["document"], gap["due_on"]) for gap in vendor["gaps"]] == [
        ("not_covered", "iso", "2026-05-01"),
        ("findings_not_known", "test", None),
    ]
    assert vendor["documents"][0]["covered_until_on"] == "2026-09-30"


@pytest.mark.parametrize(("severity", "code"), [("critical", 0), ("high", 1), ("low", 1)])
def test_fail_on_trips_at_the_severity(tmp_path: Path, severity: str, code: int) -> None:
    done = run("assurance", "check", write(tmp_path, ENDED), "--as-of", "2026-06-01", "--fail-on", severity)
    assert (done.returncode, "ended on 2026-05-01" in done.stdout) == (code, True)


def test_a_mistake_is_told_with_file_and_place(tmp_path: Path) -> None:
    done = run("assurance", "check", write(tmp_path, {**VENDOR, "tier": "huge"}))
    assert (done.returncode, done.stdout) == (2, "")
    assert "assurance/vendor-0.yaml: tier: 'huge' is none of" in done.stderr


def test_a_file_is_begun_beside_the_registers(tmp_path: Path, office: Path) -> None:
    registers = tmp_path / "registers"
    assert run("registers", "init", office, "--out", registers).returncode == 0
    more = registers / "assurance" / "more.yaml"
    begun = run("assurance", "init", "--vendor", "More", "--platform", "p", "--service", "s", "--out", more)
    assert begun.returncode == 0
    done = run("assurance", "check", registers, "--format", "json", "--fail-on", "low")
    assert done.returncode == 0
    found = json.loads(done.stdout)
    assert found["summary"]["vendors"] == 2
    assert found["summary"]["gaps"] == 0
    assert found["summary"]["open_questions"] > 0
