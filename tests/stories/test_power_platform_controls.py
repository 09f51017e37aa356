"""A tenant with planted weaknesses, reviewed from recorded answers and from the kit's inventory."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from passmuster.collect.connectors.power_platform.connector import PowerPlatformConnector
from passmuster.collect.interface import Target
from passmuster.model.results import ControlResult
from passmuster.pipeline.evaluating import judge, prepare_judging
from passmuster.snapshot.read import open_snapshot
from passmuster.snapshot.write import write_snapshot
from tests.collect.power_platform_tenant import DEFAULT, KIT, LIVE, TEST

NOW = datetime(2026, 11, 25, tzinfo=UTC)
# What was planted, by control and resource; everything else in the example is as it should be.
PLANTED = {
    "APP-01": {"c0000000-0000-4000-8000-000000000001", "f0000000-0000-4000-8000-000000000001"},
    "APP-03": {"c0000000-0000-4000-8000-000000000001"},
    "CFG-02": {"c0000000-0000-4000-8000-000000000002"},
    "CON-10": {"f0000000-0000-4000-8000-000000000001/Look_up_supplier"},
    "ENV-03": {"tenant.disablePortalsCreationByNonAdminUsers"},
    "EXP-02": {"f0000000-0000-4000-8000-000000000001/manual"},
    "NHI-05": {"shared-sharepointonl-0001"},
    "NHI-06": {"shared-sql-0002"},
    "NHI-09": {"f0000000-0000-4000-8000-000000000001/Look_up_supplier"},
    "PRV-08": {"22222222-bbbb-4222-8222-000000000001"},
}
ALSO = {"CON-03", "CON-04", "ENV-02", "EXP-06", "PRV-02", "PRV-09"}


def judged(folder: Path, scratch: Path) -> dict[str, ControlResult]:
    snapshot = scratch / "snapshot"
    snapshot.mkdir()
    result = PowerPlatformConnector().collect(Target(path=folder))
    write_snapshot(result, snapshot, started_at=NOW, taken_at=NOW)
    return {each.control: each for each in judge(open_snapshot(snapshot), prepare_judging((), as_of=NOW)).results}


def ids(result: ControlResult) -> set[str]:
    return {violation.id for violation in result.violations}


def test_what_was_planted_in_the_tenant_is_found_and_nothing_else(tmp_path: Path) -> None:
    results = judged(LIVE, tmp_path)
    failed = {name for name, result in results.items() if result.outcome == "fail"}
    assert failed == set(PLANTED) | ALSO
    assert {name: ids(results[name]) for name in PLANTED} == PLANTED
    assert {each.partition("/")[2].partition("/")[0] for each in ids(results["EXP-06"])} == {TEST}
    assert {each for each in ids(results["PRV-02"]) if each.startswith("environment/")} == {
        f"environment/{DEFAULT}/EnvironmentAdmin/11111111-aaaa-4111-8111-000000000001"
    }


def test_good_items_of_the_tenant_are_not_accused(tmp_path: Path) -> None:
    results = judged(LIVE, tmp_path)
    passed = {name for name, result in results.items() if result.outcome == "pass"}
    assert passed == {
        "ADD-06",
        "CFG-04",
        "CON-01",
        "CON-02",
        "CON-07",
        "ENV-01",
        "ENV-04",
        "IAM-01",
        "PRV-01",
        "PRV-05",
    }


def test_the_kits_inventory_finds_owners_who_are_gone_and_answers_no_more_than_it_knows(tmp_path: Path) -> None:
    results = judged(KIT, tmp_path)
    assert ids(results["APP-01"]) == PLANTED["APP-01"]
    answered = {name for name, result in results.items() if result.outcome in ("pass", "fail")}
    # CFG-04 tells that the inventory is a part; ENV-04 that no critical app lies in an environment for trying things.
    assert answered == {"APP-01", "CFG-04", "ENV-04"}
