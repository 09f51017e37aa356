"""Triggers and actions the kit lists, as steps; HTTP triggers also as addresses that answer."""

from __future__ import annotations

from passmuster.collect.connectors.power_platform.coe import kit_tables as kit
from passmuster.collect.connectors.power_platform.coe.inventory import Inventory, Row
from passmuster.collect.connectors.power_platform.identifiers import as_id

_TRIGGER = "trigger"
# The kit writes a trigger as `Type : Kind`.
_HTTP_TRIGGERS = frozenset({"request : http", "request:http"})
_ACTIONS = {
    "http": "http",
    "httpwebhook": "http",
    "javascriptcode": "script",
    "openapiconnection": "connector",
    "openapiconnectionwebhook": "connector",
    "apiconnection": "connector",
    "apiconnectionwebhook": "connector",
}


def trigger_rows(found: Inventory) -> list[Row]:
    """One step a flow whose trigger is told."""
    return [
        {
            "app_id": app_id,
            "step_id": _TRIGGER,
            "name": trigger,
            "step_type": trigger,
            "category": "webhook" if _is_http(trigger) else "trigger",
        }
        for app_id, trigger in found.triggers.items()
    ]


def _is_http(trigger: str) -> bool:
    return trigger.lower() in _HTTP_TRIGGERS


def action_rows(found: Inventory) -> list[Row]:
    """One step an action; of one whose flow is not in the folder nothing is known that it belongs to."""
    exported = found.tables.get(kit.ACTIONS.name)
    if exported is None:
        return []
    flows = found.tables.get(kit.FLOWS.name)
    index: dict[str, str] = {}
    for row in flows.rows if flows else ():
        flow_id = flows.text(row, "id") if flows else None
        for spelling in (flow_id, flows.text(row, "key") if flows else None):
            if flow_id and spelling:
                index[spelling.lower()] = flow_id
    rows: list[Row] = []
    for row in exported.rows:
        step_id, flow_id = as_id(exported.text(row, "id")), found.link(index, exported, row, "flow")
        kind, operation = exported.text(row, "type"), exported.text(row, "operation")
        if step_id and flow_id:
            rows.append(
                {
                    "app_id": flow_id,
                    "step_id": step_id,
                    "name": operation or kind,
                    "step_type": f"{kind}/{operation}" if kind and operation else kind or operation,
                    "category": _ACTIONS.get((kind or "").lower(), "logic") if kind else None,
                    "connector_id": exported.text(row, "connector"),
                }
            )
    return rows


def endpoint_rows(found: Inventory) -> list[Row]:
    """The HTTP triggers of flows."""
    places = {row["app_id"]: row["environment_id"] for row in found.apps}
    return [
        {
            "endpoint_id": f"{app_id}/{_TRIGGER}",
            "app_id": app_id,
            "environment_id": places.get(app_id),
            "kind": "webhook",
            "is_public": True,
        }
        for app_id, trigger in found.triggers.items()
        if _is_http(trigger)
    ]
