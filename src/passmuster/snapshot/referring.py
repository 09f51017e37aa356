"""Which columns of a table hold ids of other tables' rows. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from passmuster.snapshot.tables import TABLES

# Tables whose rows are told apart by one column: the others' ids say nothing alone.
_BY_ID = {table.key[0]: name for name, table in TABLES.items() if len(table.key) == 1}
_BY_KIND = {
    "app": "apps",
    "connection": "connections",
    "connector": "connectors",
    "data_store": "data_stores",
    "endpoint": "endpoints",
    "environment": "environments",
    "group": "groups",
    "platform": "platforms",
    "principal": "principals",
    "role": "roles",
}
_KIND_OF = {"ref_id": "rule_kind"}


def kind_column(column: str) -> str:
    """The column that would say of what kind an id is: `subject_kind` for `subject_id`."""
    return _KIND_OF.get(column, f"{column.removesuffix('_id')}_kind")


def table_referred_to(table: str, column: str, row: Mapping[str, Any]) -> str | None:
    """The table whose ids the column holds in that row (`app_id`, `next_app_ids`, `subject_id` by `subject_kind`).

    None where it holds no ids, or the row does not say of what.
    """
    known, stem = TABLES[table].column_names, column.removesuffix("s")
    if TABLES[table].column(column).values:
        return None
    if stem.endswith("_by"):
        return "principals"
    if not stem.endswith("_id"):
        return None
    kind = kind_column(column)
    if kind in known:
        return _BY_KIND.get(str(row.get(kind)))
    return next((name for each, name in _BY_ID.items() if stem == each or stem.endswith(f"_{each}")), None)
