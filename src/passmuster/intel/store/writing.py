"""Writing one batch: rows go to files as they come, and the folder takes its name when all of them are there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from passmuster.documents.atomic import new_folder
from passmuster.intel.record_json import spell_time
from passmuster.intel.score_days import NewDay
from passmuster.intel.store.folder import BATCH_SCHEMA, MANIFEST, Listing, batch_folder, digest_of_file, note_newest
from passmuster.intel.store.tables import SCHEMAS, SCORES


class BatchWriter:
    """Takes tables file by file; nothing of it is seen before `new_batch` ends."""

    def __init__(self, folder: Path, seen_at: datetime, *, previous: str = "") -> None:
        """`previous` is the digest of the manifest of the batch before."""
        self._folder = folder
        self._previous = previous
        self._seen_at = seen_at
        self._writers: dict[str, pq.ParquetWriter] = {}
        self._listings: list[Listing] = []
        self._scores: list[dict[str, Any]] = []

    @property
    def is_empty(self) -> bool:
        """Whether nothing was added."""
        return not (self._writers or self._listings or self._scores)

    def add_tables(self, tables: dict[str, pa.Table]) -> None:
        """Rows of the four tables."""
        for name, table in tables.items():
            if name not in self._writers:
                path = self._folder / f"{name}.parquet"
                self._writers[name] = pq.ParquetWriter(path, SCHEMAS[name], compression="zstd", store_schema=False)
            self._writers[name].write_table(table)

    def add_listing(self, listing: Listing) -> None:
        """Note that a list was seen as a whole."""
        self._listings.append(listing)

    def add_scores(self, day: NewDay) -> None:
        """The exploit predictions of a day, sorted by CVE."""
        file = f"epss-{len(self._scores) + 1}.parquet"
        pq.write_table(day.table.cast(SCORES), self._folder / file, compression="zstd", row_group_size=32_768)
        about = {"file": file, "scored_on": day.scored_on.isoformat(), "model": day.model, "digest": day.digest}
        self._scores.append(about)

    def close(self) -> None:
        """Finish the files and write what they are."""
        for writer in self._writers.values():
            writer.close()
        listings = [
            {
                "kind": each.kind,
                "feed": each.feed,
                "listed_at": spell_time(each.listed_at) if each.listed_at else None,
            }
            for each in self._listings
        ]
        files = {path.name: digest_of_file(path) for path in sorted(self._folder.glob("*.parquet"))}
        manifest = {
            "schema": BATCH_SCHEMA,
            "seen_at": spell_time(self._seen_at),
            "previous": self._previous,
            "files": files,
            "listings": listings,
            "scores": self._scores,
        }
        (self._folder / MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")


class _NothingNew(Exception):
    """No error: leaves the block without a folder."""


@contextmanager
def new_batch(store: Path, number: int, seen_at: datetime) -> Iterator[BatchWriter]:
    """The next batch; it appears when the block ends without an error, and not at all where nothing was added."""
    try:
        before = batch_folder(store, number - 1) / MANIFEST
        with new_folder(batch_folder(store, number)) as scratch:
            writer = BatchWriter(scratch, seen_at, previous=digest_of_file(before) if number > 1 else "")
            yield writer
            if writer.is_empty:
                raise _NothingNew
            writer.close()
    except _NothingNew:
        return
    note_newest(store, number)
