"""Patches of the example organisation: one that went all the way, and one under way now."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from passmuster.application.changes.adopting import adopt_plan
from passmuster.application.changes.approving import approve_change, request_approval
from passmuster.application.changes.changes import (
    record_deployment,
    record_gate,
    record_rollback,
    replan_change,
    verify_change,
)
from passmuster.application.changes.planning import PlanChoice, propose_plan
from passmuster.application.example.organisation import Organisation
from passmuster.application.storage.storing import advisory_store
from passmuster.errors import UsageError
from passmuster.model.keeping import ChangeStatus, GateKind, Stage
from passmuster.pipeline.intelligence import import_paths
from passmuster.records.models import Change

# Made up for the example, as are the numbers.
_ADVISORIES = """schema: passmuster/advisories@1
feed: example house
advisories:
  - id: {id}
    title: "{title}"
    published: {published}
    vendor: n8n
    product: n8n
    purl: pkg:npm/n8n
    affected: ["< {fixed}"]
    fixed: ["{fixed}"]
    cvss: {cvss}
    ssvc: {{exploitation: {exploitation}, automatable: "yes", technical_impact: {impact}, judged_on: {published}}}
{kev}    source: https://example.org/{id}
"""


def learn(folder: Path, now: datetime, **facts: str) -> None:
    """Take an advisory in, published three days before; one that is attacked was listed as exploited today."""
    path = folder / f"{facts['id']}.yaml"
    published = f"{now - timedelta(days=3):%Y-%m-%d}"
    listed = f"    kev: {{added: {now:%Y-%m-%d}, due: {now + timedelta(days=3):%Y-%m-%d}}}\n"
    kev = listed if facts["exploitation"] == "active" else ""
    path.write_text(_ADVISORIES.format(published=published, kev=kev, **facts), encoding="utf-8")
    import_paths([path], advisory_store(), as_of=now)


def plan_patches(made: Organisation, now: datetime, policy: str) -> list[Change]:
    """Propose and adopt a plan for the automations; returns its changes, staging first."""
    platform = made.platforms["automations"]
    choice = PlanChoice(policy=policy, seconds=5.0, work=2.0)
    plan = propose_plan(made.at("remi", now), [platform], choice)
    adopt_plan(made.at("olga", now + timedelta(hours=1)), plan)
    waiting = Change.objects.filter(platform=platform, status=ChangeStatus.PLANNED).select_related("environment")
    return sorted(waiting, key=_is_production)


def carry_out_staging(made: Organisation, change: Change, now: datetime) -> None:
    """Pass its gates, deploy it and test it."""
    pass_gates(made, change, now)
    record_deployment(made.at("remi", now + timedelta(minutes=30)), change, note="deployed by the pipeline")
    verify_change(
        made.at("remi", now + timedelta(hours=2)), change, by="behaviour_test", note="the ten smoke tests ran through"
    )


def take_back_staging(made: Organisation, change: Change, now: datetime) -> None:
    """Pass its gates, deploy it, find that it does not do, and plan it again for later the same night."""
    pass_gates(made, change, now)
    record_deployment(made.at("remi", now + timedelta(minutes=5)), change, note="deployed by the pipeline")
    why = "after it, forms with files were answered twice; the version before is back"
    record_rollback(made.at("remi", now + timedelta(minutes=25)), change, why=why)
    window = (now + timedelta(minutes=45), now + timedelta(minutes=120))
    why = "the release notes name the setting that keeps it from that"
    replan_change(made.at("remi", now + timedelta(minutes=40)), change, why=why, window=window)
    change.refresh_from_db()


def carry_out_production(made: Organisation, change: Change, now: datetime) -> None:
    """Pass its gates a few hours before its window at `now`, have it approved and deploy it; a look verifies it."""
    before = now - timedelta(hours=5)
    pass_gates(made, change, before, without=frozenset({GateKind.USERS_TOLD}))
    request_approval(made.at("remi", before), change, note="staging ran for days without a fault")
    approve_change(made.at("anna", before + timedelta(hours=2)), change, note="seen the tests")
    deployed_at = now + timedelta(minutes=30)
    record_deployment(made.at("remi", deployed_at), change, note="deployed in the night's window")


def pass_gates(
    made: Organisation, change: Change, now: datetime, *, without: frozenset[GateKind] = frozenset()
) -> None:
    """State what was seen for every gate that people state."""
    told = {
        GateKind.FORENSIC_TRIAGE: ("logs of the last week read", {"result": "clean"}),
        GateKind.BACKUP_VERIFIED: (
            "nightly job, restored last month",
            {"taken_at": now.isoformat(), "restore_tested_at": (now - timedelta(days=30)).isoformat()},
        ),
        GateKind.ROLLBACK_PLAN: ("the image before is kept", {"owner": "remi@example.org"}),
        GateKind.USERS_TOLD: ("mail to all makers", {"told_at": now.isoformat()}),
        GateKind.MIGRATION_REHEARSED: ("the release notes name none", {"result": "none_needed"}),
    }
    asked = set(change.gates.values_list("kind", flat=True))
    for kind, (note, facts) in told.items():
        if kind in asked and kind not in without:
            record_gate(made.at("remi", now), change, kind, note=note, facts=facts)


def tell_users(made: Organisation, change: Change, now: datetime) -> None:
    """Tell them days before, and write it down at once."""
    if change.gates.filter(kind=GateKind.USERS_TOLD).exists():
        facts = {"told_at": now.isoformat()}
        record_gate(made.at("remi", now), change, GateKind.USERS_TOLD, note="mail to all makers", facts=facts)


def window_of(change: Change) -> datetime:
    """When the plan lets it begin; raises UsageError where it found no window for it."""
    if change.window_start_at is None:
        raise UsageError(f"the example's plan found no window for {change.title}")
    return change.window_start_at


def _is_production(change: Change) -> bool:
    return change.environment is None or change.environment.stage == Stage.PRODUCTION
