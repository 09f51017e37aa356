"""Flows as apps, their operations as steps, the addresses they open and where data goes from there."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from passmuster.collect.connectors.directus.estate import ENVIRONMENT_ID, Estate, moment
from passmuster.collect.connectors.directus.steps import (
    category_of,
    checks_caller,
    collection_of,
    destination_of,
    is_own,
    secret_headers,
    secret_hits,
    signs_in,
)
from passmuster.collect.fields import Record, inner, text
from passmuster.collect.reads import gathered
from passmuster.collect.unlocks import by_declaring
from passmuster.documents.secrets import redact
from passmuster.snapshot.gathered import Gap, Gathered

_TRIGGER = "trigger"
_RAW_FIELDS = ("id", "name", "status", "trigger", "accountability", "date_created", "user_created")
_APP_GAPS = (
    Gap("modified_at", "Directus does not tell when a flow was changed"),
    Gap("last_run_at", "only runs that the flow logs leave a trace"),
    Gap("criticality", "Directus does not tell it", by_declaring("apps", "criticality")),
    Gap("business_contact", "Directus does not tell it", by_declaring("apps", "business_contact")),
    Gap("is_managed", "Directus does not tell whether a flow was deployed", by_declaring("apps", "is_managed")),
)
_CONNECTION_GAPS = (
    Gap("identity_kind", "Directus does not tell whose account it is", by_declaring("connections", "identity_kind")),
    Gap("last_used_at", "Directus does not tell when a step last ran"),
)
_FLOW_GAPS = (
    Gap("boundary", "Directus does not tell who runs the other side", by_declaring("data_flows", "boundary")),
    Gap("max_classification", "Directus does not classify data", by_declaring("data_flows", "max_classification")),
)


def flow_tables(estate: Estate) -> dict[str, Gathered]:
    """The tables of flows, their steps, addresses and links."""
    flows = estate.verdict("flows")
    doors = [*_hooks(estate), *_shares(estate)]
    return {
        "apps": gathered([_app(estate, flow) for flow in estate.items("flows")], flows, source="flows", gaps=_APP_GAPS),
        "app_steps": gathered(list(_steps(estate)), flows, source="flows"),
        "endpoints": gathered(doors, flows, estate.verdict("shares"), source="flows, shares"),
        "connectors": gathered(_connectors(estate), flows, source="flows"),
        "connections": gathered(list(_connections(estate)), flows, source="flows", gaps=_CONNECTION_GAPS),
        "data_flows": gathered(list(_data_flows(estate)), flows, source="flows", gaps=_FLOW_GAPS),
    }


def _app(estate: Estate, flow: Record) -> dict[str, Any]:
    status = text(flow, "status")
    return {
        "app_id": str(flow["id"]),
        "environment_id": ENVIRONMENT_ID,
        "kind": "workflow",
        "name": text(flow, "name"),
        "is_active": None if status is None else status == "active",
        "owner_principal_id": text(flow, "user_created"),
        "created_at": moment(flow, "date_created"),
        "last_run_at": estate.ran_at.get(str(flow["id"])),
        "raw": redact({field: flow[field] for field in _RAW_FIELDS if field in flow}),
    }


def _steps(estate: Estate) -> Iterator[dict[str, Any]]:
    for flow in estate.items("flows"):
        yield _start(estate, flow)
        for step in estate.steps_of(flow):
            yield _step(flow, step)


def _start(estate: Estate, flow: Record) -> dict[str, Any]:
    """What starts a flow, as its first step."""
    kind, first = text(flow, "trigger"), text(flow, "operation")
    step = next((step for step in estate.steps_of(flow) if step["id"] == first), None)
    is_hook = kind == "webhook"
    return {
        "app_id": str(flow["id"]),
        "step_id": _TRIGGER,
        "name": kind,
        "step_type": f"trigger:{kind}" if kind else None,
        "category": "webhook" if is_hook else "trigger",
        "is_enabled": text(flow, "status") == "active" if "status" in flow else None,
        "auth_mode": "none" if is_hook else "platform" if kind == "manual" else None,
        # Anybody may start it; what a first step turns away gets no further.
        "validates_input": (checks_caller(step) if step else False) if is_hook else None,
        "secret_hits": 0,
        "next_step_ids": json.dumps([first] if first else []),
    }


def _step(flow: Record, step: Record) -> dict[str, Any]:
    kind = str(step.get("type"))
    following = [each for name in ("resolve", "reject") if (each := text(step, name))]
    category = category_of(kind)
    is_http = category == "http"
    return {
        "app_id": str(flow["id"]),
        "step_id": str(step["id"]),
        "name": text(step, "name") or text(step, "key"),
        "step_type": kind,
        "category": category,
        "connector_id": kind,
        "connection_id": f"{flow['id']}/{step['id']}" if is_http else None,
        "is_enabled": text(flow, "status") == "active" if "status" in flow else None,
        "auth_mode": ("header" if signs_in(step) else "none") if is_http else None,
        "secret_hits": secret_hits(step),
        "next_step_ids": json.dumps(following),
    }


def _hooks(estate: Estate) -> Iterator[dict[str, Any]]:
    """The addresses of active flows. A manual flow can be called by those who signed in and may read its collection."""
    for flow in estate.items("flows"):
        kind = text(flow, "trigger")
        if kind not in ("webhook", "manual") or text(flow, "status") != "active":
            continue
        method = text(inner(flow, "options"), "method") or "GET"
        yield {
            **_door(estate, f"flows/trigger/{flow['id']}"),
            "endpoint_id": str(flow["id"]),
            "app_id": str(flow["id"]),
            "kind": "webhook",
            "is_public": True,
            "auth_mode": "none" if kind == "webhook" else "platform",
            "methods": json.dumps(["POST" if kind == "manual" else method]),
        }


def share_id(native: str) -> str:
    """How tables name a share: its own id is the link that opens it."""
    return f"share:{hashlib.sha256(native.encode(errors='replace')).hexdigest()[:16]}"


def _shares(estate: Estate) -> Iterator[dict[str, Any]]:
    """Public links. The id of one is the link itself, so it is hashed; its address is that of the record it shows."""
    for share in estate.items("shares"):
        parts = ("admin", "content", text(share, "collection") or "-", text(share, "item") or "-")
        yield {
            **_door(estate, "/".join(quote(part, safe="", errors="replace") for part in parts)),
            "endpoint_id": share_id(str(share["id"])),
            "kind": "public_link",
            "is_public": True,
            "auth_mode": "none",
            "methods": json.dumps(["GET"]),
            "password_protected": bool(share["password"]) if "password" in share else None,
            "expires_at": moment(share, "date_end"),
        }


def _door(estate: Estate, path: str) -> dict[str, Any]:
    base = estate.address
    return {
        "environment_id": ENVIRONMENT_ID,
        "url": f"{base}/{path}" if base else None,
        "tls_min": "none" if base and base.startswith("http://") else None,
        "rate_limited": estate.is_rate_limited,
    }


def _connectors(estate: Estate) -> list[dict[str, Any]]:
    kinds = sorted({str(step.get("type")) for flow in estate.items("flows") for step in estate.steps_of(flow)})
    return [
        {
            "connector_id": kind,
            "name": kind,
            "kind": "generic_http" if kind == "request" else "builtin" if is_own(kind) else "community",
            "publisher": "Directus" if is_own(kind) else None,
        }
        for kind in kinds
    ]


def _connections(estate: Estate) -> Iterator[dict[str, Any]]:
    for flow in estate.items("flows"):
        for step in estate.steps_of(flow):
            if step.get("type") != "request":
                continue
            scheme, host = destination_of(step)
            connection_id = f"{flow['id']}/{step['id']}"
            yield {
                "connection_id": connection_id,
                "connector_id": "request",
                "environment_id": ENVIRONMENT_ID,
                "app_id": str(flow["id"]),
                "owner_principal_id": text(flow, "user_created"),
                "identity_kind": None if signs_in(step) else "none",
                "target_host": host,
                "scheme": scheme,
                "tls_verify": True,
                "credential_id": connection_id if secret_headers(step) else None,
                "shared_with_count": 0,
            }


def _data_flows(estate: Estate) -> Iterator[dict[str, Any]]:
    """From the address a flow opens (or the flow itself) to what its steps reach."""
    open_doors = {row["app_id"] for row in _hooks(estate)}
    for flow in estate.items("flows"):
        flow_id, seen = str(flow["id"]), set()
        for step in estate.steps_of(flow):
            collection, is_request = collection_of(step), step.get("type") == "request"
            target = collection or (f"{flow_id}/{step['id']}" if is_request else None)
            if target is None or target in seen:
                continue
            seen.add(target)
            yield {
                "flow_id": f"{flow_id}>{target}",
                "app_id": flow_id,
                "from_kind": "endpoint" if flow_id in open_doors else "app",
                "from_id": flow_id,
                "to_kind": "data_store" if collection else "connection",
                "to_id": target,
                "to_host": destination_of(step)[1] if is_request else None,
                "derived_by": "inferred",
            }
