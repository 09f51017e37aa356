"""Decisions and a calendar become jobs: grouped, weighed, soaked, timed, or left out with the reason."""

from __future__ import annotations

from typing import Any

import pytest

from passmuster.model.schedule import After, Job, JobMode, Span
from passmuster.plan.calendar.decisions import Decided
from passmuster.plan.calendar.jobs import jobs_of
from passmuster.plan.calendar.patches import group
from passmuster.plan.calendar.upgrade import target_version
from passmuster.plan.calendar.values import Calendar
from tests.plan.calendars import NOW, at, calendar, decided


def jobs(*decisions: Decided, plan: Calendar | None = None) -> dict[str, Job]:
    chosen = plan or calendar()
    patches, _ = group(decisions, chosen)
    return {job.id: job for job in jobs_of(patches, chosen, as_of=NOW)}


def test_a_patch_goes_first_where_it_soaks() -> None:
    found = jobs(decided())
    assert list(found) == ["n8n@1.123.17/prod", "n8n@1.123.17/test"]
    prod, test = found.values()
    assert (prod.after, test.after) == ((After("n8n@1.123.17/test", 72.0),), ())
    assert (prod.minutes, test.minutes) == (60, 20)
    assert (prod.due_at, test.due_at) == (at("2026-12-15"), None)
    assert (prod.available_at, test.available_at) == (at("2026-12-06"), at("2026-12-03"))
    assert prod.owner == "team"


def test_what_one_upgrade_fixes_is_one_job_with_the_greatest_weight_and_the_earliest_deadline() -> None:
    found = jobs(
        decided("CVE-2026-1", due_at=at("2027-01-30"), outcome="60_days"),
        decided("CVE-2026-2", fixed_versions=("1.121.0",), due_at=at("2026-12-04"), outcome="3_days", epss=0.5),
        decided("CVE-2026-3", fixed_versions=("1.122.4",), due_at=None, outcome="on_upgrade"),
    )
    prod = found["n8n@1.123.17/prod"]
    assert len(found) == 2
    assert prod.due_at == at("2026-12-04")
    # 2 for the tier, 20 for the outcome, and half as much again for what the forecast says.
    assert prod.weight == pytest.approx(2 * 20 * 1.5)
    assert found["n8n@1.123.17/test"].weight == pytest.approx(30.0)
    # The most urgent one's soak and notice are everybody's.
    assert prod.after == (After("n8n@1.123.17/test", 12.0),)
    assert (prod.available_at, found["n8n@1.123.17/test"].available_at) == (NOW, NOW)


def test_other_components_and_other_work_are_other_jobs() -> None:
    found = jobs(
        decided("CVE-2026-1"),
        decided("CVE-2026-2", action="configure"),
        decided("CVE-2026-3", action="migrate"),
        decided("CVE-2026-4", fixed_versions=()),
        decided("CVE-2026-5", component="n8n-nodes-x", fixed_versions=("2.0",), version="1.9"),
    )
    assert sorted({job.patch for job in found.values()}) == [
        "n8n-nodes-x@2.0",
        "n8n:configure:CVE-2026-2",
        "n8n:migrate",
        "n8n@1.123.17",
        "n8n@fixed",
    ]
    assert found["n8n:configure:CVE-2026-2/prod"].minutes == 15
    assert found["n8n:migrate/prod"].minutes == 240


def test_a_fix_that_cannot_be_had_yet_makes_the_job_wait() -> None:
    found = jobs(decided(available_at=at("2026-12-20")))
    assert found["n8n@1.123.17/prod"].available_at == at("2026-12-20")


WEIGHTS = [
    ("3 days", {"due_at": at("2026-12-04")}, 20.0),
    ("14 days", {"due_at": at("2026-12-15")}, 60 / 14),
    ("60 days", {"due_at": at("2027-01-30")}, 1.0),
    ("no deadline", {"due_at": None}, 0.5),
    ("overdue from the start", {"due_at": at("2026-11-30")}, 60.0),
    ("likely exploited", {"due_at": at("2027-01-30"), "epss": 0.25}, 1.25),
]


@pytest.mark.parametrize(("what", "more", "weight"), WEIGHTS, ids=[case[0] for case in WEIGHTS])
def test_weight_comes_from_the_deadline_and_the_forecast(what: str, more: dict[str, Any], weight: float) -> None:
    assert jobs(decided(**more))["n8n@1.123.17/prod"].weight == pytest.approx(2 * weight, rel=1e-4), what


LEFT_OUT = [
    ({"action": "hunt"}, "nothing_to_patch"),
    ({"action": "hunt", "outcome": "needs_person"}, "nothing_to_patch"),
    ({"action": "obtain_evidence"}, "nothing_to_patch"),
    ({"action": "none"}, "nothing_to_patch"),
    ({"outcome": "needs_person"}, "needs_person"),
    ({"who_patches": "vendor"}, "vendor_acts"),
    ({"component": "retool", "environment": "elsewhere"}, "no_environment"),
]


@pytest.mark.parametrize(("more", "code"), LEFT_OUT)
def test_what_makes_no_job_is_left_out_with_the_reason(more: dict[str, Any], code: str) -> None:
    patches, left_out = group([decided(**more)], calendar())
    assert (patches, [entry.code for entry in left_out]) == ((), [code])
    assert left_out[0].reason


def test_the_vendors_patch_takes_no_window_and_is_tried_before_it_comes() -> None:
    found = jobs(
        decided(
            "MC-1",
            action="test_before",
            who_patches="vendor",
            available_at=at("2026-12-10"),
            vendor_from=at("2027-01-10"),
            enforced_at=at("2027-01-20"),
        )
    )
    vendor, test = found["n8n:vendor:MC-1/prod"], found["n8n:test:MC-1/test"]
    assert (vendor.mode, vendor.vendor) == (JobMode.VENDOR_RANGE, Span(at("2027-01-10"), at("2027-01-20")))
    assert test.available_at >= at("2026-12-10")
    assert (vendor.minutes, vendor.after) == (0, ())
    assert (test.environment, test.must_end_by) == ("test", at("2027-01-20"))
    assert len(found) == 2


def test_a_date_the_vendor_names_alone_is_fixed() -> None:
    found = jobs(decided("MC-1", who_patches="vendor", enforced_at=at("2027-01-20")))
    job = found["n8n:vendor:MC-1/prod"]
    assert (job.mode, job.vendor) == (JobMode.VENDOR_FIXED, Span(at("2027-01-20"), at("2027-01-20")))
    assert job.available_at <= at("2027-01-20")


def test_a_decision_of_an_environment_goes_to_the_one_of_that_name() -> None:
    found = jobs(decided(environment="test", component="other"))
    assert list(found) == ["other@1.123.17/test"]


def test_a_job_wanted_for_itself_and_before_others_is_one() -> None:
    found = jobs(decided(), decided("CVE-2026-1", environment="test", due_at=at("2026-12-20")))
    assert len(found) == 2
    assert found["n8n@1.123.17/test"].due_at == at("2026-12-20")


TARGETS = [
    ("one", [["1.123.17"]], "1.120.0", "1.123.17"),
    ("the higher of one branch", [["1.121.0"], ["1.123.17"]], "1.120.0", "1.123.17"),
    ("each branch has its fix", [["1.123.17", "2.5.2"]], "2.1.0", "2.5.2"),
    ("the fix of the other branch is none", [["1.123.17", "2.5.2"], ["2.1.5", "1.120.9"]], "1.100.0", "1.123.17"),
    ("a minor branch between", [["1.123.17", "1.124.2"], ["1.124.0"]], "1.120.0", "1.124.2"),
    ("later than every branch", [["1.2.3"], ["3.0.0"]], "1.0.0", "3.0.0"),
    ("nothing above the installed one", [["1.2.3"]], "9.0.0", "1.2.3"),
    ("numbers, not letters", [["1.9.0"], ["1.10.0"]], "1.8.0", "1.10.0"),
    ("before its release", [["2.0.0rc1"], ["2.0.0"]], "1.0.0", "2.0.0"),
    ("words", [["Patch 9"], ["Patch 10"]], "Patch 1", "Patch 10"),
    ("unknown installed version", [["1.123.17", "2.5.2"]], "", "1.123.17"),
    ("nothing is fixed", [[], []], "1.0", ""),
]


@pytest.mark.parametrize(("what", "needs", "current", "target"), TARGETS, ids=[case[0] for case in TARGETS])
def test_an_upgrade_reaches_the_least_version_that_fixes_all(
    what: str, needs: list[list[str]], current: str, target: str
) -> None:
    assert target_version(needs, current) == target, what
