"""Users, groups, roles, assignments and clients of an organisation, from its answers."""

from __future__ import annotations

from collections.abc import Mapping

from passmuster.collect.connectors.salesforce.access import Access, Row, permission_rows, role_row
from passmuster.collect.connectors.salesforce.api_asking import Organization, Record, flag_at, text_at, time_at
from passmuster.collect.connectors.salesforce.api_questions import API_ONLY, SSO_PERMISSION
from passmuster.collect.connectors.salesforce.api_tables import gathered
from passmuster.snapshot.gathered import Gap, Gathered

_OUTSIDERS = frozenset(
    {
        *("PowerPartner", "PowerCustomerSuccess", "CustomerSuccess", "CspLitePortal", "SelfService"),
        *("CsnExternal", "PowerCustomerPortal", "Partner"),
    }
)
_SYSTEM = frozenset({"AutomatedProcess", "CloudIntegrationUser", "Insights", "PlatformIntegration"})
_INTEGRATION_LICENSE = "salesforce integration"
_RIGHTS = {
    "PermissionsRead": "allowRead",
    "PermissionsCreate": "allowCreate",
    "PermissionsEdit": "allowEdit",
    "PermissionsDelete": "allowDelete",
    "PermissionsViewAllRecords": "viewAllRecords",
    "PermissionsModifyAllRecords": "modifyAllRecords",
}
_GROUP_KINDS = {"Regular": "public", "Queue": "queue", "Organization": "everyone"}
_GAPS = (
    Gap(
        "auth_source",
        "Salesforce does not tell by which way a user signs in",
        "declare principals.auth_source with --declared",
    ),
    Gap(
        "employment_ended_at",
        "Salesforce does not know who left",
        "declare principals.employment_ended_at with --declared",
    ),
)


def people_tables(organization: Organization) -> dict[str, Gathered]:
    """The tables of people, groups, roles and grants."""
    accesses = _accesses(organization)
    role_reads = ("permission_sets", "profiles", "permission_set_groups")
    everyone = _everyone(organization)
    return {
        "principals": gathered(
            _principals(organization, accesses),
            organization.verdict("users"),
            source="User",
            gaps=(*_GAPS, *_unread_gaps(organization)),
        ),
        "groups": gathered(_groups(organization), organization.verdict("groups"), source="Group"),
        "memberships": gathered(
            _memberships(organization, everyone), organization.verdict("group_members", "groups"), source="GroupMember"
        ),
        "roles": gathered(_roles(organization, accesses), organization.verdict(*role_reads), source="PermissionSet"),
        "role_inclusions": gathered(
            [], organization.verdict("permission_sets"), empty="what a group gives is told by its own permission set"
        ),
        "role_permissions": gathered(
            [row for role_id, access in accesses.items() for row in permission_rows(role_id, access)],
            organization.verdict("permission_sets", "object_permissions"),
            source="PermissionSet, ObjectPermissions",
        ),
        "grants": gathered(
            _grants(organization), organization.verdict("users", "assignments"), source="PermissionSetAssignment"
        ),
        "credentials": gathered(
            _credentials(organization),
            organization.verdict("oauth_tokens", "connected_apps"),
            source="OauthToken, ConnectedApplication",
            gaps=(
                Gap("scopes", "the query API tells no scopes", "read the metadata of the connected apps with --from"),
            ),
        ),
    }


def _accesses(organization: Organization) -> dict[str, Access]:
    """What each role allows. A profile's own permission set stands for the profile, a group's for the group."""
    objects: dict[str, dict[str, frozenset[str]]] = {}
    for record in organization.records("object_permissions"):
        parent, name = text_at(record, "ParentId"), text_at(record, "SobjectType")
        rights = frozenset(right for column, right in _RIGHTS.items() if record.get(column) is True)
        if parent and name and rights:
            objects.setdefault(parent, {})[name] = rights
    return {
        role_id: Access(
            permissions={
                key.removeprefix("Permissions"): value
                for key, value in record.items()
                if key.startswith("Permissions") and isinstance(value, bool)
            },
            objects=objects.get(text_at(record, "Id") or "", {}),
            label=text_at(record, "Label"),
            license=text_at(record, "License.Name"),
            is_custom=flag_at(record, "IsCustom"),
        )
        for record in organization.records("permission_sets")
        if (role_id := _role_id(record))
    }


def _role_id(record: Record) -> str | None:
    if flag_at(record, "IsOwnedByProfile"):
        return text_at(record, "ProfileId")
    return text_at(record, "PermissionSetGroupId") or text_at(record, "Id")


def _roles(organization: Organization, accesses: Mapping[str, Access]) -> list[Row]:
    names = {text_at(record, "Id"): text_at(record, "Name") for record in organization.records("profiles")}
    labels = {
        text_at(record, "Id"): text_at(record, "MasterLabel") or text_at(record, "DeveloperName")
        for record in organization.records("permission_set_groups")
    }
    rows = []
    for role_id, access in accesses.items():
        if role_id in names:
            rows.append(role_row(role_id, "profile", names[role_id] or role_id, access))
        elif role_id in labels:
            rows.append(role_row(role_id, "permission_set_group", labels[role_id] or role_id, access))
        else:
            rows.append(role_row(role_id, "permission_set", access.label or role_id, access))
    return rows


def _principals(organization: Organization, accesses: Mapping[str, Access]) -> list[Row]:
    frozen = {text_at(record, "UserId"): flag_at(record, "IsFrozen") for record in organization.records("user_logins")}
    factors = {text_at(record, "UserId"): record for record in organization.records("second_factors")}
    held = _held(organization, accesses)
    rows = []
    for record in organization.records("users"):
        user_id = text_at(record, "Id")
        permissions = held.get(user_id or "", frozenset())
        kind = _kind(record, permissions)
        active, is_frozen = flag_at(record, "IsActive"), frozen.get(user_id)
        login = text_at(record, "Username")
        rows.append(
            {
                "principal_id": user_id,
                "kind": kind,
                "display_name": text_at(record, "Name"),
                "login": login,
                "email_domain": login.rpartition("@")[2].lower() if login and "@" in login else None,
                "is_enabled": active if active is not True else not is_frozen if is_frozen is not None else True,
                "is_external": kind == "guest" if kind in ("human", "guest") else None,
                "auth_source": "none" if kind == "anonymous" else "sso" if SSO_PERMISSION in permissions else None,
                "mfa": _mfa(organization, record, factors.get(user_id), permissions),
                "created_at": time_at(record, "CreatedDate"),
                "last_sign_in_at": time_at(record, "LastLoginDate"),
                "never_signed_in": "LastLoginDate" in record and record["LastLoginDate"] is None,
                "password_changed_at": time_at(record, "LastPasswordChangeDate"),
                "has_expiry": False,
                "manager": text_at(record, "Manager.Name"),
                "raw": {
                    "UserType": text_at(record, "UserType"),
                    "License": text_at(record, "Profile.UserLicense.Name"),
                },
            }
        )
    return rows


def _held(organization: Organization, accesses: Mapping[str, Access]) -> dict[str, frozenset[str]]:
    """The user permissions each user holds, through profile and assignments."""
    held: dict[str, frozenset[str]] = {}
    for grant in _grants(organization):
        user_id = str(grant["subject_id"])
        access = accesses.get(str(grant["role_id"]))
        held[user_id] = held.get(user_id, frozenset()) | (access.enabled if access else frozenset())
    return held


def _kind(record: Record, permissions: frozenset[str]) -> str | None:
    user_type = text_at(record, "UserType") or ""
    if user_type == "Guest":
        return "anonymous"
    if user_type in _SYSTEM:
        return "system"
    license_name = (text_at(record, "Profile.UserLicense.Name") or "").lower()
    if license_name == _INTEGRATION_LICENSE or API_ONLY in permissions:
        return "service"
    if user_type in _OUTSIDERS:
        return "guest"
    return "human" if user_type in ("Standard", "CsnOnly") else None


def _mfa(organization: Organization, record: Record, factors: Record | None, permissions: frozenset[str]) -> str | None:
    """The strongest registered factor. Who signs in elsewhere is asked there, so none here says nothing."""
    if SSO_PERMISSION in permissions:
        return "delegated"
    if factors is None:
        is_told = organization.verdict("second_factors").is_ok and not text_at(record, "FederationIdentifier")
        return "none" if is_told and text_at(record, "UserType") == "Standard" else None
    if flag_at(factors, "HasSecurityKey") or flag_at(factors, "HasBuiltInAuthenticator"):
        return "phishing_resistant"
    if flag_at(factors, "HasSalesforceAuthenticator"):
        return "push"
    if flag_at(factors, "HasTotp"):
        return "otp"
    return None if text_at(record, "FederationIdentifier") else "none"


def _unread_gaps(organization: Organization) -> tuple[Gap, ...]:
    """What of users stays open where a question beside them was refused."""
    asked = {"mfa": organization.verdict("second_factors"), "is_enabled": organization.verdict("user_logins")}
    return tuple(Gap(column, verdict.reason, verdict.unlock) for column, verdict in asked.items() if not verdict.is_ok)


def _grants(organization: Organization) -> list[Row]:
    """Every user's profile, and the assignments of sets and groups; one that a session must switch on is eligible."""
    sessions = {
        _role_id(record)
        for record in organization.records("permission_sets")
        if flag_at(record, "HasActivationRequired")
    }
    rows: list[Row] = [
        {
            "grant_id": f"profile/{user_id}",
            "subject_kind": "principal",
            "subject_id": user_id,
            "role_id": profile_id,
            "object_kind": "platform",
            "has_expiry": False,
            "is_eligible_only": False,
        }
        for record in organization.records("users")
        if (user_id := text_at(record, "Id")) and (profile_id := text_at(record, "ProfileId"))
    ]
    for record in organization.records("assignments"):
        of_set = record.get("PermissionSet")
        if isinstance(of_set, Mapping) and flag_at(of_set, "IsOwnedByProfile"):
            continue
        expires = time_at(record, "ExpirationDate")
        role_id = text_at(record, "PermissionSetGroupId") or text_at(record, "PermissionSetId")
        rows.append(
            {
                "grant_id": text_at(record, "Id"),
                "subject_kind": "principal",
                "subject_id": text_at(record, "AssigneeId"),
                "role_id": role_id,
                "object_kind": "platform",
                "expires_at": expires,
                "has_expiry": expires is not None,
                "is_eligible_only": role_id in sessions,
            }
        )
    return rows


def _groups(organization: Organization) -> list[Row]:
    return [
        {
            "group_id": text_at(record, "Id"),
            "name": text_at(record, "Name") or text_at(record, "DeveloperName") or text_at(record, "Type"),
            "kind": _GROUP_KINDS.get(text_at(record, "Type") or ""),
            "source": "platform",
        }
        for record in organization.records("groups")
    ]


def _everyone(organization: Organization) -> frozenset[str]:
    return frozenset(
        group_id
        for record in organization.records("groups")
        if text_at(record, "Type") == "Organization" and (group_id := text_at(record, "Id"))
    )


def _memberships(organization: Organization, everyone: frozenset[str]) -> list[Row]:
    """Members by the prefix of their ids: 005 is a user, 00G a group (which may stand for a role of the hierarchy)."""
    kinds = {"005": "principal", "00G": "group"}
    return [
        {
            "group_id": group_id,
            "member_id": member_id,
            "member_kind": kinds[member_id[:3]],
            "source": "platform",
        }
        for record in organization.records("group_members")
        if (group_id := text_at(record, "GroupId"))
        and (member_id := text_at(record, "UserOrGroupId"))
        and member_id[:3] in kinds
        and group_id not in everyone
    ]


def _credentials(organization: Organization) -> list[Row]:
    clients: list[Row] = [
        {
            "credential_id": text_at(record, "Id"),
            "kind": "oauth_client",
            "name": text_at(record, "Name"),
            "created_at": time_at(record, "CreatedDate"),
        }
        for record in organization.records("connected_apps")
    ]
    tokens: list[Row] = [
        {
            "credential_id": text_at(record, "Id"),
            "kind": "oauth_grant",
            "name": text_at(record, "AppName"),
            "owner_principal_id": text_at(record, "UserId"),
            "created_at": time_at(record, "CreatedDate"),
            "last_used_at": time_at(record, "LastUsedDate"),
            "is_enabled": True,
            "storage": "vault",
        }
        for record in organization.records("oauth_tokens")
    ]
    return [*clients, *tokens]
