"""How often one asker may call: a plain count for each minute."""

from __future__ import annotations

import time

from django.core.cache import cache
from django.http import HttpRequest
from ninja.throttling import BaseThrottle

from passmuster.application.access import Actor

_SECONDS = 60


class CallsAMinute(BaseThrottle):
    """At most so many calls in each minute for a person, whichever of their tokens they use.

    Where the cache is not shared by the server's processes, each of them counts by itself.
    """

    def __init__(self, most: int) -> None:
        self.most = most

    def allow_request(self, request: HttpRequest) -> bool:
        """Count the call, and say whether it is still one of the allowed."""
        asker: Actor = request.auth  # type: ignore[attr-defined]
        key = f"api-calls:{asker.person_id}:{int(time.time()) // _SECONDS}"
        cache.add(key, 0, 2 * _SECONDS)
        try:
            return cache.incr(key) <= self.most
        except ValueError:
            # It fell out of the cache between the two steps.
            return True

    def wait(self) -> float:
        """Seconds to the next minute."""
        return _SECONDS - time.time() % _SECONDS
