"""Settings as typed rows: the project's own, and what the server tells of its environment."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from passmuster.collect.connectors.directus.estate import Estate
from passmuster.collect.fields import Record, dotted, flag, inner, records, text
from passmuster.collect.reads import gathered
from passmuster.collect.statuses import OK, Verdict
from passmuster.documents.secrets import mask_secrets
from passmuster.model.words import CollectionStatus
from passmuster.snapshot.gathered import Gathered

# Settings that bear on security, with the kind each has and its unit. What is not named here is not kept.
_OWN: dict[str, tuple[str, str | None]] = {
    "auth_login_attempts": ("int", "count"),
    "auth_password_policy": ("text", None),
    **dict.fromkeys(("public_registration", "public_registration_verify_email"), ("bool", None)),
    "public_registration_role": ("text", None),
    "public_registration_email_filter": ("list", None),
    "storage_asset_transform": ("enum", None),
    **dict.fromkeys(("mcp_enabled", "mcp_allow_deletes", "collaborative_editing_enabled"), ("bool", None)),
    **dict.fromkeys(("mcp_oauth_enabled", "mcp_oauth_dcr_enabled", "mcp_oauth_cimd_enabled"), ("bool", None)),
}
_OF_SERVER: dict[str, tuple[str, str | None]] = {
    **dict.fromkeys(("ai_enabled", "mcp_enabled", "websocket"), ("bool", None)),
    "queryLimit.max": ("int", "count"),
    "queryLimit.default": ("int", "count"),
    "files.mimeTypeAllowList": ("list", None),
    "extensions.limit": ("int", "count"),
}


def settings_table(estate: Estate) -> Gathered:
    """The table `settings`."""
    rows = [
        *_own(estate),
        *_of_server(estate),
        *_of_environment(estate),
        _anonymous_access(estate),
    ]
    source = "settings, server_info, auth_providers"
    return gathered(rows, estate.verdict("settings", "server_info"), _providers(estate), source=source)


def _providers(estate: Estate) -> Verdict:
    """Where the list of identity providers could not be read, the rows it gives are lacking and the rest is there."""
    if "auth_providers" not in estate.reads.by_name or estate.verdict("auth_providers").is_ok:
        return OK
    return Verdict(CollectionStatus.PARTIAL, estate.verdict("auth_providers").reason)


def _own(estate: Estate) -> Iterator[dict[str, Any]]:
    for name, (kind, unit) in _OWN.items():
        settings = estate.data("settings")
        if name in settings:
            yield _row(estate, f"directus_settings.{name}", settings[name], kind, unit, f"/settings {name}")


def _of_server(estate: Estate) -> Iterator[dict[str, Any]]:
    info = estate.data("server_info")
    for path, (kind, unit) in _OF_SERVER.items():
        parent, _, name = path.rpartition(".")
        if name in (inner(info, parent) if parent else info):
            value = dotted(info, path)
            # An object tells how a feature is set up, which it has only where it is on.
            value = True if kind == "bool" and isinstance(value, dict) else value
            yield _row(estate, f"server.{path}", value, kind, unit, f"/server/info {path}")
    for name in ("rateLimit", "rateLimitGlobal"):
        limit = info.get(name)
        if isinstance(limit, dict):
            yield _row(estate, f"server.{name}.points", limit.get("points"), "int", "count", f"/server/info {name}")
            yield _row(
                estate, f"server.{name}.duration", limit.get("duration"), "duration", "s", f"/server/info {name}"
            )


def _of_environment(estate: Estate) -> Iterator[dict[str, Any]]:
    """Variables of the server's environment that its answers give away; all others have to be declared."""
    if estate.is_rate_limited is not None:
        yield _row(estate, "env.RATE_LIMITER_ENABLED", estate.is_rate_limited, "bool", None, "/server/info rateLimit")
    body = estate.reads.body("auth_providers")
    if not body:
        return
    is_closed = flag(body, "disableDefault")
    if is_closed is not None:
        yield _row(estate, "env.AUTH_DISABLE_DEFAULT", is_closed, "bool", None, "/auth disableDefault")
    names = ",".join(sorted(name for row in records(body, "data") if (name := text(row, "name"))))
    yield _row(estate, "env.AUTH_PROVIDERS", names or None, "text", None, "/auth data")


def _anonymous_access(estate: Estate) -> dict[str, Any]:
    """Whether a visitor gets into the app: by a policy of the public, or because nobody has set the project up yet."""
    is_open: bool | None = None
    is_waiting = flag(estate.data("server_info_anonymous") or estate.data("server_info"), "setupCompleted") is False
    if is_waiting:
        is_open = True
    elif estate.verdict("access", "policies").is_ok:
        held = [estate.policies.get(policy, {}) for policy in estate.public_policies]
        is_open = any(_opens(policy) for policy in held)
    row = _row(
        estate, "instance.anonymous_access", is_open, "bool", None, "/policies, /access, /server/info setupCompleted"
    )
    return {**row, "is_set": True}


def _opens(policy: Record) -> bool:
    return flag(policy, "app_access") is True or flag(policy, "admin_access") is True


def _row(estate: Estate, key: str, value: Any, kind: str, unit: str | None, native: str) -> dict[str, Any]:
    """A typed row; a value that is not of its kind is not known, null is not set."""
    row = {
        "scope_kind": "platform",
        "scope_id": estate.platform_id,
        "key": key,
        "value_kind": kind,
        "unit": unit,
        "is_set": value is not None,
        "native_path": native,
    }
    if isinstance(value, bool):
        return {**row, "value_bool": value} if kind == "bool" else row
    if isinstance(value, int) and kind in ("int", "duration"):
        return {**row, "value_int": value}
    if isinstance(value, str) and kind in ("text", "enum"):
        return {**row, "value_text": mask_secrets(value)}
    if kind == "list" and isinstance(value, list | dict):
        return {**row, "value_json": json.dumps(value, sort_keys=True)}
    return row
