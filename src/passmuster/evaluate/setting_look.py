"""Looking by settings: declarative rules over typed rows, no SQL of the pack's involved."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import duckdb

from passmuster.evaluate.looking import Looked, Row, rows_of
from passmuster.model.control import Param, SettingLook, SettingRule

_SECONDS = {"s": 1, "minutes": 60, "days": 86_400}
_SHOULD = {
    "equals": "be",
    "not_equals": "not be",
    "at_least": "be at least",
    "at_most": "be at most",
    "in": "be one of",
    "not_in": "be none of",
    "contains": "contain",
    "not_contains": "not contain",
    "contains_all": "contain all of",
    "only_from": "hold nothing but",
    "is_set": "be set",
}
_VALUES = ("value_bool", "value_int", "value_text", "value_json")


def look_by_settings(
    connection: duckdb.DuckDBPyConnection, look: SettingLook, *, product: str, params: Mapping[str, Any], is_whole: bool
) -> Looked:
    """Hold every setting a rule names against it; one that is not there counts by the rule's `when_missing`.

    Where settings were not read in full (`is_whole` false), one that is not there is unknown whatever the rule says.
    """
    rules = [rule for rule in look.rules if not rule.platforms or product in rule.platforms]
    rows = _rows(connection, sorted({rule.key for rule in rules}))
    population, violations, unknown, missing = 0, [], 0, []
    for rule in rules:
        found = [row for row in rows if row["key"] == rule.key]
        if not found:
            missing.append(rule)
        for row in found:
            population += 1
            verdict = _holds(rule, row, params)
            if verdict is None:
                unknown += 1
            elif not verdict:
                violations.append(_violation(rule, row, params))
    for rule in missing:
        if not is_whole or rule.when_missing == "unknown":
            unknown += 1
        elif rule.when_missing == "fail":
            population += 1
            violations.append((rule.key, rule.key, _tell(rule, "is not set", params), ""))
        elif rule.when_missing == "pass":
            population += 1
    lacking = [rule.key for rule in missing if not is_whole or rule.when_missing == "unknown"]
    return Looked(
        population=population,
        violations=rows_of(sorted(violations)),
        unknown=unknown,
        note=_note(rules, lacking, product),
        is_blind=not rules,
    )


def _note(rules: Sequence[SettingRule], lacking: Sequence[str], product: str) -> str:
    if not rules:
        return f"no setting of {product.replace('_', ' ')} is known to answer this"
    return f"setting not found: {', '.join(lacking)}" if lacking else ""


def _rows(connection: duckdb.DuckDBPyConnection, keys: Sequence[str]) -> list[dict[str, Any]]:
    cursor = connection.execute(
        """SELECT scope_kind, scope_id, key, value_kind, value_bool, value_int, value_text, value_json, unit, is_set
           FROM settings WHERE list_contains($keys, key) ORDER BY key, scope_kind, scope_id""",
        {"keys": list(keys)},
    )
    names = [entry[0] for entry in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _value(row: Mapping[str, Any]) -> Any:
    """The value in the column it was collected into; None where it is not known."""
    for name in _VALUES:
        if row[name] is not None:
            return json.loads(row[name]) if name == "value_json" else row[name]
    return None


def _holds(rule: SettingRule, row: Mapping[str, Any], params: Mapping[str, Any]) -> bool | None:
    """Whether the setting is as the rule wants; None where the value is not known."""
    if rule.operator == "is_set":
        if row["is_set"] is not None:
            return bool(row["is_set"])
        return None if _value(row) is None else bool(str(_value(row)).strip())
    value = _value(row)
    if value is None:
        return {"fail": False, "pass": True}.get(rule.when_missing) if row["is_set"] is False else None
    return _compare(rule.operator, _in_unit(value, row["unit"], rule.unit), _wanted(rule, params))


def _wanted(rule: SettingRule, params: Mapping[str, Any]) -> Any:
    return params[rule.value.name] if isinstance(rule.value, Param) else rule.value


def _in_unit(value: Any, unit: str | None, wanted: str) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    if unit and wanted and unit != wanted and unit in _SECONDS and wanted in _SECONDS:
        return value * _SECONDS[unit] / _SECONDS[wanted]
    return value


def _compare(operator: str, value: Any, wanted: Any) -> bool | None:
    """The comparison, or None where the two are of kinds that cannot be compared."""
    if operator in ("at_least", "at_most"):
        numbers = (_number(value), _number(wanted))
        if numbers[0] is None or numbers[1] is None:
            return None
        return numbers[0] >= numbers[1] if operator == "at_least" else numbers[0] <= numbers[1]
    if operator in ("contains", "not_contains"):
        container = [_plain(item) for item in value] if isinstance(value, list) else str(value).lower()
        return (_plain(wanted) in container) is (operator == "contains")
    if operator in ("contains_all", "only_from"):
        found, listed = _items(value), _items(wanted)
        return listed <= found if operator == "contains_all" else found <= listed
    if operator in ("in", "not_in"):
        return (_plain(value) in [_plain(item) for item in wanted]) is (operator == "in")
    return (_plain(value) == _plain(wanted)) is (operator == "equals")


def _items(value: Any) -> set[Any]:
    """The entries of a list, or of a text that separates them by commas."""
    entries = value if isinstance(value, list) else str(value).replace("\n", ",").split(",")
    return {_plain(entry) for entry in entries if str(entry).strip()}


def _number(value: Any) -> float | None:
    if isinstance(value, bool):
        return None
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _plain(value: Any) -> Any:
    """Words without regard to case; `true` and the word "true" are the same setting."""
    if isinstance(value, bool):
        return str(value).lower()
    number = _number(value)
    return number if number is not None else str(value).strip().lower()


def _violation(rule: SettingRule, row: Mapping[str, Any], params: Mapping[str, Any]) -> Row:
    is_platform = row["scope_kind"] in (None, "platform")
    resource = rule.key if is_platform else f"{row['scope_kind']}/{row['scope_id']}/{rule.key}"
    return resource, rule.key, _tell(rule, f"is {_spell(_value(row))}", params), ""


def _tell(rule: SettingRule, found: str, params: Mapping[str, Any]) -> str:
    unit = f" {rule.unit}" if rule.unit else ""
    wanted = "" if rule.operator == "is_set" else f" {_spell(_wanted(rule, params))}{unit}"
    detail = f"{found}; should {_SHOULD[rule.operator]}{wanted}"
    return f"{rule.text}: {detail}" if rule.text else detail


def _spell(value: Any) -> str:
    if value is None:
        return "not set"
    return json.dumps(value, ensure_ascii=False) if not isinstance(value, str) else value
