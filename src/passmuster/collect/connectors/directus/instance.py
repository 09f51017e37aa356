"""The project itself: identity, extensions, collections, the activity log, and what Directus does not tell or have."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from passmuster.collect.connectors.directus.changes import audit_events
from passmuster.collect.connectors.directus.estate import ENVIRONMENT_ID, Estate
from passmuster.collect.connectors.directus.rights import public_reach
from passmuster.collect.fields import Record, dotted, flag, inner, text
from passmuster.collect.reads import gathered
from passmuster.collect.statuses import Verdict
from passmuster.collect.unlocks import by_declaring
from passmuster.documents.secrets import redact
from passmuster.model.words import CollectionStatus
from passmuster.snapshot.gathered import Gap, Gathered, SourceState

_CLOUD = ".directus.app"
_FILES = "directus_files"
_SECONDS_A_DAY = 86_400
_ADMINISTRATOR = "a token of an administrator, or read on every collection"
_ADD_ON_GAPS = (
    Gap("publisher_verified", "Directus does not tell who stands behind an extension"),
    Gap("installed_at", "Directus does not tell when an extension was installed"),
    Gap("in_use", "Directus does not tell whether an extension is used"),
)
_STORE_GAPS = tuple(
    Gap(column, "Directus does not classify data", by_declaring("data_stores", column))
    for column in ("classification", "contains_personal_data", "encrypted_at_rest", "retention_days")
)
_LOG_GAPS = (
    Gap(
        "retention_days",
        "how long activity is kept stands in the server's environment (ACTIVITY_RETENTION) or in the licence",
        by_declaring("log_sources", "retention_days"),
    ),
    Gap("delivered_to", "Directus does not tell where its logs go", by_declaring("log_sources", "delivered_to")),
)
_NOT_TOLD = {
    "keys": (
        "the server's SECRET stands in its environment; no interface tells of it",
        ("key_id", "kind", "purpose", "is_default_value", "rotated_at"),
    ),
    "backups": (
        "Directus makes no backups; they are made of its database and file storage",
        ("backup_id", "kind", "taken_at", "encrypted", "separate_admin", "restore_tested_at"),
    ),
    "data_policies": (
        "which addresses flows may call (IMPORT_IP_DENY_LIST) stands in the server's environment",
        ("policy_id", "name", "kind", "scope", "is_enabled"),
    ),
    "data_policy_rules": (
        "which addresses flows may call (IMPORT_IP_DENY_LIST) stands in the server's environment",
        ("policy_id", "rule_kind", "ref_id", "classification"),
    ),
}


def instance_tables(estate: Estate, name: str) -> dict[str, Gathered]:
    """The tables about the project as a whole."""
    info = estate.verdict("server_info")
    version = text(estate.data("server_info"), "version")
    told = gathered([], info)
    gaps = (
        () if version else (Gap("version", told.reason or "only a signed-in caller is told the version", told.unlock),)
    )
    environment = {"environment_id": ENVIRONMENT_ID, "name": name, "is_default": True, "version": version}
    purpose = Gap("kind", "Directus does not tell its purpose", by_declaring("environments", "kind"))
    return {
        "platforms": Gathered.of([_platform(estate, name, version)], source="server_info, license", gaps=gaps),
        "environments": Gathered.of([environment], gaps=(purpose,)),
        "add_ons": gathered(_add_ons(estate), estate.verdict("extensions"), source="extensions", gaps=_ADD_ON_GAPS),
        "data_stores": _data_stores(estate),
        "log_sources": gathered([_log(estate)], estate.verdict("activity"), source="activity", gaps=_LOG_GAPS),
        "audit_events": audit_events(estate),
        "verdicts": Gathered(CollectionStatus.EMPTY, reason="no verdicts of other tools are read from Directus"),
        **{
            table: Gathered(CollectionStatus.UNSUPPORTED, reason=reason, unlock=by_declaring(table, *columns))
            for table, (reason, columns) in _NOT_TOLD.items()
        },
    }


def _platform(estate: Estate, name: str, version: str | None) -> dict[str, Any]:
    base = estate.base
    return {
        "platform_id": estate.platform_id,
        "vendor": "Monospace Inc",
        "product": "directus",
        "name": name,
        "external_id": text(estate.data("settings"), "project_id"),
        "base_url": base.text if base else None,
        "hosting": ("vendor" if base.host.endswith(_CLOUD) else "self") if base else None,
        "version": version,
        "version_scheme": "semver",
        "edition": text(estate.data("license"), "name"),
    }


def _add_ons(estate: Estate) -> list[dict[str, Any]]:
    return [row for extension in estate.items("extensions") if (row := _add_on(extension))]


def _add_on(extension: Record) -> dict[str, Any] | None:
    schema, meta = inner(extension, "schema"), inner(extension, "meta")
    name, version = text(schema, "name") or text(meta, "folder"), text(schema, "version")
    extension_id = text(extension, "id") or name
    if extension_id is None:
        return None
    kept = {"type": schema.get("type"), "source": meta.get("source"), "bundle": extension.get("bundle")}
    return {
        "add_on_id": extension_id,
        "environment_id": ENVIRONMENT_ID,
        "name": name,
        "kind": "extension",
        "version": version,
        # A part of a bundle has the bundle's package and no version of its own.
        "purl": _purl(name, version) if version else None,
        "is_builtin": False,
        "is_enabled": flag(meta, "enabled"),
        "permissions": json.dumps(dotted(schema, "sandbox.requestedScopes") or {}, sort_keys=True)
        if flag(inner(schema, "sandbox"), "enabled")
        else None,
        "raw": redact(kept),
    }


def _purl(name: str | None, version: str) -> str | None:
    if not name:
        return None
    scope, slash, bare = name.rpartition("/")
    return f"pkg:npm/{quote(scope, safe='')}{slash}{quote(bare, safe='')}@{quote(version, safe='')}"


def _data_stores(estate: Estate) -> Gathered:
    """Collections from the list, which a token that does not administer sees in part, and from what policies name."""
    listed_whole, named = _listing(estate), estate.verdict("permissions")
    metas: dict[str, Record] = {
        name: collection
        for collection in estate.items("collections")
        if (name := text(collection, "collection")) and _holds_records(collection)
    }
    for permission in estate.permissions:
        if _is_store(str(permission["collection"])):
            metas.setdefault(str(permission["collection"]), {})
    states = tuple(
        SourceState(name, verdict.status, verdict.reason, verdict.unlock)
        for name, verdict in (("collections", listed_whole), ("permissions", named))
    )
    rows = [_data_store(estate, name, collection) for name, collection in sorted(metas.items())]
    return Gathered.from_sources(rows, states, gaps=_STORE_GAPS)


def _listing(estate: Estate) -> Verdict:
    """Directus lists to each caller the collections it may read; only an administrator's list is known to be whole."""
    verdict = estate.verdict("collections")
    sees_all = estate.is_administrator
    if sees_all is None:
        # Recorded without the question whether the token administers: what nobody else sees tells it.
        sees_all = any(text(each, "collection") == "directus_sessions" for each in estate.items("collections"))
    if verdict.is_ok and not sees_all:
        reason = "Directus lists only the collections that the token may read"
        return Verdict(CollectionStatus.PARTIAL, reason, _ADMINISTRATOR)
    return verdict


def _holds_records(collection: Record) -> bool:
    """Folders of the app are listed as collections too; they have no table."""
    return _is_store(str(collection.get("collection"))) and isinstance(collection.get("schema"), dict)


def _is_store(name: str) -> bool:
    return name == _FILES or not name.startswith("directus_")


def _data_store(estate: Estate, name: str, collection: Record) -> dict[str, Any]:
    meta = collection.get("meta")
    logged = inner(collection, "meta").get("accountability") if isinstance(meta, dict) else None
    is_told = isinstance(meta, dict) and "accountability" in meta
    return {
        "data_store_id": name,
        "environment_id": ENVIRONMENT_ID,
        "name": name,
        "kind": "file_area" if name == _FILES else "collection",
        "default_access": "private",
        "anonymous_access": public_reach(estate, name),
        "audit_enabled": logged in ("all", "activity") if is_told else None,
    }


def _log(estate: Estate) -> dict[str, Any]:
    kept = dotted(estate.data("license"), "entitlements.activity_historical_timeframe.limit")
    is_told = isinstance(kept, int) and not isinstance(kept, bool) and kept > 0
    newest = max((at for row in estate.items("activity") if (at := text(row, "timestamp"))), default=None)
    return {
        "log_source_id": "activity",
        "environment_id": ENVIRONMENT_ID,
        "kind": "admin_audit",
        "is_enabled": True,
        "event_classes": json.dumps(["admin_change", "permission_change", "sign_in"]),
        "retention_days": kept // _SECONDS_A_DAY if is_told and isinstance(kept, int) else None,
        "last_event_at": newest,
        # No route deletes activity, but a flow with full permissions does, and administrators make flows.
        "admin_can_delete": True,
        "redacts_payload": None,
    }
