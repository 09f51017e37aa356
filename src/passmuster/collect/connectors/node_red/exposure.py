"""Addresses that answer: HTTP endpoints, sockets and dashboards of flows, and the admin interface."""

from __future__ import annotations

from typing import Any

from passmuster.collect.connectors.node_red.flows import CONFIG_APP, Flows, Node, text_of
from passmuster.collect.connectors.node_red.instance import ENVIRONMENT_ID, Instance
from passmuster.collect.unlocks import by_declaring
from passmuster.documents.secrets import mask_secrets, strip_url
from passmuster.snapshot.gathered import Gap

ADMIN_ID = "admin"
ENDPOINT_GAPS = (
    Gap("tls_min", "the lowest TLS version is not told by the interface"),
    Gap(
        "rate_limited",
        "limits in front of Node-RED are not told by the interface",
        by_declaring("endpoints", "rate_limited"),
    ),
    Gap("cors", "the interface tells that CORS is set, not for whom", by_declaring("endpoints", "cors")),
    Gap(
        "auth_mode",
        "checks inside a flow, or of a socket, are not told by the interface",
        by_declaring("endpoints", "auth_mode"),
    ),
)


def endpoint_rows(flows: Flows, instance: Instance) -> list[dict[str, Any]]:
    """What enabled flows answer, and the admin interface."""
    running = [node for node in flows.nodes if flows.runs(node)]
    rows = [row for node in running if (row := _row_of(node, instance)) is not None]
    return [*rows, admin_row(instance)]


def endpoint_of_step(flows: Flows) -> dict[str, str]:
    """The endpoint behind each enabled step that starts a flow from outside; sockets are behind their listener."""
    found = {}
    for node in flows.nodes:
        if not flows.runs(node):
            continue
        if node.type == "http in" or _listens(node):
            found[node.id] = node.id
        elif node.type == "websocket in" and text_of(node.raw.get("server")) in flows.config_nodes:
            found[node.id] = text_of(node.raw.get("server"))
    return found


def admin_row(instance: Instance) -> dict[str, Any]:
    """The editor and its admin API."""
    is_open = instance.has_sign_in is False or instance.anonymous_access
    return {
        "endpoint_id": ADMIN_ID,
        "environment_id": ENVIRONMENT_ID,
        "kind": "admin_ui",
        "url": strip_url(instance.base_url) or None,
        "is_public": True,
        "auth_mode": "none" if is_open else "platform" if instance.has_sign_in else None,
        "tls_min": "none" if instance.is_tls is False else None,
    }


def _row_of(node: Node, instance: Instance) -> dict[str, Any] | None:
    if node.type == "http in":
        return _http_row(node, instance)
    if node.type == "websocket-listener":
        return _listener_row(node, instance)
    if node.type == "ui-base":  # dashboard 2 keeps its path in the flows; dashboard 1 keeps it in settings.js
        return {**_served(node, instance, text_of(node.raw.get("path")) or "/dashboard"), "kind": "site"}
    if node.type == "ui_base":
        return {**_served(node, instance, None), "kind": "site"}
    return _socket_row(node) if _listens(node) else None


def _http_row(node: Node, instance: Instance) -> dict[str, Any]:
    method = text_of(node.raw.get("method")).upper()
    served = _served(node, instance, text_of(node.raw.get("url")))
    return {**served, "kind": "webhook", "methods": [method] if method else None}


def _served(node: Node, instance: Instance, path: str | None) -> dict[str, Any]:
    auth_mode = None if instance.node_auth is None else "basic" if instance.node_auth else "none"
    return {
        "endpoint_id": node.id,
        "app_id": None if node.app_id == CONFIG_APP else node.app_id,
        "environment_id": ENVIRONMENT_ID,
        "url": None if path is None or instance.node_root is None else _url(instance.origin, instance.node_root, path),
        "is_public": True,
        "auth_mode": auth_mode,
        "tls_min": "none" if instance.is_tls is False else None,
        "cors": [] if instance.has_node_cors is False else None,
    }


def _listener_row(node: Node, instance: Instance) -> dict[str, Any]:
    # httpNodeAuth does not cover sockets; whether webSocketNodeVerifyClient is set is not told.
    row = {**_served(node, instance, text_of(node.raw.get("path"))), "kind": "api", "auth_mode": None, "cors": None}
    url = row["url"]
    return {**row, "url": "ws" + url.removeprefix("http") if isinstance(url, str) and url.startswith("http") else url}


def _socket_row(node: Node) -> dict[str, Any]:
    scheme = "udp" if node.type == "udp in" else "tls" if node.raw.get("tls") else "tcp"
    return {
        "endpoint_id": node.id,
        "app_id": None if node.app_id == CONFIG_APP else node.app_id,
        "environment_id": ENVIRONMENT_ID,
        "kind": "api",
        "url": mask_secrets(f"{scheme}://:{node.raw.get('port') or ''}"),
        "is_public": True,
        # These nodes have no sign-in of their own; a TLS configuration may ask for a certificate.
        "auth_mode": None if scheme == "tls" else "none",
        "tls_min": None if scheme == "tls" else "none",
    }


def _listens(node: Node) -> bool:
    if node.type == "udp in":
        return True
    return node.type == "tcp in" and text_of(node.raw.get("server")) == "server"


def _url(origin: str, root: str, path: str) -> str:
    parts = [part.strip("/") for part in (root, path)]
    return mask_secrets(strip_url(f"{origin}/{'/'.join(part for part in parts if part)}"))
