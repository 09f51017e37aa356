"""Users, roles as groups, and secrets: static tokens and what flows and settings hold."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from passmuster.collect.connectors.directus.estate import PUBLIC_ID, Estate, is_masked, moment
from passmuster.collect.connectors.directus.steps import secret_headers
from passmuster.collect.fields import Record, flag, text
from passmuster.collect.reads import gathered
from passmuster.collect.unlocks import by_declaring
from passmuster.documents.secrets import redact
from passmuster.snapshot.gathered import Gap, Gathered, SourceState

_PENDING = frozenset({"draft", "invited", "unverified"})
_RAW_FIELDS = ("id", "email", "first_name", "last_name", "status", "role", "provider")
_AI_KEYS = ("ai_openai_api_key", "ai_anthropic_api_key", "ai_google_api_key", "ai_openai_compatible_api_key")
_PEOPLE_GAPS = (
    Gap(
        "created_at",
        "Directus keeps no date for users; its activity tells it of those made since that was begun or cut",
    ),
    Gap("last_sign_in_at", "calls with a static token leave no trace, so who holds one may have been active since"),
    Gap("password_changed_at", "Directus does not tell when a password was changed"),
)
_NO_DATES = "Directus keeps neither the date nor an end of a static token"
_SECRET_GAPS = (
    Gap("created_at", _NO_DATES, by_declaring("credentials", "created_at", "rotated_at")),
    Gap("has_expiry", _NO_DATES, by_declaring("credentials", "has_expiry", "expires_at")),
    Gap("last_used_at", "calls with a static token leave no trace"),
)


def people_tables(estate: Estate) -> dict[str, Gathered]:
    """The tables of people, groups and credentials."""
    users, roles = estate.verdict("users"), estate.verdict("roles")
    return {
        "principals": gathered(
            [_visitor(estate), *(_principal(estate, user) for user in estate.items("users"))],
            users,
            source="users, activity_sign_ins, activity_users, auth_providers",
            gaps=_PEOPLE_GAPS,
        ),
        "groups": gathered(_groups(estate), roles, source="roles"),
        "memberships": gathered(list(_memberships(estate)), users, roles, source="users, roles"),
        "credentials": _credentials(estate),
    }


def _visitor(estate: Estate) -> dict[str, Any]:
    is_known = estate.verdict("access").is_ok
    return {
        "principal_id": PUBLIC_ID,
        "kind": "anonymous",
        "display_name": "Public (no sign-in)",
        "is_enabled": bool(estate.public_policies) if is_known else None,
        "auth_source": "none",
    }


def _principal(estate: Estate, user: Record) -> dict[str, Any]:
    user_id, email, status = str(user["id"]), text(user, "email"), text(user, "status")
    name = " ".join(part for part in (text(user, "first_name"), text(user, "last_name")) if part)
    return {
        "principal_id": user_id,
        "kind": _kind(estate, user),
        "display_name": name or None,
        "login": email,
        "email_domain": email.rpartition("@")[2].lower() if email and "@" in email else None,
        "is_enabled": None if status is None else status == "active" or status in _PENDING,
        "is_pending": None if status is None else status in _PENDING,
        **_sign_in(estate, user),
        "created_at": estate.created_at.get(user_id),
        **_last_sign_in(estate, user),
        "has_expiry": False,
        "raw": redact({field: user[field] for field in _RAW_FIELDS if field in user}),
    }


def _kind(estate: Estate, user: Record) -> str | None:
    """A user with a static token who may not use the app is a service. Where policies are not known, it may be."""
    if is_masked(user, "token") is not True:
        return "human"
    if not estate.verdict("users", "roles", "policies", "access").is_ok:
        return None
    held = (estate.policies.get(policy, {}) for policy in estate.policies_of_user[str(user["id"])])
    return "human" if any(flag(policy, "app_access") for policy in held) else "service"


def _sign_in(estate: Estate, user: Record) -> dict[str, str | None]:
    """How a user signs in, and with what factor: providers other than LDAP ask for one themselves, or do not."""
    provider, has_factor = text(user, "provider"), is_masked(user, "tfa_secret")
    if provider is None:
        return {"auth_source": None, "mfa": "otp" if has_factor else None}
    factor = None if has_factor is None else "otp" if has_factor else "none"
    if provider == "default":
        return {"auth_source": "local", "mfa": factor}
    driver = estate.drivers.get(provider)
    if factor == "otp" or driver in ("ldap", "local"):
        return {"auth_source": "local" if driver == "local" else "sso", "mfa": factor}
    return {"auth_source": "sso", "mfa": "delegated" if driver else None}


def _last_sign_in(estate: Estate, user: Record) -> dict[str, Any]:
    at = estate.signed_in_at.get(str(user["id"])) or moment(user, "last_access")
    is_never = at is None and "last_access" in user and is_masked(user, "token") is False
    return {"last_sign_in_at": at, "never_signed_in": True if is_never else False if at else None}


def _groups(estate: Estate) -> list[dict[str, Any]]:
    return [
        {"group_id": text(role, "id"), "name": text(role, "name"), "kind": "security", "source": "platform"}
        for role in estate.items("roles")
    ]


def _memberships(estate: Estate) -> Iterator[dict[str, Any]]:
    """People in their role; and a role in the one above it, whose policies its people have as well."""
    for user in estate.items("users"):
        if role := text(user, "role"):
            yield {"group_id": role, "member_id": str(user["id"]), "member_kind": "principal", "source": "platform"}
    for role_record in estate.items("roles"):
        if parent := text(role_record, "parent"):
            yield {
                "group_id": parent,
                "member_id": str(role_record["id"]),
                "member_kind": "group",
                "source": "platform",
            }


def _credentials(estate: Estate) -> Gathered:
    states = tuple(
        SourceState(name, verdict.status, verdict.reason, verdict.unlock)
        for name in ("users", "flows", "settings")
        for verdict in (estate.verdict(name),)
    )
    rows = [_token(user) for user in estate.items("users") if is_masked(user, "token")]
    rows += [
        _secret(f"{flow['id']}/{step['id']}", f"header of step {text(step, 'name') or step['id']}", str(flow["id"]))
        for flow in estate.items("flows")
        for step in estate.steps_of(flow)
        if secret_headers(step)
    ]
    settings = estate.data("settings")
    rows += [{**_secret(f"settings/{name}", name, None), "storage": None} for name in _AI_KEYS if settings.get(name)]
    return Gathered.from_sources(rows, states, gaps=_SECRET_GAPS)


def _token(user: Record) -> dict[str, Any]:
    status = text(user, "status")
    return {
        "credential_id": f"static:{user['id']}",
        "kind": "pat",
        "name": f"static token of {text(user, 'email') or user['id']}",
        "owner_principal_id": str(user["id"]),
        "is_enabled": None if status is None else status == "active",
        "storage": "plaintext",
    }


def _secret(credential_id: str, name: str, app_id: str | None) -> dict[str, Any]:
    return {
        "credential_id": credential_id,
        "kind": "stored_secret",
        "name": name,
        "app_id": app_id,
        "is_enabled": True,
        "storage": "plaintext",
    }
