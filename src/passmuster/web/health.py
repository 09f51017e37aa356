"""Whether the keeper is well, for load balancers and whoever watches over it."""

from __future__ import annotations

from collections.abc import Callable

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse

from passmuster.application.readiness import is_answering
from passmuster.application.working.workers_seen import workers_seen

_PATH = "/health"


def health(request: HttpRequest) -> JsonResponse:
    """Whether the database answers, and a worker runs; 503 where it does not.

    A worker counts only for who asks for it, by `?worker=1`: pages can be shown without one.
    """
    try:
        is_well, seen = is_answering(), workers_seen()
    except DatabaseError:
        return JsonResponse({"ok": False, "is_worker_running": None, "worker_seen_at": None}, status=503)
    is_well = is_well and (seen.is_running or "worker" not in request.GET)
    told = {"ok": is_well, "is_worker_running": seen.is_running, "worker_seen_at": seen.last_seen_at}
    return JsonResponse(told, status=200 if is_well else 503)


class HealthFirst:
    """Answers that question before anything is asked of the request: who watches here comes by another host's name."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, or let others."""
        if request.path == _PATH and request.method in ("GET", "HEAD"):
            return health(request)
        return self._get_response(request)
