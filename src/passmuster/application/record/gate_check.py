"""Holding what stands at the gates of changes against the events in which it was stated."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import Q

from passmuster.application.acting import plain
from passmuster.application.changes.authorship import approvals_of
from passmuster.application.changes.gate_times import read_time
from passmuster.application.record.gates_told import ADOPTED, Told, gates_told
from passmuster.records.models import AuditEvent, Gate

_BATCH = 1_000
_OF_CHANGES = Q(subject_kind="change") | Q(subject_kind="plan", action=ADOPTED)
_OPEN = Told()


def gate_problems() -> Iterator[str]:
    """Gates that say otherwise than the record, or what nobody recorded, and those that are gone; by change."""
    told = gates_told(AuditEvent.objects.filter(_OF_CHANGES).order_by("number").iterator(chunk_size=_BATCH))
    rows = Gate.objects.select_related("decided_by").order_by("change_id", "pk")
    for row in rows.iterator(chunk_size=_BATCH):
        recorded = told.pop((str(row.change_id), row.kind), _OPEN)
        names = differing(recorded, row)
        if not names or (recorded.may_be_open and not differing(_OPEN, row)):
            continue
        what = f"the gate {row.kind.replace('_', ' ')} of change {row.change_id}"
        if not recorded.number:
            yield f"{what}: no event tells of what is stated there"
        else:
            verb = "differs" if len(names) == 1 else "differ"
            yield f"{what} (event {recorded.number}) is not what was stated: its {', '.join(names)} {verb}"
    for (change, kind), gone in told.items():
        if not gone.is_open and not gone.may_be_open:
            what = f"the gate {kind.replace('_', ' ')} of change {change}"
            yield f"{what} (event {gone.number}) is gone from the database"


def differing(told: Told, row: Gate) -> list[str]:
    """What of a gate is otherwise than the record has it, by name."""
    stated = {name: value for name, value in row.stated.items() if name != "approvals"}
    held: dict[str, tuple[Any, Any]] = {
        "stated": (plain(stated), dict(told.stated)),
        "approvals": (_approvals(row), told.approvals),
        "evidence": (row.evidence_id, told.evidence),
        "note": (row.note if told.note is not None else None, told.note),
        "decided_by": (row.decided_by.email if row.decided_by else "", told.by),
        "decided_at": (_whole(row.decided_at), told.at),
    }
    return [name for name, (is_now, was) in held.items() if is_now != was]


def _approvals(row: Gate) -> tuple[tuple[str, datetime | None], ...]:
    return tuple((str(each.get("by")), _whole(read_time(each.get("at")))) for each in approvals_of(row))


def _whole(moment: datetime | None) -> datetime | None:
    """To the second, as events keep it."""
    return None if moment is None else moment.replace(microsecond=0)
