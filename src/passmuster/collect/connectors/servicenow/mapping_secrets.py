"""Clients, tokens, keys and stored credentials, without what they hold; and certificates."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from passmuster.collect.connectors.servicenow.estate import Estate, not_told, record_id
from passmuster.collect.connectors.servicenow.records import Record, flag, moment, shown, text
from passmuster.collect.unlocks import by_declaring
from passmuster.snapshot.gathered import Gap, Gathered

_SOURCES = ("oauth_entity", "api_key", "oauth_credential", "sys_auth_profile_basic", "discovery_credentials")
_GAPS = (
    Gap("last_used_at", "ServiceNow does not tell when a client or key was last used",
        by_declaring("credentials", "last_used_at")),
    Gap("rotated_at", "ServiceNow does not tell when a secret was changed", by_declaring("credentials", "rotated_at")),
    Gap("owner_principal_id", "OAuth clients and stored credentials name no owner",
        by_declaring("credentials", "owner_principal_id")),
    Gap("scopes", "scopes of OAuth clients are not read"),
)  # fmt: skip
_OF_CLIENTS = frozenset({"client", "oauth_client", ""})


def secret_tables(estate: Estate) -> dict[str, Gathered]:
    """The tables of credentials and keys."""
    rows = [*_clients(estate), *_api_keys(estate), *_tokens(estate), *_stored(estate)]
    gaps = [*_GAPS, *not_told(estate, "api_key", {"expires_at": "expires"})]
    return {
        "credentials": estate.table(rows, *_SOURCES, gaps=gaps),
        "keys": estate.table(list(_certificates(estate)), "sys_certificate"),
    }


def _credential(record: Record, identity: str, kind: str) -> dict[str, Any]:
    return {
        "credential_id": identity,
        "kind": kind,
        "name": text(record, "name"),
        "created_at": moment(record, "sys_created_on"),
        "is_enabled": flag(record, "active"),
        "storage": "encrypted",
    }


def _clients(estate: Estate) -> Iterator[dict[str, Any]]:
    """The application registry: clients that call this instance, and providers whose client this instance is."""
    for entity in estate.records("oauth_entity"):
        identity = record_id(entity, "name")
        if identity:
            is_client = (text(entity, "type") or "").lower() in _OF_CLIENTS
            yield _credential(entity, identity, "oauth_client" if is_client else "stored_secret") | {
                "owner_principal_id": estate.users.of(entity, "user"),
                "app_id": identity,
                "has_expiry": False,
            }


def _api_keys(estate: Estate) -> Iterator[dict[str, Any]]:
    for key in estate.records("api_key"):
        identity = record_id(key, "name")
        if identity:
            ends = moment(key, "expires")
            scopes = shown(key, "auth_scope")
            yield _credential(key, identity, "api_key") | {
                "owner_principal_id": estate.users.of(key, "user"),
                "expires_at": ends,
                # An empty expiry means, by the vendor's documentation, that the key never ends.
                "has_expiry": bool(text(key, "expires")) if "expires" in key.values else None,
                "scopes": [part.strip() for part in scopes.split(",")] if scopes else None,
            }


def _tokens(estate: Estate) -> Iterator[dict[str, Any]]:
    """Refresh tokens: each is a grant of a user to a client. Access tokens end within the hour and are left out."""
    for token in estate.records("oauth_credential"):
        identity = record_id(token)
        if identity and "refresh" in (shown(token, "type") or "").lower():
            yield _credential(token, identity, "oauth_grant") | {
                "name": shown(token, "peer"),
                "owner_principal_id": estate.users.of(token, "user"),
                "app_id": text(token, "peer"),
                "expires_at": moment(token, "expires"),
                "has_expiry": True if text(token, "expires") else None,
                "is_enabled": None,
            }


def _stored(estate: Estate) -> Iterator[dict[str, Any]]:
    for table in ("sys_auth_profile_basic", "discovery_credentials"):
        for record in estate.records(table):
            identity = record_id(record, "name")
            if identity:
                yield _credential(record, identity, "stored_secret") | {"has_expiry": False}


def _certificates(estate: Estate) -> Iterator[dict[str, Any]]:
    for certificate in estate.records("sys_certificate"):
        identity = record_id(certificate, "name")
        if identity and flag(certificate, "active") is not False:
            yield {
                "key_id": identity,
                "kind": "certificate",
                "custody": "customer",
                "created_at": moment(certificate, "valid_from"),
                "not_after": moment(certificate, "expires"),
            }
