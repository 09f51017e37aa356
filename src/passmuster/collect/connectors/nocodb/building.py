"""Bases as apps, their webhooks as steps, tables as stores, public links as addresses, integrations as connections."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from passmuster.collect.connectors.nocodb.estate import ENVIRONMENT_ID, Estate, has_password, is_shared
from passmuster.collect.connectors.nocodb.hooks import (
    destination_of,
    is_web_request,
    secret_headers,
    secret_hits,
    signs_in,
)
from passmuster.collect.connectors.nocodb.roles import FORM, public_links
from passmuster.collect.fields import Record, records, text
from passmuster.collect.reads import gathered
from passmuster.collect.statuses import Verdict
from passmuster.collect.unlocks import by_declaring
from passmuster.documents.secrets import redact
from passmuster.snapshot.gathered import Gap, Gathered

_WRITES = frozenset({"create", "update", "delete"})
_RAW_FIELDS = ("id", "title", "type", "is_meta", "created_at", "updated_at")
_APP_GAPS = (
    Gap("criticality", "NocoDB does not tell it", by_declaring("apps", "criticality")),
    Gap("business_contact", "NocoDB does not tell it", by_declaring("apps", "business_contact")),
)
_CONNECTION_GAPS = tuple(
    Gap(column, "NocoDB does not hand out how an integration is set up", by_declaring("connections", column))
    for column in ("target_host", "scheme", "tls_verify", "identity_kind")
)
_STORE_GAPS = tuple(
    Gap(column, "NocoDB does not classify data", by_declaring("data_stores", column))
    for column in ("classification", "contains_personal_data", "encrypted_at_rest", "retention_days")
)
_FLOW_GAPS = (
    Gap("boundary", "NocoDB does not tell who runs the other side", by_declaring("data_flows", "boundary")),
    Gap("max_classification", "NocoDB does not classify data", by_declaring("data_flows", "max_classification")),
)


def building_tables(estate: Estate) -> dict[str, Gathered]:
    """The tables of bases, tables, links and webhooks."""
    hooks = estate.verdict_of(estate.tables_of, estate.hooks_of)
    views = estate.verdict_of(estate.tables_of, estate.views_of)
    connections = [*_of_hooks(estate), *_of_integrations(estate), *_of_sources(estate)]
    both: tuple[Verdict, ...] = (hooks, estate.verdict("integrations"))
    return {
        "apps": gathered(
            [_app(estate, base) for base in estate.items("bases")],
            estate.verdict_of(estate.users_of),
            source="bases, base_users",
            gaps=_APP_GAPS,
        ),
        "app_steps": gathered(list(_steps(estate)), hooks, source="table_hooks"),
        "endpoints": gathered(list(_links(estate)), views, source="bases, table_views"),
        "connectors": gathered(_connectors(connections), *both, source="integrations, table_hooks"),
        "connections": gathered(connections, *both, source="integrations, bases, table_hooks", gaps=_CONNECTION_GAPS),
        "data_flows": gathered(list(_data_flows(estate)), hooks, source="table_hooks", gaps=_FLOW_GAPS),
        "data_stores": gathered(list(_data_stores(estate)), views, source="base_tables, table_views", gaps=_STORE_GAPS),
    }


def _app(estate: Estate, base: Record) -> dict[str, Any]:
    base_id = str(base["id"])
    read = estate.users_of.get(base_id)
    owners = [str(user["id"]) for user in (read.items if read else ()) if text(user, "roles") == "owner"]
    return {
        "app_id": base_id,
        "environment_id": ENVIRONMENT_ID,
        "kind": "app",
        "name": text(base, "title"),
        "is_active": True,
        "owner_principal_id": min(owners, default=None),
        "co_owner_count": len(owners) - 1 if owners else None,
        "created_at": text(base, "created_at"),
        "modified_at": text(base, "updated_at"),
        "raw": redact({field: base[field] for field in _RAW_FIELDS if field in base}),
    }


def _steps(estate: Estate) -> Iterator[dict[str, Any]]:
    for base_id, hook in estate.hooks():
        is_web = is_web_request(hook)
        yield {
            "app_id": base_id,
            "step_id": str(hook["id"]),
            "name": text(hook, "title"),
            "step_type": "webhook",
            "category": "http" if is_web else "connector",
            "connector_id": "webhook" if is_web else None,
            "connection_id": f"hook:{hook['id']}" if is_web else None,
            "is_enabled": hook.get("active") in (1, True) if "active" in hook else None,
            "auth_mode": ("header" if signs_in(hook) else "none") if is_web else None,
            "secret_hits": secret_hits(hook),
            "next_step_ids": "[]",
        }


def _links(estate: Estate) -> Iterator[dict[str, Any]]:
    """Public links. Their own addresses let anybody in, so what is kept is where people with an account find them."""
    for base in estate.items("bases"):
        if is_shared(base):
            yield _link(estate, f"base:{base['id']}", (str(base["id"]),), base)
    for base_id, table_id, view in estate.views():
        if is_shared(view):
            row = _link(estate, f"view:{view['id']}", (base_id, table_id, str(view["id"])), view)
            yield {**row, "kind": "form" if view.get("type") == FORM else "public_link"}


def _link(estate: Estate, endpoint_id: str, path: tuple[str, ...], record: Record) -> dict[str, Any]:
    base = estate.base.text if estate.base else None
    return {
        "endpoint_id": endpoint_id,
        "app_id": path[0],
        "environment_id": ENVIRONMENT_ID,
        "kind": "public_link",
        "url": f"{base}/dashboard/base/{'/'.join(path)}" if base else None,
        "is_public": True,
        "auth_mode": "none",
        "tls_min": "none" if base and base.startswith("http://") else None,
        "methods": json.dumps(["GET", "POST"] if record.get("type") == FORM else ["GET"]),
        "password_protected": has_password(record),
    }


def _of_hooks(estate: Estate) -> Iterator[dict[str, Any]]:
    for base_id, hook in estate.hooks():
        if is_web_request(hook):
            scheme, host = destination_of(hook)
            yield {
                "connection_id": f"hook:{hook['id']}",
                "connector_id": "webhook",
                "environment_id": ENVIRONMENT_ID,
                "app_id": base_id,
                "identity_kind": None if signs_in(hook) else "none",
                "target_host": host,
                "scheme": scheme,
                "tls_verify": True,
                "credential_id": f"hook:{hook['id']}" if secret_headers(hook) else None,
                "shared_with_count": 0,
                "created_at": text(hook, "created_at"),
            }


def _of_integrations(estate: Estate) -> Iterator[dict[str, Any]]:
    for integration in estate.items("integrations"):
        yield {
            "connection_id": f"integration:{integration['id']}",
            "connector_id": text(integration, "sub_type") or text(integration, "type"),
            "environment_id": ENVIRONMENT_ID,
            "owner_principal_id": text(integration, "created_by"),
            "credential_id": f"integration:{integration['id']}",
            "created_at": text(integration, "created_at"),
        }


def _of_sources(estate: Estate) -> Iterator[dict[str, Any]]:
    """Databases elsewhere that a base is connected to, by an integration or by itself."""
    for base in estate.items("bases"):
        for source in records(base, "sources"):
            if source.get("is_meta") or source.get("is_local") or not text(source, "id"):
                continue
            integration = text(source, "fk_integration_id")
            yield {
                "connection_id": f"source:{source['id']}",
                "connector_id": text(source, "type"),
                "environment_id": ENVIRONMENT_ID,
                "app_id": str(base["id"]),
                "credential_id": f"integration:{integration}" if integration else None,
                "created_at": text(source, "created_at"),
            }


def _connectors(connections: list[dict[str, Any]]) -> list[dict[str, Any]]:
    kinds = sorted({kind for row in connections if (kind := row["connector_id"])})
    return [
        {
            "connector_id": kind,
            "name": kind,
            "kind": "generic_http" if kind == "webhook" else "builtin",
            "publisher": "NocoDB",
        }
        for kind in kinds
    ]


def _data_flows(estate: Estate) -> Iterator[dict[str, Any]]:
    for base_id, hook in estate.hooks():
        table_id = text(hook, "fk_model_id")
        if is_web_request(hook) and table_id and hook.get("active") in (1, True):
            yield {
                "flow_id": f"{table_id}>hook:{hook['id']}",
                "app_id": base_id,
                "from_kind": "data_store",
                "from_id": table_id,
                "to_kind": "connection",
                "to_id": f"hook:{hook['id']}",
                "to_host": destination_of(hook)[1],
                "derived_by": "inferred",
            }


def _data_stores(estate: Estate) -> Iterator[dict[str, Any]]:
    reach: dict[str, str] = {}
    for _, _, tables, allowed in public_links(estate):
        for table_id in tables:
            if _WRITES & set(allowed):
                reach[table_id] = "write"
            reach.setdefault(table_id, "read")
    for base_id, table in estate.tables():
        table_id = str(table["id"])
        yield {
            "data_store_id": table_id,
            "environment_id": ENVIRONMENT_ID,
            "name": f"{estate.names_of_bases.get(base_id, base_id)}: {text(table, 'title') or table_id}",
            "kind": "table",
            # Members of a base reach all of its tables.
            "default_access": "private",
            "anonymous_access": reach.get(table_id, "none"),
        }
