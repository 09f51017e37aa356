"""What differs between two snapshots, and between two evaluations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Key = Mapping[str, Any]


@dataclass(frozen=True)
class Change:
    """One column of one row that both snapshots have."""

    key: Key
    column: str
    before: Any
    after: Any


@dataclass(frozen=True)
class TableDrift:
    """The differences of one table. With `not_comparable` set (why), the rest is empty: nothing may be concluded.

    `added` and `removed` hold whole rows without NULLs.
    """

    table: str
    added: tuple[Mapping[str, Any], ...] = ()
    removed: tuple[Mapping[str, Any], ...] = ()
    changed: tuple[Change, ...] = ()
    not_comparable: str = ""

    @property
    def is_changed(self) -> bool:
        """Whether anything differs that could be compared."""
        return bool(self.added or self.removed or self.changed)


@dataclass(frozen=True)
class ControlChange:
    """One control whose verdict moved. `was_called` is its id in the base, where it was renamed since."""

    control: str
    was_called: str
    before: str
    after: str
    new_fingerprints: tuple[str, ...] = ()
    gone_fingerprints: tuple[str, ...] = ()


@dataclass(frozen=True)
class Drift:
    """Everything that differs between a base and a head."""

    base_id: str
    head_id: str
    tables: tuple[TableDrift, ...]
    controls: tuple[ControlChange, ...] = ()
    warnings: tuple[str, ...] = ()
    """What a reader should know before believing it, such as that the two are of different platforms."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing that could be compared differs."""
        return not any(table.is_changed for table in self.tables)
