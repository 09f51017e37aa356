from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from passmuster.model.advisory import Advisory, KevEntry, NoticeKind, Record, RecordKind, RemediationKind, SsvcPoint
from passmuster.model.decision import Action, Decision
from passmuster.model.match import Match, Verdict
from passmuster.model.words import Hosting, Responsibility
from passmuster.triage.decide import Context, decide
from passmuster.triage.exposure import Exposure
from passmuster.triage.points import Facts, look_up
from passmuster.triage.policy_load import find_policy
from tests.triage.making import (
    CLOSED,
    LISTED,
    MILD_VECTOR,
    NOW,
    OPEN,
    WORST_VECTOR,
    at,
    component,
    cve,
    judged,
    listed,
    matched,
    notice,
    remedy,
    scored,
)


def decided(
    advisory: Advisory,
    match: Match | None = None,
    *,
    policy: str = "bod-26-04",
    as_of: datetime = NOW,
    **context: Any,
) -> Decision:
    chosen = {"exposure": OPEN, **context}
    return decide(find_policy(policy), advisory, match or matched(), Context(**chosen), as_of=as_of)


def test_a_listed_hole_that_strangers_reach_is_patched_within_three_days_of_the_listing_after_forensics() -> None:
    found = decided(cve(ssvc=judged(), kev=listed()))
    assert (found.outcome, found.action, found.steps) == (
        "3_days_forensics",
        Action.PATCH,
        ("forensic_triage", "patch"),
    )
    assert found.clock_started_at == at("2026-11-20T00:00:00")
    assert found.due_at == at("2026-11-23T00:00:00")
    assert found.assumed == found.estimated == ()
    assert found.reason == (
        "By 2026-11-23: look for traces of an attack, then update n8n 1.0.0 to 1.2.3 against CVE-2026-1000. "
        "Why: it is attacked in the wild, strangers on the internet can reach it, attacks can be automated, "
        "an attacker gains full control. CISA BOD 26-04: fix within three days, and look for traces of an attack "
        "before fixing."
    )


@pytest.mark.parametrize(
    ("ssvc", "exposure", "outcome"),
    [
        ((), OPEN, "3_days_forensics"),
        (judged("yes", "partial"), OPEN, "3_days_forensics"),
        (judged("no", "partial"), OPEN, "3_days_forensics"),
        (judged("no", "partial"), CLOSED, "14_days"),
    ],
)
def test_that_the_catalogue_asks_for_forensics_says_that_the_impact_is_total(
    ssvc: tuple[SsvcPoint, ...], exposure: Exposure, outcome: str
) -> None:
    entry = replace(listed(), forensic_triage="Yes")
    found = decided(cve(ssvc=ssvc, kev=entry, scores=scored(MILD_VECTOR)), exposure=exposure)
    (impact,) = (point for point in found.points if point.name == "technical_impact")
    assert (impact.value, impact.source) == ("total", "cisa-kev, which asks for forensic triage")
    assert "technical_impact" not in found.estimated
    assert found.outcome == outcome
    plain = decided(cve(ssvc=ssvc, kev=replace(entry, forensic_triage="No"), scores=scored(MILD_VECTOR)))
    assert plain.outcome != "3_days_forensics"


def test_what_was_found_before_it_was_listed_counts_from_when_it_was_found() -> None:
    found = decided(cve(ssvc=judged(), kev=listed(), learned_at=at("2026-11-15T10:30:00")))
    assert found.clock_started_at == at("2026-11-15T10:30:00")
    assert found.due_at == at("2026-11-18T10:30:00")


def test_each_point_names_its_source_and_date() -> None:
    found = {point.name: point for point in decided(cve(ssvc=judged(), kev=listed())).points}
    assert found["in_kev"].source == "cisa-kev"
    assert found["in_kev"].at == at(LISTED.isoformat())
    assert found["automatable"].source == "SSVC by CISA ADP"
    assert found["automatable"].at == at("2026-11-11")
    assert found["publicly_exposed"].source == "the snapshot: endpoints"


def test_unknown_exposure_counts_as_exposed_and_is_told() -> None:
    found = decided(cve(ssvc=judged(), kev=listed()), exposure=replace(OPEN, publicly_exposed=None))
    assert found.values["publicly_exposed"] == "yes"
    assert found.assumed == ("publicly_exposed",)
    assert "Assumed, as nobody knows: publicly exposed." in found.reason


@pytest.mark.parametrize(
    ("vector", "automatable", "impact"),
    [
        (WORST_VECTOR, "yes", "total"),
        (MILD_VECTOR, "no", "partial"),
        ("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:N/SC:N/SI:N/SA:N", "yes", "total"),
        ("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:N/SC:N/SI:N/SA:N/AU:N", "no", "total"),
        ("CVSS:4.0/AV:N/AC:L/AT:P/PR:N/UI:N/VC:H/VI:L/VA:N/SC:N/SI:N/SA:N", "no", "partial"),
        ("AV:N/AC:L/Au:N/C:C/I:C/A:C", "yes", "total"),
        ("(AV:L/AC:L/Au:N/C:P/I:P/A:P)", "no", "partial"),
    ],
)
def test_unknown_points_are_read_from_the_vector_by_the_rule_and_told(
    vector: str, automatable: str, impact: str
) -> None:
    found = decided(cve(scores=scored("", vector)))
    assert (found.values["automatable"], found.values["technical_impact"]) == (automatable, impact)
    assert found.estimated == ("automatable", "technical_impact")
    assert found.assumed == ()


def test_the_publishers_own_vector_is_read_first() -> None:
    found = decided(cve(scores=scored(MILD_VECTOR, WORST_VECTOR)))
    assert found.values["technical_impact"] == "partial"


@pytest.mark.parametrize("text", ["", "not a vector", "CVSS:9.9/AV:N", "AV:N/AC:L"])
def test_with_nothing_to_read_from_a_person_must_decide(text: str) -> None:
    found = decided(cve(kev=listed(), scores=scored(text)))
    assert (found.outcome, found.due_at, found.if_affected) == ("needs_person", None, "3_days_forensics")
    assert "somebody must decide: nothing tells automatable and technical impact" in found.reason


def test_a_point_given_by_hand_goes_before_what_was_looked_up() -> None:
    found = decided(cve(ssvc=judged(), kev=listed()), given={"publicly_exposed": "no", "automatable": "no"})
    assert (found.outcome, found.values["publicly_exposed"]) == ("14_days", "no")


def test_exploitation_is_active_once_it_is_listed_however_far_ssvc_lags() -> None:
    found = decided(cve(ssvc=judged(), kev=listed()), policy="cisa-coordinator")
    assert found.values["exploitation"] == "active"
    assert [p.source for p in found.points if p.name == "exploitation"] == ["cisa-kev"]


@pytest.mark.parametrize(("critical", "impact"), [("low", "low"), ("critical", "very_high"), (None, "medium")])
def test_what_people_suffer_is_read_from_how_critical_the_platform_is(critical: str | None, impact: str) -> None:
    found = decided(cve(ssvc=judged()), policy="ssvc-deployer", exposure=replace(OPEN, criticality=critical))
    assert found.values["human_impact"] == impact
    assert ("human_impact" in found.assumed) == (critical is None)


# What to do


ACTIONS: list[tuple[str, Advisory, Match, Action]] = [
    ("a fixed version is there", cve(ssvc=judged()), matched(), Action.PATCH),
    ("no fix and no advice", cve(ssvc=judged()), matched(fixed=()), Action.CONFIGURE),
    (
        "the fix is a setting",
        cve(ssvc=judged(), remediations=remedy(RemediationKind.CONFIGURATION)),
        matched(fixed=()),
        Action.CONFIGURE,
    ),
    (
        "the vendor tells of a fix without a version",
        cve(ssvc=judged(), remediations=remedy(RemediationKind.VENDOR_FIX)),
        matched(fixed=()),
        Action.PATCH,
    ),
    (
        "no fix will come",
        cve(ssvc=judged(), remediations=remedy(RemediationKind.NO_FIX_PLANNED)),
        matched(fixed=()),
        Action.MIGRATE,
    ),
    ("only a preview has the fix", cve(ssvc=judged()), matched(fixed=("2.0.0-rc.1", "2.0.0b2")), Action.TEST_BEFORE),
    ("a preview and a release have it", cve(ssvc=judged()), matched(fixed=("2.0.0-rc.1", "1.9.1")), Action.PATCH),
    (
        "the vendor alone can patch",
        cve(ssvc=judged()),
        matched(Verdict.VENDOR_PENDING, who_patches=Responsibility.VENDOR),
        Action.OBTAIN_EVIDENCE,
    ),
    (
        "the vendor says it has patched",
        cve(ssvc=judged(), is_hosted_only=True),
        matched(Verdict.VENDOR_FIXED, who_patches=Responsibility.VENDOR),
        Action.OBTAIN_EVIDENCE,
    ),
    ("it is fixed here", cve(ssvc=judged()), matched(Verdict.FIXED), Action.NONE),
]


@pytest.mark.parametrize(("told", "advisory", "match", "action"), ACTIONS, ids=[case[0] for case in ACTIONS])
def test_the_action_fits_what_there_is_to_act_with(told: str, advisory: Advisory, match: Match, action: Action) -> None:
    assert decided(advisory, match).action is action


def test_what_is_no_longer_supported_and_has_no_fix_is_left() -> None:
    assert decided(cve(ssvc=judged()), matched(fixed=()), is_retired=True).action is Action.MIGRATE
    assert decided(cve(ssvc=judged()), matched(), is_retired=True).action is Action.PATCH


def test_a_doubtful_match_is_a_question_and_not_a_three_day_case() -> None:
    found = decided(cve(ssvc=judged(), kev=listed()), matched(Verdict.NEEDS_REVIEW))
    assert (found.outcome, found.due_at, found.if_affected) == ("needs_person", None, "3_days_forensics")
    assert found.reason == (
        "Somebody must find out whether CVE-2026-1000 concerns n8n 1.0.0: 1.0.0 is before 1.2.3; "
        "if it does, bod-26-04 says 3 days forensics."
    )


def test_a_change_the_vendor_offers_for_testing_is_tested_until_it_is_in_force() -> None:
    told = notice(preview_at=at("2026-11-18"), enforced_at=at("2026-12-10"))
    match = matched(Verdict.VENDOR_PENDING, fixed=(), who_patches=Responsibility.SHARED)
    before, after = decided(told, match), decided(told, match, as_of=at("2026-12-11"))
    assert (before.action, before.steps) == (Action.TEST_BEFORE, ("test_before", "patch"))
    assert before.times.available_at == at("2026-11-18")
    assert before.times.enforced_at == at("2026-12-10")
    assert after.action is Action.OBTAIN_EVIDENCE


def test_a_campaign_without_a_cve_is_hunted_at_once() -> None:
    told = notice(NoticeKind.EMERGENCY_CHANGE, "OAuth tokens of the add-on were stolen; we revoked all of them.")
    found = decided(told, matched(Verdict.VENDOR_PENDING, fixed=(), who_patches=Responsibility.VENDOR))
    assert (found.action, found.outcome) == (Action.HUNT, "needs_person")
    assert found.due_at == at("2026-11-19")
    assert found.reason.startswith("By 2026-11-19: search n8n 1.0.0 for traces of the attacks that acme-1 tells of")


def test_a_campaign_that_names_a_cve_is_patched() -> None:
    told = replace(notice(NoticeKind.EMERGENCY_CHANGE, "Attackers use CVE-2026-1."), aliases=("CVE-2026-10001",))
    assert decided(told, matched()).action is Action.PATCH


# When


def test_the_catalogues_date_is_the_deadline_of_its_time_to_the_end_of_the_day() -> None:
    found = decided(cve("CVE-2024-1", kev=listed(date(2024, 6, 1))), policy="bod-22-01")
    assert (found.outcome, found.due_at) == ("2_weeks", at("2024-06-01T23:59:59"))


@pytest.mark.parametrize(
    ("name", "outcome", "due"),
    [("CVE-2024-1000", "2_weeks", "2026-12-04"), ("CVE-2020-1000", "6_months", "2027-05-20")],
)
def test_without_a_date_the_listing_and_the_year_of_the_cve_decide(name: str, outcome: str, due: str) -> None:
    found = decided(cve(name, kev=listed()), policy="bod-22-01")
    assert (found.outcome, found.due_at) == (outcome, at(due))


def test_six_months_from_the_end_of_august_end_with_february() -> None:
    entry = replace(listed(), added_on=date(2025, 8, 31))
    assert decided(cve("CVE-2019-1", kev=entry), policy="bod-22-01").due_at == at("2026-02-28")


@pytest.mark.parametrize(
    ("catalogue", "due"), [(date(2026, 11, 12), "2026-11-12T23:59:59"), (date(2026, 12, 31), "2026-11-14T08:00:00")]
)
def test_a_vendor_is_held_to_the_catalogues_date_at_the_latest(catalogue: date, due: str) -> None:
    advisory = cve(kev=replace(listed(catalogue), added_on=date(2026, 11, 11)), scores=scored(WORST_VECTOR))
    found = decided(advisory, policy="fedramp-vdr")
    assert (found.outcome, found.due_at) == ("4_days", at(due))


def test_what_is_not_listed_is_not_required_by_the_older_directive() -> None:
    found = decided(cve("CVE-2024-1"), policy="bod-22-01")
    assert (found.outcome, found.action, found.due_at, found.steps) == ("not_required", Action.NONE, None, ())


def test_a_house_clock_waits_for_the_fix_and_starts_with_it() -> None:
    waits = cve(severity="critical", vendor_fixed_at=None)
    found = decided(waits, matched(fixed=()), policy="severity")
    assert (found.clock_started_at, found.due_at, found.outcome) == (None, None, "15_days")
    assert found.clock_reason.startswith("waits for a fix")
    late = replace(waits, vendor_fixed_at=at("2026-11-24T09:00:00"))
    found = decided(late, policy="severity")
    assert found.clock_started_at == at("2026-11-24T09:00:00")
    assert found.due_at == at("2026-12-09T09:00:00")


def test_a_fix_before_disclosure_starts_no_clock_early() -> None:
    found = decided(cve(severity="high", vendor_fixed_at=at("2026-11-01")), policy="severity")
    assert found.clock_started_at == at("2026-11-22T06:00:00")
    assert found.times.vendor_fixed_at is not None
    assert found.times.disclosed_at is not None
    assert found.times.vendor_fixed_at < found.times.disclosed_at


def test_instants_of_any_zone_are_one_instant() -> None:
    here = decided(cve(ssvc=judged(), learned_at=at("2026-11-22T06:00:00+00:00")))
    there = decided(cve(ssvc=judged(), learned_at=at("2026-11-22T01:00:00-05:00")))
    assert here.due_at == there.due_at == at("2026-11-25T06:00:00")


def test_all_six_times_are_kept_and_verified_when_the_snapshot_shows_the_fix() -> None:
    seen = at("2026-11-24")
    times = decided(cve(ssvc=judged()), matched(Verdict.FIXED), seen_at=seen).times
    assert times.verified_at == seen
    assert (times.disclosed_at, times.vendor_fixed_at) == (at("2026-11-10T08:00"), at("2026-11-12"))
    assert (times.learned_at, times.available_at, times.enforced_at) == (at("2026-11-22T06:00"), at("2026-11-12"), None)
    assert decided(cve(ssvc=judged()), seen_at=seen).times.verified_at is None


def test_the_vendors_clock_runs_from_disclosure_against_what_it_is_held_to() -> None:
    hosted = matched(
        Verdict.VENDOR_PENDING, component=component(hosting=Hosting.VENDOR), who_patches=Responsibility.VENDOR
    )
    advisory = cve(ssvc=judged(), scores=scored(WORST_VECTOR), vendor_fixed_at=None)
    found = decided(advisory, hosted, vendor_policy=find_policy("fedramp-vdr"))
    # Class C (taken for granted), N4, likely and reachable: four days.
    assert found.vendor_clock.due_at == at("2026-11-14T08:00:00")
    assert found.vendor_clock.is_late(NOW)
    assert found.our_clock.started_at is None
    assert found.due_at == at("2026-11-22T06:00:00") + timedelta(days=3)


def test_a_point_of_an_unheard_value_is_unknown_and_not_an_error() -> None:
    odd = (SsvcPoint("automatable", "perhaps", "somebody"), SsvcPoint("technical_impact", "total", "CISA ADP"))
    found = decided(cve(ssvc=odd), exposure=CLOSED)
    assert found.outcome == "needs_person"
    assert "automatable" not in found.values


def test_the_sentence_names_the_fixes_of_the_installed_branch_and_never_a_dozen() -> None:
    fixes = tuple(f"{branch}.{number}" for branch in (1, 2) for number in range(6))
    assert " to 1.0 or 1.1 or 1.2 (or 3 more) against" in decided(cve(ssvc=judged()), matched(fixed=fixes)).reason
    assert " to 2.0 or 3.0 against" in decided(cve(ssvc=judged()), matched(fixed=("2.0", "3.0"))).reason


@pytest.mark.parametrize(
    ("feeds", "told"),
    [
        ((), "cisa-kev"),
        (("a house", "cisa-kev"), "cisa-kev"),
        (("a house",), "a house, of CISA's catalogue"),
    ],
)
def test_who_says_that_it_is_exploited_is_named(feeds: tuple[str, ...], told: str) -> None:
    kev = KevEntry(LISTED, None)
    records = tuple(Record(RecordKind.ADVISORY, feed, "CVE-2026-1", kev=kev) for feed in feeds)
    advisory = Advisory("CVE-2026-1", kev=kev, records=records)
    assert look_up(find_policy("bod-26-04"), Facts(advisory))["in_kev"].source == told
