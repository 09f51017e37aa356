"""HEAD wherever there is GET, on the pages and the API: the same rights, the same status and headers, no body."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse


class HeadAsGet:
    """Asks a HEAD as the GET of its address, and keeps back what would be the body."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer; an address that has no GET refuses HEAD too, and one that has it names both."""
        is_head = request.method == "HEAD"
        if is_head:
            request.method = "GET"
        response = self._get_response(request)
        methods = response.headers.get("Allow", "").split(", ")
        if "GET" in methods and "HEAD" not in methods:
            response.headers["Allow"] = ", ".join([*methods, "HEAD"])
        return _emptied(response) if is_head else response


def _emptied(response: HttpResponseBase) -> HttpResponseBase:
    """Without its body, whose length stays told where it is known; a file it would come from closes with it."""
    if isinstance(response, StreamingHttpResponse):
        response.streaming_content = iter(())
    elif isinstance(response, HttpResponse):
        response.headers.setdefault("Content-Length", str(len(response.content)))
        response.content = b""
    return response
