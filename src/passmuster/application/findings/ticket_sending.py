"""Telling the ticket system that the environment names; whatever fails is tried again with the next run."""

from __future__ import annotations

import os
from collections.abc import Mapping

import httpx
from django.conf import settings

from passmuster.application.access import Action, Actor
from passmuster.application.acting import acting
from passmuster.application.findings.ticket_settings import ticket_system
from passmuster.application.findings.ticketing import Telling, telling_of
from passmuster.records.models import Ticket

_TIMEOUT_S = 15
_MOST_AT_ONCE = 200


def send_tickets(actor: Actor, *, environ: Mapping[str, str] | None = None) -> list[str]:
    """Tell of every ticket that stands otherwise than was last told; returns what went wrong, a line each.

    Does nothing where no address is set. What was told is noted once it is taken; until then it is tried again under
    the same name. The key comes back in the answer (`key`) or later by the webhook.
    """
    url, secret = ticket_system(os.environ if environ is None else environ)
    if not url:
        return []
    troubles: list[str] = []
    sent = 0
    with httpx.Client(timeout=_TIMEOUT_S, follow_redirects=False) as client:
        for ticket in Ticket.objects.select_related("platform", "owner").order_by("pk"):
            telling = telling_of(ticket, base_url=settings.BASE_URL, secret=secret, now=actor.now)
            if telling is None:
                continue
            if (sent := sent + 1) > _MOST_AT_ONCE:
                break
            try:
                answer = client.post(url, content=telling.body, headers=dict(telling.headers))
                answer.raise_for_status()
            except httpx.HTTPError as error:
                troubles.append(f"ticket {ticket.pk}: was not taken ({type(error).__name__})")
                continue
            _note(actor, ticket, telling, _key_of(answer))
    return troubles


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
        kept.external_key = kept.external_key or key
        kept.external_status = kept.external_status or "sent"
        kept.save(update_fields=["sent_digest", "sent_count", "external_key", "external_status", "updated_at"])
        event.after = {"sent": telling.digest, "key": kept.external_key, "status": kept.external_status}
