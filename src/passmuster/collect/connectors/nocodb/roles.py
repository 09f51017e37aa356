"""What NocoDB's roles may do, in the words that are the same on every platform, and who holds them.

Source: NocoDB's documentation, "Roles & permissions overview" and "Roles in Community Edition". No interface lists it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from passmuster.collect.connectors.nocodb.estate import ENVIRONMENT_ID, PUBLIC_ID, Estate, has_password, is_shared
from passmuster.collect.fields import Record, text
from passmuster.collect.reads import gathered
from passmuster.collect.statuses import OK, Verdict
from passmuster.model.words import CollectionStatus
from passmuster.snapshot.gathered import Gap, Gathered

FORM = 1
_ON_INSTANCE: dict[str, tuple[str, int, tuple[str, ...]]] = {
    "super": (
        "Super admin",
        100,
        (
            *("read_all", "write_all", "manage_users", "manage_roles", "manage_settings", "manage_connections"),
            *("install_addons", "create_app", "share", "export_bulk", "api_access"),
        ),
    ),
    "org-level-creator": ("Organisation creator", 50, ("create_app", "manage_connections", "api_access")),
    "org-level-viewer": ("Organisation viewer", 5, ("api_access",)),
}
_RECORDS = ("read", "create", "update", "delete")
_BUILDING = ("create_app", "share", "manage_connections", "export_bulk")
_ON_BASE: dict[str, tuple[str, int, tuple[str, ...]]] = {
    "owner": ("Base owner", 60, (*_RECORDS, *_BUILDING)),
    "creator": ("Base creator", 55, (*_RECORDS, *_BUILDING)),
    "editor": ("Base editor", 40, (*_RECORDS, "export_bulk")),
    "commenter": ("Base commenter", 15, ("read",)),
    "viewer": ("Base viewer", 10, ("read",)),
    "no-access": ("No access", 0, ()),
}
_GAPS = (
    Gap("granted_at", "NocoDB does not tell when a role was given"),
    Gap("granted_by", "NocoDB does not tell who gave a role"),
)


def role_tables(estate: Estate) -> dict[str, Gathered]:
    """The tables of roles and grants."""
    links = estate.verdict_of(estate.tables_of, estate.views_of)
    unknown = _unknown_roles(estate)
    return {
        "roles": gathered([*_roles(), *_link_roles(estate)], links, unknown, source="users, bases, table_views"),
        "role_inclusions": Gathered(CollectionStatus.EMPTY, reason="roles of NocoDB do not contain roles"),
        "role_permissions": gathered(
            [*_permissions(), *_link_permissions(estate)], links, unknown, source="bases, views"
        ),
        "grants": gathered(
            list(_grants(estate)),
            *(estate.verdict("users"), estate.verdict_of(estate.users_of), links, unknown),
            source="users, base_users, table_views",
            gaps=_GAPS,
        ),
    }


def public_links(estate: Estate) -> Iterator[tuple[str, str, tuple[str, ...], tuple[str, ...]]]:
    """Links that anybody can use: an id, a name, the tables they reach, what they allow. Forms are not among them."""
    for base in estate.items("bases"):
        if is_shared(base) and has_password(base) is not True:
            base_id = str(base["id"])
            tables = tuple(str(table["id"]) for of, table in estate.tables() if of == base_id)
            yield f"base:{base_id}", estate.names_of_bases[base_id], tables, _allowed(text(base, "roles"))
    for _, table_id, view in estate.views():
        if is_shared(view) and has_password(view) is not True and view.get("type") != FORM:
            yield f"view:{view['id']}", text(view, "title") or str(view["id"]), (table_id,), ("read",)


def _allowed(role: str | None) -> tuple[str, ...]:
    """What a public link to a base allows; it gives its visitors a role of the base."""
    words = _ON_BASE[role][2] if role in _ON_BASE else ("read",)
    return tuple(word for word in words if word in _RECORDS)


def _unknown_roles(estate: Estate) -> Verdict:
    """A role of a newer or licensed release is told and never guessed."""
    on_instance = {word for user in estate.items("users") for word in words_of(user)}
    on_base = {role for read in estate.users_of.values() for user in read.items if (role := text(user, "roles"))}
    strange = sorted((on_instance - set(_ON_INSTANCE)) | (on_base - set(_ON_BASE)))
    if not strange:
        return OK
    return Verdict(CollectionStatus.PARTIAL, f"what these roles may do is not known here: {', '.join(strange)}")


def words_of(user: Record) -> list[str]:
    """The roles of a user on the instance, which come as one text."""
    return [word for part in (text(user, "roles") or "").split(",") if (word := part.strip())]


def _roles() -> Iterator[dict[str, Any]]:
    for prefix, roles in (("org", _ON_INSTANCE), ("base", _ON_BASE)):
        for word, (name, rank, _) in roles.items():
            yield _role(f"{prefix}:{word}", name, rank, is_builtin=True)


def _link_roles(estate: Estate) -> Iterator[dict[str, Any]]:
    for link_id, name, _, allowed in public_links(estate):
        yield _role(f"link:{link_id}", f"Public link to {name}", 40 if "create" in allowed else 10, is_builtin=False)


def _role(role_id: str, name: str, rank: int, *, is_builtin: bool) -> dict[str, Any]:
    return {
        "role_id": role_id,
        "environment_id": ENVIRONMENT_ID,
        "name": name,
        "kind": "role",
        "is_builtin": is_builtin,
        "is_privileged": rank == 100,
        "privilege_rank": rank,
    }


def _permissions() -> Iterator[dict[str, Any]]:
    for prefix, roles in (("org", _ON_INSTANCE), ("base", _ON_BASE)):
        for word, (_, _, capabilities) in roles.items():
            for capability in capabilities:
                yield _permission(f"{prefix}:{word}", capability, "instance" if prefix == "org" else "base", None)


def _link_permissions(estate: Estate) -> Iterator[dict[str, Any]]:
    for link_id, _, tables, allowed in public_links(estate):
        for table_id in tables:
            for capability in allowed:
                yield _permission(f"link:{link_id}", capability, "table", table_id)


def _permission(role_id: str, capability: str, kind: str, resource_id: str | None) -> dict[str, Any]:
    is_record = capability in _RECORDS
    return {
        "role_id": role_id,
        "permission": capability,
        "capability": capability,
        "resource_kind": kind,
        "resource_id": resource_id,
        "field_scope": "all" if is_record and kind != "table" else None,
        "row_scope": "all" if is_record and kind != "table" else None,
        "effect": "allow",
    }


def _grants(estate: Estate) -> Iterator[dict[str, Any]]:
    here = {"object_kind": "platform", "object_id": estate.platform_id}
    for user in estate.items("users"):
        for word in words_of(user):
            yield _grant(f"{user['id']}/org:{word}", str(user["id"]), f"org:{word}", here)
    for base_id, read in estate.users_of.items():
        for user in read.items:
            # No role in a base is no grant: everybody is listed, whether a member or not.
            if role := text(user, "roles"):
                target = {"object_kind": "app", "object_id": base_id}
                yield _grant(f"{user['id']}/base:{role}/{base_id}", str(user["id"]), f"base:{role}", target)
    for link_id, *_ in public_links(estate):
        yield _grant(f"{PUBLIC_ID}/link:{link_id}", PUBLIC_ID, f"link:{link_id}", here)


def _grant(grant_id: str, subject: str, role_id: str, target: dict[str, str]) -> dict[str, Any]:
    return {
        "grant_id": grant_id,
        "subject_kind": "principal",
        "subject_id": subject,
        "role_id": role_id,
        "environment_id": ENVIRONMENT_ID,
        "has_expiry": False,
        "is_eligible_only": False,
        **target,
    }
