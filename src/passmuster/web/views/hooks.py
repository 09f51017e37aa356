"""Messages from other systems: believed by their signature alone, whoever sends them."""

from __future__ import annotations

from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from passmuster.application.access import Actor
from passmuster.application.findings.ticket_settings import ticket_secret
from passmuster.application.findings.ticketing import UntrustedMessage, hear_ticket
from passmuster.errors import PassmusterError

_MOST_BYTES = 256 * 1024
_PROBLEM = "application/problem+json"


@csrf_exempt
@require_POST
def ticket_hook(request: HttpRequest) -> JsonResponse:
    """A message of the ticket system; 404 where none is set up."""
    secret = ticket_secret()
    if not secret:
        return _problem(404, "no ticket system is set up")
    if int(request.headers.get("content-length") or 0) > _MOST_BYTES:
        return _problem(413, "a message is 256 KiB at most")
    actor = Actor(name="ticket system", by="worker", now=timezone.now())
    try:
        ticket = hear_ticket(actor, request.body, request.headers, secret=secret)
    except UntrustedMessage as error:
        return _problem(401, str(error))
    except PassmusterError as error:
        return _problem(422, str(error))
    return JsonResponse({"ticket": ticket.pk})


def _problem(status: int, detail: str) -> JsonResponse:
    told = {"type": "about:blank", "status": status, "detail": detail}
    return JsonResponse(told, status=status, content_type=_PROBLEM)
