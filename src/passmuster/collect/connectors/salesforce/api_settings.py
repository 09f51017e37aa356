"""Settings of an organisation from the Tooling API: the same metadata as in a folder, as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from passmuster.collect.connectors.salesforce.access import Row
from passmuster.collect.connectors.salesforce.api_asking import Organization, flag_at, text_at
from passmuster.collect.connectors.salesforce.api_questions import SETTINGS_QUESTIONS
from passmuster.collect.connectors.salesforce.setting_values import count_row, list_row, setting_row
from passmuster.documents.secrets import redact
from passmuster.model.words import CollectionStatus
from passmuster.snapshot.gathered import Gathered, SourceState

_PREFIXES = {
    "security_settings": "security",
    "oauth_settings": "oauth_oidc",
    "event_settings": "event",
    "my_domain_settings": "my_domain",
}
_DEEPEST = 12
_STANDARD_ADMINISTRATORS = "System Administrator"


def settings_rows(organization: Organization, platform_id: str) -> list[Row]:
    """The rows of settings, and the counts that settings rules look at."""
    scope = ("platform", platform_id)
    rows: list[Row] = []
    for name in SETTINGS_QUESTIONS:
        for record in organization.records(name):
            metadata = record.get("Metadata")
            if isinstance(metadata, Mapping):
                rows += _leaves(scope, metadata, _PREFIXES[name], f"{name} Metadata", 0)
    return [*rows, *_counts(organization, scope)]


def settings_table(organization: Organization, rows: list[Row]) -> Gathered:
    """The table `settings`: whole where every kind of settings was answered with its metadata."""
    states = []
    for name in SETTINGS_QUESTIONS:
        verdict = organization.verdict(name)
        has_metadata = any(isinstance(record.get("Metadata"), Mapping) for record in organization.records(name))
        if verdict.is_ok and not has_metadata:
            states.append(SourceState(name, CollectionStatus.ERROR, "the answer holds no metadata"))
        else:
            states.append(SourceState(name, verdict.status, verdict.reason, verdict.unlock))
    kept = rows if any(state.status is CollectionStatus.OK for state in states) else []
    return Gathered.from_sources(kept, tuple(states))


def _leaves(scope: tuple[str, str], value: Mapping[str, Any], key: str, path: str, depth: int) -> Iterator[Row]:
    for name, item in sorted(value.items()):
        inner, native = f"{key}.{name}", f"{path}.{name}"
        if isinstance(item, Mapping) and depth < _DEEPEST:
            yield from _leaves(scope, item, inner, native, depth + 1)
        elif isinstance(item, list):
            yield list_row(scope, inner, redact(item), native_path=native)
            if name == "ipRanges":
                yield count_row(scope, f"{key}.ipRangeCount", len(item), native_path=native)
        elif isinstance(item, bool | int | str) and str(item).strip():
            text = str(item).lower() if isinstance(item, bool) else str(item)
            row = setting_row(scope, inner, text, native_path=native)
            if row is not None:
                yield row


def _counts(organization: Organization, scope: tuple[str, str]) -> list[Row]:
    """Numbers Health Check looks at: always a row each, not known where what is counted was not read in full."""
    public = ("Read", "FullAccess", "Edit")
    names = {text_at(record, "Name") for record in organization.records("profiles")}
    counted = {
        "remote_sites.withoutProtocolSecurity": (
            organization.verdict("remote_sites").is_ok,
            (
                flag_at(record, "ProtocolMismatch") and flag_at(record, "IsActive")
                for record in organization.records("remote_sites")
            ),
        ),
        "sharing.objectsOpenToExternals": (
            organization.verdict("objects").is_ok,
            (
                (text_at(record, "ExternalSharingModel") or "").startswith(public)
                for record in organization.records("objects")
            ),
        ),
        "admin_users.activeSystemAdministrators": (
            # In another language the standard profile has another name, and then it is not found.
            organization.verdict("users", "profiles").is_ok and _STANDARD_ADMINISTRATORS in names,
            (
                flag_at(record, "IsActive") and text_at(record, "Profile.Name") == _STANDARD_ADMINISTRATORS
                for record in organization.records("users")
            ),
        ),
    }
    return [
        count_row(scope, key, sum(map(bool, flags)) if is_known else None, native_path="counted")
        for key, (is_known, flags) in counted.items()
    ]
