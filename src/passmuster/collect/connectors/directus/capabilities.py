"""Directus' permissions in the words that are the same on every platform.

Source: Directus' documentation on access control (policies, permissions, public role) and on flows; that tables such as
`directus_permissions` decide about rights, and that whoever writes `directus_flows` and `directus_operations` runs code
on the server (operation "Run Script"), holds for 11 and 12.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_WRITES = ("create", "update", "delete")
_RIGHTS_TABLES = ("directus_roles", "directus_policies", "directus_permissions", "directus_access")
_OF_SYSTEM: Mapping[tuple[str, str], str] = {
    **{(table, action): "manage_roles" for table in _RIGHTS_TABLES for action in _WRITES},
    **{("directus_users", action): "manage_users" for action in _WRITES},
    **{("directus_settings", action): "manage_settings" for action in _WRITES},
    **{("directus_extensions", action): "install_addons" for action in _WRITES},
    **{(table, action): "author_code" for table in ("directus_flows", "directus_operations") for action in _WRITES[:2]},
    **{(table, action): "manage_logs" for table in ("directus_activity", "directus_revisions") for action in _WRITES},
    ("directus_shares", "create"): "share",
}
# Directus asks for an administrator there, whatever permission rows say.
_ADMINISTRATORS_ONLY = frozenset({"directus_collections", "directus_fields", "directus_relations"})
# What `admin_access` means: every permission there is, and what no permission row can give.
ADMINISTRATOR = (
    *("read_all", "write_all", "manage_users", "manage_roles", "manage_settings", "manage_logs", "author_code"),
    *("create_app", "install_addons", "export_bulk", "share"),
)
_RANKS = {
    **dict.fromkeys(("manage_roles", "manage_users"), 80),
    **dict.fromkeys(("author_code", "manage_settings", "install_addons"), 60),
    **dict.fromkeys(("create", "update", "delete", "share", "manage_logs"), 40),
    "read": 10,
}


def capability_of(collection: str, action: str, *, is_own: bool, sets_role: bool) -> str | None:
    """The common word for an action on a collection; None where no word fits.

    Who may write the field `role` or `policies` of users, if only in the own record, can make itself an administrator
    (tried). A right that reaches only the own record and neither of the two fields manages nobody.
    """
    if collection in _ADMINISTRATORS_ONLY and action != "read":
        return None
    if collection == "directus_users" and action in ("create", "update"):
        if sets_role:
            return "manage_roles"
        if is_own and action == "update":
            return action
    return _OF_SYSTEM.get((collection, action)) or (action if action in ("read", *_WRITES, "share") else None)


def names_role(fields: Any) -> bool:
    """Whether a list of fields holds those of a user that give rights."""
    names = fields.split(",") if isinstance(fields, str) else fields
    return isinstance(names, list) and not {"*", "role", "policies"}.isdisjoint(map(str, names))


def rank_of(capabilities: set[str | None], *, is_administrator: bool) -> int:
    """How much a policy may do, from 0 to 100."""
    if is_administrator:
        return 100
    return max((_RANKS.get(word, 0) for word in capabilities if word), default=0)


def field_scope_of(action: str, fields: Any) -> str | None:
    """Which fields an action reaches; deleting and sharing know no fields. None where that cannot be read."""
    if action in ("delete", "share"):
        return "all"
    if fields is None:
        return "none"
    names = fields.split(",") if isinstance(fields, str) else fields
    if not isinstance(names, list):
        return None
    return "all" if "*" in names else "some" if names else "none"


def row_scope_of(action: str, rule: Any) -> str | None:
    """Which records a rule leaves; creating knows none. None where the rule cannot be read."""
    if action == "create" or not _says_something(rule):
        return "all"
    if not isinstance(rule, dict):
        return None
    return "own" if _mentions_oneself(rule) else "filtered"


def _says_something(rule: Any) -> bool:
    """Whether a rule narrows anything: groups without members do not."""
    if isinstance(rule, dict):
        return any(key not in ("_and", "_or") or _says_something(inner) for key, inner in rule.items())
    if isinstance(rule, list):
        return any(_says_something(inner) for inner in rule)
    return rule is not None


def _mentions_oneself(rule: Any) -> bool:
    """Whether every way to meet the rule asks for the user itself."""
    if not isinstance(rule, dict):
        return rule == "$CURRENT_USER" or (isinstance(rule, list) and rule == ["$CURRENT_USER"])
    for key, inner in rule.items():
        if key == "_or":
            if isinstance(inner, list) and inner and all(_mentions_oneself(each) for each in inner):
                return True
        elif key == "_and":
            if isinstance(inner, list) and any(_mentions_oneself(each) for each in inner):
                return True
        elif not key.startswith("_n") and _mentions_oneself(inner):
            return True
    return False
