"""A platform without an interface, from the example that ships to its findings."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from passmuster.cli.command_line import command
from passmuster.controls.catalogue import shipped_folder

_EXAMPLE = shipped_folder("examples") / "mendix" / "mendix.yaml"
_PLANTED = {
    "DAT-05": ["Ticket"],
    "IAM-04": ["Priya Pereira"],
    "PRV-08": ["deploy-robot"],
    "APP-01": ["Nightly import"],
    "EXP-02": ["https://portal.harbourfreight.example/rest/tickets"],
    "IAM-01": ["Gustav Guest", "Priya Pereira"],
    "IAM-12": ["Priya Pereira"],
    "IAM-13": ["Gustav Guest"],
    "EXP-06": ["csp.enforced"],
}


def test_what_the_owner_wrote_is_judged_as_any_platform_is(tmp_path: Path) -> None:
    runner = CliRunner()
    book, review = tmp_path / "mendix.xlsx", tmp_path / "review"
    assert runner.invoke(command, ["template", "--from", str(_EXAMPLE), "--out", str(book)]).exit_code == 0
    runner.invoke(
        command,
        ["review", "mendix", "--from", str(book), "--out", str(review), "--as-of", "2026-06-15"],
        standalone_mode=False,
    )
    results = {each["control"]: each for each in json.loads((review / "evaluation.json").read_text())["results"]}
    for control, names in _PLANTED.items():
        found = results[control]
        assert found["status"] == "fail", (control, found["status"], found["reason"])
        assert sorted(each["name"] or each["id"] for each in found["resources"]) == names, control
    # Nobody listed steps, credentials or policies: that is no clean bill.
    assert results["APP-07"]["status"] == "unknown"
    assert results["NHI-02"]["status"] == "unknown"
    people = json.loads((review / "snapshot" / "manifest.json").read_text())["tables"]["principals"]
    assert people["reason"].startswith("declared by Olga Owner on 2026-06-01 (interview")
    assert "Olga Owner" in (review / "report.html").read_text(encoding="utf-8")
