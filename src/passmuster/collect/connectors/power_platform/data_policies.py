"""`dlp_policies` as data policies and their rules."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from passmuster.collect.connectors.power_platform.identifiers import as_id
from passmuster.collect.connectors.power_platform.odd_parts import OddParts
from passmuster.collect.connectors.power_platform.powershell import as_list, as_object, as_text, as_time
from passmuster.collect.connectors.power_platform.sources import Source

Row = dict[str, Any]
# The words are compared letter by letter, as CISA's rules do.
_SCOPES = {"AllEnvironments": "all", "ExceptEnvironments": "except"}
_GROUPS = {"Confidential": "business", "General": "non_business", "Blocked": "blocked"}
_DEFAULTS = {"Confidential": "business", "General": "non_business", "Blocked": "block"}


@dataclass
class DataPolicies:
    """Rows of both tables."""

    policies: list[Row] = field(default_factory=list)
    rules: list[Row] = field(default_factory=list)


def with_a_list(source: Source) -> Source:
    """The part as it is; failed where no element holds a list of policies."""
    if source.is_read and all(_list_of(item) is None for item in source.items):
        problem = "dlp_policies holds no list of policies (no `value`), which is how a refused command looks"
        return Source(source.name, problem=problem)
    return source


def data_policies_of(source: Source, odd: OddParts) -> DataPolicies:
    """Every policy of every element; a policy without an id gets one that starts with `#`."""
    found = DataPolicies()
    taken: set[str] = set()
    for index, item in enumerate(source.items):
        policies = _list_of(item)
        if policies is None:
            odd.gap(f"dlp_policies[{index}] holds no list of policies")
        for entry in policies or ():
            policy = as_object(entry)
            if policy is None:
                odd.gap(f"dlp_policies[{index}] holds an entry that is no policy")
                continue
            _add_policy(found, policy, _fresh_id(policy, taken), odd)
    return found


def _list_of(item: Any) -> list[Any] | None:
    outer = as_object(item)
    return as_list(outer["value"]) if outer is not None and "value" in outer else None


def _fresh_id(policy: Row, taken: set[str]) -> str:
    # CISA's rules tell a policy that has no id from one whose id says nothing; only the first starts with `#`.
    wanted = as_id(policy.get("name")) or ("unnamed" if "name" in policy else "")
    candidate, number = wanted or "#1", 2
    while candidate in taken:
        candidate, number = f"{wanted}#{number}", number + 1
    taken.add(candidate)
    return candidate


def _add_policy(found: DataPolicies, policy: Row, policy_id: str, odd: OddParts) -> None:
    scope = _scope(policy.get("environmentType"))
    found.policies.append(
        {
            "policy_id": policy_id,
            # No name at all is NULL; an empty one is empty. CISA's rules tell the two apart.
            "name": (as_text(policy["displayName"]) or "") if "displayName" in policy else None,
            "kind": "dlp",
            "scope": scope,
            "default_classification": _default(policy.get("defaultConnectorsClassification")),
            "is_enabled": True,
            "modified_at": as_time(policy.get("lastModifiedTime")),
        }
    )
    found.rules += _environment_rules(policy_id, policy.get("environments"), scope, odd)
    found.rules += _connector_rules(policy_id, policy.get("connectorGroups"), odd)


def _scope(kind: Any) -> str | None:
    return _SCOPES.get(kind, "only") if isinstance(kind, str) else None


def _default(word: Any) -> str | None:
    return _DEFAULTS.get(word) if isinstance(word, str) else None


def _environment_rules(policy_id: str, environments: Any, scope: str | None, odd: OddParts) -> list[Row]:
    names: dict[str, None] = {}
    for entry in as_list(environments):
        name = as_id((as_object(entry) or {}).get("name"))
        if name is not None:
            names[name] = None
        elif scope == "except":
            # An exception that is not understood would make the policy look wider than it is.
            odd.gap(f"policy {policy_id} excepts an environment without a name")
        else:
            odd.remark(f"policy {policy_id} lists an environment without a name; it does not count as covered")
    return [{"policy_id": policy_id, "rule_kind": "environment", "ref_id": name} for name in names]


def _connector_rules(policy_id: str, groups: Any, odd: OddParts) -> list[Row]:
    rules: list[Row] = []
    seen: dict[str, set[str | None]] = {}
    for entry in as_list(groups):
        group = as_object(entry)
        if group is None:
            odd.gap(f"policy {policy_id} holds a connector group that is no object")
            continue
        word = group.get("classification")
        classification = _GROUPS.get(word) if isinstance(word, str) else None
        if classification is None:
            odd.remark(f"policy {policy_id} holds a connector group of an unknown classification")
        for each in as_list(group.get("connectors")):
            connector_id = _connector_id(as_object(each))
            if connector_id is None:
                tell = odd.remark if classification in (None, "blocked") else odd.gap
                tell(f"policy {policy_id} holds a connector without an id")
            elif classification not in seen.setdefault(connector_id, set()):
                rules.append(_connector_rule(policy_id, connector_id, classification, len(seen[connector_id])))
                seen[connector_id].add(classification)
    return rules


def _connector_id(connector: Row | None) -> str | None:
    value = (connector or {}).get("id")
    # An empty id is one that no allow list knows; numbers are told by their digits.
    return value if value == "" else as_id(value) if isinstance(value, str) else as_text(value)


def _connector_rule(policy_id: str, connector_id: str, classification: str | None, before: int) -> Row:
    return {
        "policy_id": policy_id,
        "rule_kind": "connector",
        "ref_id": connector_id,
        "classification": classification,
        # The lines have no order; a number only keeps apart what one policy says of a connector twice.
        "ordinal": before + 1 if before else None,
    }
