"""What a platform holds: counts and the first rows of each kind, and the flows of data between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import duckdb

from passmuster.model.report import FlowEdge, FlowMap, InventoryItem
from passmuster.model.words import CollectionStatus
from passmuster.snapshot.manifest import TableEntry
from passmuster.snapshot.read import SCAN, Snapshot

_ROWS = 25
_EDGES = 5_000
_OWNER = """coalesce((SELECT any_value(o.name) FROM _owner o WHERE o.principal_id = owner_principal_id),
                      owner_principal_id)"""
_FLOW_TABLES = ("endpoints", "connections", "data_stores", "data_flows", "apps")


@dataclass(frozen=True)
class _Kind:
    title: str
    table: str
    columns: tuple[tuple[str, str], ...]
    where: str = "true"
    order: str = "1"


def _columns(text: str) -> tuple[tuple[str, str], ...]:
    """Pairs of expression and heading from lines `expression | Heading`."""
    pairs = (line.rsplit("|", 1) for line in text.strip().splitlines())
    return tuple((expression.strip(), heading.strip()) for expression, heading in pairs)


_KINDS = (
    _Kind(
        "Environments",
        "environments",
        _columns("""
        name | Name
        kind | Kind
        region | Region
        created_at | Created"""),
    ),
    _Kind(
        "People and accounts",
        "principals",
        _columns("""
        coalesce(display_name, login, principal_id) | Name
        kind | Kind
        is_enabled | Enabled
        mfa | Second factor
        last_sign_in_at | Last sign-in"""),
    ),
    _Kind(
        "Apps and automations",
        "apps",
        _columns("""
        name | Name
        kind | Kind
        is_active | Active
        {owner} | Owner
        modified_at | Changed"""),
    ),
    _Kind(
        "Connectors",
        "connectors",
        _columns("""
        coalesce(name, connector_id) | Name
        kind | Kind
        publisher | Publisher"""),
    ),
    _Kind(
        "Connections",
        "connections",
        _columns("""
        connection_id | Id
        connector_id | Connector
        target_host | Host
        scheme | Scheme
        tls_verify | Checks certificates"""),
    ),
    _Kind(
        "Add-ons",
        "add_ons",
        _columns("""
        name | Name
        version | Version
        publisher | Publisher
        publisher_verified | Verified publisher
        is_enabled | Enabled"""),
        where="is_builtin IS NOT TRUE",
    ),
    _Kind(
        "Credentials",
        "credentials",
        _columns("""
        name | Name
        kind | Kind
        {owner} | Owner
        created_at | Created
        expires_at | Expires"""),
    ),
    _Kind(
        "Endpoints",
        "endpoints",
        _columns("""
        coalesce(url, endpoint_id) | Address
        kind | Kind
        is_public | Public
        auth_mode | Sign-in"""),
    ),
    _Kind(
        "Data policies",
        "data_policies",
        _columns("""
        name | Name
        kind | Kind
        scope | Scope
        default_classification | Unnamed connectors
        is_enabled | Enabled"""),
    ),
    _Kind(
        "Keys and certificates",
        "keys",
        _columns("""
        key_id | Id
        kind | Kind
        purpose | Purpose
        rotated_at | Rotated
        not_after | Ends"""),
    ),
    _Kind(
        "Log sources",
        "log_sources",
        _columns("""
        log_source_id | Id
        kind | Kind
        is_enabled | Enabled
        retention_days | Kept (days)
        delivered_to | Delivered to"""),
    ),
)


def take_inventory(snapshot: Snapshot) -> tuple[InventoryItem, ...]:
    """One item a kind, in the order a reader expects; what could not be read says so."""
    with duckdb.connect() as connection:
        connection.execute("CREATE TEMP TABLE _owner (principal_id VARCHAR, name VARCHAR)")
        if "principals" in snapshot.manifest.tables:
            connection.execute(
                f"INSERT INTO _owner SELECT principal_id, coalesce(display_name, login) FROM {SCAN}",  # noqa: S608
                [snapshot.pattern("principals")],
            )
        return tuple(_item(connection, snapshot, kind) for kind in _KINDS)


def _item(connection: duckdb.DuckDBPyConnection, snapshot: Snapshot, kind: _Kind) -> InventoryItem:
    entry = snapshot.manifest.tables.get(kind.table)
    if entry is None:
        return InventoryItem(kind.title, None, CollectionStatus.UNSUPPORTED, "this snapshot is older than the table")
    if not entry.rows:
        count = 0 if entry.status.is_readable else None
        return InventoryItem(kind.title, count, entry.status, entry.reason)
    path = snapshot.pattern(kind.table)
    source = f"FROM {SCAN} WHERE {kind.where}"
    total = connection.execute(f"SELECT count(*) {source}", [path]).fetchone()
    select = ", ".join(f"{text.format(owner=_OWNER)} AS c{index}" for index, (text, _) in enumerate(kind.columns))
    rows = connection.execute(
        f"SELECT {select} {source} ORDER BY {kind.order} LIMIT {_ROWS}",
        [path],
    ).fetchall()
    return InventoryItem(
        kind=kind.title,
        count=int(total[0]) if total else 0,
        status=entry.status,
        reason=entry.reason,
        note=f"the first {_ROWS} are shown" if total and total[0] > _ROWS else "",
        columns=tuple(heading for _, heading in kind.columns),
        rows=tuple(tuple(row) for row in rows),
    )


def map_flows(snapshot: Snapshot) -> FlowMap | None:
    """The data flows by names a reader knows; None where the snapshot has no such table."""
    entry = snapshot.manifest.tables.get("data_flows")
    if entry is None:
        return None
    edges = _edges(snapshot, entry) if entry.rows else ()
    reason = entry.reason
    if entry.rows > _EDGES:
        reason = f"{reason + '; ' if reason else ''}the first {_EDGES} of {entry.rows} flows are drawn"
    return FlowMap(entry.status, reason, edges)


def _edges(snapshot: Snapshot, entry: TableEntry) -> tuple[FlowEdge, ...]:
    with duckdb.connect() as connection:
        rows = connection.execute(
            f"""WITH names AS (
                    SELECT 'endpoint' AS kind, endpoint_id AS id, coalesce(url, endpoint_id) AS name
                    FROM {SCAN.replace("?", "$endpoints")}
                    UNION ALL
                    SELECT 'connection', connection_id, coalesce(target_host, connector_id, connection_id)
                    FROM {SCAN.replace("?", "$connections")}
                    UNION ALL
                    SELECT 'data_store', data_store_id, coalesce(name, data_store_id)
                    FROM {SCAN.replace("?", "$data_stores")})
                SELECT coalesce(f.name, CASE WHEN d.from_kind IS DISTINCT FROM 'app' THEN d.from_id END, ''),
                       coalesce(a.name, d.app_id, ''), coalesce(t.name, d.to_host, d.to_id, 'unknown'),
                       coalesce(d.to_host, ''), d.boundary, d.max_classification, d.derived_by = 'declared'
                FROM {SCAN.replace("?", "$data_flows")} d
                LEFT JOIN names f ON f.kind = d.from_kind AND f.id = d.from_id
                LEFT JOIN names t ON t.kind = d.to_kind AND t.id = d.to_id
                LEFT JOIN {SCAN.replace("?", "$apps")} a ON a.app_id = d.app_id
                ORDER BY ALL LIMIT {_EDGES}""",  # noqa: S608 - fixed text
            {name: snapshot.pattern(name) for name in _FLOW_TABLES},
        ).fetchall()
    return tuple(_edge(row) for row in rows)


def _edge(row: tuple[Any, ...]) -> FlowEdge:
    source, app, target, host, boundary, classification, is_declared = row
    return FlowEdge(source, app, target, host, boundary, classification, bool(is_declared))
