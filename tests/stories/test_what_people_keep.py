"""Over time: what was there waits for a decision, what is new is reported, what is unseen is not removed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from passmuster.controls.catalogue import find_pack
from passmuster.model.drift import Drift
from passmuster.model.results import Evaluation
from passmuster.model.words import Outcome
from passmuster.pipeline.baselines import approve_baseline
from passmuster.pipeline.collecting import Collecting, collect
from passmuster.pipeline.comparing import drift_between
from passmuster.pipeline.evaluating import Judging, evaluate_folder, prepare_judging
from passmuster.pipeline.registering import init_registers
from passmuster.pipeline.reviewing import Review, review
from passmuster.snapshot.read import open_snapshot
from passmuster.snapshot.registers import NO_REGISTERS, read_registers
from tests.making import make_pack, make_snapshot, sql_control

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


def _answers(folder: Path, change: Callable[[str, Any], Any] = lambda _name, body: body, **statuses: int) -> Path:
    """The recorded n8n, each body changed by `change`, some answers with another status."""
    shutil.copytree(EXAMPLES / "n8n", folder, ignore=shutil.ignore_patterns("*.yaml"))
    for path in folder.glob("*.json"):
        answer = json.loads(path.read_text(encoding="utf-8"))
        answer["body"] = change(path.stem, answer.get("body"))
        if path.stem in statuses:
            answer |= {"status": statuses[path.stem], "body": {"message": "Forbidden"}}
        path.write_text(json.dumps(answer), encoding="utf-8")
    return folder


def _collect(source: Path, out: Path) -> Path:
    collect(Collecting("n8n", path=source, platform_id="n8n:test", environ={}), out)
    return out


def _one_more_package(name: str, body: Any) -> Any:
    return [*body, {**body[0], "packageName": "n8n-nodes-brand-new"}] if name == "community_packages" else body


def _judging(registers: Path | None = None) -> Judging:
    """By the few controls these stories are about."""
    pack = find_pack("no-code-baseline", only=("ADD-01", "CFG-01", "CON-06", "EXP-01", "IAM-04"))
    return Judging((pack,), read_registers(registers) if registers else NO_REGISTERS)


def _outcomes(evaluation: Evaluation) -> dict[str, Outcome]:
    return {result.control: result.outcome for result in evaluation.results}


@pytest.fixture(scope="module")
def today(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A snapshot of the recorded n8n."""
    folder = tmp_path_factory.mktemp("today")
    return _collect(_answers(folder / "answers"), folder / "snapshot")


def test_proposed_registers_wait_for_decisions_and_only_what_is_new_is_reported(tmp_path: Path, today: Path) -> None:
    without = _outcomes(evaluate_folder(today, _judging()))
    assert without["ADD-01"] is Outcome.UNKNOWN
    rows = init_registers(today, tmp_path / "registers")
    assert rows["allow_lists"] > 0
    judging = _judging(tmp_path / "registers")
    listed = {"ADD-01", "CON-06", "EXP-01"}
    waiting = _outcomes(evaluate_folder(today, judging))
    assert {waiting[control] for control in listed} <= {Outcome.MANUAL, Outcome.NOT_APPLICABLE}
    assert waiting["ADD-01"] is Outcome.MANUAL

    later = _collect(_answers(tmp_path / "answers", _one_more_package), tmp_path / "later")
    found = next(result for result in evaluate_folder(later, judging).results if result.control == "ADD-01")
    assert found.outcome is Outcome.FAIL
    assert [violation.id for violation in found.violations] == ["n8n-nodes-brand-new"]
    assert "not on the list" in found.violations[0].detail


def test_an_approved_item_passes_and_a_refused_one_fails(tmp_path: Path, today: Path) -> None:
    init_registers(today, tmp_path / "registers")
    path = tmp_path / "registers" / "allow_lists.csv"
    proposed = path.read_text(encoding="utf-8")
    seen = {}
    for state in ("approved", "refused"):
        path.write_text(proposed.replace(",pending,", f",{state},"), encoding="utf-8")
        judging = _judging(tmp_path / "registers")
        seen[state] = _outcomes(evaluate_folder(today, judging))["ADD-01"]
    assert seen == {"approved": Outcome.PASS, "refused": Outcome.FAIL}


def test_a_setting_that_left_the_approved_baseline_is_reported(tmp_path: Path, today: Path) -> None:
    approve_baseline(open_snapshot(today), tmp_path / "r", by="Ada", reason="agreed", at=datetime.now(UTC))
    judging = _judging(tmp_path / "r")
    assert _outcomes(evaluate_folder(today, judging))["CFG-01"] is Outcome.PASS

    def switch(name: str, body: Any) -> Any:
        if name == "rest_settings":
            body["data"]["mfa"]["enforced"] = not body["data"]["mfa"]["enforced"]
        return body

    order = Collecting("n8n", path=_answers(tmp_path / "answers", switch), platform_id="n8n:test", environ={})
    report = review(Review(judging, order), tmp_path / "review")
    found = next(result for result in report.evaluation.results if result.control == "CFG-01")
    assert found.outcome is Outcome.FAIL
    assert any("n8n.mfa.enforced" in violation.id for violation in found.violations)
    # The baseline is also what the review compares with when nothing else is named.
    assert report.base is not None
    assert report.base.snapshot_id == open_snapshot(today).manifest.id


def _changed(drift: Drift) -> list[str]:
    return [table.table for table in drift.tables if table.is_changed]


def test_two_collections_of_the_same_answers_show_no_drift(tmp_path: Path, today: Path) -> None:
    again = _collect(_answers(tmp_path / "answers"), tmp_path / "again")
    assert _changed(drift_between(today, again)) == []


def test_one_revoked_permission_denies_its_tables_and_removes_nothing(tmp_path: Path, today: Path) -> None:
    revoked = dict.fromkeys(("users", "users_page2", "rest_users"), 403)
    later = _collect(_answers(tmp_path / "answers", **revoked), tmp_path / "later")
    assert open_snapshot(later).manifest.tables["principals"].status == "denied"
    drift = drift_between(today, later)
    assert [row for table in drift.tables for row in table.removed] == []
    blind = {table.table: table.not_comparable for table in drift.tables if table.not_comparable}
    assert "denied" in blind["principals"]
    before, after = (_outcomes(evaluate_folder(folder, _judging())) for folder in (today, later))
    assert before["IAM-04"] is Outcome.FAIL
    assert after["IAM-04"] is Outcome.UNKNOWN


@pytest.mark.parametrize("against", ["snapshot", "review"])
def test_a_review_is_compared_with_a_snapshot_or_with_an_earlier_review(
    tmp_path: Path, today: Path, against: str
) -> None:
    judging = _judging()
    base = today
    if against == "review":
        review(Review(judging, snapshot=today), tmp_path / "first")
        base = tmp_path / "first"
    order = Collecting(
        "n8n", path=_answers(tmp_path / "answers", _one_more_package), platform_id="n8n:test", environ={}
    )
    report = review(Review(judging, order, against=base), tmp_path / "second")
    assert report.drift is not None
    added = {table.table: len(table.added) for table in report.drift.tables if table.added}
    assert added == {"add_ons": 1}
    document = json.loads((tmp_path / "second" / "drift.json").read_text(encoding="utf-8"))
    assert document["summary"]["added"] == 1
    assert document["base"]["id"] == open_snapshot(today).manifest.id


def test_findings_survive_the_renaming_of_their_control(tmp_path: Path) -> None:
    make_snapshot(tmp_path / "s", {"principals": [{"principal_id": "a", "kind": "human"}]})
    sql = "SELECT principal_id AS resource_id FROM principals"
    for name, head in (("T-01", ""), ("T-09", "renamed: {T-01: T-09}\n")):
        pack = make_pack(
            tmp_path / name,
            {name: {"control.yaml": sql_control(name), "control.sql": sql}},
            head=f"id: house\nversion: 1.0.0\ntitle: House\n{head}",
        )
        review(Review(prepare_judging([str(pack)]), snapshot=tmp_path / "s"), tmp_path / f"review-{name}")
    reviews = tmp_path / "review-T-01", tmp_path / "review-T-09"
    assert drift_between(*reviews, packs=[str(tmp_path / "T-09")]).controls == ()
    # Without the pack that knows of the renaming, both ids are told and nothing is guessed.
    assert [change.control for change in drift_between(*reviews).controls] == ["T-01", "T-09"]
    fingerprints = [
        json.loads((folder / "evaluation.json").read_text(encoding="utf-8"))["results"][0]["resources"][0][
            "fingerprint"
        ]
        for folder in reviews
    ]
    assert fingerprints[0] == fingerprints[1]
