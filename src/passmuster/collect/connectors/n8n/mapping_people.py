"""Users, roles and what they hold; team projects as groups."""

from __future__ import annotations

from typing import Any

from passmuster.collect.connectors.n8n.capabilities import capability_of, is_administrator, rank_of
from passmuster.collect.connectors.n8n.estate import ENVIRONMENT_ID, LOGIN_UNLOCK, Estate
from passmuster.collect.connectors.n8n.mapping_grants import PERSONAL_ROLE, grants_table
from passmuster.collect.connectors.n8n.sign_in import auth_source_of, has_own_passwords_only, mfa_of, sign_in_kind
from passmuster.collect.fields import Record, flag, inner, listed, records, text
from passmuster.collect.reads import gathered
from passmuster.collect.statuses import OK, Verdict
from passmuster.collect.unlocks import by_declaring
from passmuster.documents.secrets import redact
from passmuster.model.words import CollectionStatus
from passmuster.snapshot.gathered import Gap, Gathered

_DISABLED_GAP = Gap(
    "is_enabled",
    "n8n's interfaces do not say whether a user is disabled",
    by_declaring("principals", "is_enabled", "employment_ended_at"),
)
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
        "role_permissions": gathered(
            _role_permissions(estate), roles, _personal_role_seen(estate, roles), source="roles"
        ),
        "grants": grants_table(estate),
    }


def _gaps(estate: Estate) -> tuple[Gap, ...]:
    if estate.has_session and estate.verdict("rest_users").is_ok:
        return (_DISABLED_GAP,)
    activity = Gap("last_sign_in_at", "the public API does not tell the last activity of users", LOGIN_UNLOCK)
    if has_own_passwords_only(estate):
        return (_DISABLED_GAP, activity)
    source = "the public API does not tell how a user signs in, and single sign-on or LDAP may be in use"
    factor = f"{source}: with single sign-on the identity provider asks for the second factor"
    return (
        _DISABLED_GAP,
        activity,
        Gap("auth_source", source, LOGIN_UNLOCK),
        Gap("mfa", factor, LOGIN_UNLOCK),
    )


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


def _personal_role_seen(estate: Estate, listed_roles: Verdict) -> Verdict:
    """Everybody builds by this role: where it is not listed, what people may do is known in part only."""
    if not listed_roles.is_ok or any(role["slug"] == PERSONAL_ROLE for role in _all_roles(estate)):
        return OK
    return Verdict(CollectionStatus.PARTIAL, f"roles: {PERSONAL_ROLE}, which every builder holds, is not listed")


def _principals(estate: Estate) -> list[dict[str, Any]]:
    seen = {user_id: user for user in estate.items("rest_users") if (user_id := text(user, "id"))}
    return [_principal(estate, user, seen.get(str(user.get("id")), {})) for user in estate.items("users")]


def _principal(estate: Estate, user: Record, seen: Record) -> dict[str, Any]:
    email = text(user, "email")
    kind = sign_in_kind(estate, seen)
    name = " ".join(part for part in (text(user, "firstName"), text(user, "lastName")) if part)
    is_pending = flag(user, "isPending")
    return {
        "principal_id": text(user, "id"),
        "kind": "human",
        "display_name": name or None,
        "login": email,
        "email_domain": email.rpartition("@")[2].lower() if email and "@" in email else None,
        "is_pending": is_pending,
        "auth_source": auth_source_of(kind),
        "mfa": mfa_of(estate, kind, is_enrolled=flag(user, "mfaEnabled")),
        "created_at": text(user, "createdAt"),
        "last_sign_in_at": text(seen, "lastActiveAt"),
        "never_signed_in": True if is_pending else None,
        "has_expiry": False,
        "raw": redact({field: user[field] for field in _RAW_FIELDS if field in user}),
    }


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
