"""The violations of one control as reports read them: made of the rows found, once somebody looks at them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from functools import cached_property
from typing import Any, overload

import pyarrow as pa
import pyarrow.compute as pc

from passmuster.model.results import Columns, Violation
from passmuster.model.words import Severity

_WORDS: dict[str, Severity] = {str(severity): severity for severity in Severity}
_PIECE_ROWS = 10_000


@dataclass(frozen=True, eq=False)
class Told(Sequence[Violation]):
    """A million violations cost nothing until they are read; so many are made anew for each who reads them.

    `rows` are `looking.ROWS`; `prefix` is what their fingerprints start from; `exceptions` are by resource id, "*"
    covers every resource.
    """

    rows: pa.Table
    severity: Severity
    prefix: str
    exceptions: Mapping[str, Mapping[str, Any]]

    @overload
    def __getitem__(self, place: int) -> Violation: ...
    @overload
    def __getitem__(self, place: slice) -> list[Violation]: ...
    def __getitem__(self, place: int | slice) -> Violation | list[Violation]:
        """One, or a part of them."""
        if self._few is not None:
            return self._few[place]
        chosen = range(len(self))[place]
        return self._at([chosen])[0] if isinstance(chosen, int) else self._at(chosen)

    def __len__(self) -> int:
        """How many, without making them."""
        return int(self.rows.num_rows)

    def __iter__(self) -> Iterator[Violation]:
        """All, by resource id."""
        return iter(self._few) if self._few is not None else self._made()

    def __eq__(self, other: object) -> bool:
        """Whether the other sequence holds the same violations."""
        return isinstance(other, Sequence) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]

    def in_columns(self) -> Iterator[Columns]:
        """All, some thousands at a time."""
        for batch in self.rows.to_batches(max_chunksize=_PIECE_ROWS):
            yield self._piece(batch)

    def without(self, resources: pa.ChunkedArray) -> Told:
        """Those that are not about these resources."""
        is_left = pc.invert(pc.is_in(self.rows["resource_id"], value_set=resources.combine_chunks()))
        return Told(self.rows.filter(is_left), self.severity, self.prefix, self.exceptions)

    @cached_property
    def _few(self) -> list[Violation] | None:
        """Few are made once; None where they are many."""
        return list(self._made()) if len(self) <= _PIECE_ROWS else None

    def _at(self, places: Sequence[int]) -> list[Violation]:
        return list(Told(self.rows.take(pa.array(places)), self.severity, self.prefix, self.exceptions)._made())

    def _made(self) -> Iterator[Violation]:
        for piece in self.in_columns():
            for row in piece.rows():
                yield Violation(*row)

    def _piece(self, batch: pa.RecordBatch) -> Columns:
        ids, names, details, words = (column.to_pylist() for column in batch.columns)
        start = hashlib.sha256(f"{self.prefix}\x1f".encode())
        excepted = [self._exception(each) for each in ids] if self.exceptions else [None] * len(ids)
        return Columns(
            ids=ids,
            names=[name or resource for name, resource in zip(names, ids, strict=True)],
            details=details,
            severities=[_WORDS.get(word, self.severity) for word in words],
            fingerprints=[_fingerprint(start.copy(), each) for each in ids],
            excepted_until=[each["valid_until"].replace(tzinfo=UTC) if each else None for each in excepted],
            excepted_by=[str(each["made_by"]) if each else "" for each in excepted],
        )

    def _exception(self, resource: str) -> Mapping[str, Any] | None:
        return self.exceptions.get(resource) or self.exceptions.get("*")


def _fingerprint(digest: Any, resource: str) -> str:
    digest.update(resource.encode())
    return str(digest.hexdigest()[:32])
