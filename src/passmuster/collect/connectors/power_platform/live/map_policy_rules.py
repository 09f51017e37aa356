"""What a data policy says of endpoints: address rules of connectors, and address patterns of custom connectors."""

from __future__ import annotations

from passmuster.collect.connectors.power_platform.identifiers import as_id
from passmuster.collect.connectors.power_platform.live.estate import Record, Row, inner, text
from passmuster.collect.connectors.power_platform.odd_parts import OddParts
from passmuster.collect.connectors.power_platform.powershell import as_list, as_object

_BEHAVIOURS = {"allow": "allow", "deny": "deny"}
_PATTERNS = {"confidential": "business", "general": "non_business", "blocked": "blocked"}


def further_rules(entry: Record, odd: OddParts) -> list[Row]:
    """Rules of kind `endpoint`: `<connector> <address>` of a connector, `custom <pattern>` of custom connectors."""
    policy_id = as_id(inner(entry, "policyDefinition").get("name"))
    if policy_id is None:
        return []
    rows: list[Row] = []
    endpoints = inner(entry, "connectorConfigurationsDefinition").get("endpointConfigurations")
    for configuration in map(as_object, as_list(endpoints)):
        connector = as_id((configuration or {}).get("connectorId"))
        for rule in map(as_object, as_list((configuration or {}).get("endpointRules"))):
            word, address = text(rule or {}, "behavior") or "", text(rule or {}, "endPoint")
            rows += _rule(policy_id, f"{connector} {address}", _BEHAVIOURS.get(word.lower()), rule, odd)
    patterns = inner(entry, "customConnectorUrlPatternsDefinition").get("rules")
    for rule in map(as_object, as_list(patterns)):
        word = text(rule or {}, "customConnectorRuleClassification") or ""
        if word.lower() != "ignore":
            pattern = text(rule or {}, "pattern")
            rows += _rule(policy_id, f"custom {pattern}", _PATTERNS.get(word.lower()), rule, odd)
    return rows


def _rule(policy_id: str, ref: str, classification: str | None, rule: Record | None, odd: OddParts) -> list[Row]:
    order = (rule or {}).get("order")
    if classification is None:
        odd.remark(f"policy {policy_id} holds a rule of endpoints whose effect is not known")
    return [
        {
            "policy_id": policy_id,
            "rule_kind": "endpoint",
            "ref_id": ref,
            "classification": classification,
            "ordinal": order if isinstance(order, int) and not isinstance(order, bool) else None,
        }
    ]
