"""Users, roles and what they hold; team projects as groups."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from passmuster.collect.connectors.n8n.capabilities import capability_of, is_administrator, rank_of
from passmuster.collect.connectors.n8n.estate import ENVIRONMENT_ID, LOGIN_UNLOCK, Estate, gathered
from passmuster.collect.connectors.n8n.fields import Record, flag, inner, listed, records, text
from passmuster.collect.statuses import OK, Verdict
from passmuster.documents.secrets import redact
from passmuster.model.words import CollectionStatus
from passmuster.snapshot.gathered import Gap, Gathered

_DISABLED_GAP = Gap(
    "is_enabled", "n8n's interfaces do not say whether a user is disabled", "declare leavers and disabled users"
)
_SIGN_IN = {"email": "local", "ldap": "sso", "saml": "sso", "oidc": "sso"}
_RAW_FIELDS = ("id", "email", "firstName", "lastName", "createdAt", "isPending", "mfaEnabled", "role")


def people_tables(estate: Estate) -> dict[str, Gathered]:
    """The tables of people, groups, roles and grants."""
    members = [read.verdict for read in estate.members.values()]
    projects = estate.verdict("projects")
    users, roles = estate.verdict("users"), _roles_verdict(estate)
    return {
        "principals": gathered(_principals(estate), users, source="users", gaps=_gaps(estate)),
        "groups": gathered(_groups(estate), projects, source="projects"),
        "memberships": gathered(_memberships(estate), projects, *members, source="projects"),
        "roles": gathered(_roles(estate), roles, source="roles", gaps=_role_gaps(estate)),
        "role_inclusions": Gathered(
            CollectionStatus.EMPTY if roles.is_ok else roles.status,
            reason="roles of n8n do not contain roles" if roles.is_ok else roles.reason,
            unlock=roles.unlock,
            source="roles",
        ),
        "role_permissions": gathered(_role_permissions(estate), roles, source="roles"),
        "grants": gathered(_grants(estate), users, _lacking(estate), *members, source="users, projects"),
    }


def _gaps(estate: Estate) -> tuple[Gap, ...]:
    if estate.has_session and estate.verdict("rest_users").is_ok:
        return (_DISABLED_GAP,)
    reason = "the public API tells neither the last activity of users nor how they sign in"
    return (_DISABLED_GAP, *(Gap(name, reason, LOGIN_UNLOCK) for name in ("last_sign_in_at", "auth_source")))


def _role_gaps(estate: Estate) -> tuple[Gap, ...]:
    if estate.owner_settings:
        return ()
    return (Gap("requires_mfa", "the public API does not tell whether a second factor is enforced", LOGIN_UNLOCK),)


def _roles_verdict(estate: Estate) -> Verdict:
    """Every n8n has roles: an answer without any is not the answer."""
    verdict = estate.verdict("roles")
    if verdict.is_ok and not _all_roles(estate):
        return Verdict(CollectionStatus.ERROR, "roles: the answer is not the object it should be")
    return verdict


def _lacking(estate: Estate) -> Verdict:
    """What is not known about grants: roles that old versions leave out of the list of users, refused projects."""
    projects = estate.verdict("projects")
    if projects.status.is_incomplete:
        return Verdict(CollectionStatus.PARTIAL, f"roles in projects are not known; {projects.reason}", projects.unlock)
    users = estate.items("users")
    if users and not any(text(user, "role") for user in users):
        return Verdict(CollectionStatus.UNSUPPORTED, "this version of n8n does not tell the roles of users")
    return OK


def _principals(estate: Estate) -> list[dict[str, Any]]:
    seen = {user_id: user for user in estate.items("rest_users") if (user_id := text(user, "id"))}
    return [_principal(user, seen.get(str(user.get("id")), {})) for user in estate.items("users")]


def _principal(user: Record, seen: Record) -> dict[str, Any]:
    email = text(user, "email")
    sign_in = text(seen, "signInType")
    source = _SIGN_IN.get(sign_in or "")
    name = " ".join(part for part in (text(user, "firstName"), text(user, "lastName")) if part)
    is_pending = flag(user, "isPending")
    return {
        "principal_id": text(user, "id"),
        "kind": "human",
        "display_name": name or None,
        "login": email,
        "email_domain": email.rpartition("@")[2].lower() if email and "@" in email else None,
        "is_pending": is_pending,
        "auth_source": source,
        "mfa": _mfa(flag(user, "mfaEnabled"), source),
        "created_at": text(user, "createdAt"),
        "last_sign_in_at": text(seen, "lastActiveAt"),
        "never_signed_in": True if is_pending else None,
        "has_expiry": False,
        "raw": redact({field: user[field] for field in _RAW_FIELDS if field in user}),
    }


def _mfa(is_enrolled: bool | None, source: str | None) -> str | None:
    if is_enrolled is None:
        return None
    if is_enrolled:
        return "otp"
    return "delegated" if source == "sso" else "none"


def _teams(estate: Estate) -> list[Record]:
    return [project for project in estate.items("projects") if project.get("type") == "team"]


def _groups(estate: Estate) -> list[dict[str, Any]]:
    return [
        {"group_id": text(team, "id"), "name": text(team, "name"), "kind": "team", "source": "platform"}
        for team in _teams(estate)
    ]


def _memberships(estate: Estate) -> list[dict[str, Any]]:
    return [
        {"group_id": project_id, "member_id": text(user, "id"), "member_kind": "principal", "source": "platform"}
        for project_id, read in estate.members.items()
        for user in read.items
        if text(user, "id")
    ]


def _all_roles(estate: Estate) -> list[Record]:
    body = estate.body("roles")
    body = inner(body, "data") or body
    return [role for kind in body for role in records(body, str(kind)) if text(role, "slug")]


def _scopes(role: Record) -> list[str]:
    return sorted({scope for scope in listed(role, "scopes") if isinstance(scope, str)})


def _roles(estate: Estate) -> list[dict[str, Any]]:
    enforced = estate.setting("mfa.enforced")
    return [
        {
            "role_id": role["slug"],
            "environment_id": ENVIRONMENT_ID,
            "name": text(role, "displayName") or role["slug"],
            "kind": "role",
            "is_builtin": flag(role, "systemRole"),
            "is_privileged": role.get("roleType") == "global" and is_administrator(_scopes(role)),
            "privilege_rank": rank_of(str(role.get("roleType")), _scopes(role)),
            "requires_mfa": enforced if isinstance(enforced, bool) else None,
        }
        for role in _all_roles(estate)
    ]


def _role_permissions(estate: Estate) -> list[dict[str, Any]]:
    return [
        {
            "role_id": role["slug"],
            "permission": scope,
            "capability": capability_of(scope, is_global=role.get("roleType") == "global"),
            "resource_kind": scope.partition(":")[0],
            "field_scope": "all",
            "row_scope": _row_scope(role),
            "effect": "allow",
        }
        for role in _all_roles(estate)
        for scope in _scopes(role)
    ]


def _row_scope(role: Record) -> str:
    if role.get("roleType") == "global":
        return "all"
    return "own" if role.get("slug") == "project:personalOwner" else "filtered"


def _grants(estate: Estate) -> list[dict[str, Any]]:
    of_users = [
        _grant(estate, user, {"object_kind": "platform", "object_id": estate.platform_id})
        for user in estate.items("users")
    ]
    of_projects = [
        _grant(estate, user, {"object_kind": "environment", "object_id": f"project:{project_id}"})
        for project_id, read in estate.members.items()
        for user in read.items
    ]
    return [grant for grant in (*of_users, *of_projects) if grant]


def _grant(_estate: Estate, user: Record, target: Mapping[str, str]) -> dict[str, Any]:
    user_id, role = text(user, "id"), text(user, "role")
    if not user_id or not role:
        return {}
    # The public API names the owner's role `global:owner`, older versions `owner`.
    role_id = role if ":" in role else f"global:{role}"
    return {
        "grant_id": f"{user_id}/{role_id}/{target['object_id']}",
        "subject_kind": "principal",
        "subject_id": user_id,
        "role_id": role_id,
        "environment_id": ENVIRONMENT_ID,
        "has_expiry": False,
        "is_eligible_only": False,
        **target,
    }
