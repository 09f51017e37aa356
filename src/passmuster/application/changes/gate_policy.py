"""Which gates a change gets and how strict they are: the house's policy by tier. Pure but for reading the file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from passmuster.application.changes.gate_times import RECORD
from passmuster.application.policies.reading import read_policy
from passmuster.errors import UnreadableInput
from passmuster.model.keeping import GateKind, Tier

VENDOR_GATES = frozenset(
    {
        GateKind.TESTED_IN_PREVIEW,
        GateKind.APPS_NAMED,
        GateKind.CONFIGURATION_EXPORTED,
        GateKind.DEFERRAL_KNOWN,
        GateKind.CASE_OPEN,
    }
)
"""The conditions a customer can meet where the vendor acts."""

BY_APPROVERS, BY_ANYONE = "by_approvers", "by_anyone_on_it"


class Asked(StrEnum):
    """For which patches a gate is asked."""

    NEVER = "never"
    CRITICAL = "critical"
    ALL = "all"


@dataclass(frozen=True)
class TierGates:
    """The gates of one tier; soak in hours, notice in days, those of urgent patches apart.

    `approver_roles`: who approves has one of these duties beside that of an approver; none: that is enough. `external`:
    who enters the number of an approval from elsewhere. `counts_from`: from when soak and notice count, where what
    begins them was written down later (see `gate_times`).
    """

    asked: Mapping[GateKind, Asked]
    soak_hours: float
    notice_days: float
    urgent_soak_hours: float
    urgent_notice_days: float
    backup_age_hours: float
    restore_proof_days: float
    justify_within_days: float
    approvers: int
    approver_roles: tuple[str, ...]
    approved_elsewhere: str | None
    external: str
    counts_from: str
    weight: float


@dataclass(frozen=True)
class GatePolicy:
    """The whole policy: what is critical, and what each tier asks."""

    version: str
    tiers: Mapping[Tier, TierGates]
    critical_severities: frozenset[str]
    critical_within: timedelta

    def is_critical(self, patch: PatchFacts) -> bool:
        """Whether the patch is exploited, severe, or due soon after it became known."""
        if patch.is_exploited or patch.severity in self.critical_severities:
            return True
        started = patch.learned_at or patch.disclosed_at
        return bool(patch.due_at and started and patch.due_at - started <= self.critical_within)


@dataclass(frozen=True)
class PatchFacts:
    """What decides which gates a patch in one environment gets. `is_rehearsal`: it is done where nobody works."""

    is_exploited: bool = False
    severity: str = ""
    needs_forensics: bool = False
    by_vendor: bool = False
    is_rehearsal: bool = False
    due_at: datetime | None = None
    learned_at: datetime | None = None
    disclosed_at: datetime | None = None


def read_gate_policy(home: Path) -> GatePolicy:
    """The house's `policies/gates.yaml`, or the one that ships; raises UnreadableInput with every mistake."""
    document, where = read_policy("gates.yaml", "gate-policy", home)
    complaints = [
        f"{where}: tiers.{name}.approved_elsewhere: is no pattern: {wrong}"
        for name, tier in document["tiers"].items()
        if (wrong := _pattern_mistake(tier.get("approved_elsewhere")))
    ]
    if complaints:
        raise UnreadableInput("\n".join(complaints))
    critical = document["critical"]
    return GatePolicy(
        version=document["version"],
        tiers={Tier(name): _tier(item) for name, item in document["tiers"].items()},
        critical_severities=frozenset(critical["severities"]),
        critical_within=timedelta(days=critical["due_within_days"]),
    )


def _pattern_mistake(pattern: str | None) -> str:
    try:
        re.compile(pattern or "")
    except re.error as error:
        return f"{error}; write a regular expression such as ^CHG[0-9]+$, or null"
    return ""


def _tier(item: Mapping[str, Any]) -> TierGates:
    approvers = item["approvers"] if isinstance(item["approvers"], Mapping) else {"count": item["approvers"]}
    return TierGates(
        asked={GateKind(kind): Asked(word) for kind, word in item["gates"].items()},
        soak_hours=float(item["soak_hours"]),
        notice_days=float(item["notice_days"]),
        urgent_soak_hours=float(item["urgent"]["soak_hours"]),
        urgent_notice_days=float(item["urgent"]["notice_days"]),
        backup_age_hours=float(item["backup_age_hours"]),
        restore_proof_days=float(item["restore_proof_days"]),
        justify_within_days=float(item["justify_within_days"]),
        approvers=approvers["count"],
        approver_roles=tuple(approvers.get("roles", ())),
        approved_elsewhere=item.get("approved_elsewhere"),
        external=item.get("external", BY_APPROVERS),
        counts_from=item.get("counts_from", RECORD),
        weight=float(item.get("weight", 1)),
    )


def gates_for(policy: GatePolicy, tier: Tier, patch: PatchFacts) -> dict[GateKind, dict[str, Any]]:
    """The gates of that patch and what each requires, in the order they are shown.

    A rehearsal, in an environment where nobody works, asks for none but forensic triage; that comes before anything.
    """
    terms = policy.tiers[tier]
    wanted = {Asked.ALL} | ({Asked.CRITICAL} if policy.is_critical(patch) else set())
    kinds = [
        kind
        for kind in GateKind
        if (kind is GateKind.FORENSIC_TRIAGE or (kind in VENDOR_GATES) is patch.by_vendor)
        and terms.asked[kind] in wanted
        and (kind is not GateKind.FORENSIC_TRIAGE or patch.needs_forensics)
        and (kind is GateKind.FORENSIC_TRIAGE or not patch.is_rehearsal)
    ]
    return {kind: _requirement(kind, terms, is_urgent=patch.is_exploited) for kind in kinds}


def _requirement(kind: GateKind, terms: TierGates, *, is_urgent: bool) -> dict[str, Any]:
    if kind is GateKind.SOAK_OVER:
        hours = terms.urgent_soak_hours if is_urgent else terms.soak_hours
        return {"soak_hours": hours, "counts_from": terms.counts_from}
    if kind in (GateKind.USERS_TOLD, GateKind.APPS_NAMED):
        days = terms.urgent_notice_days if is_urgent else terms.notice_days
        return {"notice_days": days, "counts_from": terms.counts_from}
    if kind is GateKind.BACKUP_VERIFIED:
        return {"backup_age_hours": terms.backup_age_hours, "restore_proof_days": terms.restore_proof_days}
    if kind is GateKind.CONFIGURATION_EXPORTED:
        return {"backup_age_hours": terms.backup_age_hours}
    if kind is GateKind.APPROVAL:
        told = {
            "approvers": terms.approvers,
            "approved_elsewhere": terms.approved_elsewhere,
            "external": terms.external,
        }
        return {**told, "roles": list(terms.approver_roles)}
    return {}


def anyone_enters(requirement: Mapping[str, Any]) -> bool:
    """Whether the approval gate lets whoever works on changes enter the number of an approval from elsewhere."""
    return requirement.get("external") == BY_ANYONE
