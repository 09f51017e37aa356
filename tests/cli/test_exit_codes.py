"""Exit codes 0, 1, 2, 3 and which of them wins; one JSON document on standard output and nothing else there."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

import passmuster
from passmuster.cli import exits, review
from passmuster.cli.command_line import command
from passmuster.model.report import FleetLine, FleetReport
from passmuster.model.words import CollectionStatus, Outcome
from tests.cli.running import EXAMPLES, SCUBA, run
from tests.making import NOW, make_pack, make_snapshot, sql_control

FAILS = "SELECT principal_id AS resource_id FROM principals WHERE kind = 'service'"


def _invoke(*arguments: str | Path) -> tuple[int, str, BaseException | None]:
    result = CliRunner().invoke(command, [str(each) for each in arguments], standalone_mode=False)
    code = result.return_value if isinstance(result.return_value, int) else -1
    return code, result.stdout, result.exception


def _pack(folder: Path, *, must_know: str = "[is_enabled]") -> Path:
    text = sql_control(
        "T-01",
        population="SELECT principal_id AS resource_id, is_enabled FROM principals",
        must_know=must_know,
    )
    return make_pack(folder, {"T-01": {"control.yaml": text, "control.sql": FAILS}})


def test_the_version_is_told() -> None:
    done = run("--version")
    assert (done.returncode, done.stdout) == (0, f"passmuster, version {passmuster.__version__}\n")


def test_a_done_job_exits_with_0_and_json_is_all_there_is_on_standard_output(office: Path) -> None:
    done = run("evaluate", office, *SCUBA, "--format", "json")
    assert (done.returncode, done.stderr) == (0, "")
    document = json.loads(done.stdout)
    assert document["schema"] == "passmuster/evaluation@1"
    assert document["summary"]["of"] == sum(document["summary"][word] for word in ("pass", "fail", "unknown", "manual"))
    assert document["results"][0]["control"] == "MS.POWERPLATFORM.1.1v1"


def test_findings_as_bad_as_asked_exit_with_1_and_the_document_is_still_there(office: Path) -> None:
    done = run("evaluate", office, *SCUBA, "--format", "json", "--fail-on", "high")
    assert done.returncode == 1
    assert json.loads(done.stdout)["summary"]["fail"] > 0
    assert run("evaluate", office, *SCUBA, "--fail-on", "critical").returncode == 0


def test_found_wins_over_incomplete_and_incomplete_over_done(tmp_path: Path) -> None:
    pack = _pack(tmp_path / "pack")
    known = {"principal_id": "a", "is_enabled": True}
    estates: dict[str, list[dict[str, Any]]] = {
        "clean": [{**known, "kind": "human"}],
        "open": [{"principal_id": "a", "kind": "human"}],
        "both": [{"principal_id": "a", "kind": "human"}, {**known, "principal_id": "b", "kind": "service"}],
    }
    for name, rows in estates.items():
        make_snapshot(tmp_path / name, {"principals": rows})
    asked = {name: _invoke("evaluate", tmp_path / name, "--pack", pack, "--fail-on", "high")[0] for name in estates}
    assert asked == {"clean": 0, "open": 3, "both": 1}
    assert _invoke("evaluate", tmp_path / "both", "--pack", pack)[0] == 0


def test_a_review_of_a_platform_that_refused_something_exits_with_3(tmp_path: Path) -> None:
    make_snapshot(tmp_path / "s", {"principals": [{"principal_id": "a", "is_enabled": True}]}, {"apps": "denied"})
    code, output, _ = _invoke(
        "review", "--snapshot", tmp_path / "s", "--pack", _pack(tmp_path / "p"), "--out", tmp_path / "r"
    )
    assert code == 3
    assert "Answered 1 of 1" in output


def test_a_table_nobody_could_ever_read_is_no_incomplete_collection() -> None:
    assert exits.of_collection([CollectionStatus.OK, CollectionStatus.UNSUPPORTED, CollectionStatus.NOT_LICENSED]) == 0
    for status in ("partial", "denied", "error"):
        assert exits.of_collection([CollectionStatus.OK, CollectionStatus(status)]) == 3


def test_a_fleet_is_incomplete_where_something_was_not_seen_and_not_where_a_person_is_asked() -> None:
    def code(**line: Any) -> int:
        report = FleetReport(NOW, (FleetLine(name="a", product="n8n", **line),), "0")
        return review._fleet_code(report, None)

    assert code(counts={Outcome.MANUAL: 3, Outcome.PASS: 1}, answered=1, applicable=4) == 0
    assert code(counts={Outcome.UNKNOWN: 1, Outcome.PASS: 1}, answered=1, applicable=2) == 3
    assert code(counts={Outcome.ERROR: 1}, answered=0, applicable=1) == 3
    assert code(problem="could not be read") == 3


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("nonsense", "No such command 'nonsense'"),
        ("collect", "Missing argument 'KIND'"),
        ("collect n8n --out {new}", "say where to read: either --url URL or --from PATH"),
        ("collect nope --out {new} --url x", "known are declared"),
        ("collect power-platform --out {new} --from {new}", "check --from"),
        ("review --out {new}", "say what to review"),
        ("review n8n --fleet x --out {new}", "say what to review"),
        ("review --fleet {new} --out {new}", "no such file"),
        ("review --fleet x --against {office} --out {new}", "--against stands in the fleet file"),
        ("review --snapshot {office} --url x --declared y --out {new}", "--url, --declared says how to collect"),
        ("evaluate {new}", "there is no such folder"),
        ("evaluate {file}", "is a file; name the folder"),
        ("evaluate {here}", "is no snapshot: it holds no manifest.json"),
        ("evaluate {office} --pack nope", "neither a pack that ships"),
        ("evaluate {office} --pack {here}", "holds no pack.yaml"),
        ("evaluate {office} --registers {new}", "passmuster registers init SNAPSHOT"),
        ("evaluate {office} --params {new}", "no such file"),
        ("evaluate {office} --as-of yesterday", "write 2026-12-31T17:00:00Z"),
        ("evaluate {office} --as-of 9999-12-31T23:59:59-12:00", "name a year from"),
        ("evaluate {office} --as-of 0001-01-01T00:00:00+14:00", "name a year from"),
        ("evaluate {office} --fail-on horrible", "is not one of 'critical'"),
        ("drift {office} {new}", "there is no such folder"),
        ("review --snapshot {office} --against {new} --out {new}", "there is no such folder"),
        ("registers init {new} --out {new}", "there is no such folder"),
        ("baseline approve {office} --by x", "Missing option '--reason'"),
        ("packs verify {new}", "neither a pack that ships"),
        ("packs verify no-code-baseline --control NOPE", "there is no control 'NOPE'"),
        ("connectors nope", "known are declared"),
    ],
)
def test_wrong_usage_and_unreadable_input_are_told_and_nothing_is_written(
    tmp_path: Path, office: Path, arguments: str, words: str
) -> None:
    (tmp_path / "file").write_text("x")
    places = {"new": tmp_path / "new", "file": tmp_path / "file", "here": tmp_path, "office": office}
    _, output, error = _invoke(*(part.format(**places) for part in arguments.split()))
    assert error is not None
    told = error.format_message() if isinstance(error, click.ClickException) else str(error)
    assert getattr(error, "exit_code", None) == 2
    assert words in told
    assert output == ""
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize(
    "arguments",
    [
        "collect n8n --url http://127.0.0.1:9 --out {full}",
        "review n8n --url http://127.0.0.1:9 --out {full}",
        "review --fleet {full}/fleet.yaml --out {full}",
        "registers init {office} --out {full}",
        "packs new {full}",
    ],
)
def test_an_output_folder_that_is_not_empty_is_refused_before_anything_is_asked(
    tmp_path: Path, office: Path, arguments: str
) -> None:
    (tmp_path / "fleet.yaml").write_text(
        "schema: passmuster/fleet@1\nplatforms: [{name: a, kind: node-red, url: 'http://127.0.0.1:9'}]\n"
    )
    _, _, error = _invoke(*(part.format(full=tmp_path, office=office) for part in arguments.split()))
    assert "is there already and not empty; name a new folder" in str(error)
    assert [path.name for path in tmp_path.iterdir()] == ["fleet.yaml"]


def test_bad_input_on_the_real_command_line_has_exit_code_2_and_no_traceback(tmp_path: Path, office: Path) -> None:
    altered = tmp_path / "altered"
    shutil.copytree(office, altered)
    data = bytearray((altered / "settings.parquet").read_bytes())
    data[len(data) // 2] ^= 1
    (altered / "settings.parquet").write_bytes(data)
    done = run("evaluate", altered, "--format", "json")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        f"passmuster: {altered / 'settings.parquet'}: was altered since it was written: its SHA-256 does not match; "
        "collect again\n"
    )


def test_what_is_incomplete_is_told_once_on_standard_error(tmp_path: Path) -> None:
    (tmp_path / "export.json").write_text("{}")
    done = run("collect", "power-platform", "--from", tmp_path / "export.json", "--out", tmp_path / "s")
    assert (done.returncode, done.stdout) == (3, "")
    assert "every table: error: the document holds none of environment_creation" in done.stderr
    assert "to mend it: hand over the ProviderSettingsExport.json" in done.stderr
    assert len(done.stderr.splitlines()) == 3
    assert json.loads((tmp_path / "s" / "manifest.json").read_text())["schema"] == "passmuster/snapshot@1"


@pytest.mark.parametrize("arguments", ["connectors", "connectors n8n", "packs list"])
def test_json_of_the_small_commands_is_one_document(arguments: str) -> None:
    code, output, error = _invoke(*arguments.split(), "--format", "json")
    assert error is None, code
    assert json.loads(output)


def test_names_of_secrets_are_told_whole_however_narrow_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    _, output, _ = _invoke("connectors")
    assert "  PASSMUSTER_POWER_PLATFORM_DATAVERSE_TOKEN\n" in output


def test_a_review_leaves_its_outputs_and_leads_with_how_much_was_answered(tmp_path: Path) -> None:
    done = run("review", "power-platform", "--from", EXAMPLES / "power-platform", *SCUBA, "--out", tmp_path / "r")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Answered ")
    names = ["drift.json", "evaluation.json", "findings.csv", "registers.xlsx", "report.html", "snapshot"]
    assert sorted(path.name for path in (tmp_path / "r").iterdir()) == names
    assert json.loads((tmp_path / "r" / "drift.json").read_text())["schema"] == "passmuster/drift@1"
    assert json.loads((tmp_path / "r" / "evaluation.json").read_text())["schema"] == "passmuster/evaluation@1"
