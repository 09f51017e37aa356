"""API keys and stored credentials. n8n never hands out their values, and nothing here asks for them."""

from __future__ import annotations

from typing import Any

from passmuster.collect.connectors.n8n.estate import LOGIN_UNLOCK, Estate, owner_project
from passmuster.collect.fields import Record, from_epoch, listed, text
from passmuster.collect.reads import gathered
from passmuster.collect.statuses import OK, Verdict
from passmuster.collect.unlocks import by_declaring
from passmuster.model.words import CollectionStatus
from passmuster.snapshot.gathered import Gap, Gathered

_NO_KEYS_SEEN = Verdict(
    CollectionStatus.PARTIAL, "API keys of users are not visible to the public API of n8n", LOGIN_UNLOCK
)
_GAPS = (
    Gap(
        "rotated_at",
        "n8n tells when the record of a stored credential was changed (its name, say), not whether its secret was",
        by_declaring("credentials", "rotated_at"),
    ),
    Gap("fingerprint", "n8n never hands out the values of keys and stored credentials"),
    Gap("last_used_at", "n8n does not tell when a stored credential was last used"),
    Gap("has_expiry", "n8n does not know whether the secret of a stored credential ends"),
)
_KEYS_UNLOCK = by_declaring("keys", "key_id", "kind", "purpose", "is_default_value", "rotated_at", "not_after")
_KEYS_REASON = "n8n's interfaces do not tell about the instance's encryption key or its certificates"


def secret_tables(estate: Estate) -> dict[str, Gathered]:
    """The tables `credentials` and `keys`."""
    rows = [_api_key(key) for key in estate.items("rest_api_keys_all")]
    rows += [_stored(credential, estate) for credential in estate.items("credentials")]
    verdicts = (_keys_seen(estate), estate.verdict("credentials"))
    table = gathered(rows, *verdicts, source="credentials, rest_api_keys_all", gaps=_GAPS)
    if table.status is not CollectionStatus.PARTIAL and not table.status.is_readable and rows:
        # Half of the table was read: it stays, marked as the half it is.
        table = Gathered(CollectionStatus.PARTIAL, rows, table.reason, table.unlock, table.source, _GAPS)
    keys = Gathered(CollectionStatus.UNSUPPORTED, reason=_KEYS_REASON, unlock=_KEYS_UNLOCK)
    return {"credentials": table, "keys": keys}


def _keys_seen(estate: Estate) -> Verdict:
    if not estate.has_session:
        return _NO_KEYS_SEEN
    verdict = estate.verdict("rest_api_keys_all")
    if verdict.is_ok:
        return OK
    return Verdict(CollectionStatus.PARTIAL, f"API keys of users were not read: {verdict.reason}", LOGIN_UNLOCK)


def _api_key(key: Record) -> dict[str, Any]:
    expires = key.get("expiresAt")
    at = from_epoch(expires) or (expires if isinstance(expires, str) and expires else None)
    return {
        "credential_id": text(key, "id"),
        "kind": "api_key",
        "name": text(key, "label"),
        "owner_principal_id": text(key, "userId"),
        "scopes": sorted(str(scope) for scope in listed(key, "scopes")) if "scopes" in key else None,
        "created_at": text(key, "createdAt"),
        "last_used_at": text(key, "lastUsedAt"),
        "expires_at": at,
        "has_expiry": at is not None if "expiresAt" in key else None,
        "is_enabled": True,
        "storage": "unknown",
    }


def _stored(credential: Record, estate: Estate) -> dict[str, Any]:
    project = text(owner_project(credential, "credential:owner"), "id")
    return {
        "credential_id": text(credential, "id"),
        "kind": "stored_secret",
        "name": text(credential, "name"),
        "owner_principal_id": estate.owners.get(project or ""),
        "created_at": text(credential, "createdAt"),
        "is_enabled": True,
        "storage": "encrypted",
    }
