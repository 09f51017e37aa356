"""`environment_creation` (the tenant settings) as typed settings `tenant.*`."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from passmuster.collect.connectors.power_platform.odd_parts import OddParts
from passmuster.collect.connectors.power_platform.powershell import as_object, as_text, is_absent
from passmuster.collect.connectors.power_platform.sources import Source

Row = dict[str, Any]
_INT64 = 2**63


def tenant_setting_rows(source: Source, scope_id: str, odd: OddParts) -> list[Row]:
    """One typed row a setting; a second element of the export becomes a scope of its own."""
    rows: list[Row] = []
    for index, item in enumerate(source.items):
        settings = as_object(item)
        if settings is None:
            odd.gap(f"environment_creation[{index}] is no object")
            continue
        rows += [_row(scope_of(scope_id, index), path, value) for path, value in _leaves(settings)]
    return rows


def scope_of(scope_id: str, index: int) -> str:
    """The tenant, or the tenant and a number for what an export says a second time."""
    return scope_id if index == 0 else f"{scope_id}#{index + 1}"


def setting_of(scope_id: str, key: str) -> Row:
    """The columns that say which setting a row is about."""
    return {"scope_kind": "platform", "scope_id": scope_id, "key": key}


def _leaves(settings: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    level: list[tuple[str, Any]] = list(settings.items())
    while level:
        deeper: list[tuple[str, Any]] = []
        for path, value in level:
            inner = as_object(value)
            if inner:
                deeper += [(f"{path}.{name}", child) for name, child in inner.items()]
            else:
                yield path, value
        level = deeper


def _row(scope_id: str, path: str, value: Any) -> Row:
    return {
        **setting_of(scope_id, f"tenant.{path}"),
        "native_path": f"environment_creation.{path}",
        "is_set": not is_absent(value),
        **typed(value),
    }


def typed(value: Any) -> Row:
    """The value in the column of its own type. A word that looks like a boolean stays a word: CISA's rules tell the two
    apart, and rules of settings compare them as equal."""
    if is_absent(value):
        return {}
    if isinstance(value, bool):
        return {"value_kind": "bool", "value_bool": value}
    if isinstance(value, float) and math.isfinite(value) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and abs(value) < _INT64:
        return {"value_kind": "int", "value_int": value}
    if isinstance(value, list):
        return {"value_kind": "list", "value_json": value}
    if isinstance(value, dict):
        return {"value_json": value}
    return {"value_kind": "text", "value_text": value if isinstance(value, str) else as_text(value)}
