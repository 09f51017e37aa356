"""Counting how much a platform is used."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from passmuster.model.keeping import DataClass
from passmuster.model.usage import Usage
from passmuster.model.words import CollectionStatus
from passmuster.snapshot.read import Snapshot

_PEOPLE = ("human", "guest")
_FAILED = (CollectionStatus.PARTIAL, CollectionStatus.DENIED, CollectionStatus.ERROR)


def usage_of(snapshot: Snapshot) -> Usage:
    """People who may sign in, classes of data, connectors in use; None for what was not read in full."""
    classes = _values(snapshot, (("data_stores", "classification"), ("data_flows", "max_classification")))
    return Usage(
        people=_people(snapshot),
        data_classes=None if classes is None else frozenset(DataClass(word) for word in classes),
        connector_kinds=_values(snapshot, (("connections", "connector_id"),)),
    )


def _people(snapshot: Snapshot) -> int | None:
    if not _is_known(snapshot, "principals"):
        return None
    rows = pq.read_table(snapshot.file("principals"), columns=["kind", "is_enabled"])
    shut_out = pc.equal(rows["is_enabled"], False)
    is_person = pc.is_in(rows["kind"], value_set=pa.array(_PEOPLE))
    return int(pc.sum(pc.and_(is_person, pc.invert(pc.fill_null(shut_out, False)))).as_py() or 0)


def _values(snapshot: Snapshot, places: Sequence[tuple[str, str]]) -> frozenset[str] | None:
    """The words in these columns; None where one could not be looked at, or the platform has none of the tables."""
    entries = [snapshot.manifest.tables.get(table) for table, _ in places]
    if any(entry is not None and entry.status in _FAILED for entry in entries):
        # What is seen only because more could be read than before would look new.
        return None
    read = [place for place in places if _is_known(snapshot, place[0])]
    found: set[str] = set()
    for table, column in read:
        rows = pq.read_table(snapshot.file(table), columns=[column])
        found |= {word for word in pc.unique(rows[column]).to_pylist() if word is not None}
    return frozenset(found) if read else None


def _is_known(snapshot: Snapshot, table: str) -> bool:
    entry = snapshot.manifest.tables.get(table)
    return entry is not None and entry.status.is_readable
