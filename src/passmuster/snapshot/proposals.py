"""What registers begin with: every item of the inventory, each waiting for a decision."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import duckdb

from passmuster.snapshot.load import load
from passmuster.snapshot.read import Snapshot

_TABLES = (
    "add_ons",
    "app_steps",
    "apps",
    "connections",
    "connectors",
    "credentials",
    "data_flows",
    "data_policy_rules",
    "data_stores",
    "privileged_grants",
    "endpoints",
    "environments",
    "principals",
    "role_permissions",
    "roles",
)
_ITEMS = {
    "connectors": "SELECT connector_id, name FROM connectors",
    "add_ons": "SELECT name, kind FROM add_ons WHERE is_builtin IS NOT TRUE",
    "hosts": """SELECT target_host, connector_id FROM connections
                UNION ALL SELECT to_host, NULL FROM data_flows
                UNION ALL SELECT host, name FROM connectors""",
    "administrators": """SELECT g.principal_id, p.login FROM privileged_grants g
                         LEFT JOIN principals p ON p.principal_id = g.principal_id WHERE g.is_privileged""",
    "regions": "SELECT region, NULL FROM environments UNION ALL SELECT region, NULL FROM data_stores",
    "endpoints": "SELECT endpoint_id, url FROM endpoints",
    "credentials": """SELECT credential_id, name FROM credentials
                      UNION ALL SELECT credential_id || '/' || unnest(from_json(scopes, '["VARCHAR"]')), name
                      FROM credentials WHERE kind IN ('oauth_client', 'oauth_grant')""",
    "roles": """SELECT role_id, name FROM roles WHERE is_privileged OR role_id IN (
                    SELECT role_id FROM role_permissions
                    WHERE capability IN ('read_all', 'write_all', 'export_bulk'))""",
    "steps": """SELECT app_id || '/' || step_id, step_type FROM app_steps
                WHERE category IN ('script', 'command', 'filesystem', 'http', 'ai')""",
    "tenants": "SELECT ref_id, NULL FROM data_policy_rules WHERE rule_kind = 'tenant'",
}
_DISTINCT = """
    SELECT item, min(text) FROM ({query}) AS items(item, text) WHERE item IS NOT NULL GROUP BY item ORDER BY item"""
_OWNERS = """
    SELECT 'environment' AS scope_kind, environment_id AS scope_id, owner_principal_id AS owner FROM environments
    UNION ALL SELECT 'app', app_id, owner_principal_id FROM apps
    UNION ALL SELECT 'connection', connection_id, owner_principal_id FROM connections
    UNION ALL SELECT 'credential', credential_id, owner_principal_id FROM credentials"""


def propose_allow_lists(snapshot: Snapshot) -> list[dict[str, Any]]:
    """Rows of `allow_lists`, all pending; `reason` tells what the item is."""
    with duckdb.connect() as connection:
        load(connection, snapshot, _TABLES, as_of=datetime.now(UTC))
        return [
            {"list_id": name, "item": item, "state": "pending", "reason": text}
            for name, query in _ITEMS.items()
            for item, text in connection.execute(_DISTINCT.format(query=query)).fetchall()
        ]


def propose_owners(snapshot: Snapshot) -> list[dict[str, Any]]:
    """Rows of `owners`: what has an owner on the platform, and what still needs one."""
    with duckdb.connect() as connection:
        load(connection, snapshot, _TABLES, as_of=datetime.now(UTC))
        rows = connection.execute(
            f"""SELECT o.scope_kind, o.scope_id, coalesce(p.login, o.owner, '') FROM ({_OWNERS}) o
                LEFT JOIN principals p ON p.principal_id = o.owner ORDER BY ALL"""  # noqa: S608
        ).fetchall()
    platform = {"scope_kind": "platform", "scope_id": snapshot.manifest.platform_id, "owner": ""}
    return [platform, *({"scope_kind": kind, "scope_id": scope, "owner": owner} for kind, scope, owner in rows)]
