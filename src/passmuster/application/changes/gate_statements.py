"""What may be stated at each gate: the names of the facts, and what is wrong with a statement. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from passmuster.application.changes.gate_times import read_time
from passmuster.errors import UsageError
from passmuster.model.keeping import GateKind

TRACES_FOUND, TRACES_SECURED = "traces_found", "traces_secured"
FOUND = frozenset({TRACES_FOUND, TRACES_SECURED})
RESULTS: Mapping[GateKind, tuple[str, ...]] = {
    GateKind.TESTED_IN_STAGING: ("passed", "failed"),
    GateKind.TESTED_IN_PREVIEW: ("passed", "failed"),
    GateKind.MIGRATION_REHEARSED: ("passed", "failed", "none_needed"),
    GateKind.FORENSIC_TRIAGE: ("clean", TRACES_FOUND, TRACES_SECURED),
}
TIMES: Mapping[GateKind, tuple[str, ...]] = {
    GateKind.BACKUP_VERIFIED: ("taken_at", "restore_tested_at"),
    GateKind.USERS_TOLD: ("told_at",),
    GateKind.APPS_NAMED: ("told_at",),
    GateKind.CONFIGURATION_EXPORTED: ("taken_at",),
}
WORDS: Mapping[GateKind, tuple[str, ...]] = {GateKind.ROLLBACK_PLAN: ("owner",), GateKind.CASE_OPEN: ("case",)}
# Decided by times and by approvers alone.
NOT_STATED = frozenset({GateKind.SOAK_OVER, GateKind.APPROVAL})
_OPTIONAL = frozenset({(GateKind.BACKUP_VERIFIED, "restore_tested_at"), (GateKind.APPS_NAMED, "told_at")})
_MOST_APPS = 500
_LONGEST = 300
_MARGIN = timedelta(minutes=5)


def read_statement(kind: GateKind, facts: Mapping[str, Any], note: str, *, now: datetime) -> dict[str, Any]:
    """The facts a gate keeps, times as UTC text; raises UsageError with everything that is wrong."""
    if kind in NOT_STATED:
        raise UsageError(f"{_gate(kind)} is not stated by hand: it follows from times and approvals")
    complaints: list[str] = []
    found: dict[str, Any] = {}
    if not note.strip():
        complaints.append("note: say how you know, in a sentence")
    if kind in RESULTS:
        found["result"] = str(facts.get("result", ""))
        if found["result"] not in RESULTS[kind]:
            complaints.append(f"result: {found['result']!r} is none of {', '.join(RESULTS[kind])}")
    for name in TIMES.get(kind, ()):
        found |= _time(kind, name, facts.get(name), now=now, complaints=complaints)
    for name in WORDS.get(kind, ()):
        found[name] = str(facts.get(name) or "").strip()[:_LONGEST]
        if not found[name]:
            complaints.append(f"{name}: must be given")
    if kind is GateKind.APPS_NAMED:
        found["apps"] = [str(each).strip()[:_LONGEST] for each in _listed(facts.get("apps")) if str(each).strip()]
        if not 0 < len(found["apps"]) <= _MOST_APPS:
            complaints.append(f"apps: name from one to {_MOST_APPS}, or write none")
    if complaints:
        raise UsageError("\n".join(f"{_gate(kind)}: {complaint}" for complaint in complaints))
    return found


def keep_traces(
    before: Mapping[str, Any], told: Mapping[str, Any], stated: Mapping[str, Any], *, has_evidence: bool
) -> dict[str, Any]:
    """What a gate keeps of traces that were found before; `told` is what was said with the statement `before`.

    Once traces were found, the gate is met by nothing that is only said: raises UsageError without evidence.
    """
    found = list(before.get("found", ()))
    if before.get("result") in FOUND:
        found.append({"result": before["result"], **told})
    is_said_over = stated["result"] == TRACES_SECURED or (found and stated["result"] != TRACES_FOUND)
    if is_said_over and not has_evidence:
        raise UsageError(
            "forensic triage: evidence: where traces were found, attach what shows that they are secured, that the "
            "way in is shut and that it may be patched"
        )
    return {"found": found} if found else {}


def may_be_left_out(kind: GateKind, name: str) -> bool:
    """Whether that time need not be stated."""
    return (kind, name) in _OPTIONAL


def _time(kind: GateKind, name: str, value: Any, *, now: datetime, complaints: list[str]) -> dict[str, str]:
    if value in (None, "") and may_be_left_out(kind, name):
        return {}
    moment = value if isinstance(value, datetime) and value.tzinfo else read_time(value)
    if moment is None:
        complaints.append(f"{name}: {value!r} is no time; write 2026-12-31T17:00:00Z")
        return {}
    if moment > now + _MARGIN:
        complaints.append(f"{name}: {moment.isoformat()} has not come yet; state what has happened")
    return {name: moment.isoformat()}


def _listed(value: Any) -> list[Any]:
    if isinstance(value, str):
        return value.replace(",", "\n").splitlines()
    return list(value) if isinstance(value, list | tuple) else []


def _gate(kind: GateKind) -> str:
    return kind.value.replace("_", " ")
