"""What reaches out of the instance, and what answers from outside."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from passmuster.collect.connectors.servicenow.estate import ENVIRONMENT_ID, Estate, record_id
from passmuster.collect.connectors.servicenow.records import Record, flag, moment, shown, text
from passmuster.collect.unlocks import by_declaring
from passmuster.documents.secrets import strip_url
from passmuster.snapshot.gathered import Gap, Gathered

_LINKS = ("ecc_agent", "sys_rest_message", "http_connection")
_BUILTIN = {"mid_server": "MID server", "rest_message": "REST message", "http_connection": "HTTP connection"}
_NO_AUTH = frozenset({"no_authentication", "none", "no authentication"})
_CONNECTION_GAPS = (
    Gap("identity_kind", "ServiceNow does not tell whose account the other system knows",
        by_declaring("connections", "identity_kind")),
    Gap("tls_verify", "whether certificates are checked is one property of the whole instance"),
)  # fmt: skip
_ENDPOINT_GAPS = (
    Gap("tls_min", "the vendor's servers decide which versions of TLS are taken", by_declaring("endpoints", "tls_min")),
    Gap("is_public", "whether a portal shows anything to visitors is decided by its pages",
        by_declaring("endpoints", "is_public")),
)  # fmt: skip


def link_tables(estate: Estate) -> dict[str, Gathered]:
    """The tables of connectors, connections and endpoints."""
    return {
        "connectors": estate.table(list(_connectors(estate)), "sys_rest_message"),
        "connections": estate.table(
            [*_mid_servers(estate), *_rest_messages(estate), *_http_connections(estate)], *_LINKS, gaps=_CONNECTION_GAPS
        ),
        "endpoints": estate.table(
            [*_resources(estate), *_portals(estate), *_public_pages(estate)],
            *("sys_ws_operation", "sp_portal", "sys_public"),
            gaps=_ENDPOINT_GAPS,
        ),
    }


def _connectors(estate: Estate) -> Iterator[dict[str, Any]]:
    """The kinds of link that ship, and every REST message: those the house describes itself."""
    if not any(estate.records(table) for table in _LINKS):
        return
    for kind, name in _BUILTIN.items():
        yield {"connector_id": kind, "name": name, "kind": "builtin", "publisher": "ServiceNow"}
    for message in estate.records("sys_rest_message"):
        identity = record_id(message, "name")
        if identity:
            host, _ = _where(text(message, "rest_endpoint"))
            yield {"connector_id": identity, "name": text(message, "name"), "kind": "custom", "host": host}


def _where(address: str | None) -> tuple[str | None, str | None]:
    """Host and scheme of an address; both None where it is filled in at run time or is none."""
    try:
        parts = urlsplit((address or "").strip())
        host = parts.hostname
    except ValueError:
        return None, None
    if not host or "$" in host or "{" in host:
        return None, None
    return host.lower(), parts.scheme.lower() or None


def _link(identity: str, connector: str, record: Record) -> dict[str, Any]:
    return {
        "connection_id": identity,
        "connector_id": connector,
        "environment_id": ENVIRONMENT_ID,
        "created_at": moment(record, "sys_created_on"),
    }


def _mid_servers(estate: Estate) -> Iterator[dict[str, Any]]:
    for agent in estate.records("ecc_agent"):
        identity = record_id(agent, "name")
        if identity:
            yield _link(identity, "mid_server", agent) | {
                "target_host": text(agent, "host_name"),
                "scheme": "https",
                "identity_kind": "service",
                "status": _status(agent),
                "last_used_at": moment(agent, "last_refreshed"),
            }


def _status(agent: Record) -> str | None:
    status, validated = shown(agent, "status"), text(agent, "validated")
    if validated is None or flag(agent, "validated") is not False:
        return status
    return f"{status or 'unknown'}, not validated"


def _rest_messages(estate: Estate) -> Iterator[dict[str, Any]]:
    for message in estate.records("sys_rest_message"):
        identity = record_id(message, "name")
        if identity:
            host, scheme = _where(text(message, "rest_endpoint"))
            is_open = (text(message, "authentication_type") or "").lower() in _NO_AUTH
            yield _link(identity, identity, message) | {
                "target_host": host,
                "scheme": scheme,
                "identity_kind": "none" if is_open else None,
                "credential_id": text(message, "basic_auth_profile") or text(message, "oauth2_profile"),
            }


def _http_connections(estate: Estate) -> Iterator[dict[str, Any]]:
    for connection in estate.records("http_connection"):
        identity = record_id(connection, "name")
        if identity:
            host, scheme = _where(text(connection, "connection_url"))
            yield _link(identity, "http_connection", connection) | {
                "target_host": host or text(connection, "host"),
                "scheme": scheme,
                "credential_id": text(connection, "credential"),
                "status": {True: "active", False: "inactive"}.get(flag(connection, "active") or False),
            }


def _resources(estate: Estate) -> Iterator[dict[str, Any]]:
    """Scripted REST: a resource whose mark is off asks nobody to sign in, whatever its service says."""
    services = {record_id(service, "name"): service for service in estate.records("sys_ws_definition")}
    for operation in estate.records("sys_ws_operation"):
        identity = record_id(operation, "operation_uri", "http_method")
        service = services.get(text(operation, "web_service_definition"))
        is_off = flag(operation, "active") is False or (service is not None and flag(service, "active") is False)
        if identity is None or is_off:
            continue
        must_sign_in = flag(operation, "requires_authentication")
        method = shown(operation, "http_method")
        yield _endpoint(estate, identity, "api", text(operation, "operation_uri")) | {
            "auth_mode": {True: "platform", False: "none"}.get(must_sign_in) if must_sign_in is not None else None,
            "is_public": None if must_sign_in is None else not must_sign_in,
            "methods": [method.upper()] if method else None,
        }


def _endpoint(estate: Estate, identity: str, kind: str, path: str | None) -> dict[str, Any]:
    base = estate.base.text if estate.base else ""
    local = strip_url(path).lstrip("/") if path else ""
    return {
        "endpoint_id": identity,
        "environment_id": ENVIRONMENT_ID,
        "kind": kind,
        "url": f"{base}/{local}" if path else None,
    }


def _portals(estate: Estate) -> Iterator[dict[str, Any]]:
    for portal in estate.records("sp_portal"):
        identity = record_id(portal, "url_suffix")
        if identity and flag(portal, "inactive") is not True:
            yield _endpoint(estate, identity, "site", text(portal, "url_suffix")) | {"app_id": identity}


def _public_pages(estate: Estate) -> Iterator[dict[str, Any]]:
    for page in estate.records("sys_public"):
        identity = record_id(page, "page")
        if identity and flag(page, "active"):
            yield _endpoint(estate, identity, "site", f"{text(page, 'page')}.do") | {
                "auth_mode": "none",
                "is_public": True,
            }
