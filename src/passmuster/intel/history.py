"""How what is known of an advisory came to be: one line each time a source said something else."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from passmuster.intel.store.reading import Store
from passmuster.intel.store.rows import key_of
from passmuster.intel.store.tables import PRESENT
from passmuster.model.advisory import Advisory

_UNTOLD = frozenset({"kev.catalogue_version"})


@dataclass(frozen=True)
class FieldChange:
    """One field of a record (`kev.due_on`) before and after; None where it was not there."""

    field: str
    before: Any
    after: Any


@dataclass(frozen=True)
class Change:
    """One version of a record. `state`: `added`, `changed`, or `withdrawn` (from its list, or by itself)."""

    seen_at: datetime
    source: str
    record: str
    state: str
    changes: tuple[FieldChange, ...] = ()


def history_of(store: Store, advisory: Advisory) -> Iterator[Change]:
    """All versions of an advisory's records up to the store's instant, in order of sight."""
    found: list[Change] = []
    keys = {key_of(record) for record in advisory.records} | store.keys_named([advisory.id, *advisory.aliases])
    for _, versions in groupby(store.versions(sorted(keys)), key=lambda version: version[0]):
        found += _changes(versions)
    yield from sorted(found, key=lambda change: (change.seen_at, change.source, change.record))


def _changes(versions: Iterable[tuple[str, datetime, str, str, str]]) -> Iterator[Change]:
    """One record's versions; seen again as it was is no change."""
    last: tuple[str, str] | None = None
    before: dict[str, Any] = {}
    for _, seen_at, state, digest, text in versions:
        if last == (state, digest):
            continue
        after = json.loads(text)
        source = f"{after['kind']}:{after['feed']}"
        if state != PRESENT:
            yield Change(seen_at, source, after["id"], "withdrawn")
        elif last is None or last[0] != PRESENT:
            yield Change(seen_at, source, after["id"], "added")
        else:
            word = "withdrawn" if _is_withdrawn(after) and not _is_withdrawn(before) else "changed"
            yield Change(seen_at, source, after["id"], word, tuple(_differences(before, after)))
        last, before = (state, digest), after


def _is_withdrawn(record: Mapping[str, Any]) -> bool:
    return bool(record.get("is_rejected") or record.get("withdrawn_at"))


def _differences(before: Mapping[str, Any], after: Mapping[str, Any], place: str = "") -> Iterator[FieldChange]:
    for name in sorted({*before, *after}):
        old, new = before.get(name), after.get(name)
        where = f"{place}{name}"
        if isinstance(old, dict) and isinstance(new, dict):
            yield from _differences(old, new, f"{where}.")
        elif old != new and where not in _UNTOLD:
            yield FieldChange(where, old, new)
