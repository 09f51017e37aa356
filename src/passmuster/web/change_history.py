"""What was done to a change, as the record has it, in words of people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from passmuster.model.keeping import GateKind
from passmuster.records.models import AuditEvent, Change
from passmuster.web.change_values import GATE_TITLES
from passmuster.web.named import names_of

_MOST_EVENTS = 100
DID: Mapping[str, str] = {
    "make_change": "Put into a plan",
    "move_change": "Given another window by a plan",
    "plan_change_anew": "Planned anew in the same window",
    "record_gate": "Said what was seen",
    "tell_app_owners": "Told the owners of the affected apps",
    "request_approval": "Asked for approval",
    "approve_change": "Approved",
    "refuse_change": "Refused",
    "record_external_approval": "Wrote down the approval given elsewhere",
    "use_emergency_path": "Used the emergency path",
    "justify_emergency": "Found the emergency justified",
    "tighten_gates": "More gates were asked for",
    "name_change_owner": "Named who carries it out",
    "record_deployment": "Deployed",
    "verify_change": "Verified",
    "record_failure": "Failed",
    "record_rollback": "Rolled back",
    "replan_change": "Planned again",
    "cancel_change": "Cancelled",
    "find_change_done": "Found to be done already",
    "note_look": "A look was held against it",
}


@dataclass(frozen=True)
class Done:
    """Something that was done: what, why, by whom and when; `number` is that of its event in the record."""

    number: int
    at: datetime
    did: str
    why: str
    who: str


def history_of(change: Change) -> list[Done]:
    """What was done to it, the newest first, the last 100."""
    about = AuditEvent.objects.filter(subject_kind="change", subject_id=str(change.pk))
    events = list(about.order_by("-number")[:_MOST_EVENTS])
    names = names_of(each.actor for each in events)
    return [Done(each.number, each.at, did(each), each.why, names[each.actor]) for each in events]


def did(event: AuditEvent) -> str:
    """What an event did, in words: of a gate, which one."""
    words = DID.get(event.action, event.action.replace("_", " ").capitalize())
    gate = str((event.after or {}).get("gate", ""))
    return f"{words}: {GATE_TITLES[GateKind(gate)]}" if gate in set(GateKind) else words
