"""Tickets of the example organisation: raised by a person, and what its own ticket system says of the first."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from secrets import token_urlsafe

from passmuster.application.access import Actor
from passmuster.application.example.organisation import Organisation
from passmuster.application.findings.ticketing import hear_ticket, raise_tickets
from passmuster.application.findings.webhook_signing import sign


def raise_and_hear(made: Organisation, now: datetime) -> None:
    """Raise tickets for the automations' critical and high findings; the example names no system to tell of them."""
    raised = raise_tickets(made.at("remi", now), made.platforms["automations"])
    said = (("Waiting for the supplier", "their release of next month mends it"), ("Done", "mended last week"))
    # The message is signed and believed as any other; the secret is of this moment and kept nowhere.
    secret = token_urlsafe()
    for number, (ticket, (status, comment)) in enumerate(zip(raised, said, strict=False), start=1):
        at = now + timedelta(hours=number)
        key = f"OPS-{1180 + number}"
        url = f"https://tickets.example.org/{key}"
        told = {"ticket": ticket.pk, "key": key, "url": url, "status": status, "comment": comment}
        body = json.dumps(told).encode()
        headers = sign(body, secret=secret, identity=f"example-{ticket.pk}", now=at)
        hear_ticket(Actor(name="ticket system", by="worker", now=at), body, headers, secret=secret)
