"""What the steps of flows are: their category, where they lead, what their options give away."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from passmuster.collect.fields import Record, inner, records, text
from passmuster.documents.secrets import count_secrets, is_sensitive_name

_CATEGORIES = {
    "exec": "script",
    "request": "http",
    **dict.fromkeys(("condition", "transform", "sleep", "log", "throw-error", "trigger", "json-web-token"), "logic"),
    **dict.fromkeys(("item-create", "item-read", "item-update", "item-delete", "mail", "notification"), "connector"),
}
_DATA_STEPS = frozenset({"item-create", "item-read", "item-update", "item-delete"})


def is_own(step_type: str) -> bool:
    """Whether a type of step comes with Directus; others come with extensions."""
    return step_type in _CATEGORIES


def category_of(step_type: str) -> str:
    """The category of a type of step; what is not known connects elsewhere."""
    return _CATEGORIES.get(step_type, "connector")


def collection_of(step: Record) -> str | None:
    """The collection a step writes or reads; None for other steps or where a template decides."""
    name = text(inner(step, "options"), "collection") if step.get("type") in _DATA_STEPS else None
    return name if name and "{{" not in name else None


def destination_of(step: Record) -> tuple[str | None, str | None]:
    """Scheme and host of a request step, as far as they are written and not computed."""
    url = (text(inner(step, "options"), "url") or "").strip()
    match = re.match(r"(?P<scheme>[a-zA-Z][a-zA-Z0-9+.-]*)://(?P<rest>[^/?#]*)", url)
    if match is None:
        return None, None
    try:
        host = None if "{{" in match["rest"] else urlsplit(f"//{match['rest']}").hostname
    except ValueError:
        host = None
    return match["scheme"].lower(), host


def secret_headers(step: Record) -> int:
    """How many headers of a request step hold a secret in clear; a template's value does not count."""
    return sum(count_secrets({name: value}) for name, value in _headers(step).items() if is_sensitive_name(name))


def signs_in(step: Record) -> bool:
    """Whether a request step sends a header that usually carries a secret, or has one in its address."""
    url = text(inner(step, "options"), "url") or ""
    return any(is_sensitive_name(name) for name in _headers(step)) or "@" in _authority(url)


def secret_hits(step: Record) -> int:
    """Places in the options of a step that look like a secret in clear."""
    options = step.get("options")
    if not isinstance(options, Mapping):
        return count_secrets(options)
    rest = {key: value for key, value in options.items() if key != "headers"}
    return count_secrets(rest) + sum(count_secrets({name: value}) for name, value in _headers(step).items())


def checks_caller(step: Record) -> bool:
    """Whether a first step turns callers away: by a header they must send, or by a token whose signature it verifies.

    One with a way on for those it rejects turns nobody away.
    """
    options = inner(step, "options")
    if text(step, "reject"):
        return False
    if step.get("type") == "json-web-token":
        return options.get("operation") == "verify" and "$trigger.headers" in json.dumps(options.get("token"))
    return step.get("type") == "condition" and _asks_for_header(options.get("filter"))


def _asks_for_header(rule: Any) -> bool:
    """Whether every way to meet a condition asks for the value of a header. An alternative without one asks nothing."""
    rule = _parsed(rule)
    if not isinstance(rule, Mapping):
        return False
    for key, value in rule.items():
        if key == "_and" and isinstance(value, list) and any(map(_asks_for_header, value)):
            return True
        if key == "_or" and isinstance(value, list) and value and all(map(_asks_for_header, value)):
            return True
        if key == "$trigger" and isinstance(value, Mapping):
            return any(_compares(test) for test in inner(value, "headers").values())
    return False


def _compares(test: Any) -> bool:
    """Whether a test of a header compares it with a value that a caller has to know."""
    return isinstance(test, Mapping) and any(
        operator in ("_eq", "_in", "_starts_with", "_regex") and bool(value) for operator, value in test.items()
    )


def _parsed(rule: Any) -> Any:
    """Conditions are kept as an object, or as its JSON text."""
    if not isinstance(rule, str):
        return rule
    try:
        return json.loads(rule)
    except ValueError:
        return None


def _headers(step: Record) -> dict[str, Any]:
    options = inner(step, "options")
    return {name: each.get("value") for each in records(options, "headers") if (name := text(each, "header"))}


def _authority(url: str) -> str:
    match = re.match(r"[a-zA-Z][a-zA-Z0-9+.-]*://([^/?#]*)", url.strip())
    return match[1] if match else ""
