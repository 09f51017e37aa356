"""`environment_list` as environments."""

from __future__ import annotations

from typing import Any

from passmuster.collect.connectors.power_platform.identifiers import as_id
from passmuster.collect.connectors.power_platform.odd_parts import OddParts
from passmuster.collect.connectors.power_platform.powershell import as_object, as_text, as_time, as_truth
from passmuster.collect.connectors.power_platform.sources import Source

Row = dict[str, Any]
_KINDS = {
    "production": "production",
    "sandbox": "sandbox",
    "developer": "developer",
    "trial": "trial",
    "subscriptionbasedtrial": "trial",
    "default": "default",
}
_GOVERNED = {"standard": True, "basic": False}


def environment_rows(source: Source, odd: OddParts) -> list[Row]:
    """One row an environment; an entry without an id is a gap, as nobody could look at it.

    An environment that is listed twice is told once, unless the entries differ on what it is.
    """
    rows: dict[str, Row] = {}
    for index, item in enumerate(source.items):
        entry = as_object(item)
        environment_id = as_id((entry or {}).get("EnvironmentName"))
        if entry is None or environment_id is None:
            odd.gap(f"environment_list[{index}] has no EnvironmentName")
            continue
        row = _row(environment_id, entry)
        if row["is_default"] is None:
            odd.remark(f"environment_list[{index}] does not say whether it is the default environment")
        known = rows.setdefault(environment_id, row)
        if known["is_default"] != row["is_default"]:
            odd.gap(
                f"environment_list tells twice, and differently, whether {environment_id} is the default environment"
            )
        rows[environment_id] = row | {column: value for column, value in known.items() if value is not None}
    return list(rows.values())


def _row(environment_id: str, entry: Row) -> Row:
    kind = as_text(entry.get("EnvironmentType"))
    return {
        "environment_id": environment_id,
        "name": as_text(entry.get("DisplayName")),
        "kind": _KINDS.get(kind.lower(), "other") if kind else None,
        "is_default": as_truth(entry.get("IsDefault")),
        "region": as_text(entry.get("Location")),
        "governed": _governed(entry.get("Internal")),
        "purpose": as_text(entry.get("Description")),
        "created_at": as_time(entry.get("CreatedTime")),
        "has_database": _has_database(entry.get("CommonDataServiceDatabaseType")),
    }


def _has_database(word: Any) -> bool | None:
    text = as_text(word)
    return None if text is None else text.lower() != "none"


def _governed(internal: Any) -> bool | None:
    """Managed environments tell by their protection level; only exports of the older cmdlets hold it."""
    value: Any = internal
    for name in ("properties", "governanceConfiguration"):
        value = (as_object(value) or {}).get(name)
    level = as_text((as_object(value) or {}).get("protectionLevel"))
    return _GOVERNED.get(level.lower()) if level else None
