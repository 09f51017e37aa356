"""A report of patches for the writers' tests: every kind of decision, and one whose every text is hostile."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from passmuster.model.decision import Action, Basis, Decision, PointValue, Touch
from passmuster.model.report import PatchReport
from tests.report import hostile
from tests.report.planned import PLAN, PROBLEM, at

AS_OF = at("2026-12-01")
POINTS = (
    PointValue("in_kev", "yes", "cisa-kev", at("2026-11-28")),
    PointValue("publicly_exposed", "yes", "nobody knows", None, Basis.ASSUMED),
    PointValue("automatable", "yes", "CVSS:3.1/AV:N", None, Basis.ESTIMATED),
)
URGENT = Decision(
    advisory="CVE-2026-1000",
    component="directus",
    policy="bod-26-04",
    policy_version="1.0.0",
    points=POINTS,
    outcome="3_days_forensics",
    action=Action.PATCH,
    reason="By 2026-11-30: look for traces, then update directus 10.8.2 to 10.13.3.",
    environment="crm-prod",
    version="10.8.2",
    title="Something can be read by strangers",
    fixed_versions=("10.13.3", "11.1.0"),
    steps=("forensic_triage", "patch"),
    clock_started_at=at("2026-11-27"),
    clock_reason="listed as exploited",
    due_at=at("2026-11-30"),
    who_patches="customer",
    touches=(Touch("step", "s1", "Fetch orders", "Orders"),),
    rank=0,
)
STAGED = replace(URGENT, environment="crm-test")
VENDORS = replace(
    URGENT,
    advisory="CVE-2026-2000",
    component="Power Platform",
    version="",
    environment="",
    outcome="14_days",
    action=Action.OBTAIN_EVIDENCE,
    who_patches="vendor",
    due_at=AS_OF + timedelta(days=14),
    points=POINTS[:1],
    steps=(),
    touches=(),
    fixed_versions=(),
    rank=2,
)
UNDATED = replace(VENDORS, advisory="NOTICE-7", outcome="on_upgrade", who_patches="shared", due_at=None, rank=4)
REPORT = PatchReport(
    (URGENT, STAGED, VENDORS, UNDATED),
    AS_OF,
    "bod-26-04 1.0.0",
    ("the store is old",),
    PROBLEM,
    PLAN,
    (("CVE-2026-2000 of Power Platform", "asks the vendor for evidence"),),
)


def evil_patches() -> PatchReport:
    """A decision for each hostile name, with the name in every text it has."""
    found = tuple(
        Decision(
            advisory=name or "nameless",
            component=name,
            policy="bod-26-04",
            policy_version="1.0.0",
            points=(PointValue("in_kev", name, name, AS_OF),),
            outcome="14_days",
            action=Action.PATCH,
            reason=name,
            environment=name,
            version=name,
            title=name,
            fixed_versions=(name,) * 9,
            clock_started_at=AS_OF,
            clock_reason=name,
            touches=(Touch(name, name, name, name),),
            rank=2,
        )
        for name in hostile.NAMES
    )
    return PatchReport(found, AS_OF, hostile.NAMES[0], hostile.NAMES, left_out=tuple((n, n) for n in hostile.NAMES))
