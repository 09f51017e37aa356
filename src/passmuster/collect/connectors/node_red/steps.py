"""Tabs and subflows as apps, nodes as steps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from passmuster.collect.connectors.node_red.flows import Flows, Node, text_of
from passmuster.collect.connectors.node_red.kinds import category_of, query_facts
from passmuster.collect.unlocks import by_declaring
from passmuster.documents.secrets import count_secrets, mask_secrets, redact
from passmuster.snapshot.gathered import Gap

APP_GAPS = (
    Gap("owner_principal_id", "Node-RED keeps no owner of a flow", by_declaring("apps", "owner_principal_id")),
    Gap("created_at", "Node-RED keeps no dates of flows"),
    Gap("modified_at", "Node-RED keeps no dates of flows"),
    Gap("modified_by", "Node-RED keeps no authors of flows"),
    Gap("criticality", "Node-RED does not rate flows", by_declaring("apps", "criticality")),
    Gap("last_run_at", "Node-RED keeps no history of runs"),
    Gap("runs_30d", "Node-RED keeps no history of runs"),
    Gap("failures_30d", "Node-RED keeps no history of runs"),
    Gap("is_managed", "the interface does not tell how flows got there", by_declaring("apps", "is_managed")),
)
STEP_GAPS = (
    Gap("validates_input", "whether a flow checks its input cannot be told from its nodes"),
    Gap("has_expression_in_query", "a query that comes with the message cannot be read"),
)
_REQUEST_SIGN_IN = {"": "none", "basic": "basic", "digest": "basic", "bearer": "header"}


def app_rows(flows: Flows, environment_id: str) -> list[dict[str, Any]]:
    """One row a tab or subflow. A subflow is active where an active tab uses it."""
    catching = {node.app_id for node in flows.nodes if node.type == "catch" and node.is_enabled}
    return [
        {
            "app_id": app.id,
            "environment_id": environment_id,
            "kind": "workflow",
            "name": mask_secrets(app.name) or app.id,
            "is_active": app.id in flows.active_ids,
            # A catch node handles the errors of the flow it stands in.
            "error_handler_app_id": app.id if app.id in catching else None,
            "raw": redact(app.content | {"type": app.type}),
        }
        for app in flows.containers
    ]


def step_rows(flows: Flows, connection_ids: Mapping[str, str], node_auth: bool | None) -> list[dict[str, Any]]:
    """One row a node, configuration nodes under the app `config`. `connection_ids` maps step ids to connections."""
    return [_step_row(flows, node, connection_ids.get(node.id), node_auth) for node in flows.nodes]


def _step_row(flows: Flows, node: Node, connection_id: str | None, node_auth: bool | None) -> dict[str, Any]:
    category = "logic" if node.is_config else category_of(node, has_connection=connection_id is not None)
    in_query, is_bound = query_facts(node) if category == "sql" else (None, None)
    return {
        "app_id": node.app_id,
        "step_id": node.id,
        "name": mask_secrets(node.name) or None,
        "step_type": mask_secrets(node.type),
        "category": category,
        "connector_id": node.type if connection_id == node.id else _type_of(flows, connection_id),
        "connection_id": connection_id,
        "is_enabled": flows.runs(node),
        "auth_mode": _auth_mode(node, node_auth),
        "has_expression_in_query": in_query,
        "uses_bound_parameters": is_bound,
        "secret_hits": count_secrets(node.content),
        "next_step_ids": node.next_ids,
    }


def _type_of(flows: Flows, node_id: str | None) -> str | None:
    node = flows.config_nodes.get(node_id) if node_id else None
    return node.type if node else None


def _auth_mode(node: Node, node_auth: bool | None) -> str | None:
    if node.type == "http in":
        return None if node_auth is None else "basic" if node_auth else "none"
    if node.type == "http request":
        return _request_auth(node)
    return None


def _request_auth(node: Node) -> str | None:
    headers = node.raw.get("headers")
    names = [text_of(h.get("keyValue") or h.get("keyType")) for h in headers or [] if isinstance(h, Mapping)]
    if any(name.lower() == "authorization" for name in names):
        return "header"
    return _REQUEST_SIGN_IN.get(node.raw["authType"]) if isinstance(node.raw.get("authType"), str) else None
