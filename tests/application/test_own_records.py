from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from shutil import rmtree

import pytest

from passmuster.application.acting import keeper
from passmuster.application.changes.changes import record_deployment, record_gate, verify_change
from passmuster.application.looking.handing_over import hand_over, left_out
from passmuster.application.looking.looking import collect_platform
from passmuster.application.looking.own_records import under_records
from passmuster.application.programme.registers import registers_of
from passmuster.application.storage.storing import results_folder
from passmuster.documents.csv_file import read_csv
from passmuster.model.keeping import ChangeStatus, GateKind
from passmuster.model.words import Outcome
from passmuster.pipeline.following import kept_verdicts_of
from passmuster.records.models import Change, Evaluation, Finding, Gate, Platform, Review
from tests.application.house import BEGIN, House, house
from tests.keeping import NOW, make_platform

__all__ = ["house"]
pytestmark = pytest.mark.usefixtures("db", "no_registers")

REVIEWS = "review_id,platform_id,due_on,closed_on\n"
FINDINGS = "finding_id,severity,owner,due_on,status,title\n"
LONG_AGO = NOW - timedelta(days=200)


@pytest.fixture
def no_registers(db: Path) -> Iterator[None]:
    yield
    rmtree(db / "registers", ignore_errors=True)


def _lying_there(platform: Platform, files: Mapping[str, str]) -> None:
    folder = registers_of(platform)
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_text(content)


def _handed(platform: Platform, where: Path, register: str) -> list[dict[str, str]]:
    folder = hand_over(platform, "p", where / "handed", now=NOW)
    return [dict(cells) for _, cells in read_csv(folder / f"{register}.csv")[1]]


def _late_review(platform: Platform) -> Review:
    return Review.objects.create(
        platform=platform, occurrence="q", because="due", due_on=date(2026, 4, 1), opened_at=LONG_AGO, status="open"
    )


def _late_finding(platform: Platform) -> Finding:
    return Finding.objects.create(
        platform=platform,
        pack="house",
        control="USR-01",
        resource_id="x",
        severity="high",
        severity_rank=2,
        first_seen_at=LONG_AGO,
        last_seen_at=NOW,
        age_from=LONG_AGO,
        due_on=date(2026, 4, 1),
    )


def _outcome(platform: Platform, control: str) -> tuple[str, str]:
    look = collect_platform(keeper(NOW), platform)
    (verdict,) = (
        each for each in kept_verdicts_of(results_folder(Evaluation.objects.latest("pk"))) if each.control == control
    )
    return str(verdict.outcome), look.error


def test_a_register_does_not_close_a_review_that_is_late_in_the_keeper(tmp_path: Path) -> None:
    platform = make_platform()
    late = _late_review(platform)
    _lying_there(platform, {"reviews.csv": f"{REVIEWS}{late.pk},,2026-04-01,2026-04-01\n {late.pk} ,,,2026-05-01\n"})
    assert [row["closed_on"] for row in _handed(platform, tmp_path, "reviews")] == [""]
    outcome, error = _outcome(platform, "GOV-01")
    assert outcome == Outcome.FAIL
    assert "reviews.csv: line 2: left out: the keeper's own record of it counts, where closed_on is not told" in error


def test_a_register_makes_no_review_since_they_are_held_here_and_tells_of_those_before(tmp_path: Path) -> None:
    platform = make_platform()
    rows = "R1,,,2026-03-31\nR2,,,2026-06-01\nR3,,2099-01-01,\nR4,,,some day\n"
    _lying_there(platform, {"reviews.csv": REVIEWS + rows})
    assert [row["review_id"] for row in _handed(platform, tmp_path, "reviews")] == ["R1", "R4"]
    assert [line[:22] for line in left_out(platform)] == ["reviews.csv: line 3: l", "reviews.csv: line 4: l"]
    assert all("since 2026-06-01 reviews of this platform are opened and signed" in each for each in left_out(platform))


def test_a_register_does_not_close_a_finding_of_the_keepers_and_may_tell_of_others(tmp_path: Path) -> None:
    platform = make_platform()
    late = _late_finding(platform)
    rows = (
        f"{late.pk},high,otto@example.org,2099-01-01,closed,fine\nprowler-7,high,otto@example.org,2026-07-01,open,x\n"
    )
    _lying_there(platform, {"findings.csv": FINDINGS + rows})
    found = {row["finding_id"]: (row["status"], row["due_on"]) for row in _handed(platform, tmp_path, "findings")}
    assert found == {str(late.pk): ("open", "2026-04-01"), "prowler-7": ("open", "2026-07-01")}
    (line,) = left_out(platform)
    assert line.startswith(
        "findings.csv: line 2: left out: the keeper's own record of it counts, where owner is not told,"
    )
    assert "status is open, not closed" in line


def test_a_row_that_says_what_the_record_says_is_not_told(tmp_path: Path) -> None:
    platform = make_platform()
    late = _late_review(platform)
    _lying_there(platform, {"reviews.csv": f"{REVIEWS}{late.pk},,2026-04-01,\n"})
    assert left_out(platform) == []
    assert len(_handed(platform, tmp_path, "reviews")) == 1


def test_a_patch_that_is_a_change_here_is_judged_from_the_change(house: House, tmp_path: Path) -> None:
    house.adopted()
    change = house.change(house.production)
    kept = next(row for row in _handed(house.platform, tmp_path, "updates") if row["environment_id"] == "instance")
    head = "update_id,component_id,environment_id,decision,applied_at,staged_ok_at,clock_started_at,owner\n"
    said = f"{kept['component_id']},instance,applied,2026-06-15T09:00:00Z,2026-06-15T08:30:00Z,2026-06-12T00:00:00Z,"
    _lying_there(house.platform, {"updates.csv": f"{head}{change.patch},{said}\nother,c,,pending,,,,remi\n"})
    (now,) = (row for row in _handed(house.platform, tmp_path, "updates") if row["environment_id"] == "instance")
    assert (now["decision"], now["applied_at"], now["staged_ok_at"]) == ("scheduled", "", "")
    # When the policy's clock began the keeper does not keep, and it only makes the control stricter.
    assert now["clock_started_at"] == "2026-06-12T00:00:00Z"
    assert {row["update_id"] for row in _handed(house.platform, tmp_path, "updates")} >= {change.patch, "other"}
    (line,) = left_out(house.platform)
    assert "decision is scheduled, not applied" in line
    assert "clock" not in line


def test_when_staging_was_tested_is_told_from_the_record(house: House, tmp_path: Path) -> None:
    house.adopted()
    staging, production = house.change(house.staging), house.change(house.production)

    def staged() -> str:
        rows = _handed(house.platform, tmp_path, "updates")
        return next(row["staged_ok_at"] for row in rows if row["environment_id"] == "instance")

    assert staged() == ""
    # Where there is an earlier environment, no statement takes its place.
    record_gate(house.at("remi", 1), production, GateKind.TESTED_IN_STAGING, note="ran", facts={"result": "passed"})
    assert staged() == ""
    record_gate(house.at("remi", 1), staging, GateKind.FORENSIC_TRIAGE, note="read", facts={"result": "clean"})
    record_deployment(house.at("remi", 2), staging)
    assert staged() == ""
    verify_change(house.at("remi", 3), staging, by="behaviour_test", note="ran")
    assert staged() == "2026-06-15T11:00:00Z"
    Change.objects.filter(pk=staging.pk).update(status=ChangeStatus.REGRESSED)
    assert staged() == ""
    Change.objects.filter(pk=production.pk).update(after_job="")
    assert staged() == f"{BEGIN + timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}"
    Gate.objects.filter(change=production, kind=GateKind.TESTED_IN_STAGING).update(stated={"result": "failed"})
    assert staged() == ""


def test_many_differences_are_told_in_part() -> None:
    rows = [(line, {"review_id": f"r{line}", "closed_on": ""}) for line in range(2, 42)]
    _, told = under_records("reviews", rows, [], since=NOW.date())
    assert (len(told), told[-1]) == (21, "reviews.csv: and 20 more")
