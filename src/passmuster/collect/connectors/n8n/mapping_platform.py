"""The instance itself: identity, add-ons, data tables, log streaming, node policies."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any
from urllib.parse import quote, urlsplit

from passmuster.collect.connectors.n8n.estate import ENVIRONMENT_ID, LOGIN_UNLOCK, Estate
from passmuster.collect.fields import Record, dotted, flag, inner, listed, records, text
from passmuster.collect.reads import gathered
from passmuster.collect.statuses import OK, Verdict
from passmuster.collect.unlocks import by_declaring
from passmuster.documents.secrets import redact
from passmuster.model.words import CollectionStatus
from passmuster.snapshot.gathered import Gap, Gathered

_CLOUD = ".app.n8n.cloud"
_ENVIRONMENT_GAPS = (Gap("kind", "n8n does not tell its purpose", by_declaring("environments", "kind")),)
_METRIC = re.compile(r'n8n_version_info\{[^}]*version="v?(?P<version>[0-9][^"]*)"')
_NO_BACKUPS = "n8n has no interface to backups; they are made of its database and key"
_BACKUP_UNLOCK = by_declaring(
    "backups", "backup_id", "kind", "taken_at", "encrypted", "separate_admin", "restore_tested_at"
)


def platform_tables(estate: Estate, name: str) -> dict[str, Gathered]:
    """The tables about the instance as a whole."""
    version = version_of(estate)
    unlock = f"{LOGIN_UNLOCK}, or open /metrics to this machine"
    gaps = () if version else (Gap("version", "the public API of n8n does not tell its version", unlock),)
    environment = {"environment_id": ENVIRONMENT_ID, "name": name, "is_default": True, "version": version}
    return {
        "platforms": Gathered.of([_platform(estate, name, version)], source="rest_settings", gaps=gaps),
        "environments": Gathered.of([environment], gaps=_ENVIRONMENT_GAPS),
        "add_ons": gathered(
            _add_ons(estate),
            estate.verdict("community_packages"),
            source="community_packages",
            gaps=_add_on_gaps(estate),
        ),
        "data_stores": gathered(_data_stores(estate), estate.verdict("data_tables"), source="data_tables"),
        "log_sources": gathered(_log_sources(estate), estate.verdict("log_streaming"), source="log_streaming"),
        "backups": Gathered(CollectionStatus.UNSUPPORTED, reason=_NO_BACKUPS, unlock=_BACKUP_UNLOCK),
        **_policy_tables(estate),
    }


def version_of(estate: Estate) -> str | None:
    """The version of n8n: from the owner's settings, else from open metrics."""
    told = text(estate.owner_settings, "versionCli")
    read = estate.reads.get("metrics_version")
    if told or read is None or not read.verdict.is_ok:
        return told
    body = "\n".join(map(str, read.body)) if isinstance(read.body, list) else str(read.body)
    match = _METRIC.search(body)
    return match["version"] if match else None


def hosting_of(estate: Estate) -> str | None:
    """Who runs the servers; None where neither the address nor the settings tell."""
    deployment = dotted(estate.owner_settings, "deployment.type")
    if (estate.base and estate.base.host.endswith(_CLOUD)) or deployment == "cloud":
        return "vendor"
    return "self" if estate.base or deployment else None


def _platform(estate: Estate, name: str, version: str | None) -> dict[str, Any]:
    return {
        "platform_id": estate.platform_id,
        "vendor": "n8n GmbH",
        "product": "n8n",
        "name": name,
        "external_id": text(estate.owner_settings, "instanceId"),
        "base_url": estate.base.text if estate.base else None,
        "hosting": hosting_of(estate),
        "version": version,
        "version_scheme": "semver",
        "edition": text(inner(estate.owner_settings, "license"), "planName"),
    }


def _add_on_gaps(estate: Estate) -> tuple[Gap, ...]:
    if estate.vetted_packages:
        return ()
    reason = "without the list of packages n8n vetted, its audit calls every community package unvetted"
    return (Gap("publisher_verified", reason, LOGIN_UNLOCK), Gap("installed_by", "n8n does not tell"))


def _add_ons(estate: Estate) -> list[dict[str, Any]]:
    used = {str(node.get("type")) for workflow in estate.items("workflows") for node in records(workflow, "nodes")}
    return [_add_on(package, estate, used) for package in estate.items("community_packages")]


def _add_on(package: Record, estate: Estate, used: set[str]) -> dict[str, Any]:
    name, version = text(package, "packageName"), text(package, "installedVersion")
    types = {kind for node in records(package, "installedNodes") if (kind := text(node, "type"))}
    failed = flag(package, "failedLoading")
    return {
        "add_on_id": name,
        "environment_id": ENVIRONMENT_ID,
        "name": name,
        "kind": "package",
        "publisher": text(package, "authorName"),
        "publisher_verified": _is_vetted(name, estate),
        "version": version,
        "latest_version": text(package, "updateAvailable"),
        "purl": _purl(name, version),
        "installed_at": text(package, "createdAt"),
        "updated_at": text(package, "updatedAt"),
        "is_builtin": False,
        "is_enabled": None if failed is None else not failed,
        "in_use": bool(types & used) if estate.verdict("workflows").is_ok else None,
        "raw": redact({key: value for key, value in package.items() if key not in ("authorEmail", "updateAvailable")}),
    }


def _is_vetted(name: str | None, estate: Estate) -> bool | None:
    """By the instance's list of vetted packages; where it has none, by its audit, which names the unvetted ones."""
    if estate.vetted_packages:
        return name in estate.vetted_packages
    return False if name in estate.packages_called_unvetted else None


def _purl(name: str | None, version: str | None) -> str | None:
    if not name:
        return None
    scope, slash, bare = name.rpartition("/")
    spelled = f"{quote(scope, safe='')}{slash}{quote(bare, safe='')}"
    return f"pkg:npm/{spelled}@{quote(version, safe='')}" if version else f"pkg:npm/{spelled}"


def _data_stores(estate: Estate) -> list[dict[str, Any]]:
    return [
        {
            "data_store_id": text(table, "id"),
            "environment_id": ENVIRONMENT_ID,
            "name": text(table, "name"),
            "kind": "table",
            "default_access": "private",
            "anonymous_access": "none",
        }
        for table in estate.items("data_tables")
    ]


def _log_sources(estate: Estate) -> list[dict[str, Any]]:
    return [
        {
            "log_source_id": text(target, "id"),
            "environment_id": ENVIRONMENT_ID,
            "kind": "admin_audit" if _is_audit(target) else "execution",
            "is_enabled": flag(target, "enabled"),
            "event_classes": json.dumps(_event_classes(target)),
            "delivered_to": _receiver(target),
            "redacts_payload": flag(target, "anonymizeAuditMessages"),
        }
        for target in estate.items("log_streaming")
    ]


def _events(target: Record) -> list[str]:
    return [event for event in listed(target, "subscribedEvents") if isinstance(event, str)]


def _is_audit(target: Record) -> bool:
    return any(event.startswith("n8n.audit") for event in _events(target))


def _event_classes(target: Record) -> list[str]:
    """Only a subscription to all audit events covers a class for sure; single events are taken for what they name."""
    found: set[str] = set()
    for event in _events(target):
        if event == "n8n.audit":
            found |= {"admin_change", "sign_in", "permission_change"}
        elif event.startswith("n8n.audit.user.login"):
            found.add("sign_in")
        elif event.startswith(("n8n.workflow", "n8n.node")):
            found.add("execution")
    return sorted(found)


def _receiver(target: Record) -> str | None:
    url = text(target, "url")
    if url:
        try:
            return urlsplit(url).hostname
        except ValueError:
            return None
    return text(target, "host") or text(target, "type")


def _policy_verdict(estate: Estate) -> Verdict:
    """n8n checks the scope before the licence, so a key without the scope is not told that the plan has no policies."""
    verdict = estate.verdict("node_policies")
    if verdict.status is not CollectionStatus.DENIED:
        return verdict
    if text(inner(estate.owner_settings, "license"), "planName") == "Community":
        return Verdict(CollectionStatus.NOT_LICENSED, "the Community plan of n8n has no node policies")
    return (
        replace(verdict, unlock=f"{verdict.unlock} (n8n has none that only reads them)") if verdict.unlock else verdict
    )


def _policy_tables(estate: Estate) -> dict[str, Gathered]:
    verdict = _policy_verdict(estate)
    body = estate.body("node_policies")
    rules = list(records(body, "rules"))
    default = {"allow": "allow", "deny": "block"}.get(str(body.get("defaultAction")))
    policy = {"policy_id": "node-types", "name": "node types", "kind": "dlp", "scope": "all", "is_enabled": True}
    is_known = "rules" in body or "defaultAction" in body
    rows = [{**policy, "default_classification": default}] if is_known else []
    lines = [
        {
            "policy_id": "node-types",
            "rule_kind": "connector",
            "ref_id": text(inner(rule, "selector"), "value"),
            "classification": {"allow": "allow", "deny": "blocked"}.get(str(rule.get("action"))),
            "direction": "both",
            "ordinal": ordinal,
        }
        for ordinal, rule in enumerate(rules)
    ]
    odd = (
        OK
        if is_known or not verdict.is_ok
        else Verdict(CollectionStatus.ERROR, "node policies: not the object expected")
    )
    return {
        "data_policies": gathered(rows, verdict, odd, source="node_policies"),
        "data_policy_rules": gathered(lines, verdict, odd, source="node_policies"),
    }
