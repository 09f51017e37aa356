"""What judging is given: house limits, registers, the approved baseline, kept verdicts; mistakes name the file."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from passmuster.errors import PassmusterError, UnreadableInput, UsageError
from passmuster.pipeline.baselines import approve_baseline, approved_baseline
from passmuster.pipeline.comparing import drift_between, kept_verdicts
from passmuster.pipeline.evaluating import evaluate_folder, locate_snapshot, prepare_judging
from passmuster.pipeline.reviewing import Review, review
from passmuster.snapshot.registers import read_registers
from tests.making import NOW, make_pack, make_snapshot, sql_control

PEOPLE = {"principals": [{"principal_id": "a", "kind": "human"}, {"principal_id": "b", "kind": "service"}]}


def _pack(folder: Path) -> str:
    controls = {
        "T-01": {
            "control.yaml": sql_control("T-01"),
            "control.sql": "SELECT principal_id AS resource_id FROM principals WHERE kind = 'human' AND $days < 5",
        }
    }
    limits = "days: {value: 3, unit: days}\nstrict: {value: true}\nwords: {value: x}\n"
    return str(make_pack(folder, controls, params=limits))


def test_a_house_limit_replaces_the_packs_own(tmp_path: Path) -> None:
    make_snapshot(tmp_path / "s", PEOPLE)
    (tmp_path / "limits.yaml").write_text("days: {value: 9, unit: days}\n")
    pack = _pack(tmp_path / "pack")
    asked = [prepare_judging([pack], as_of=NOW, params=params) for params in (None, tmp_path / "limits.yaml")]
    assert [evaluate_folder(tmp_path / "s", judging).results[0].outcome for judging in asked] == ["fail", "pass"]


def test_every_house_limit_no_pack_can_use_is_told_with_the_file(tmp_path: Path) -> None:
    path = tmp_path / "limits.yaml"
    path.write_text("days: soon\nstrict: 1\nwords: 3\nother: 1\n")
    with pytest.raises(UsageError) as caught:
        prepare_judging([_pack(tmp_path / "pack")], params=path)
    assert str(caught.value).splitlines() == [
        f"{path}: other: no chosen pack has this house limit; known are days, strict, words",
        f"{path}: days: 'soon' cannot stand for 3; give a number that is not negative",
        f"{path}: strict: 1 cannot stand for True; give true or false",
        f"{path}: words: 3 cannot stand for 'x'; give text",
    ]


def test_a_limit_below_zero_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "limits.yaml"
    path.write_text("days: -1\n")
    with pytest.raises(UsageError, match="-1 cannot stand for 3"):
        prepare_judging([_pack(tmp_path / "pack")], params=path)


def test_a_pack_that_is_neither_shipped_nor_there_is_told_what_ships() -> None:
    with pytest.raises(UnreadableInput, match=r"nope: is neither a pack that ships \(no-code-baseline"):
        prepare_judging(["nope"])


@pytest.mark.parametrize(("by", "reason"), [("", "x"), ("x", " ")])
def test_a_baseline_needs_somebody_and_a_reason(tmp_path: Path, by: str, reason: str) -> None:
    with pytest.raises(UsageError, match=r"\(--by\).*\(--reason\)"):
        approve_baseline(make_snapshot(tmp_path / "s", {}), tmp_path / "r", by=by, reason=reason, at=NOW)


def test_the_newest_approval_before_the_instant_counts(tmp_path: Path) -> None:
    first = make_snapshot(tmp_path / "one", PEOPLE, at=NOW)
    second = make_snapshot(tmp_path / "two", {}, at=NOW + timedelta(days=1))
    approve_baseline(first, tmp_path / "r", by="Ada", reason="start", at=NOW)
    approve_baseline(second, tmp_path / "r", by="Ada", reason="change 7", at=NOW + timedelta(days=2))
    registers = read_registers(tmp_path / "r")
    found = [approved_baseline("test:1", registers, as_of=NOW + timedelta(days=days)) for days in (-1, 1, 3)]
    assert [snapshot.manifest.id if snapshot else None for snapshot in found] == [
        None,
        first.manifest.id,
        second.manifest.id,
    ]
    assert approved_baseline("test:other", registers, as_of=NOW + timedelta(days=3)) is None


def test_the_same_snapshot_is_not_approved_twice_and_other_columns_are_kept(tmp_path: Path) -> None:
    snapshot = make_snapshot(tmp_path / "s", {})
    path = approve_baseline(snapshot, tmp_path / "r", by="Ada", reason="start", at=NOW)
    with pytest.raises(UsageError, match="approved already"):
        approve_baseline(snapshot, tmp_path / "r", by="Bob", reason="again", at=NOW)
    assert path.read_text().count("\n") == 2


@pytest.mark.parametrize("trouble", ["gone", "altered", "another"])
def test_a_baseline_that_cannot_be_trusted_is_told_with_the_register(tmp_path: Path, trouble: str) -> None:
    snapshot = make_snapshot(tmp_path / "base", PEOPLE)
    path = approve_baseline(snapshot, tmp_path / "r", by="Ada", reason="start", at=NOW)
    if trouble == "gone":
        (tmp_path / "base").rename(tmp_path / "elsewhere")
    elif trouble == "altered":
        with (tmp_path / "base" / "principals.parquet").open("ab") as stream:
            stream.write(b"x")
    else:
        (tmp_path / "base").rename(tmp_path / "elsewhere")
        make_snapshot(tmp_path / "base", {})
    with pytest.raises(PassmusterError) as caught:
        approved_baseline("test:1", read_registers(tmp_path / "r"), as_of=NOW)
    assert str(caught.value).startswith(f"{path}: the approved baseline {snapshot.manifest.id}: ")
    assert "correct its snapshot_path or approve another" in str(caught.value)


def test_a_review_folder_stands_for_its_snapshot(tmp_path: Path) -> None:
    make_snapshot(tmp_path / "s", PEOPLE)
    judging = prepare_judging([_pack(tmp_path / "pack")], as_of=NOW)
    review(Review(judging, snapshot=tmp_path / "s"), tmp_path / "review")
    assert locate_snapshot(tmp_path / "review") == tmp_path / "review" / "snapshot"
    assert drift_between(tmp_path / "s", tmp_path / "review").controls == ()


@pytest.mark.parametrize(
    "document",
    [
        [],
        {"schema": "passmuster/evaluation@2", "results": []},
        {"schema": "passmuster/evaluation@1"},
        {"schema": "passmuster/evaluation@1", "results": [{"pack": "p", "control": "c"}]},
        {"schema": "passmuster/evaluation@1", "results": [7]},
        {"schema": "passmuster/evaluation@1", "results": [{"pack": "p", "control": "c", "status": "odd"}]},
    ],
)
def test_kept_verdicts_that_are_none_are_refused_before_anything_is_asked(tmp_path: Path, document: Any) -> None:
    make_snapshot(tmp_path / "old" / "snapshot", {})
    (tmp_path / "old" / "evaluation.json").write_text(json.dumps(document))
    with pytest.raises(UnreadableInput, match="evaluation"):
        kept_verdicts(tmp_path / "old")
    judging = prepare_judging([_pack(tmp_path / "pack")], as_of=NOW)
    with pytest.raises(UnreadableInput, match=r"evaluation\.json"):
        review(Review(judging, snapshot=tmp_path / "missing", against=tmp_path / "old"), tmp_path / "new")
