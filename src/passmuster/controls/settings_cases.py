"""Cases of a control of settings.csv, made from its rules: as it should be, off, absent, unknown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from passmuster.controls.cases_format import Case
from passmuster.model.control import Control, Param, SettingLook, SettingRule

_OTHER = "none-of-these"
_STATED: Mapping[str, Any] = {
    "attestation_id": "a1", "statement": "Looked at by hand", "made_by": "reviewer@example.com", "kind": "evidence",
    "made_at": "2026-02-02T09:00:00Z", "valid_until": "2027-02-02T00:00:00Z",
}  # fmt: skip


def generated_cases(control: Control, params: Mapping[str, Any]) -> list[Case]:
    """Cases that try every rule of one control; `params` are the pack's house limits."""
    product = control.platforms[0] if control.platforms else "other"
    rules = [
        rule
        for look in control.looks
        if isinstance(look, SettingLook)
        for rule in look.rules
        if not rule.platforms or product in rule.platforms
    ]
    return [*_of_rules(control, rules, params, product), *_of_statements(control, rules, params, product)]


def _of_rules(
    control: Control, rules: Sequence[SettingRule], params: Mapping[str, Any], product: str
) -> Iterator[Case]:
    if not rules:
        return
    good = _good_values(rules, params)
    met = "manual" if control.must_attest else "pass"

    def case(name: str, status: str, values: Mapping[str, Any], **more: Any) -> Case:
        rows = [_row(*item) for item in values.items()]
        return Case(name, status, product=product, tables={"settings": rows}, **more)

    yield case("everything as it should be", met, good)
    for number, rule in enumerate(rules):
        off = {**good, rule.key: _bad(rule, params)}
        yield case(f"setting {number} is off: {rule.key} {rule.operator}", "fail", off, resources=(rule.key,))
    for key in good:
        rest = {name: value for name, value in good.items() if name != key}
        status = _absent([rule for rule in rules if rule.key == key], met, is_alone=not rest)
        yield case(f"{key} is absent", status, rest)
        yield case(f"the value of {key} is not known", "unknown", {**good, key: None})
    for state, words in (("denied", "could not be read"), ("partial", "were read in part, without these")):
        yield case(f"the settings {words}", "unknown", {}, unreadable={"settings": state})


def _of_statements(
    control: Control, rules: Sequence[SettingRule], params: Mapping[str, Any], product: str
) -> Iterator[Case]:
    if not control.must_attest:
        return
    tables = {"settings": [_row(*item) for item in _good_values(rules, params).items()]}
    for name, result, status in (("says that it is met", "met", "pass"), ("says that it is not", "not_met", "fail")):
        stated = {**_STATED, "control_id": control.id, "result": result}
        yield Case(f"a person {name}", status, product=product, tables=tables, registers={"attestations": [stated]})
    if not rules:
        yield Case("nobody has said anything", "manual", product=product)


def _good_values(rules: Sequence[SettingRule], params: Mapping[str, Any]) -> dict[str, Any]:
    """A value that meets the first rule of each key; it should meet the others of that key too."""
    good: dict[str, Any] = {}
    for rule in rules:
        good.setdefault(rule.key, _good(rule, params))
    return good


def _absent(rules: Sequence[SettingRule], met: str, *, is_alone: bool) -> str:
    words = {rule.when_missing for rule in rules}
    if "fail" in words:
        return "fail"
    if "unknown" in words:
        return "unknown"
    return "not_applicable" if is_alone and words == {"not_applicable"} else met


def _wanted(rule: SettingRule, params: Mapping[str, Any]) -> Any:
    return params[rule.value.name] if isinstance(rule.value, Param) else rule.value


def _good(rule: SettingRule, params: Mapping[str, Any]) -> Any:
    value = _wanted(rule, params)
    match rule.operator:
        case "in" | "only_from":
            return value[0]
        case "contains_all":
            return ",".join(map(str, value))
        case "is_set":
            return "something"
        case "not_equals" | "not_in" | "not_contains":
            return _other_than(value)
    return value


def _bad(rule: SettingRule, params: Mapping[str, Any]) -> Any:
    value = _wanted(rule, params)
    match rule.operator:
        case "at_least" | "at_most":
            return value + (1 if rule.operator == "at_most" else -1)
        case "not_in":
            return value[0]
        case "only_from":
            return f"{value[0]},{_OTHER}"
        case "contains_all":
            return ",".join(map(str, value[:-1])) or _OTHER
    forbidden = {"is_set": "", "not_equals": value, "not_contains": value}
    return forbidden[rule.operator] if rule.operator in forbidden else _other_than(value)


def _other_than(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    return value + 1 if isinstance(value, int | float) else _OTHER


def _row(key: str, value: Any) -> dict[str, Any]:
    row: dict[str, Any] = {"scope_kind": "platform", "scope_id": "case", "key": key}
    if value is None:
        return row
    row["is_set"] = value != ""
    if isinstance(value, bool):
        return {**row, "value_kind": "bool", "value_bool": value}
    if isinstance(value, int):
        return {**row, "value_kind": "int", "value_int": value}
    return {**row, "value_kind": "text", "value_text": str(value)}
