"""The instance itself, its tables of data, its logs, and what ServiceNow does not tell."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from passmuster.collect.connectors.servicenow.access_rules import visitors_access
from passmuster.collect.connectors.servicenow.estate import ENVIRONMENT_ID, Estate
from passmuster.collect.connectors.servicenow.mapping_audit import audit_events
from passmuster.collect.connectors.servicenow.records import flag, number, text
from passmuster.collect.unlocks import by_declaring
from passmuster.model.words import CollectionStatus
from passmuster.snapshot.gathered import Gap, Gathered

_BUILD = re.compile(
    r"glide-(?P<family>[a-z]+)-[\d-]+(?:__patch(?P<patch>\d+)(?:-hotfix(?P<hotfix>\d+[a-z]?))?)?", re.IGNORECASE
)
_BUILD_PROPERTIES = ("glide.war", "glide.buildtag.last", "glide.buildtag")
# Tables whose changes are administration, and what kind of event they hold.
_WATCHED = {"sys_user": "admin_change", "sys_properties": "admin_change", "sys_user_has_role": "permission_change",
            "sys_group_has_role": "permission_change", "sys_security_acl": "permission_change"}  # fmt: skip
_LOGS = {"syslog": "system", "syslog_transaction": "api", "sysevent": "sign_in", "sys_audit": "admin_audit"}
_SECONDS_A_DAY = 86_400
_DOMAIN = ".service-now.com"
_STORE_GAPS = (
    Gap("classification", "data classification is not read", by_declaring("data_stores", "classification")),
    Gap(
        "contains_personal_data",
        "data classification is not read",
        by_declaring("data_stores", "contains_personal_data"),
    ),
    Gap(
        "default_access",
        "what users without a role may read is decided rule by rule",
        by_declaring("data_stores", "default_access"),
    ),
    Gap(
        "encrypted_at_rest",
        "encryption of the database is the vendor's",
        by_declaring("data_stores", "encrypted_at_rest"),
    ),
)
_LOG_GAPS = (
    Gap("delivered_to", "where logs are delivered to is not read", by_declaring("log_sources", "delivered_to")),
    Gap("admin_can_delete", "who may delete logs is not told", by_declaring("log_sources", "admin_can_delete")),
    Gap("retention_days", "a log without a rule of the table cleaner is kept, or rotated by the vendor",
        by_declaring("log_sources", "retention_days")),
)  # fmt: skip
_NOT_READ = {
    "data_policies": ("outbound rules are not read", by_declaring("data_policies", "kind", "scope")),
    "data_policy_rules": ("outbound rules are not read", by_declaring("data_policy_rules", "rule_kind", "ref_id")),
    "data_flows": ("where data moves is not told by these tables", by_declaring("data_flows", "from_id", "to_id")),
    "backups": (
        "the vendor makes the backups and does not list them",
        by_declaring("backups", "taken_at", "restore_tested_at"),
    ),
}


def platform_tables(estate: Estate, name: str, since: datetime | None) -> dict[str, Gathered]:
    """The tables of the platform, its environment, data and logs (asked from `since` on), and the unreadable ones."""
    unread = {
        table: Gathered(CollectionStatus.UNSUPPORTED, (), reason, unlock)
        for table, (reason, unlock) in _NOT_READ.items()
    }
    return unread | {
        "platforms": Gathered.of([_platform(estate, name)]),
        "environments": Gathered.of([_environment(estate, name)], gaps=_environment_gaps(estate)),
        "data_stores": estate.table(list(_stores(estate)), "sys_db_object", "sys_dictionary", gaps=_STORE_GAPS),
        "log_sources": estate.table(list(_log_sources(estate)), "sys_dictionary", "sys_auto_flush", gaps=_LOG_GAPS),
        "audit_events": audit_events(estate, since),
        "verdicts": Gathered(CollectionStatus.EMPTY, reason="no verdicts of other tools are read from ServiceNow"),
    }


def _platform(estate: Estate, name: str) -> dict[str, Any]:
    version = release_of(estate)
    return {
        "vendor": "ServiceNow",
        "product": "servicenow",
        "name": name,
        "external_id": estate.properties.get("instance_id", "").strip() or None,
        "base_url": estate.base.text if estate.base else None,
        # An instance under a name of its own may run anywhere.
        "hosting": "vendor" if _DOMAIN in _host(estate) else None,
        "version": version,
        "version_scheme": "release_name" if version else None,
    }


def _host(estate: Estate) -> str:
    return estate.base.host if estate.base else estate.properties.get("glide.servlet.uri", "").lower()


def release_of(estate: Estate) -> str | None:
    """The release as people call it, such as `Xanadu Patch 4 Hot Fix 1`; None where no property tells."""
    for name in _BUILD_PROPERTIES:
        match = _BUILD.search(estate.properties.get(name, ""))
        if match:
            patch = f" Patch {match['patch']}" if match["patch"] else ""
            hotfix = f" Hot Fix {match['hotfix']}" if match["hotfix"] else ""
            return f"{match['family'].capitalize()}{patch}{hotfix}"
    return estate.properties.get("glide.buildname", "").strip() or None


def _environment(estate: Estate, name: str) -> dict[str, Any]:
    is_production = estate.property_flag("glide.installation.production")
    return {
        "environment_id": ENVIRONMENT_ID,
        "name": name,
        "kind": {True: "production", False: "test"}[is_production] if is_production is not None else None,
        "is_default": True,
        "version": release_of(estate),
        "has_database": True,
    }


def _environment_gaps(estate: Estate) -> tuple[Gap, ...]:
    if estate.property_flag("glide.installation.production") is not None:
        return ()
    return (
        Gap("kind", "the property glide.installation.production was not read", by_declaring("environments", "kind")),
    )


def _audited(estate: Estate) -> dict[str, bool | None]:
    """Tables to whether they are audited: the dictionary's entries without a column stand for whole tables."""
    return {
        name: flag(entry, "audit")
        for entry in estate.records("sys_dictionary")
        if (name := text(entry, "name")) and text(entry, "element") is None
    }


def _stores(estate: Estate) -> Iterator[dict[str, Any]]:
    audited, access = _audited(estate), visitors_access(estate)
    listed = [name for table in estate.records("sys_db_object") if (name := text(table, "name"))]
    is_whole = estate.is_whole("sys_security_acl") and estate.is_whole("sys_security_acl_role")
    for name in sorted(set(listed) or set(audited)):
        yield {
            "data_store_id": name,
            "environment_id": ENVIRONMENT_ID,
            "name": name,
            "kind": "table",
            "audit_enabled": audited.get(name),
            "anonymous_access": access.get(name) if is_whole else None,
        }


def _log_sources(estate: Estate) -> Iterator[dict[str, Any]]:
    audited = _audited(estate)
    kept = _kept_days(estate)
    told = {name: audited[name] for name in _WATCHED if audited.get(name) is not None}
    if told:
        classes = {_WATCHED[name] for name, is_on in told.items() if is_on}
        yield {
            **_log("sys_audit", "admin_audit", kept),
            "is_enabled": any(told.values()),
            "event_classes": sorted(classes),
        }
    for name, kind in _LOGS.items():
        if name in kept and (name != "sys_audit" or not told):
            yield {**_log(name, kind, kept), "is_enabled": True if kind != "admin_audit" else None}


def _log(name: str, kind: str, kept: dict[str, int]) -> dict[str, Any]:
    return {
        "log_source_id": name,
        "environment_id": ENVIRONMENT_ID,
        "kind": kind,
        "event_classes": ["sign_in"] if kind == "sign_in" else None,
        "retention_days": kept.get(name),
    }


def _kept_days(estate: Estate) -> dict[str, int]:
    """Tables to the days their records are kept, by the shortest rule of the table cleaner without a condition."""
    days: dict[str, int] = {}
    for rule in estate.records("sys_auto_flush"):
        name, age = text(rule, "tablename"), number(rule, "age")
        if name and age is not None and flag(rule, "active") is not False and not text(rule, "conditions"):
            days[name] = min(age // _SECONDS_A_DAY, days.get(name, age // _SECONDS_A_DAY))
    return days
