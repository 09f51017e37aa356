"""What happened to a ticket, as the record has it: raised, told, not taken, heard of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from passmuster.records.models import AuditEvent, Ticket

_MOST_EVENTS = 200


@dataclass(frozen=True)
class TicketStep:
    """Something that happened to a ticket, in the fields of a finding's history."""

    at: datetime
    what: str
    by: str
    why: str


_WHAT = {
    "send_ticket": "told",
    "hear_ticket": "heard",
    "tell_ticket_again": "to_be_told_again",
    "fail_ticket": "not_taken",
}


def history_of(ticket: Ticket) -> list[TicketStep]:
    """What happened to it, the newest first, the last 200 steps; its beginning comes last."""
    events = AuditEvent.objects.filter(subject_kind="ticket", subject_id=str(ticket.pk)).order_by("-number")
    held = [TicketStep(each.at, _WHAT.get(each.action, each.action), each.actor, _why(each)) for each in
            events[:_MOST_EVENTS]]  # fmt: skip
    return [*held, TicketStep(ticket.created_at, "raised", ticket.raised_by, "")]


def _why(event: AuditEvent) -> str:
    """The reason of a person, or what was told and heard, in words."""
    after = event.after or {}
    if event.action == "fail_ticket":
        return str(after.get("failure", ""))
    if event.action == "hear_ticket":
        named = (("its state there is ", "status"), ("its key is ", "key"), ("", "comment"))
        return "; ".join(f"{word}{after[name]}" for word, name in named if after.get(name))
    if event.action == "send_ticket" and after.get("key"):
        return f"its key is {after['key']}"
    return event.why
