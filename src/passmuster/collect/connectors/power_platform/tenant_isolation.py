"""`tenant_isolation` as one setting, one policy, and a rule for every tenant that is let through."""

from __future__ import annotations

from typing import Any

from passmuster.collect.connectors.power_platform.identifiers import as_id
from passmuster.collect.connectors.power_platform.odd_parts import OddParts
from passmuster.collect.connectors.power_platform.powershell import as_list, as_object, as_text, as_truth, is_absent
from passmuster.collect.connectors.power_platform.sources import Source
from passmuster.collect.connectors.power_platform.tenant_settings import scope_of, setting_of

Row = dict[str, Any]
KEY = "tenant_isolation.enabled"
POLICY = "tenant_isolation"


def isolation_setting_rows(source: Source, scope_id: str, odd: OddParts) -> list[Row]:
    """Whether tenant isolation is on, where the export says it."""
    rows: list[Row] = []
    for index, item in enumerate(source.items):
        properties = _properties(item) or {}
        if "isDisabled" not in properties:
            odd.gap(f"tenant_isolation[{index}] does not say isDisabled")
            continue
        rows.append(
            {
                **setting_of(scope_of(scope_id, index), KEY),
                "native_path": "tenant_isolation.properties.isDisabled",
                **_enabled(properties["isDisabled"]),
            }
        )
    return rows


def isolation_policy_rows(source: Source, odd: OddParts) -> list[Row]:
    """Tenant isolation as a data policy; whether it is on is NULL where the export does not say."""
    rows: list[Row] = []
    for index, item in enumerate(source.items):
        properties = _properties(item)
        if properties is None:
            odd.gap(f"tenant_isolation[{index}] has no properties")
        else:
            rows.append(_policy(index, _is_enabled(properties)))
    return rows


def isolation_rule_rows(source: Source, odd: OddParts) -> list[Row]:
    """One rule a tenant that is excepted; the directions of a tenant that is named twice are added up."""
    rules: dict[tuple[str, str], Row] = {}
    for index, item in enumerate(source.items):
        allowed = (_properties(item) or {}).get("allowedTenants")
        for entry in [] if is_absent(allowed) else as_list(allowed):
            tenant = as_object(entry) or {}
            tenant_id = as_id(tenant.get("tenantId"))
            if tenant_id is None:
                odd.gap("allowedTenants holds an entry without a tenant id")
                continue
            policy_id = _policy_id(index)
            rule = rules.setdefault((policy_id, tenant_id), _rule(policy_id, tenant_id))
            rule["direction"] = _added(rule["direction"], _direction(tenant.get("direction")))
    return list(rules.values())


def _properties(item: Any) -> dict[str, Any] | None:
    outer = as_object(item)
    return None if outer is None else as_object(outer.get("properties"))


def _enabled(disabled: Any) -> Row:
    if isinstance(disabled, bool):
        return {"value_kind": "bool", "value_bool": not disabled, "is_set": True}
    if is_absent(disabled):
        # Never configured: Power Platform then lets every tenant through.
        return {"value_kind": "bool", "value_bool": False, "is_set": False}
    # A word stays a word: see tenant_settings.typed.
    truth = as_truth(disabled)
    word = f"isDisabled is {as_text(disabled) or 'no boolean'}" if truth is None else str(not truth).lower()
    return {"value_kind": "text", "value_text": word, "is_set": True}


def _is_enabled(properties: Row) -> bool | None:
    if "isDisabled" not in properties:
        return None
    disabled = properties["isDisabled"]
    if is_absent(disabled):
        return False
    truth = as_truth(disabled)
    return None if truth is None else not truth


def _policy_id(index: int) -> str:
    return scope_of(POLICY, index)


def _policy(index: int, is_enabled: bool | None) -> Row:
    return {
        "policy_id": _policy_id(index),
        "name": "Tenant isolation",
        "kind": "tenant_isolation",
        "scope": "all",
        "default_classification": None if is_enabled is None else ("block" if is_enabled else "allow"),
        "is_enabled": is_enabled,
    }


def _rule(policy_id: str, tenant_id: str) -> Row:
    return {
        "policy_id": policy_id,
        "rule_kind": "tenant",
        "ref_id": tenant_id,
        "classification": "allow",
        "direction": None,
    }


def _direction(value: Any) -> str | None:
    ways = as_object(value) or {}
    inbound, outbound = as_truth(ways.get("inbound")), as_truth(ways.get("outbound"))
    if inbound and outbound:
        return "both"
    return "inbound" if inbound else "outbound" if outbound else None


def _added(one: str | None, other: str | None) -> str | None:
    return "both" if one and other and one != other else one or other
