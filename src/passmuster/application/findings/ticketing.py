"""Tickets elsewhere: one per control, environment and owner; told by a signed webhook, heard by one.

A ticket never closes a finding and never accepts one: only what a look shows does, and a decision made here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.db.models import Count, Min

from passmuster.application.access import Action, Actor
from passmuster.application.acting import acting, plain
from passmuster.application.findings.webhook_signing import Signed, is_signed, sign
from passmuster.errors import PassmusterError, UsageError
from passmuster.model.keeping import FindingStatus
from passmuster.records.models import Finding, FindingStep, Platform, Ticket, TicketMessage

_OPEN = (FindingStatus.OPEN, FindingStatus.IN_PROGRESS)
_MOST_NAMED = 20
_MOST_BYTES = 256 * 1024
_PRIORITIES = {"critical": "Highest", "high": "High", "medium": "Medium", "low": "Low", "info": "Lowest"}


class UntrustedMessage(PassmusterError):
    """The message is not signed by whom we trust, too old, or was heard before."""


def raise_tickets(
    actor: Actor, platform: Platform, *, severities: tuple[str, ...] = ("critical", "high")
) -> list[Ticket]:
    """Make a ticket for every control, environment and owner with open findings of these severities; returns new ones.

    Findings join the ticket there is; doing it twice changes nothing.
    """
    open_ones = Finding.objects.filter(platform=platform, status__in=_OPEN, severity__in=severities)
    groups = (
        open_ones.values("control", "environment", "owner").annotate(n=Count("pk")).order_by("control", "environment")
    )
    made, joined = [], []
    with acting(actor, Action.WORK_FINDING, "ticket", platform=platform, verb="raise_tickets") as event:
        Platform.objects.select_for_update().get(pk=platform.pk)
        for group in groups:
            ticket, is_new = Ticket.objects.get_or_create(
                platform=platform,
                control=group["control"],
                environment=group["environment"],
                owner_id=group["owner"],
                defaults={"created_at": actor.now, "updated_at": actor.now, "raised_by": actor.name},
            )
            mine = open_ones.filter(control=ticket.control, environment=ticket.environment, owner_id=ticket.owner_id)
            n = mine.exclude(ticket=ticket).update(ticket=ticket)
            made += [ticket] if is_new else []
            joined += [_told(ticket, n, is_new=is_new)] if is_new or n else []
        event.is_silent = not joined
        event.after = {"tickets": joined}
    return made


def _told(ticket: Ticket, joined: int, *, is_new: bool) -> dict[str, Any]:
    named = {"id": ticket.pk, "control": ticket.control, "environment": ticket.environment}
    return {**named, "is_new": is_new, "findings_joined": joined}


def ticket_payload(ticket: Ticket, *, base_url: str) -> dict[str, Any]:
    """What a ticket system is sent: the shape of Jira's "create issue", with our ids in `properties`.

    What is accepted for a while is counted apart, and neither named nor due.
    """
    findings = Finding.objects.filter(ticket=ticket, status__in=_OPEN).order_by("severity_rank", "id")
    accepted = Finding.objects.filter(ticket=ticket, status=FindingStatus.ACCEPTED).count()
    worst = findings.first()
    told = findings.aggregate(count=Count("pk"), due=Min("due_on"))
    severity = worst.severity if worst else "info"
    title = worst.title if worst else "nothing is open any more"
    lines = [f"{f.resource_name or f.resource_id}: {f.detail}"[:300] for f in findings[:_MOST_NAMED]]
    rest = told["count"] - len(lines)
    lines += [f"and {rest} more"] if rest > 0 else []
    lines += [f"{accepted} accepted by an exception, for as long as that lasts"] if accepted else []
    where = f" in {ticket.environment}" if ticket.environment else ""
    fields: dict[str, Any] = {
        "summary": f"{ticket.platform}: {ticket.control} {title}{where}"[:255],
        "description": "\n".join([*lines, "", f"{base_url}/findings/?ticket={ticket.pk}"]),
        "issuetype": {"name": "Task"},
        "priority": {"name": _PRIORITIES[severity]},
        "labels": ["passmuster", ticket.control, f"severity-{severity}"],
        "duedate": told["due"].isoformat() if told["due"] else None,
    }
    if ticket.owner:
        fields["assignee"] = {"emailAddress": ticket.owner.email}
    value = {"ticket": ticket.pk, "open_findings": told["count"], "accepted_findings": accepted}
    return {"fields": fields, "properties": [{"key": "passmuster", "value": value}]}


@dataclass(frozen=True)
class Telling:
    """A webhook about a ticket: body, headers, and the digest of what it says (64 hexadecimal digits)."""

    body: bytes
    headers: Mapping[str, str]
    digest: str


def telling_of(ticket: Ticket, *, base_url: str, secret: str, now: datetime) -> Telling | None:
    """The webhook that tells a ticket system how a ticket stands; None where it was told exactly that last.

    A ticket that was told of before carries its `key` over there, so that it is changed and not made again. One that
    was never told of and has nothing open has nothing to tell.
    """
    payload = plain(ticket_payload(ticket, base_url=base_url))
    digest = sha256(json.dumps(payload, sort_keys=True).encode()).hexdigest()
    was_told = bool(ticket.sent_digest or ticket.external_key or ticket.external_status)
    is_empty = payload["properties"][0]["value"]["open_findings"] == 0
    if digest == ticket.sent_digest or (is_empty and not was_told):
        return None
    keyed = {**payload, "key": ticket.external_key} if ticket.external_key else payload
    body = json.dumps(keyed, sort_keys=True).encode()
    # The same however often it is tried, so that a receiver knows one it has; another where the same state comes back.
    identity = f"ticket-{ticket.pk}-{ticket.sent_count + 1}-{digest[:16]}"
    headers = {"Content-Type": "application/json", **sign(body, secret=secret, identity=identity, now=now)}
    return Telling(body, headers, digest)


@dataclass(frozen=True)
class Heard:
    """What a ticket system told: which ticket, its key, address and status over there, and perhaps a request."""

    ticket: int
    key: str = ""
    url: str = ""
    status: str = ""
    comment: str = ""


def hear_ticket(actor: Actor, body: bytes, headers: Mapping[str, str], *, secret: str) -> Ticket:
    """Take in a signed message about a ticket; hearing it again changes nothing.

    Raises UntrustedMessage, or UsageError with what the body lacks. Whatever it says, findings stay as looks and
    decisions made here have them.
    """
    signed = is_signed(body, headers, secret=secret, now=actor.now)
    if signed is not Signed.YES:
        raise UntrustedMessage(signed.value)
    heard = _read(body)
    identity = next(value for name, value in headers.items() if name.lower() == "webhook-id")
    ticket = Ticket.objects.select_related("platform").filter(pk=heard.ticket).first()
    if ticket is None:
        raise UsageError(f"there is no ticket {heard.ticket}")
    with acting(actor, Action.WORK_FINDING, ticket, platform=ticket.platform, verb="hear_ticket") as event:
        if TicketMessage.objects.filter(message_id=identity).exists():
            event.is_silent = True
            return ticket
        TicketMessage.objects.create(message_id=identity, ticket=ticket, at=actor.now)
        event.before = {"key": ticket.external_key, "status": ticket.external_status}
        ticket.external_key = heard.key[:200] or ticket.external_key
        ticket.external_url = heard.url[:500] if heard.url.startswith("https://") else ticket.external_url
        ticket.external_status = heard.status[:100] or ticket.external_status
        ticket.updated_at = actor.now
        # Not what was told over there: that may be noted at this very moment.
        ticket.save(update_fields=["external_key", "external_url", "external_status", "updated_at"])
        event.after = {"key": ticket.external_key, "status": ticket.external_status, "comment": heard.comment[:500]}
        _note(actor, ticket, heard)
    return ticket


def _note(actor: Actor, ticket: Ticket, heard: Heard) -> None:
    words = ", ".join(part for part in (heard.status, heard.comment) if part)[:1000]
    if words:
        mine = Finding.objects.filter(ticket=ticket).exclude(status=FindingStatus.CLOSED).values_list("pk", flat=True)
        steps = [
            FindingStep(finding_id=pk, at=actor.now, what="ticket", by=actor.name, why=words) for pk in mine[:1000]
        ]
        FindingStep.objects.bulk_create(steps)


def _read(body: bytes) -> Heard:
    """Our own shape, or a Jira webhook whose issue carries our property."""
    try:
        document = json.loads(body) if len(body) <= _MOST_BYTES else None
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise UsageError("the message is no JSON object, or larger than 256 KiB")
    issue = document.get("issue")
    if isinstance(issue, dict):
        return _read_jira(document, issue)
    if not isinstance(document.get("ticket"), int) or isinstance(document.get("ticket"), bool):
        raise UsageError('the message names no ticket; send {"ticket": 12, "status": ...} or a Jira issue event')
    return Heard(document["ticket"], *(_text(document.get(name)) for name in ("key", "url", "status", "comment")))


def _read_jira(document: Mapping[str, Any], issue: Mapping[str, Any]) -> Heard:
    properties = issue.get("properties")
    ours = properties.get("passmuster") if isinstance(properties, dict) else None
    number = ours.get("ticket") if isinstance(ours, dict) else None
    if not isinstance(number, int) or isinstance(number, bool):
        key = _text(issue.get("key"))
        known = Ticket.objects.filter(external_key=key).first() if key else None
        if known is None:
            raise UsageError("the issue carries neither our property nor a key we know")
        number = known.pk
    fields = issue.get("fields") if isinstance(issue.get("fields"), dict) else {}
    status = fields.get("status") if isinstance(fields, dict) else None
    comment = document.get("comment")
    return Heard(
        ticket=number,
        key=_text(issue.get("key")),
        url=_text(issue.get("self")),
        status=_text(status.get("name")) if isinstance(status, dict) else "",
        comment=_text(comment.get("body")) if isinstance(comment, dict) else "",
    )


def _text(value: Any) -> str:
    return value.replace("\0", "") if isinstance(value, str) else ""
