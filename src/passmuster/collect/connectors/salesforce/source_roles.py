"""Profiles, permission sets and their groups from a folder: roles, what each contains, and what each allows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from passmuster.collect.connectors.salesforce.access import (
    Access,
    Row,
    merged,
    permission_rows,
    role_row,
    without,
)
from passmuster.collect.connectors.salesforce.metadata import as_flag, flag_of, shown_text, text_of, texts_of
from passmuster.collect.connectors.salesforce.permissions import OBJECT_CAPABILITIES
from passmuster.collect.connectors.salesforce.reading import Reader
from passmuster.model.words import CollectionStatus
from passmuster.snapshot.gathered import Gap, Gathered, SourceState

_ROLE_KINDS = ("profile", "permissionset", "permissionsetgroup", "mutingpermissionset")
_GUEST_LICENSES = frozenset({"guest user license", "guest license", "guest"})
_NO_PROFILES = SourceState(
    "profile",
    CollectionStatus.PARTIAL,
    "the folder holds no profiles, and every organisation has some",
    "retrieve them: sf project retrieve start -m Profile",
)
_ADMIN_PROFILE = "Admin"


@dataclass(frozen=True)
class Group:
    """A permission set group: the sets it holds and those that take rights away again."""

    label: str | None
    sets: tuple[str, ...]
    muting: tuple[str, ...]


@dataclass(frozen=True)
class Roles:
    """Everything the folder says about roles, by name."""

    profiles: Mapping[str, Access]
    sets: Mapping[str, Access]
    groups: Mapping[str, Group]
    muting: Mapping[str, Access]

    def guests(self) -> dict[str, Access]:
        """The profiles of visitors without sign-in."""
        return {
            name: access for name, access in self.profiles.items() if (access.license or "").lower() in _GUEST_LICENSES
        }

    def profile_id(self, name: str) -> str:
        """The role id of a profile that some other file names, in whatever case."""
        known = {known.lower(): known for known in self.profiles}
        return profile_id(known.get(name.lower(), name))


def profile_id(name: str) -> str:
    """Profiles and permission sets may share a name; ids may not."""
    return f"profile/{name}"


def set_id(name: str) -> str:
    """The role id of a permission set."""
    return f"permissionset/{name}"


def group_id(name: str) -> str:
    """The role id of a permission set group."""
    return f"permissionsetgroup/{name}"


def read_roles(reader: Reader) -> Roles:
    """Profiles, permission sets, groups and muting sets; several files of one are put together."""
    profiles = reader.read("profile", lambda _name, root: _access(root, "Profile"))
    sets = reader.read("permissionset", lambda _name, root: _access(root, "PermissionSet"))
    muting = reader.read("mutingpermissionset", lambda _name, root: _access(root, "MutingPermissionSet"))
    groups = reader.read("permissionsetgroup", _group)
    return Roles(
        profiles={name: merged(found) for name, found in profiles.items()},
        sets={name: merged(found) for name, found in sets.items()},
        groups={name: _merged_groups(found) for name, found in groups.items()},
        muting={name: merged(found) for name, found in muting.items()},
    )


def role_tables(reader: Reader, roles: Roles, *, org_requires_mfa: bool | None) -> dict[str, Gathered]:
    """The tables `roles`, `role_inclusions` and `role_permissions`."""
    states = _states(reader)
    rows = [
        *(
            _privileged_admin(role_row(profile_id(name), "profile", name, access, org_requires_mfa=org_requires_mfa))
            for name, access in roles.profiles.items()
        ),
        *(
            role_row(set_id(name), "permission_set", access.label or name, access)
            for name, access in roles.sets.items()
        ),
        *(_group_row(name, group, roles) for name, group in roles.groups.items()),
    ]
    permissions = [row for name, access in roles.profiles.items() for row in permission_rows(profile_id(name), access)]
    permissions += [row for name, access in roles.sets.items() for row in permission_rows(set_id(name), access)]
    permissions += [
        row
        for name, group in roles.groups.items()
        if group.muting
        for row in permission_rows(group_id(name), _of_group(group, roles))
    ]
    return {
        "roles": Gathered.from_sources(rows, states, gaps=_gaps(rows)),
        "role_permissions": Gathered.from_sources(permissions, states),
        "role_inclusions": Gathered.from_sources(_inclusions(roles), states),
    }


def missing_sets(roles: Roles) -> list[str]:
    """Permission sets that groups hold and the folder does not."""
    return sorted({name for group in roles.groups.values() for name in group.sets if name not in roles.sets})


def _states(reader: Reader) -> tuple[SourceState, ...]:
    states = reader.states(*_ROLE_KINDS)
    if reader.parts["profile"].files or not reader.found.of("permissionset"):
        return states
    return (_NO_PROFILES, *states[1:])


def _access(root: Element, type_name: str) -> Access | None:
    """What one file allows; None where it is of another kind. Only what is switched on is a right."""
    if root.tag != type_name:
        return None
    permissions: dict[str, bool] = {}
    for entry in root.findall("userPermissions"):
        name = text_of(entry, "name")
        if name:
            permissions[name] = permissions.get(name, False) or flag_of(entry, "enabled") is True
    objects: dict[str, frozenset[str]] = {}
    for entry in root.findall("objectPermissions"):
        name = text_of(entry, "object")
        rights = frozenset(right for right in OBJECT_CAPABILITIES if as_flag(text_of(entry, right)))
        if name and rights:
            objects[name] = objects.get(name, frozenset()) | rights
    return Access(
        permissions=permissions,
        objects=objects,
        # A profile is often kept without its user permissions; a permission set always comes with those it gives.
        is_listed=bool(permissions) or type_name != "Profile",
        custom_permissions=frozenset(
            name
            for entry in root.findall("customPermissions")
            if flag_of(entry, "enabled") and (name := text_of(entry, "name"))
        ),
        label=shown_text(root, "label"),
        license=text_of(root, "userLicense") or text_of(root, "license"),
        is_custom=flag_of(root, "custom") if type_name == "Profile" else None,
        networks=tuple(
            f"{start}-{end}"
            for entry in root.findall("loginIpRanges")
            if (start := text_of(entry, "startAddress")) and (end := text_of(entry, "endAddress"))
        ),
    )


def _group(_name: str, root: Element) -> Group | None:
    if root.tag != "PermissionSetGroup":
        return None
    return Group(
        shown_text(root, "label"),
        tuple(sorted(set(texts_of(root, "permissionSets")))),
        tuple(sorted(set(texts_of(root, "mutingPermissionSets")))),
    )


def _merged_groups(groups: list[Group]) -> Group:
    return Group(
        next((group.label for group in groups if group.label), None),
        tuple(sorted({name for group in groups for name in group.sets})),
        tuple(sorted({name for group in groups for name in group.muting})),
    )


def _of_group(group: Group, roles: Roles) -> Access:
    held = merged(roles.sets[name] for name in group.sets if name in roles.sets)
    return without(held, merged(roles.muting[name] for name in group.muting if name in roles.muting))


def _group_row(name: str, group: Group, roles: Roles) -> Row:
    """A group is as privileged as what it holds; with a set that is not there, it may be more than is seen."""
    row = role_row(group_id(name), "permission_set_group", group.label or name, _of_group(group, roles))
    has_all_muting = all(held in roles.muting for held in group.muting)
    if has_all_muting and (row["is_privileged"] or all(held in roles.sets for held in group.sets)):
        return row
    return {**row, "is_privileged": None, "privilege_rank": None}


def _inclusions(roles: Roles) -> list[Row]:
    """A group with muting sets contains no set whole, so its rights stand with the group itself."""
    return [
        {"role_id": group_id(name), "included_role_id": set_id(held)}
        for name, group in roles.groups.items()
        if not group.muting
        for held in group.sets
    ]


def _privileged_admin(row: Row) -> Row:
    """The standard profile Admin (System Administrator) holds everything, also where its file lists nothing."""
    if row["name"] != _ADMIN_PROFILE:
        return row
    return {**row, "is_privileged": True, "privilege_rank": 100}


def _gaps(rows: list[Row]) -> tuple[Gap, ...]:
    unlisted = sum(1 for row in rows if row["is_privileged"] is None)
    if not unlisted:
        return ()
    why = f"{unlisted} of {len(rows)} come without their user permissions, or hold sets that are not in the folder"
    return (Gap("is_privileged", why, "retrieve profiles and permission sets whole"),)
