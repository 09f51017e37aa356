"""Webhooks that NocoDB calls when records change: where they lead and what they give away."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from passmuster.collect.fields import Record, inner, records, text
from passmuster.documents.secrets import count_secrets, is_sensitive_name


def notification_of(hook: Record) -> Record:
    """What a webhook sends and where; NocoDB keeps it as JSON in a text. Empty where it cannot be read."""
    kept: Any = hook.get("notification")
    if isinstance(kept, str):
        try:
            kept = json.loads(kept)
        except (ValueError, RecursionError):
            kept = None
    return kept if isinstance(kept, Mapping) else {}


def is_web_request(hook: Record) -> bool:
    """Whether the webhook calls an address; others send a message through a plugin."""
    return text(notification_of(hook), "type") == "URL"


def destination_of(hook: Record) -> tuple[str | None, str | None]:
    """Scheme and host, as far as they are written and not computed."""
    path = (text(_payload(hook), "path") or "").strip()
    match = re.match(r"(?P<scheme>[a-zA-Z][a-zA-Z0-9+.-]*)://(?P<rest>[^/?#]*)", path)
    if match is None:
        return None, None
    try:
        host = None if "{{" in match["rest"] else urlsplit(f"//{match['rest']}").hostname
    except ValueError:
        host = None
    return match["scheme"].lower(), host


def signs_in(hook: Record) -> bool:
    """Whether it sends a header that usually carries a secret, or basic authentication."""
    payload = _payload(hook)
    return any(is_sensitive_name(name) for name in _headers(payload)) or bool(inner(payload, "auth"))


def secret_headers(hook: Record) -> int:
    """How many of its headers hold a secret in clear."""
    headers = _headers(_payload(hook))
    return sum(count_secrets({name: value}) for name, value in headers.items() if is_sensitive_name(name))


def secret_hits(hook: Record) -> int:
    """Places in it that look like a secret in clear."""
    return count_secrets(notification_of(hook))


def _payload(hook: Record) -> Record:
    return inner(notification_of(hook), "payload")


def _headers(payload: Record) -> dict[str, Any]:
    return {name: each.get("value") for each in records(payload, "headers") if (name := text(each, "name"))}
