"""What the keeper itself holds of changes, reviews and findings, as rows of those registers, and whose word goes first.

In the keeper these are records, with people and decisions behind them. A platform's owner keeps registers too: what
those say beside the records counts, what they say of the same thing does not, and is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from passmuster.model.keeping import ChangeStatus, FindingStatus, GateKind, ReviewStatus
from passmuster.records.models import Change, Finding, Gate, Platform, Review
from passmuster.snapshot.columns import Table
from passmuster.snapshot.register_tables import FROM_CSV
from passmuster.snapshot.registers import parse_cell, plain_cell

# Controls ask about the worst and the overdue; more lines than this tell them nothing new.
MOST_FINDINGS = 20_000
_MOST_REMARKS = 20
# What the keeper does not keep of a patch, and which only makes a control stricter.
_FILLED = {"updates": ("published_at", "clock_started_at", "enforced_at")}
OWN = ("updates", "reviews", "findings")
Row = Mapping[str, Any]
Cells = Mapping[str, str]

_DECISIONS = {
    ChangeStatus.PLANNED: "scheduled",
    ChangeStatus.APPROVED: "scheduled",
    ChangeStatus.CANCELLED: "rejected",
    ChangeStatus.FAILED: "pending",
    ChangeStatus.ROLLED_BACK: "pending",
    ChangeStatus.REGRESSED: "pending",
    ChangeStatus.DEPLOYED: "applied",
    ChangeStatus.VERIFIED: "applied",
}


def own_records(platform: Platform, platform_id: str) -> dict[str, list[Row]]:
    """What the keeper holds of the platform, by register."""
    return {
        "updates": _updates(platform),
        "reviews": _reviews(platform, platform_id),
        "findings": _findings(platform),
    }


def under_records(
    register: str, rows: Iterable[tuple[int, Cells]], own: Sequence[Row], *, since: date
) -> tuple[list[Cells], list[str]]:
    """The keeper's own rows and then those of `rows` that stand beside them; and a line for each that says otherwise.

    `since` is the day from which reviews are held in the keeper: of earlier ones the register may tell.
    """
    table = FROM_CSV[register]
    ours = [{name: spell(value) for name, value in row.items()} for row in own]
    by_key = {_key(table, row): row for row in ours}
    beside: list[Cells] = []
    remarks = []
    for line, cells in rows:
        mine = by_key.get(_key(table, cells))
        words = _differing(table, mine, cells) if mine is not None else _not_held(table, cells, since)
        if mine is not None:
            blank = (name for name in _FILLED.get(register, ()) if not mine.get(name))
            mine.update({name: cells.get(name, "") for name in blank})
        elif not words:
            beside.append(cells)
        remarks += [f"{register}.csv: line {line}: left out: {words}"] if words else []
    more = len(remarks) - _MOST_REMARKS
    told = [*remarks[:_MOST_REMARKS], *([f"{register}.csv: and {more} more"] if more > 0 else [])]
    return [*ours, *beside], told


def spell(value: Any) -> str:
    """A value as a register's cell."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _key(table: Table, cells: Cells) -> tuple[str, ...]:
    return tuple(plain_cell(cells.get(name) or "").strip() for name in table.key)


def _differing(table: Table, ours: Cells, cells: Cells) -> str:
    """What a row says of a thing of ours that the record does not; empty where they agree."""
    found = []
    for name in table.column_names:
        said, held = plain_cell(cells.get(name) or "").strip(), ours.get(name, "")
        if said and not (name in _FILLED.get(table.name, ()) and not held) and not _is_same(table, name, said, held):
            found.append(f"{name} is {held or 'not told'}, not {said[:80]}")
    return f"the keeper's own record of it counts, where {'; '.join(found)}" if found else ""


def _is_same(table: Table, name: str, said: str, held: str) -> bool:
    column = table.column(name)
    try:
        return bool(parse_cell(column, said) == parse_cell(column, held))
    except ValueError:
        return False


def _not_held(table: Table, cells: Cells, since: date) -> str:
    """Why a review that the keeper does not hold cannot have been; other things may stand beside the records."""
    if table.name != "reviews":
        return ""
    try:
        closed_on = parse_cell(table.column("closed_on"), cells.get("closed_on") or "")
    except ValueError:
        return ""
    if closed_on is not None and closed_on < since:
        return ""
    return f"since {since} reviews of this platform are opened and signed in the keeper, which holds no such review"


def _staged(changes: Iterable[Change], platform: Platform) -> dict[int, datetime]:
    """When each change was known to work in an earlier environment: verified there, or else as somebody stated."""
    verified = {
        each.job: each.verified_at for each in changes if each.status == ChangeStatus.VERIFIED and each.verified_at
    }
    stated = Gate.objects.filter(
        change__platform=platform, kind=GateKind.TESTED_IN_STAGING, stated__result="passed", decided_at__isnull=False
    )
    by_word = {change: at for change, at in stated.values_list("change_id", "decided_at") if at is not None}
    found = {}
    for change in changes:
        at = verified.get(change.after_job) if change.after_job else by_word.get(change.pk)
        if at is not None:
            found[change.pk] = at
    return found


def _updates(platform: Platform) -> list[Row]:
    changes = list(Change.objects.filter(platform=platform).select_related("environment", "owner").order_by("pk"))
    staged = _staged(changes, platform)
    return [
        {
            "update_id": change.patch,
            "component_kind": "platform",
            "component_id": change.component or change.patch,
            "environment_id": change.environment.external_id or change.environment.name if change.environment else "",
            "advisory_ids": ";".join(str(each) for each in change.advisories),
            "severity": change.severity,
            "kev": change.is_exploited,
            "available_at": change.available_at,
            "due_at": change.due_at,
            "target_version": change.target_version,
            "owner": change.owner.email if change.owner else "",
            "window_start_at": change.window_start_at,
            "window_end_at": change.window_end_at,
            "decision": _DECISIONS[ChangeStatus(change.status)],
            "who_patches": "vendor" if change.by_vendor else "customer",
            "staged_ok_at": staged.get(change.pk),
            "applied_at": change.deployed_at,
            "disclosed_at": change.disclosed_at,
            "vendor_fixed_at": change.vendor_fixed_at,
            "learned_at": change.learned_at,
            "verified_at": change.verified_at,
            "verified_by": change.verified_by,
        }
        for change in {(each.patch, each.environment_id): each for each in changes}.values()
    ]


def _reviews(platform: Platform, platform_id: str) -> list[Row]:
    held = Review.objects.filter(platform=platform).exclude(status=ReviewStatus.CANCELLED).order_by("pk")
    # One that looked at a part is no review of the platform's posture; while it is open it may be late like others.
    held = held.exclude(scope__has_key=Review.LEFT, signed_at__isnull=False)
    return [
        {
            "review_id": str(review.pk),
            "platform_id": platform_id,
            "due_on": review.due_on,
            "closed_on": review.signed_at.date() if review.signed_at else None,
        }
        for review in held
    ]


def _findings(platform: Platform) -> list[Row]:
    found = (
        Finding.objects.filter(platform=platform)
        .exclude(status=FindingStatus.CLOSED)
        .select_related("owner")
        .order_by("severity_rank", "id")[:MOST_FINDINGS]
    )
    return [
        {
            "finding_id": str(each.pk),
            "severity": each.severity,
            "owner": each.owner.email if each.owner else "",
            "due_on": each.due_on,
            "status": each.status,
            "title": f"{each.control} {each.resource_name or each.resource_id}",
            "control_id": each.control,
            "resource_id": each.resource_id,
        }
        for each in found
    ]
