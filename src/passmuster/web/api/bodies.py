"""What a request's body must be: JSON in UTF-8, within limits, told where it is not."""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpRequest
from ninja.parser import Parser
from ninja.types import DictStrAny

from passmuster.documents.json_file import parse_json
from passmuster.documents.limits import decode

JSON = "application/json"


class NotJson(Exception):
    """A body that says of itself that it is something else."""


class JsonBodies(Parser):
    """Reads bodies as strictly as files are read."""

    def parse_body(self, request: HttpRequest) -> DictStrAny:
        """The value; raises NotJson, and UnreadableInput that names the place."""
        # A call that does not say is believed to send what the API speaks.
        if request.content_type not in ("", JSON):
            raise NotJson(f"the body is {request.content_type}; send JSON, with Content-Type: {JSON}")
        value: Any = parse_json(decode(request.body, "the body"), "the body")
        return cast(DictStrAny, value)
