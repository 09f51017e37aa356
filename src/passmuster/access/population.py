"""The population of a certification: every role anybody holds by a snapshot, and whether that is all of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import duckdb

from passmuster.access.entitlement import Entitlement, Holder
from passmuster.model.words import CollectionStatus
from passmuster.snapshot.load import LoadedTable, load
from passmuster.snapshot.read import Snapshot

# Without these nobody can say who holds what. A platform that has no groups tells so with an empty table.
DECISIVE = ("principals", "roles", "grants", "groups", "memberships")
_TOLD = ("role_inclusions", "role_permissions", "environments", "apps", "connections", "data_stores")
_COMPUTED = ("effective_memberships", "effective_roles")
_FINE = frozenset({CollectionStatus.OK, CollectionStatus.EMPTY, CollectionStatus.NOT_LICENSED})

# A group that everybody is in is one decision, not one for each of them.
_WHOLE_GROUPS = "('everyone', 'public')"
_HOLDINGS = f"""
    WITH valid AS (
        SELECT * FROM grants WHERE (expires_at IS NULL OR expires_at > $as_of) AND subject_id IS NOT NULL
    ), holding AS (
        SELECT subject_id AS holder_id, false AS is_group, 'assigned directly' AS path, valid.*
        FROM valid WHERE subject_kind IS DISTINCT FROM 'group'
        UNION ALL
        SELECT m.principal_id, false, 'through the group ' || coalesce(g.name, g.group_id), valid.*
        FROM valid JOIN groups g ON g.group_id = subject_id
        JOIN effective_memberships m ON m.group_id = subject_id
        WHERE subject_kind = 'group' AND coalesce(g.kind, '') NOT IN {_WHOLE_GROUPS}
        UNION ALL
        SELECT subject_id, true, 'through the group ' || coalesce(g.name, subject_id), valid.*
        FROM valid LEFT JOIN groups g ON g.group_id = subject_id
        WHERE subject_kind = 'group' AND (g.group_id IS NULL OR coalesce(g.kind, '') IN {_WHOLE_GROUPS})
    )
    SELECT holder_id, is_group, coalesce(role_id, '') AS role_id, coalesce(object_kind, '') AS object_kind,
           coalesce(object_id, '') AS object_id, coalesce(environment_id, '') AS environment_id,
           string_agg(DISTINCT path, '; ' ORDER BY path) AS path,
           if(bool_or(has_expiry IS FALSE), NULL, max(expires_at)) AS expires_at,
           CASE WHEN bool_or(has_expiry IS FALSE) THEN true WHEN bool_and(has_expiry) THEN false END AS is_standing,
           bool_and(coalesce(is_eligible_only, false)) AS is_eligible_only
    FROM holding GROUP BY ALL ORDER BY ALL
"""  # noqa: S608 - fixed text
_ROLES = """
    SELECT r.role_id, coalesce(any_value(own.name), r.role_id) AS name,
           bool_or(inner_role.is_privileged) AS is_privileged,
           list(DISTINCT p.capability) FILTER (
               WHERE p.capability IS NOT NULL AND coalesce(p.effect, 'allow') = 'allow') AS allows
    FROM effective_roles r LEFT JOIN roles own ON own.role_id = r.role_id
    LEFT JOIN roles inner_role ON inner_role.role_id = r.included_role_id
    LEFT JOIN role_permissions p ON p.role_id = r.included_role_id
    GROUP BY r.role_id
"""
_NAMES = """
    SELECT 'environment' AS kind, environment_id AS id, coalesce(name, environment_id) AS name FROM environments
    UNION ALL SELECT 'app', app_id, coalesce(name, app_id) FROM apps
    UNION ALL SELECT 'connection', connection_id, coalesce(target_host, connection_id) FROM connections
    UNION ALL SELECT 'data_store', data_store_id, coalesce(name, data_store_id) FROM data_stores
"""


@dataclass(frozen=True)
class Population:
    """All entitlements of one platform at one moment; `missing` says why it may not be all of them."""

    platform_id: str
    snapshot_id: str
    as_of: datetime
    entitlements: tuple[Entitlement, ...]
    missing: tuple[str, ...] = ()
    object_owners: Mapping[tuple[str, str], str] = field(default_factory=dict)
    people: Mapping[str, str] = field(default_factory=dict)
    """The login behind every id, login and display name that only one account has; keys in lower case."""
    holders: tuple[Holder, ...] = ()
    """Every account, whether it holds anything or not."""

    @property
    def is_complete(self) -> bool:
        """Whether everything that decides who holds what could be read."""
        return not self.missing


def read_population(snapshot: Snapshot, *, as_of: datetime) -> Population:
    """Every role held at `as_of`, sorted; raises PassmusterError where the snapshot is altered."""
    connection = duckdb.connect(":memory:")
    try:
        wanted = (*DECISIVE, *_TOLD, *_COMPUTED)
        states = load(connection, snapshot, wanted, as_of=as_of)
        rows = _rows(connection, _HOLDINGS, as_of=as_of.astimezone(UTC).replace(tzinfo=None))
        roles = {row["role_id"]: row for row in _rows(connection, _ROLES)}
        names = {(row["kind"], row["id"]): row["name"] for row in _rows(connection, _NAMES)}
        holders = _holders(_rows(connection, "SELECT * EXCLUDE (raw) FROM principals"))
        groups = {row["group_id"]: row["name"] or row["group_id"] for row in _rows(connection, "SELECT * FROM groups")}
        owners = _owners(connection, holders)
    finally:
        connection.close()
    is_told = states["role_permissions"].status in _FINE
    platform = snapshot.manifest.platform_id
    found = (
        _entitlement(row, roles, names, is_told=is_told) | {"holder": _holder(row, holders, groups)} for row in rows
    )
    return Population(
        platform,
        snapshot.manifest.id,
        as_of,
        tuple(Entitlement(**each) for each in found),
        tuple(_missing(states)),
        owners,
        _people(holders.values()),
        tuple(holders.values()),
    )


def _people(holders: Iterable[Holder]) -> dict[str, str]:
    found: dict[str, set[str]] = {}
    for holder in holders:
        for text in (holder.id, holder.login, holder.name):
            if text:
                found.setdefault(text.casefold(), set()).add(holder.login or holder.shown)
    return {text: next(iter(logins)) for text, logins in found.items() if len(logins) == 1}


def _rows(connection: duckdb.DuckDBPyConnection, query: str, **given: Any) -> list[dict[str, Any]]:
    cursor = connection.execute(query, given or None)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _missing(states: Mapping[str, LoadedTable]) -> list[str]:
    bad = (states[name] for name in DECISIVE if states[name].status not in _FINE)
    return [f"{each.name}: {each.status}{f' ({each.reason})' if each.reason else ''}" for each in bad]


def _entitlement(
    row: Mapping[str, Any], roles: Mapping[str, Any], names: Mapping[tuple[str, str], str], *, is_told: bool
) -> dict[str, Any]:
    role = roles.get(row["role_id"], {})
    kind, place = row["object_kind"], row["environment_id"]
    return {
        "role_id": row["role_id"],
        "role": role.get("name") or row["role_id"],
        "is_privileged": role.get("is_privileged"),
        "object_kind": kind,
        "object_id": row["object_id"],
        "object_name": names.get((kind, row["object_id"]), "the platform" if kind == "platform" else row["object_id"]),
        "environment_id": place or (row["object_id"] if kind == "environment" else ""),
        "environment": names.get(("environment", place), place),
        "path": row["path"],
        "allows": frozenset(role.get("allows") or ()) if is_told else None,
        "expires_at": _aware(row["expires_at"]),
        "is_standing": row["is_standing"],
        "is_eligible_only": row["is_eligible_only"],
    }


def _holders(rows: list[dict[str, Any]]) -> dict[str, Holder]:
    logins = {row["principal_id"]: row["login"] or row["display_name"] or row["principal_id"] for row in rows}
    return {row["principal_id"]: _principal(row, logins) for row in rows}


def _principal(row: Mapping[str, Any], logins: Mapping[str, str]) -> Holder:
    owner = row["owner_principal_id"] or ""
    return Holder(
        id=row["principal_id"],
        kind=row["kind"] or "",
        name=row["display_name"] or "",
        login=row["login"] or "",
        is_enabled=row["is_enabled"],
        is_external=row["is_external"],
        mfa=row["mfa"],
        last_used_at=_aware(row["last_sign_in_at"]),
        never_used=row["never_signed_in"],
        created_at=_aware(row["created_at"]),
        employment_ended_at=_aware(row["employment_ended_at"]),
        has_expiry=row["has_expiry"],
        manager=logins.get(row["manager"] or "", row["manager"] or ""),
        sponsor=logins.get(row["sponsor"] or "", row["sponsor"] or ""),
        owner=logins.get(owner, owner),
    )


def _holder(row: Mapping[str, Any], holders: Mapping[str, Holder], groups: Mapping[str, str]) -> Holder:
    name = row["holder_id"]
    if row["is_group"]:
        return Holder(name, "group", groups.get(name, ""), is_group=True, is_known=name in groups)
    return holders.get(name) or Holder(name, is_known=False)


def _owners(connection: duckdb.DuckDBPyConnection, holders: Mapping[str, Holder]) -> dict[tuple[str, str], str]:
    """The login of who owns an app, a connection or an environment, where the platform tells it."""
    query = """
        SELECT 'environment' AS kind, environment_id AS id, owner_principal_id AS owner FROM environments
        UNION ALL SELECT 'app', app_id, owner_principal_id FROM apps
        UNION ALL SELECT 'connection', connection_id, owner_principal_id FROM connections"""
    found = {}
    for row in _rows(connection, query):
        if row["owner"]:
            holder = holders.get(row["owner"])
            found[row["kind"], row["id"]] = (holder.login or holder.shown) if holder else row["owner"]
    return found


def _aware(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment is not None else None
