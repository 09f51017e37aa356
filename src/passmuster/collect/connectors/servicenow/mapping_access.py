"""Roles, roles within roles, what access rules give them, and who holds them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from passmuster.collect.connectors.servicenow.access_rules import rules_of
from passmuster.collect.connectors.servicenow.capabilities import ADMINISTRATORS, CAPABILITIES, rank_of
from passmuster.collect.connectors.servicenow.estate import ENVIRONMENT_ID, Estate, record_id
from passmuster.collect.connectors.servicenow.mapping_people import unclear_state
from passmuster.collect.connectors.servicenow.records import Record, flag, moment, shown, text
from passmuster.snapshot.gathered import Gap, Gathered, SourceState

_OF_VENDOR = frozenset({"maint", "glide.maint", "system", "admin"})
# Users and roles as well: without them a grant names what nobody can look up.
_REFS = ("sys_user", "sys_user_role")
_SOURCES = ("sys_user_has_role", "sys_group_has_role")
_DERIVED_FROM = ("sys_group_has_role", "sys_user_grmember", "sys_user_role_contains")
_GRANT_GAPS = (Gap("expires_at", "roles of ServiceNow have no end"),)


def access_tables(estate: Estate) -> dict[str, Gathered]:
    """The tables of roles and grants."""
    grants, unclear = _grants(estate)
    roles = list(_roles(estate))
    return {
        "roles": estate.table(roles, "sys_user_role"),
        "role_inclusions": estate.table(_inclusions(estate), "sys_user_role_contains", refs=("sys_user_role",)),
        "role_permissions": estate.table(
            list(_permissions(estate, [row["role_id"] for row in roles])),
            *("sys_user_role", "sys_security_acl", "sys_security_acl_role"),
        ),
        "grants": estate.table(grants, *_SOURCES, refs=_REFS, gaps=_GRANT_GAPS, odd=unclear),
    }


def _roles(estate: Estate) -> Iterator[dict[str, Any]]:
    seen = set()
    for role in estate.records("sys_user_role"):
        name = text(role, "name")
        if name is None or name in seen:
            continue
        seen.add(name)
        yield {
            "role_id": name,
            "environment_id": ENVIRONMENT_ID,
            "name": name,
            "kind": "role",
            "is_builtin": _is_builtin(role, name),
            "is_privileged": name in ADMINISTRATORS,
            "privilege_rank": rank_of(name),
        }


def _is_builtin(role: Record, name: str) -> bool | None:
    if name in CAPABILITIES:
        return True
    author = text(role, "sys_created_by")
    return True if author in _OF_VENDOR - {"admin"} else False if author and author not in _OF_VENDOR else None


def _inclusions(estate: Estate) -> list[dict[str, Any]]:
    pairs = {
        (outer, inner)
        for record in estate.records("sys_user_role_contains")
        if (outer := estate.roles.of(record, "role")) and (inner := estate.roles.of(record, "contains"))
    }
    return [{"role_id": outer, "included_role_id": inner} for outer, inner in sorted(pairs)]


def _permissions(estate: Estate, roles: Iterable[str]) -> Iterator[dict[str, Any]]:
    for role in roles:
        for capability in CAPABILITIES.get(role, ()):
            yield {
                "role_id": role,
                "permission": f"{role}: {capability}",
                "capability": capability,
                "field_scope": "all",
                "row_scope": "all",
                "effect": "allow",
            }
    yield from rules_of(estate)


def _grants(estate: Estate) -> tuple[list[dict[str, Any]], list[SourceState]]:
    rows: dict[str, dict[str, Any]] = {}
    unclear = 0
    elevated = _elevated(estate)
    # What a user holds by a group or by another role is found again from those; without them it is all there is.
    can_be_derived = all(estate.has(name) for name in _DERIVED_FROM)
    for record in estate.records("sys_user_has_role"):
        if (can_be_derived and flag(record, "inherited")) or _is_over(record):
            continue
        unclear += not _add(rows, record, ("principal", estate.users.of(record, "user")), estate, elevated)
    for record in estate.records("sys_group_has_role"):
        unclear += not _add(rows, record, ("group", estate.groups.of(record, "group")), estate, elevated)
    rows |= _of_visitors(estate)
    return list(rows.values()), unclear_state("sys_user_has_role", unclear)


def _is_over(record: Record) -> bool:
    state = (shown(record, "state") or "active").lower()
    return state not in ("active", "")


def _elevated(estate: Estate) -> frozenset[str]:
    """Roles a user has to raise himself to in each session, by hand."""
    roles = estate.records("sys_user_role")
    return frozenset(name for role in roles if flag(role, "elevated_privilege") and (name := text(role, "name")))


def _add(
    rows: dict[str, dict[str, Any]],
    record: Record,
    subject: tuple[str, str | None],
    estate: Estate,
    elevated: frozenset[str],
) -> bool:
    kind, holder = subject
    role = estate.roles.of(record, "role")
    if holder is None or role is None:
        return False
    grant_id = record_id(record) or f"{kind}/{holder}/{role}"
    rows[grant_id] = _row(estate, grant_id, kind, holder, role) | {
        "granted_at": moment(record, "sys_created_on"),
        "granted_by": text(record, "sys_created_by"),
        "is_eligible_only": role in elevated,
    }
    return True


def _of_visitors(estate: Estate) -> dict[str, dict[str, Any]]:
    """Nobody has to sign in for what the role public may do; no record says so."""
    visitors = {estate.users.of(Record({"user": "guest"}), "user")} if estate.records("sys_user") else set()
    known = {text(user, "sys_id") or text(user, "user_name") for user in estate.records("sys_user")}
    rows = {}
    for visitor in visitors & known - {None}:
        grant_id = f"principal/{visitor}/public"
        rows[grant_id] = _row(estate, grant_id, "principal", str(visitor), "public") | {"is_eligible_only": False}
    return rows


def _row(estate: Estate, grant_id: str, kind: str, holder: str, role: str) -> dict[str, Any]:
    return {
        "grant_id": grant_id,
        "subject_kind": kind,
        "subject_id": holder,
        "role_id": role,
        "object_kind": "platform",
        "object_id": estate.platform_id,
        "environment_id": ENVIRONMENT_ID,
        "has_expiry": False,
    }
