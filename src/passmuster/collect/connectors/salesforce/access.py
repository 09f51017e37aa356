"""What profiles and permission sets allow, whatever they were read from: the one shape both sources fill."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from passmuster.collect.connectors.salesforce.permissions import (
    CAPABILITIES,
    FORCES_MFA,
    OBJECT_CAPABILITIES,
    OBJECT_WIDE,
    OBJECT_WRITES,
    WAIVES_MFA,
    is_administrator,
    rank_of,
)

ENVIRONMENT_ID = "organization"
Row = dict[str, Any]


@dataclass(frozen=True)
class Access:
    """What one profile or permission set allows. `permissions` maps those it names to whether they are on.

    `objects` holds the rights that are on, by object. `is_listed` is false where it was written without its user
    permissions, so that nothing is known about them.
    """

    permissions: Mapping[str, bool] = field(default_factory=dict)
    objects: Mapping[str, frozenset[str]] = field(default_factory=dict)
    custom_permissions: frozenset[str] = frozenset()
    label: str | None = None
    license: str | None = None
    is_custom: bool | None = None
    networks: tuple[str, ...] = ()
    is_listed: bool = True

    @property
    def enabled(self) -> frozenset[str]:
        """The user permissions that are on."""
        return frozenset(name for name, is_on in self.permissions.items() if is_on)

    @property
    def writes(self) -> bool:
        """Whether records of any object may be written."""
        return any(not OBJECT_WRITES.isdisjoint(rights) for rights in self.objects.values())


def merged(accesses: Iterable[Access]) -> Access:
    """Several files of one profile or permission set: what any of them switches on is on, as after deploying all."""
    found = tuple(accesses)
    permissions: dict[str, bool] = {}
    objects: dict[str, frozenset[str]] = {}
    for access in found:
        for name, is_on in access.permissions.items():
            permissions[name] = is_on or permissions.get(name, False)
        for name, rights in access.objects.items():
            objects[name] = rights | objects.get(name, frozenset())
    return Access(
        permissions=permissions,
        objects=objects,
        custom_permissions=frozenset().union(*(access.custom_permissions for access in found)),
        label=next((access.label for access in found if access.label), None),
        license=next((access.license for access in found if access.license), None),
        is_custom=next((access.is_custom for access in found if access.is_custom is not None), None),
        networks=tuple(sorted({network for access in found for network in access.networks})),
        is_listed=any(access.is_listed for access in found),
    )


def without(access: Access, muted: Access) -> Access:
    """What is left of a permission set group's rights once its muting permission sets are taken away."""
    off = muted.enabled
    objects = {name: rights - muted.objects.get(name, frozenset()) for name, rights in access.objects.items()}
    return Access(
        permissions={name: is_on and name not in off for name, is_on in access.permissions.items()},
        objects={name: rights for name, rights in objects.items() if rights},
        custom_permissions=access.custom_permissions - muted.custom_permissions,
        label=access.label,
    )


def role_row(role_id: str, kind: str, name: str, access: Access, *, org_requires_mfa: bool | None = None) -> Row:
    """The row of `roles`. Where no user permission is named, whether it is privileged is not known."""
    enabled = access.enabled
    is_known = access.is_listed
    return {
        "role_id": role_id,
        "environment_id": ENVIRONMENT_ID,
        "name": name,
        "kind": kind,
        "is_builtin": None if access.is_custom is None else not access.is_custom,
        "is_privileged": is_administrator(enabled) if is_known else None,
        "privilege_rank": rank_of(enabled, writes=access.writes) if is_known else None,
        "requires_mfa": _requires_mfa(access, org_requires_mfa) if kind == "profile" else None,
        "ip_allow": list(access.networks) if access.networks else None,
    }


def _requires_mfa(access: Access, org_requires_mfa: bool | None) -> bool | None:
    enabled = access.enabled
    if FORCES_MFA in enabled:
        return True
    if WAIVES_MFA in enabled or not access.is_listed:
        return False if WAIVES_MFA in enabled else None
    return org_requires_mfa


def permission_rows(role_id: str, access: Access) -> list[Row]:
    """The rows of `role_permissions`: user permissions, then the rights on each object."""
    rows: list[Row] = [
        {
            "role_id": role_id,
            "permission": name,
            "capability": CAPABILITIES.get(name),
            "resource_kind": "platform",
            "row_scope": "all" if CAPABILITIES.get(name) in ("read_all", "write_all") else None,
            "effect": "allow",
        }
        for name in sorted(access.enabled)
    ]
    rows += [
        {"role_id": role_id, "permission": name, "resource_kind": "custom_permission", "effect": "allow"}
        for name in sorted(access.custom_permissions)
    ]
    for name in sorted(access.objects):
        rows += [_object_row(role_id, name, right) for right in sorted(access.objects[name])]
    return rows


def _object_row(role_id: str, name: str, right: str) -> Row:
    return {
        "role_id": role_id,
        "permission": right,
        "capability": OBJECT_CAPABILITIES[right],
        "resource_kind": "data_store",
        "resource_id": name,
        # Without the wide rights, sharing decides which records.
        "row_scope": "all" if right in OBJECT_WIDE else "filtered",
        "effect": "allow",
    }
