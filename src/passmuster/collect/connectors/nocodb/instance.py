"""The instance itself: identity, plugins, settings, and what NocoDB does not tell or have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from passmuster.collect.connectors.nocodb.estate import ENVIRONMENT_ID, Estate
from passmuster.collect.fields import Record, flag, text
from passmuster.collect.reads import gathered
from passmuster.collect.unlocks import by_declaring
from passmuster.documents.secrets import mask_secrets
from passmuster.model.words import CollectionStatus
from passmuster.snapshot.gathered import Gap, Gathered

_CLOUD = ".nocodb.com"
_FLAGS = (
    *("googleAuthEnabled", "githubAuthEnabled", "oidcAuthEnabled", "samlAuthEnabled", "disableEmailAuth"),
    *(
        "connectToExternalDB",
        "teleEnabled",
        "errorReportingEnabled",
        "auditEnabled",
        "allowLocalUrl",
        "ee",
        "prodReady",
    ),
)
_OWN = ("invite_only_signup", "restrict_workspace_creation")
_COUNTS = ("defaultLimit", "ncMaxAttachmentsAllowed")
_PLUGIN_GAPS = (Gap("publisher_verified", "NocoDB does not tell who stands behind a plugin"),)
_NOT_TOLD = {
    "keys": (
        "NC_AUTH_JWT_SECRET and NC_CONNECTION_ENCRYPT_KEY are set in the server's environment; no interface tells them",
        ("key_id", "kind", "purpose", "is_default_value", "rotated_at"),
    ),
    "log_sources": (
        "the audit log is not told by the interfaces read here",
        ("log_source_id", "kind", "is_enabled", "event_classes", "retention_days", "delivered_to"),
    ),
    "backups": (
        "NocoDB makes no backups; they are made of its database and file storage",
        ("backup_id", "kind", "taken_at", "encrypted", "separate_admin", "restore_tested_at"),
    ),
}
_NO_AUDIT_LOG = "the Community Edition of NocoDB has no audit log; that of the Enterprise Edition is not read"
_NONE = "NocoDB has no data policies"


def instance_tables(estate: Estate, name: str) -> dict[str, Gathered]:
    """The tables about the instance as a whole."""
    version = text(estate.reads.body("version"), "releaseVersion")
    unlock = by_declaring("platforms", "version")
    gaps = () if version else (Gap("version", "this installation does not tell its version", unlock),)
    environment = {"environment_id": ENVIRONMENT_ID, "name": name, "is_default": True, "version": version}
    purpose = Gap("kind", "NocoDB does not tell its purpose", by_declaring("environments", "kind"))
    plugins = [_plugin(plugin) for plugin in estate.items("plugins")]
    return {
        "platforms": Gathered.of([_platform(estate, name, version)], source="info, version", gaps=gaps),
        "environments": Gathered.of([environment], gaps=(purpose,)),
        "add_ons": gathered(plugins, estate.verdict("plugins"), source="plugins", gaps=_PLUGIN_GAPS),
        "settings": gathered(
            [*_settings(estate), _anonymous_access(estate)],
            estate.verdict("app_settings", "info"),
            source="app_settings, info, bases_anonymous",
        ),
        "data_policies": Gathered(CollectionStatus.EMPTY, reason=_NONE),
        "data_policy_rules": Gathered(CollectionStatus.EMPTY, reason=_NONE),
        "audit_events": Gathered(CollectionStatus.UNSUPPORTED, reason=_NO_AUDIT_LOG),
        "verdicts": Gathered(CollectionStatus.EMPTY, reason="no verdicts of other tools are read from NocoDB"),
        **{
            table: Gathered(CollectionStatus.UNSUPPORTED, reason=reason, unlock=by_declaring(table, *columns))
            for table, (reason, columns) in _NOT_TOLD.items()
        },
    }


def _platform(estate: Estate, name: str, version: str | None) -> dict[str, Any]:
    base, is_cloud = estate.base, flag(estate.info, "isCloud")
    hosting = "vendor" if is_cloud or (base and base.host.endswith(_CLOUD)) else "self" if is_cloud is False else None
    licensed = flag(estate.info, "ee")
    return {
        "platform_id": estate.platform_id,
        "vendor": "NocoDB Inc",
        "product": "nocodb",
        "name": name,
        "base_url": base.text if base else None,
        "hosting": hosting,
        "version": version,
        "version_scheme": "semver",
        "edition": None if licensed is None else "Enterprise" if licensed else "Community",
    }


def _plugin(plugin: Record) -> dict[str, Any]:
    """A plugin ships with NocoDB; it is on once somebody has set it up. What was entered then is not kept."""
    return {
        "add_on_id": str(plugin["id"]),
        "environment_id": ENVIRONMENT_ID,
        "name": text(plugin, "title"),
        "kind": "plugin",
        "version": text(plugin, "version"),
        "is_builtin": True,
        "is_enabled": plugin["active"] in (1, True) if "active" in plugin else None,
    }


def _settings(estate: Estate) -> Iterator[dict[str, Any]]:
    own = estate.reads.body("app_settings")
    for source, names, native in (
        (own, _OWN, "/api/v1/app-settings"),
        (estate.info, _FLAGS, "/api/v2/meta/nocodb/info"),
    ):
        for name in names:
            value = flag(source, name)
            if value is not None:
                yield {**_head(estate, f"nocodb.{name}", f"{native} {name}"), "value_kind": "bool", "value_bool": value}
    for name in _COUNTS:
        count = estate.info.get(name)
        if isinstance(count, int) and not isinstance(count, bool):
            row = _head(estate, f"nocodb.{name}", f"/api/v2/meta/nocodb/info {name}")
            yield {**row, "value_kind": "int", "value_int": count, "unit": "count"}
    if level := text(estate.info, "automationLogLevel"):
        row = _head(estate, "nocodb.automationLogLevel", "/api/v2/meta/nocodb/info automationLogLevel")
        yield {**row, "value_kind": "enum", "value_text": mask_secrets(level)}


def _anonymous_access(estate: Estate) -> dict[str, Any]:
    """Whether a visitor gets in: bases are listed without a credential, or the first to come becomes super admin."""
    tried = estate.reads.verdict("bases_anonymous")
    is_open: bool | None = None
    if flag(estate.info, "firstUser") is True or tried.is_ok:
        is_open = True
    elif tried.status is CollectionStatus.DENIED:
        is_open = False
    row = _head(estate, "instance.anonymous_access", "GET /api/v2/meta/bases without a credential")
    return {**row, "value_kind": "bool", "value_bool": is_open}


def _head(estate: Estate, key: str, native: str) -> dict[str, Any]:
    return {
        "scope_kind": "platform",
        "scope_id": estate.platform_id,
        "key": key,
        "is_set": True,
        "native_path": native,
    }
