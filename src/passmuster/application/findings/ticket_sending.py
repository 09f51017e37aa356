"""Telling the ticket system that the environment names; whatever fails is noted and tried again with the next run."""

from __future__ import annotations

import os
from collections.abc import Mapping

import httpx
from django.conf import settings
from django.db.models import F

from passmuster.application.access import Action, Actor
from passmuster.application.acting import acting
from passmuster.application.findings.ticket_settings import ticket_system
from passmuster.application.findings.ticketing import Telling, telling_of
from passmuster.errors import UsageError
from passmuster.records.models import Ticket

_TIMEOUT_S = 15
_MOST_AT_ONCE = 200


def send_tickets(actor: Actor, *, environ: Mapping[str, str] | None = None) -> list[str]:
    """Tell of every ticket that stands otherwise than was last told; returns what went wrong, a line each.

    Does nothing where no address is set. What was told is noted once it is taken; until then it is tried again under
    the same name, after those that did not fail. The key comes back in the answer (`key`) or later by the webhook.
    """
    url, secret = ticket_system(os.environ if environ is None else environ)
    if not url:
        return []
    troubles: list[str] = []
    sent = 0
    with httpx.Client(timeout=_TIMEOUT_S, follow_redirects=False) as client:
        # Many that are never taken must not keep others from being told.
        waiting = Ticket.objects.select_related("platform", "owner").order_by(
            F("failed_at").asc(nulls_first=True), "pk"
        )
        for ticket in waiting:
            telling = telling_of(ticket, base_url=settings.BASE_URL, secret=secret, now=actor.now)
            if telling is None:
                continue
            if (sent := sent + 1) > _MOST_AT_ONCE:
                break
            try:
                answer = client.post(url, content=telling.body, headers=dict(telling.headers))
                answer.raise_for_status()
            except httpx.HTTPError as error:
                why = _why(error)
                troubles.append(f"ticket {ticket.pk}: was not taken: {why}")
                _note_failure(actor, ticket, why)
                continue
            _note(actor, ticket, telling, _key_of(answer))
    return troubles


def tell_ticket_again(actor: Actor, ticket: Ticket, *, why: str) -> None:
    """Have a ticket told anew with the next run though nothing changed: for when it was lost over there.

    Raises UsageError without a reason, and where it waits to be told already.
    """
    with acting(
        actor, Action.WORK_FINDING, ticket, platform=ticket.platform, verb="tell_ticket_again", why=why
    ) as event:
        kept = Ticket.objects.select_for_update().get(pk=ticket.pk)
        complaints = [] if why.strip() else ["say why it is to be told again"]
        complaints += [] if kept.sent_digest else ["the ticket waits to be told already"]
        if complaints:
            raise UsageError("; ".join(complaints))
        event.before, event.after = {"sent": kept.sent_digest}, {"sent": ""}
        kept.sent_digest, kept.updated_at = "", actor.now
        kept.save(update_fields=["sent_digest", "updated_at"])


def _why(error: httpx.HTTPError) -> str:
    """What went wrong, without the address and what was answered, either of which may hold a secret."""
    if isinstance(error, httpx.HTTPStatusError):
        return f"the ticket system answered {error.response.status_code}"
    return f"the ticket system could not be reached ({type(error).__name__})"


def _note_failure(actor: Actor, ticket: Ticket, why: str) -> None:
    with acting(actor, Action.WORK_FINDING, ticket, platform=ticket.platform, verb="fail_ticket") as event:
        kept = Ticket.objects.select_for_update().get(pk=ticket.pk)
        # The same failure every fifteen minutes is one thing to know of.
        event.is_silent = kept.failure == why
        event.before, event.after = {"failure": kept.failure}, {"failure": why}
        kept.failure, kept.failed_at = why, actor.now
        kept.failing_since = kept.failing_since or actor.now
        kept.save(update_fields=["failure", "failed_at", "failing_since"])


def _key_of(answer: httpx.Response) -> str:
    try:
        told = answer.json()
    except ValueError:
        return ""
    key = told.get("key") if isinstance(told, dict) else None
    return key.replace("\0", "")[:200] if isinstance(key, str) else ""


def _note(actor: Actor, ticket: Ticket, telling: Telling, key: str) -> None:
    with acting(actor, Action.WORK_FINDING, ticket, platform=ticket.platform, verb="send_ticket") as event:
        # What was heard meanwhile stays.
        kept = Ticket.objects.select_for_update().get(pk=ticket.pk)
        event.before = {"sent": kept.sent_digest, "key": kept.external_key, "status": kept.external_status}
        kept.sent_digest, kept.sent_count, kept.updated_at = telling.digest, kept.sent_count + 1, actor.now
        kept.sent_at, kept.failure, kept.failed_at, kept.failing_since = actor.now, "", None, None
        kept.external_key = kept.external_key or key
        kept.external_status = kept.external_status or "sent"
        kept.save()
        event.after = {"sent": telling.digest, "key": kept.external_key, "status": kept.external_status}
