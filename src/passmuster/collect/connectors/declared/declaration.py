"""What an owner declares of a platform: tables, how much of each is known, and who said so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from passmuster.collect.declared_merge import DERIVED_IDS
from passmuster.snapshot.columns import Column, Table
from passmuster.snapshot.tables import TABLES

# The owner's order: what everybody knows first. A peer's verdicts and single steps are not for people to list.
ASKED = (
    "platforms environments principals groups memberships roles role_inclusions role_permissions grants settings apps "
    "connectors connections add_ons endpoints data_stores data_flows data_policies data_policy_rules credentials keys "
    "log_sources backups"
).split()
_FILLED_IN = ("platform_id", "origin", "raw")


class Known(StrEnum):
    """How much of a table is known."""

    COMPLETE = "complete"
    PARTLY = "partly"
    NOTHING_THERE = "nothing there"
    NOT_LICENSED = "not licensed"
    NOT_KNOWN = "not known"


KNOWN_HELP: Mapping[Known, str] = {
    Known.COMPLETE: "every one is listed",
    Known.PARTLY: "there are more than those listed: controls stay unknown",
    Known.NOTHING_THERE: "looked, and there is none",
    Known.NOT_LICENSED: "the feature is not part of our licence",
    Known.NOT_KNOWN: "nobody could say",
}


@dataclass(frozen=True)
class DeclaredTable:
    """One table: how much is known, who said it when and from which source, and rows of columns that were given."""

    known: Known = Known.NOT_KNOWN
    said_by: str = ""
    said_at: datetime | None = None
    source: str = ""
    note: str = ""
    rows: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True)
class Declaration:
    """All that is declared of one platform, by table."""

    tables: Mapping[str, DeclaredTable] = field(default_factory=dict)


def columns_of(table: Table) -> tuple[Column, ...]:
    """The columns people fill in; an id that is made from other columns where it is left out comes last."""
    columns = (column for column in table.columns if column.name not in _FILLED_IN)
    made = table.key[0] if table.name in DERIVED_IDS else ""
    return tuple(sorted(columns, key=lambda column: column.name == made))


def asked_tables() -> tuple[Table, ...]:
    """The tables that are asked for, in order."""
    return tuple(TABLES[name] for name in ASKED)


def is_open_question(table: str, row: Mapping[str, Any]) -> bool:
    """Whether the row only asks: a setting's key that a template offers, and no value yet."""
    return table == "settings" and not any(name.startswith("value_") and name != "value_kind" for name in row)
