"""Vendors' assurance answers controls; what the controls say and what the gaps say is the same."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from passmuster.controls.catalogue import find_pack
from passmuster.errors import OutputRefused, UnreadableInput
from passmuster.evaluate.engine import evaluate
from passmuster.model.assurance import AssuranceLimits
from passmuster.model.control import Pack
from passmuster.model.words import Outcome
from passmuster.pipeline.assuring import check_assurance, init_assurance, limits_from
from passmuster.snapshot.load import Beside
from passmuster.snapshot.read import Snapshot
from passmuster.snapshot.registers import read_registers
from tests.making import NOW, make_snapshot
from tests.snapshot.assured import VENDOR, changed, gaps, write

BASELINE = find_pack("no-code-baseline")
ANSWERED = ("VND-01", "VND-02", "VND-03", "VND-04", "VND-07", "VND-09")
ASSURED = replace(BASELINE, controls=tuple(control for control in BASELINE.controls if control.id in ANSWERED))


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    return make_snapshot(tmp_path_factory.mktemp("made") / "one", {"platforms": [{"platform_id": "test:1"}]})


def outcomes(snapshot: Snapshot, folder: Path | None, pack: Pack = ASSURED) -> dict[str, Outcome]:
    beside = Beside(read_registers(folder)) if folder else Beside()
    return {result.control: result.outcome for result in evaluate(snapshot, [pack], as_of=NOW, beside=beside).results}


def test_documents_without_a_gap_answer_six_controls(snapshot: Snapshot, tmp_path: Path) -> None:
    assert outcomes(snapshot, write(tmp_path, VENDOR)) == dict.fromkeys(ANSWERED, Outcome.PASS)


def test_without_documents_a_person_is_asked(snapshot: Snapshot, tmp_path: Path) -> None:
    nothing = dict.fromkeys(ANSWERED, Outcome.MANUAL)
    assert outcomes(snapshot, None) == nothing
    assert outcomes(snapshot, write(tmp_path / "empty", {**VENDOR, "documents": []})) == nothing
    elsewhere = [{"id": "test:2", "services": ["desk"]}]
    assert outcomes(snapshot, write(tmp_path / "other", {**VENDOR, "platforms": elsewhere})) == nothing


def test_a_file_just_begun_answers_nothing(snapshot: Snapshot, tmp_path: Path) -> None:
    path = tmp_path / "assurance" / "vendor.yaml"
    init_assurance(path, vendor="Example", platform_id="test:1", services=["Desk"])
    assert outcomes(snapshot, tmp_path) == dict.fromkeys(ANSWERED, Outcome.MANUAL)
    with pytest.raises(OutputRefused, match="is there already"):
        init_assurance(path, vendor="Example", platform_id="test:1", services=["Desk"])


DAYS = some.dates(date(2025, 3, 1), date(2026, 12, 1)).map(date.isoformat)
POINTS = some.sampled_from([..., [], [{"id": "1", "text": "t", "answer": "a"}], [{"id": "1", "text": "t"}]])
REPORTS = some.fixed_dictionaries(
    {
        "status": some.sampled_from(["received"] * 6 + ["refused", "requested", "pending"]),
        "period": some.tuples(DAYS, DAYS).map(lambda pair: dict(zip(("from", "to"), sorted(pair), strict=True))),
        "scope": some.sampled_from([..., {"services": "all"}, {"services": ["Desk"], "regions": "all"}]),
        "exceptions": POINTS,
        "user_controls": POINTS,
        "read_on": some.sampled_from([..., "2026-06-01", "2026-01-01"]),
    }
)
LETTERS = some.fixed_dictionaries(
    {
        "status": some.sampled_from(["received", "received", "pending"]),
        "period": some.tuples(DAYS, DAYS).map(lambda pair: dict(zip(("from", "to"), sorted(pair), strict=True))),
    }
)


@settings(
    max_examples=50,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(report=REPORTS, letter=LETTERS, services=some.sampled_from([["desk"], ["desk", "mail"]]))
def test_the_control_and_the_gaps_say_the_same(
    snapshot: Snapshot, report: dict[str, Any], letter: dict[str, Any], services: list[str]
) -> None:
    platforms = [{"id": "test:1", "services": services, "regions": ["eu"]}]
    vendor = changed({"soc2": report, "letter": letter, "iso": {"status": "pending"}}, platforms=platforms)
    vendor["documents"] = [entry for entry in vendor["documents"] if entry["id"] != "iso"]
    with tempfile.TemporaryDirectory() as folder:
        found = [gap for gap in gaps(Path(folder), vendor).gaps if gap.document == "soc2" and gap.code != "ends_soon"]
        asked = replace(ASSURED, controls=ASSURED.controls[:1])
        outcome = outcomes(snapshot, Path(folder), asked)["VND-01"]
    known = [gap for gap in found if not gap.is_open_question and gap.code != "not_received"]
    expected = Outcome.FAIL if known else Outcome.MANUAL if found else Outcome.PASS
    assert outcome is expected, found


def test_an_old_test_fails_on_the_day_the_gap_says(snapshot: Snapshot, tmp_path: Path) -> None:
    for days, outcome in ((365, Outcome.PASS), (366, Outcome.FAIL)):
        dated_on = (NOW.date() - timedelta(days=days)).isoformat()
        folder = write(tmp_path / str(days), changed({"test": {"dated_on": dated_on}}))
        assert outcomes(snapshot, folder)["VND-02"] is outcome
        told = {gap.code for gap in check_assurance(folder, as_of=NOW, limits=AssuranceLimits())[0].gaps}
        assert told == {"ends_soon" if outcome is Outcome.PASS else "too_old"}


def test_a_folder_of_registers_and_one_of_files_are_both_read(tmp_path: Path) -> None:
    folder = write(tmp_path, VENDOR)
    limits = limits_from(BASELINE.params)
    assert limits == AssuranceLimits()
    assert check_assurance(folder, as_of=NOW, limits=limits) == check_assurance(
        folder / "assurance", as_of=NOW, limits=limits
    )


@pytest.mark.parametrize(("name", "words"), [("nowhere", "no such folder"), ("", "holds no file of a vendor")])
def test_a_folder_without_a_vendor_says_how_to_start(tmp_path: Path, name: str, words: str) -> None:
    with pytest.raises(UnreadableInput, match=words) as caught:
        check_assurance(tmp_path / name, as_of=NOW, limits=AssuranceLimits())
    assert "passmuster assurance init" in str(caught.value)
