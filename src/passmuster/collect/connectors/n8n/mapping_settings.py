"""Settings as typed rows: from the owner's session, from what anybody sees, and from the built-in audit."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from passmuster.collect.connectors.n8n.estate import LOGIN_UNLOCK, Estate
from passmuster.collect.fields import dotted, inner
from passmuster.collect.reads import gathered
from passmuster.collect.statuses import OK, Verdict
from passmuster.documents.secrets import is_sensitive_name, mask_secrets
from passmuster.model.words import CollectionStatus
from passmuster.snapshot.gathered import Gathered

# Settings that bear on security. What is not named here (addresses, banners, switches of the interface) is not kept.
_PATHS = (
    *("mfa.enabled", "mfa.enforced", "authCookie.secure", "communityNodesEnabled", "unverifiedCommunityNodesEnabled"),
    *("publicApi.enabled", "publicApi.swaggerUi.enabled", "sso.saml.loginEnabled", "sso.ldap.loginEnabled"),
    *("sso.oidc.loginEnabled", "userManagement.authenticationMethod", "userManagement.passwordMinLength"),
    *("security.blockFileAccessToN8nFiles", "chatTrigger.disablePublicChat", "telemetry.enabled"),
    *("versionNotifications.enabled", "releaseChannel", "deployment.type", "license.planName", "executionMode"),
    *("workflowCallerPolicyDefaultOption", "saveDataErrorExecution", "saveDataSuccessExecution"),
    *("pruning.isEnabled", "pruning.maxAge", "logLevel", "databaseType", "binaryDataMode", "excludeNodes", "timezone"),
    *("enterprise.logStreaming", "enterprise.sourceControl", "enterprise.externalSecrets", "enterprise.mfaEnforcement"),
)
_UNITS = {"userManagement.passwordMinLength": "chars"}
# Where the audit tells the same fact as the settings, it is the setting's name that counts.
_AUDIT_PATHS = {
    "features.communityPackagesEnabled": "communityNodesEnabled",
    "features.publicApiEnabled": "publicApi.enabled",
    "features.versionNotificationsEnabled": "versionNotifications.enabled",
    "telemetry.diagnosticsEnabled": "telemetry.enabled",
    "nodes.nodesExclude": "excludeNodes",
}


def settings_table(estate: Estate) -> Gathered:
    """The table `settings`; partial without an owner's session, for then most of them stay hidden."""
    values = dict(_from_audit(estate))
    for path in _PATHS:
        value = estate.setting(path)
        if value is not None:
            values[path] = (value, f"rest/settings {path}")
    rows = [row for path, (value, native) in values.items() if (row := _row(estate, path, value, native))]
    rows.append(_anonymous_row(estate))
    return gathered(rows, _verdict(estate, rows), source="rest_settings, rest_settings_anonymous, audit")


def _verdict(estate: Estate, rows: list[dict[str, Any]]) -> Verdict:
    if estate.owner_settings:
        return OK
    told = estate.verdict("rest_settings")
    if estate.has_session and told.status is not CollectionStatus.UNSUPPORTED:
        why = told.reason or "settings: not the object expected"
    else:
        why = "most settings of n8n are told to a signed-in owner only"
    return Verdict(CollectionStatus.PARTIAL if rows else CollectionStatus.DENIED, why, LOGIN_UNLOCK)


def _from_audit(estate: Estate) -> Iterator[tuple[str, tuple[Any, str]]]:
    settings = inner(estate.audit_section("Instance Risk Report", "Security settings"), "settings")
    for path, name in _AUDIT_PATHS.items():
        value = dotted(settings, path)
        if name == "excludeNodes" and isinstance(value, str):
            value = [] if value == "none" else [word.strip() for word in value.split(",")]
        if value is not None:
            yield name, (value, f"audit {path}")


def _anonymous_access(estate: Estate) -> bool | None:
    """Whether anybody gets in: the API answers without a key, or the instance still waits for its first owner."""
    if dotted(estate.open_settings, "userManagement.showSetupOnFirstLoad") is True:
        return True
    verdict = estate.verdict("no_key")
    if verdict.status in (CollectionStatus.OK, CollectionStatus.DENIED):
        return verdict.is_ok
    return None


def _anonymous_row(estate: Estate) -> dict[str, Any]:
    """Always a row: where it could not be tried, its value is not known."""
    row = _head(estate, "anonymous_access", "answers without a credential")
    return {**row, "value_kind": "bool", "value_bool": _anonymous_access(estate)}


def _row(estate: Estate, path: str, value: Any, native: str) -> dict[str, Any] | None:
    if is_sensitive_name(path.rpartition(".")[2]) and not isinstance(value, bool | int):
        return None
    return _typed(estate, path, value, native)


def _head(estate: Estate, path: str, native: str) -> dict[str, Any]:
    return {
        "scope_kind": "platform",
        "scope_id": estate.platform_id,
        "key": f"n8n.{path}",
        "unit": _UNITS.get(path),
        "is_set": True,
        "native_path": native,
    }


def _typed(estate: Estate, path: str, value: Any, native: str) -> dict[str, Any] | None:
    row = _head(estate, path, native)
    if isinstance(value, bool):
        return {**row, "value_kind": "bool", "value_bool": value}
    if isinstance(value, int):
        return {**row, "value_kind": "int", "value_int": value}
    if isinstance(value, str):
        return {**row, "value_kind": "text", "value_text": mask_secrets(value)}
    if isinstance(value, list):
        return {**row, "value_kind": "list", "value_json": json.dumps(sorted(str(item) for item in value))}
    return None
