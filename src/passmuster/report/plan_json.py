"""A plan as one `passmuster/plan@1` document."""

from __future__ import annotations

import json
from typing import Any, TextIO

from passmuster.model.schedule import Change, Conflict, Late, Placement, Plan, Unplaced
from passmuster.report.text import rfc3339

PLAN_SCHEMA = "passmuster/plan@1"


def write_plan(plan: Plan, out: TextIO) -> None:
    """The plan as JSON, one line a placement; ASCII with escapes, so that it survives any pipe."""
    pieces = [f" {json.dumps(key)}: {_value(value)}" for key, value in plan_document(plan).items()]
    out.write("{\n" + ",\n".join(pieces) + "\n}\n")


def plan_document(plan: Plan) -> dict[str, Any]:
    """The plan as the contract spells it."""
    return {
        "schema": PLAN_SCHEMA,
        **({} if plan.revision is None else {"revision": plan.revision}),
        "status": str(plan.status),
        "cost": plan.cost,
        "lower_bound": plan.lower_bound,
        "gap": plan.gap,
        "placements": [_placement(each) for each in plan.placements],
        "unplaced": [_told(each) for each in plan.unplaced],
        "conflicts": [_conflict(each) for each in plan.conflicts],
        "late": [_told(each) for each in plan.late],
        "warnings": list(plan.warnings),
    }


def _value(value: Any) -> str:
    if isinstance(value, list) and value:
        return "[\n" + ",\n".join(f"  {json.dumps(item, allow_nan=False)}" for item in value) + "]"
    return json.dumps(value, allow_nan=False)


def _placement(each: Placement) -> dict[str, Any]:
    return {
        "job": each.job,
        "window": each.window,
        "completed_at": rfc3339(each.completed_at),
        "late_days": each.late_days,
    }


def _told(each: Unplaced | Late) -> dict[str, Any]:
    told = {"job": each.job, "code": str(each.code), "reason": each.reason, "would_help": each.would_help}
    return {**told, "changes": [_change(change) for change in each.changes]}


def _change(change: Change) -> dict[str, Any]:
    told: dict[str, Any] = {"kind": str(change.kind), "about": change.about}
    if change.minutes:
        told["minutes"] = change.minutes
    if change.span is not None:
        told |= {"start": rfc3339(change.span.start), "end": rfc3339(change.span.end)}
    return told


def _conflict(each: Conflict) -> dict[str, Any]:
    return {"job": each.job, "with_kind": each.with_kind, "with_id": each.with_id, "reason": each.reason}
