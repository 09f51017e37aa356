"""Users, the visitor without sign-in, API tokens and stored secrets. NocoDB hands out tokens' values; none is kept."""

from __future__ import annotations

from typing import Any

from passmuster.collect.connectors.nocodb.estate import PUBLIC_ID, Estate
from passmuster.collect.connectors.nocodb.hooks import secret_headers
from passmuster.collect.connectors.nocodb.roles import public_links
from passmuster.collect.fields import Record, flag, text
from passmuster.collect.reads import gathered
from passmuster.collect.unlocks import by_declaring
from passmuster.documents.secrets import mask_secrets, redact
from passmuster.model.words import CollectionStatus
from passmuster.snapshot.gathered import Gap, Gathered, SourceState

_SSO = ("googleAuthEnabled", "githubAuthEnabled", "oidcAuthEnabled", "samlAuthEnabled")
_RAW_FIELDS = ("id", "email", "roles", "display_name", "created_at")
_NO_GROUPS = "teams are a feature of licensed editions"
_PEOPLE_GAPS = (
    Gap("is_enabled", "NocoDB does not tell whether a user is blocked", by_declaring("principals", "is_enabled")),
    Gap("last_sign_in_at", "NocoDB does not tell who signed in when", by_declaring("principals", "last_sign_in_at")),
    Gap("auth_source", "single sign-on is in use, and NocoDB does not tell who signs in by it"),
    Gap(
        "mfa",
        "single sign-on is in use, and NocoDB does not tell who signs in by it",
        by_declaring("principals", "mfa"),
    ),
)
_SECRET_GAPS = (
    Gap("last_used_at", "NocoDB does not tell when a token was last used"),
    Gap("rotated_at", "NocoDB does not tell when a secret was changed", by_declaring("credentials", "rotated_at")),
    Gap("has_expiry", "NocoDB does not know whether the secret of another system ends"),
)


def people_tables(estate: Estate) -> dict[str, Gathered]:
    """The tables of people, groups and credentials."""
    groups = Gathered(CollectionStatus.NOT_LICENSED, reason=_NO_GROUPS)
    if not estate.is_community:
        groups = Gathered(CollectionStatus.UNSUPPORTED, reason=f"{_NO_GROUPS}, and are not read")
    return {
        "principals": gathered(
            [_visitor(estate), *(_principal(estate, user) for user in estate.items("users"))],
            estate.verdict("users"),
            source="users, info",
            gaps=_PEOPLE_GAPS,
        ),
        "groups": groups,
        "memberships": groups,
        "credentials": _credentials(estate),
    }


def _visitor(estate: Estate) -> dict[str, Any]:
    is_known = estate.verdict_of(estate.tables_of, estate.views_of).is_ok
    return {
        "principal_id": PUBLIC_ID,
        "kind": "anonymous",
        "display_name": "Visitor (no sign-in)",
        "is_enabled": any(True for _ in public_links(estate)) if is_known else None,
        "auth_source": "none",
    }


def _principal(estate: Estate, user: Record) -> dict[str, Any]:
    email = text(user, "email")
    is_local = _has_own_passwords_only(estate)
    return {
        "principal_id": str(user["id"]),
        "kind": "human",
        "display_name": text(user, "display_name"),
        "login": email,
        "email_domain": email.rpartition("@")[2].lower() if email and "@" in email else None,
        "is_pending": text(user, "invite_token") is not None if "invite_token" in user else None,
        "auth_source": "local" if is_local else None,
        # The free edition has no second factor at all.
        "mfa": "none" if is_local and estate.is_community else None,
        "created_at": text(user, "created_at"),
        "has_expiry": False,
        "raw": redact({field: user[field] for field in _RAW_FIELDS if field in user}),
    }


def _has_own_passwords_only(estate: Estate) -> bool:
    told = [flag(estate.info, name) for name in _SSO]
    return all(each is False for each in told)


def _credentials(estate: Estate) -> Gathered:
    parts = (
        ("tokens", estate.verdict("tokens")),
        ("integrations", estate.verdict("integrations")),
        ("hooks", estate.verdict_of(estate.tables_of, estate.hooks_of)),
    )
    states = tuple(SourceState(name, verdict.status, verdict.reason, verdict.unlock) for name, verdict in parts)
    rows = [_token(estate, token) for token in estate.items("tokens")]
    rows += [_of_integration(each) for each in estate.items("integrations")]
    rows += [
        {
            "credential_id": f"hook:{hook['id']}",
            "kind": "stored_secret",
            "name": f"header of webhook {text(hook, 'title') or hook['id']}",
            "app_id": base_id,
            "created_at": text(hook, "created_at"),
            "is_enabled": hook.get("active") in (1, True),
            "storage": "plaintext",
        }
        for base_id, hook in estate.hooks()
        if secret_headers(hook)
    ]
    return Gathered.from_sources(rows, states, gaps=_SECRET_GAPS)


def _token(estate: Estate, token: Record) -> dict[str, Any]:
    expiry = text(token, "expiry")
    # By NocoDB's documentation tokens of the free edition never end; its list of them has no such field.
    has_expiry = expiry is not None if "expiry" in token else False if estate.is_community else None
    email = text(token, "created_by")
    return {
        "credential_id": f"api:{token['id']}",
        "kind": "api_key",
        "name": mask_secrets(text(token, "description") or f"token {token['id']}"),
        "owner_principal_id": text(token, "fk_user_id") or estate.user_ids.get((email or "").lower()),
        "created_at": text(token, "created_at"),
        "expires_at": expiry,
        "has_expiry": has_expiry,
        "is_enabled": flag(token, "enabled") if "enabled" in token else True,
        "storage": "plaintext" if text(token, "token") else None,
    }


def _of_integration(integration: Record) -> dict[str, Any]:
    encrypted = integration.get("is_encrypted")
    return {
        "credential_id": f"integration:{integration['id']}",
        "kind": "stored_secret",
        "name": text(integration, "title"),
        "owner_principal_id": text(integration, "created_by"),
        "created_at": text(integration, "created_at"),
        "is_enabled": True,
        "storage": {0: "plaintext", 1: "encrypted"}.get(int(encrypted)) if isinstance(encrypted, int) else None,
    }
