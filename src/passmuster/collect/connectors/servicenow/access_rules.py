"""Access rules on records: which role may do what with which table, and which tables a visitor reaches."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from passmuster.collect.connectors.servicenow.estate import Estate, record_id
from passmuster.collect.connectors.servicenow.records import Record, flag, shown, text

PUBLIC = "public"
_CAPABILITIES = {"read": "read", "write": "update", "create": "create", "delete": "delete"}
_WIDE = {"read": "read_all", "write": "write_all"}


def rules_of(estate: Estate) -> Iterator[dict[str, Any]]:
    """A permission for every role that an active rule on records names."""
    roles = _roles_by_rule(estate)
    seen = set()
    for rule in _active(estate):
        for role in sorted(roles.get(record_id(rule, "name", "operation") or "", ())):
            row = _permission(rule, role)
            key = (role, row["permission"], row["resource_id"], row["effect"])
            if key not in seen:
                seen.add(key)
                yield row


def visitors_access(estate: Estate) -> dict[str, str | None]:
    """Tables with rules to `none`, `read` or `write`: what a visitor may do there; None where a script decides.

    Of the rules on one operation any that lets somebody in is enough, unless one denies.
    """
    roles = _roles_by_rule(estate)
    by_table: dict[str, dict[str, list[str | None]]] = {}
    for rule in _active(estate):
        name, operation = text(rule, "name") or "", _operation(rule)
        if "." in name or name == "*" or operation not in _CAPABILITIES:
            continue
        held = roles.get(record_id(rule, "name", "operation") or "", frozenset())
        by_table.setdefault(name, {}).setdefault(operation, []).append(_opening(rule, held))
    return {name: _of_table(operations) for name, operations in by_table.items()}


def _of_table(operations: dict[str, list[str | None]]) -> str | None:
    reached = {operation: _any_open(found) for operation, found in operations.items()}
    if any(reached.get(operation) == "open" for operation in ("write", "create", "delete")):
        return "write"
    if reached.get("read") == "open":
        return "read"
    is_told = "read" in reached and None not in reached.values()
    return "none" if is_told else None


def _any_open(found: list[str | None]) -> str | None:
    if "deny" in found:
        return None
    if "open" in found:
        return "open"
    return None if None in found else "closed"


def _opening(rule: Record, roles: frozenset[str]) -> str | None:
    """Whether one rule lets a visitor in: `open`, `closed`, `deny`, or None where a condition or script decides."""
    if _is_deny(rule):
        return "deny"
    is_plain = not _is_narrowed(rule)
    if roles and PUBLIC not in roles:
        return "closed"
    return "open" if is_plain else None


def _active(estate: Estate) -> Iterator[Record]:
    for rule in estate.records("sys_security_acl"):
        if flag(rule, "active") is not False and (shown(rule, "type") or "record").lower() == "record":
            yield rule


def _operation(rule: Record) -> str:
    return (shown(rule, "operation") or text(rule, "operation") or "").lower()


def _is_deny(rule: Record) -> bool:
    return "deny" in (text(rule, "decision_type") or "").lower()


def _is_narrowed(rule: Record) -> bool:
    has_script = bool(text(rule, "script")) and flag(rule, "advanced") is not False
    return bool(text(rule, "condition")) or has_script or flag(rule, "advanced") is True


def _roles_by_rule(estate: Estate) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for record in estate.records("sys_security_acl_role"):
        rule, role = (
            text(record, "sys_security_acl") or shown(record, "sys_security_acl"),
            estate.roles.of(record, "sys_user_role"),
        )
        if rule and role:
            found.setdefault(rule, set()).add(role)
    return {rule: frozenset(roles) for rule, roles in found.items()}


def _permission(rule: Record, role: str) -> dict[str, Any]:
    name, operation = text(rule, "name") or "", _operation(rule)
    table, _, field = name.partition(".")
    is_wide = table == "*" and field in ("", "*")
    capability = _WIDE.get(operation) if is_wide else _CAPABILITIES.get(operation)
    return {
        "role_id": role,
        "permission": f"record.{operation} {name}",
        "capability": capability,
        "resource_kind": "table",
        "resource_id": None if table == "*" else table,
        "field_scope": "some" if field not in ("", "*") else "all",
        "row_scope": "filtered" if _is_narrowed(rule) else "all",
        "effect": "deny" if _is_deny(rule) else "allow",
    }
