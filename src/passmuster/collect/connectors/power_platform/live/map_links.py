"""Connectors, connections, and where flows send data along them."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from passmuster.collect.connectors.power_platform.identifiers import as_id
from passmuster.collect.connectors.power_platform.live.estate import (
    Estate,
    Record,
    Row,
    connector_id,
    flag,
    inner,
    properties,
    state_of,
    table,
    text,
)
from passmuster.collect.connectors.power_platform.live.map_apps import Built
from passmuster.collect.connectors.power_platform.live.map_people import share_count
from passmuster.collect.connectors.power_platform.live.questions import named
from passmuster.collect.connectors.power_platform.powershell import as_list, as_time
from passmuster.collect.unlocks import by_declaring
from passmuster.documents.secrets import redact
from passmuster.snapshot.gathered import Gap, Gathered

_GENERIC = frozenset({"shared_webcontents", "shared_webcontentsv2", "http", "httpwebhook"})
_TIERS = {"standard": "builtin", "premium": "premium"}
_ADDRESSES = ("server", "host", "hostname", "siteurl", "baseresourceurl", "baseuri", "rooturl", "endpoint")
_RAW = ("isCustomApi", "tier", "publisher", "releaseTag", "createdTime")
_CONNECTION_GAPS = (
    Gap(
        "identity_kind",
        "a connection whose account is not its maker's own does not say what account it is",
        by_declaring("connections", "identity_kind"),
    ),
    Gap("target_host", "most connectors do not tell where they lead", by_declaring("connections", "target_host")),
    Gap("scheme", "most connectors do not tell how they connect", by_declaring("connections", "scheme")),
    Gap("tls_verify", "connectors run at Microsoft, which does not tell", by_declaring("connections", "tls_verify")),
    Gap("last_used_at", "Power Platform does not tell when a connection was used"),
)
_FLOW_GAPS = (
    Gap("boundary", "Power Platform does not tell who runs the other side", by_declaring("data_flows", "boundary")),
    Gap(
        "max_classification",
        "Power Platform does not classify data",
        by_declaring("data_flows", "max_classification"),
    ),
)


def link_tables(estate: Estate, made: Built) -> dict[str, Gathered]:
    """The tables `connectors`, `connections` and `data_flows`."""
    users = _users(estate, made)
    requests = [step for step in made.steps if step.row["category"] == "http" and not step.row["connection_id"]]
    connections = [row for pair in estate.of_each("connections") if (row := _connection(estate, *pair, users))]
    environments = {row["app_id"]: row for row in made.apps}
    for step in requests:
        connections.append(_request(step.row, step.target_host, step.scheme, environments.get(step.row["app_id"], {})))
    definitions = estate.state("flow_definitions", "flow", after=("flows",))
    unblockable = state_of("unblockable_connectors", [estate.read("unblockable_connectors").verdict])
    return {
        "connectors": table(_connectors(estate), estate.state("connectors", "connectors"), unblockable),
        "connections": table(
            list({row["connection_id"]: row for row in connections}.values()),
            estate.state("connections", "connections"),
            definitions,
            gaps=_CONNECTION_GAPS,
        ),
        "data_flows": table(_data_flows(made), definitions, gaps=_FLOW_GAPS),
    }


def _connectors(estate: Estate) -> list[Row]:
    read = estate.read("unblockable_connectors")
    fixed = {
        connector_id(item.get("id")) for item in read.items if flag(inner(item, "metadata"), "unblockable") is True
    }
    rows: dict[str, Row] = {}
    for _, record in estate.of_each("connectors"):
        api = connector_id(record.get("id") or record.get("name"))
        if api is None:
            continue
        about = properties(record)
        rows[api] = {
            "connector_id": api,
            "name": text(about, "displayName") or api.rpartition("/")[2],
            "kind": _kind(api, about),
            "publisher": text(about, "publisher"),
            "host": _host(inner(about, "backendService").get("serviceUrl"))[0],
            "can_be_blocked": api not in fixed if read.verdict.is_ok else None,
            "raw": redact({name: about[name] for name in _RAW if name in about}),
        }
    return list(rows.values())


def _kind(api: str, about: Record) -> str | None:
    if flag(about, "isCustomApi"):
        return "custom"
    if api.rpartition("/")[2].lower() in _GENERIC:
        return "generic_http"
    return _TIERS.get((text(about, "tier") or "").lower())


def _users(estate: Estate, made: Built) -> dict[str, str]:
    """The app each connection belongs to: of several that use it an active one, of those the first by id."""
    active = {row["app_id"]: row["is_active"] is True for row in made.apps if row.get("is_active") is not None}
    found: dict[str, set[str]] = {}
    for kind in ("apps", "flows"):
        for _, record in estate.of_each(kind):
            app_id = as_id(record.get("name"))
            about = properties(estate.read(named("flow", app_id or "")).body) if kind == "flows" else properties(record)
            for reference in inner(about, "connectionReferences").values():
                name = text(reference, "connectionName") if isinstance(reference, dict) else None
                if name and app_id:
                    found.setdefault(name, set()).add(app_id)
    return {name: min(apps, key=lambda app_id: (not active.get(app_id, False), app_id)) for name, apps in found.items()}


def _connection(estate: Estate, environment: str, record: Record, users: dict[str, str]) -> Row | None:
    name, about = as_id(record.get("name")), properties(record)
    if name is None:
        return None
    host, scheme = _target(inner(about, "connectionParameters"))
    is_alone = flag(about, "allowSharing") is False
    statuses = [text(entry, "status") for entry in as_list(about.get("statuses")) if isinstance(entry, dict)]
    return {
        "connection_id": name,
        "connector_id": connector_id(about.get("apiId")),
        "environment_id": environment,
        "app_id": users.get(name),
        "owner_principal_id": text(inner(about, "createdBy"), "id"),
        "identity_kind": _identity(about),
        "target_host": host,
        "scheme": scheme,
        "shared_with_count": 0 if is_alone else share_count(estate, named("connection_shares", name)),
        "status": statuses[0] if statuses else None,
        "created_at": as_time(about.get("createdTime")),
    }


def _identity(about: Record) -> str | None:
    """Personal where it signs in with its maker's own account, service where an application made it; else unknown."""
    maker = inner(about, "createdBy")
    if (text(maker, "type") or "").lower() in ("serviceprincipal", "application"):
        return "service"
    account = (text(about, "accountName") or "").lower()
    own = {(text(maker, name) or "").lower() for name in ("userPrincipalName", "email")} - {""}
    return "personal" if account and account in own else None


def _target(parameters: Record) -> tuple[str | None, str | None]:
    for name, value in sorted(parameters.items(), key=lambda pair: str(pair[0])):
        if str(name).lower() in _ADDRESSES:
            host, scheme = _host(value)
            if host:
                return host, scheme
    return None, None


def _host(value: Any) -> tuple[str | None, str | None]:
    address = value.strip() if isinstance(value, str) else ""
    if not address or any(character.isspace() for character in address):
        return None, None
    try:
        parts = urlsplit(address if "//" in address else f"//{address}")
        host = parts.hostname
    except ValueError:
        return None, None
    return (host.lower(), parts.scheme or None) if host and "." in host else (None, None)


def _request(step: Row, host: str | None, scheme: str | None, app: Row) -> Row:
    return {
        "connection_id": f"{step['app_id']}/{step['step_id']}",
        "connector_id": step["connector_id"] or step["step_type"],
        "environment_id": app.get("environment_id"),
        "app_id": step["app_id"],
        "owner_principal_id": app.get("owner_principal_id"),
        "identity_kind": "none" if step["auth_mode"] == "none" else None,
        "target_host": host,
        "scheme": scheme,
        "shared_with_count": 0,
    }


def _data_flows(made: Built) -> list[Row]:
    doors: dict[str, list[str]] = {}
    for step in made.steps:
        if step.row["category"] == "webhook":
            doors.setdefault(step.row["app_id"], []).append(f"{step.row['app_id']}/{step.row['step_id']}")
    rows: dict[str, Row] = {}
    for step in made.steps:
        row = step.row
        own = f"{row['app_id']}/{row['step_id']}" if row["category"] == "http" else None
        link = row["connection_id"] or own
        if link is None or row["category"] in ("trigger", "webhook"):
            continue
        for start in doors.get(row["app_id"]) or [row["app_id"]]:
            flow_id = f"{start}>{link}"
            rows[flow_id] = {
                "flow_id": flow_id,
                "app_id": row["app_id"],
                "from_kind": "endpoint" if row["app_id"] in doors else "app",
                "from_id": start,
                "to_kind": "connection",
                "to_id": link,
                "to_host": step.target_host,
                "derived_by": "inferred",
            }
    return list(rows.values())
