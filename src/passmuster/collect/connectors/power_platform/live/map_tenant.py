"""The tenant itself: its settings, environments, keys, data policies and tenant isolation."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from passmuster.collect.connectors.power_platform.data_policies import DataPolicies, data_policies_of
from passmuster.collect.connectors.power_platform.environments import environment_rows
from passmuster.collect.connectors.power_platform.live import questions as ask
from passmuster.collect.connectors.power_platform.live.estate import (
    Estate,
    Record,
    Row,
    inner,
    properties,
    state_of,
    table,
    text,
)
from passmuster.collect.connectors.power_platform.live.map_policy_rules import further_rules
from passmuster.collect.connectors.power_platform.live.reading import policy_of
from passmuster.collect.connectors.power_platform.odd_parts import OddParts
from passmuster.collect.connectors.power_platform.powershell import as_time
from passmuster.collect.connectors.power_platform.sources import Source
from passmuster.collect.connectors.power_platform.tenant_isolation import (
    isolation_policy_rows,
    isolation_rule_rows,
    isolation_setting_rows,
)
from passmuster.collect.connectors.power_platform.tenant_settings import tenant_setting_rows
from passmuster.collect.statuses import OK, Verdict
from passmuster.collect.unlocks import by_declaring
from passmuster.model.words import CollectionStatus
from passmuster.snapshot.gathered import Gap, Gathered, SourceState

_KNOWN_SETTINGS = ("powerPlatform", "disableEnvironmentCreationByNonAdminUsers", "walkMeOptOut")
_CUSTODY = {"microsoft": "vendor", "customer": "customer"}
_ENVIRONMENT_GAPS = (
    Gap(
        "owner_principal_id",
        "Power Platform knows who created an environment, not who answers for it",
        by_declaring("environments", "owner_principal_id"),
    ),
    Gap("allows_public_sites", "no interface tells whether sites of an environment may be public"),
)


def tenant_tables(estate: Estate, settings: list[Row], settings_states: list[SourceState]) -> dict[str, Gathered]:
    """Tables of the tenant; `settings` are further settings, of databases, with their states."""
    odd = OddParts()
    body = estate.read("tenant_settings").body
    told = tenant_setting_rows(Source("environment_creation", (dict(body),) if body else ()), estate.tenant, odd)
    rows = [row | {"native_path": f"listTenantSettings.{row['key'].removeprefix('tenant.')}"} for row in told]
    isolation, isolation_state, isolation_odd = _isolation(estate)
    rows += isolation_setting_rows(isolation, estate.tenant, isolation_odd)
    states = (_settings_state(estate), _odd(isolation_state, isolation_odd), *settings_states)
    environments, environment_state = _environments(estate)
    return {
        "settings": table(rows + settings, *states),
        "environments": table(environments, environment_state, gaps=_ENVIRONMENT_GAPS),
        "keys": _keys(estate, environment_state),
        **_policies(estate, isolation, isolation_state),
    }


def _settings_state(estate: Estate) -> SourceState:
    read = estate.read("tenant_settings")
    if read.verdict.is_ok and not any(name in read.body for name in _KNOWN_SETTINGS):
        reason = "tenant settings: the answer holds none of the settings every tenant has"
        return SourceState("environment_creation", CollectionStatus.ERROR, reason)
    return state_of("environment_creation", [read.verdict])


def _odd(state: SourceState, odd: OddParts) -> SourceState:
    if state.status is CollectionStatus.OK and odd.gaps:
        return replace(state, status=CollectionStatus.PARTIAL, reason=odd.reason())
    return state


def _isolation(estate: Estate) -> tuple[Source, SourceState, OddParts]:
    """Tenant isolation; where the interface knows no policy (404) none was ever set, and all are let through."""
    read = estate.read("tenant_isolation")
    if read.verdict.status is CollectionStatus.UNSUPPORTED and "404" in read.verdict.reason:
        never_set: dict[str, Any] = {"properties": {"isDisabled": None, "allowedTenants": []}}
        return (
            Source("tenant_isolation", (never_set,)),
            SourceState("tenant_isolation", CollectionStatus.OK),
            OddParts(),
        )
    items = (dict(read.body),) if read.verdict.is_ok else ()
    return Source("tenant_isolation", items), state_of("tenant_isolation", [read.verdict]), OddParts()


def _environments(estate: Estate) -> tuple[list[Row], SourceState]:
    records = estate.read("environments").items
    odd = OddParts()
    rows = environment_rows(Source("environment_list", tuple(_as_exported(record) for record in records)), odd)
    more = {text(record, "name"): _more_of(record) for record in records}
    state = state_of("environment_list", [estate.read("environments").verdict])
    return [row | more.get(row["environment_id"], {}) for row in rows], _odd(state, odd)


def _as_exported(record: Record) -> Row:
    """The record in the words of the PowerShell cmdlet, which the export holds."""
    about = properties(record)
    return {
        "EnvironmentName": record.get("name"),
        "DisplayName": about.get("displayName"),
        "IsDefault": about.get("isDefault"),
        "Location": record.get("location"),
        "EnvironmentType": about.get("environmentSku"),
        "CreatedTime": about.get("createdTime"),
        "Description": about.get("description"),
        "CommonDataServiceDatabaseType": about.get("databaseType"),
        "Internal": record,
    }


def _more_of(record: Record) -> Row:
    about = properties(record)
    return {
        "version": text(inner(about, "linkedEnvironmentMetadata"), "version"),
        "expires_at": as_time(about.get("expirationTime")),
        "owner_principal_id": text(inner(about, "usedBy"), "id"),
    }


def _keys(estate: Estate, state: SourceState) -> Gathered:
    rows = []
    for record in estate.read("environments").items:
        word = text(inner(properties(record), "protectionStatus"), "keyManagedBy")
        name = text(record, "name")
        if word and name:
            rows.append(
                {
                    "key_id": name,
                    "kind": "symmetric",
                    "purpose": "at_rest",
                    "custody": _CUSTODY.get(word.lower(), "unknown"),
                }
            )
    if state.status is CollectionStatus.OK and not rows:
        reason = "environments do not say who keeps their key"
        return Gathered(CollectionStatus.UNSUPPORTED, (), reason, by_declaring("keys", "key_id", "kind", "custody"))
    gaps = tuple(
        Gap(column, "no interface tells about keys more than who keeps them", by_declaring("keys", column))
        for column in ("rotated_at", "not_after", "is_default_value")
    )
    return table(rows, state, gaps=gaps)


def _policies(estate: Estate, isolation: Source, isolation_state: SourceState) -> dict[str, Gathered]:
    odd, isolation_odd = OddParts(), OddParts()
    found, state = _data_policies(estate, odd)
    policies = found.policies + isolation_policy_rows(isolation, isolation_odd)
    rules = found.rules + isolation_rule_rows(isolation, isolation_odd)
    states = (_odd(state, odd), _odd(isolation_state, isolation_odd))
    return {"data_policies": table(policies, *states), "data_policy_rules": table(rules, *states)}


def _data_policies(estate: Estate, odd: OddParts) -> tuple[DataPolicies, SourceState]:
    """Every policy as its own answer tells it, which holds the connector groups; else as the list tells it."""
    entries: list[Record] = []
    verdicts: list[Verdict] = [estate.read("policies").verdict]
    for listed in estate.read("policies").items:
        policy_id = text(policy_of(listed), "name")
        read = estate.read(ask.named("policy", policy_id or ""))
        is_whole = read.verdict.is_ok and text(policy_of(read.body), "name") == policy_id
        entries.append(read.body if is_whole else listed)
        if is_whole or "connectorGroups" in policy_of(listed):
            verdicts.append(OK)
        elif policy_id and read.verdict.is_ok:
            verdicts.append(Verdict(CollectionStatus.ERROR, "a data policy: the answer is about another policy"))
        else:
            verdicts.append(read.verdict)
    item = {"value": [dict(policy_of(entry)) for entry in entries]}
    is_listed = estate.read("policies").verdict.status in (CollectionStatus.OK, CollectionStatus.PARTIAL)
    found = data_policies_of(Source("dlp_policies", (item,) if is_listed else ()), odd)
    for entry in entries:
        found.rules += further_rules(entry, odd)
    state = state_of("dlp_policies", verdicts[:1] if not verdicts[0].is_ok else verdicts)
    return found, state
