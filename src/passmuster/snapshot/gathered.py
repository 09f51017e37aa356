"""What a connector hands over: rows and the truth about how they were obtained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from passmuster.model.declared import DeclaredFact
from passmuster.model.words import CollectionStatus


@dataclass(frozen=True)
class Gap:
    """A column of a table that this collection could not fill, and what would fill it."""

    column: str
    reason: str
    unlock: str = ""


@dataclass(frozen=True)
class SourceState:
    """What became of one of several sources a table is made from."""

    name: str
    status: CollectionStatus
    reason: str = ""
    unlock: str = ""


@dataclass(frozen=True)
class Gathered:
    """One table as it was read. `rows` map column names to values; absent columns are NULL.

    `reason` says why the status is not `ok`; `unlock` names the permission, login or export that would answer more.
    `since` is for logs: the rows are all entries from that time on. None where that is not known. `until` is where
    they end, for a log that was exported some time before it was read; None where they reach up to the reading.
    """

    status: CollectionStatus
    rows: Sequence[Mapping[str, Any]] = ()
    reason: str = ""
    unlock: str = ""
    source: str = ""
    gaps: tuple[Gap, ...] = ()
    sources: tuple[SourceState, ...] = ()
    since: datetime | None = None
    until: datetime | None = None

    @classmethod
    def from_sources(
        cls, rows: Sequence[Mapping[str, Any]], sources: tuple[SourceState, ...], *, gaps: tuple[Gap, ...] = ()
    ) -> Gathered:
        """A table made from several sources: whole if all could be read, partial if some, else the worst of them."""
        bad = [source for source in sources if not source.status.is_readable]
        if not bad:
            whole = cls.of(rows, gaps=gaps)
            return replace(whole, sources=sources)
        worst = max(bad, key=lambda source: source.status.rank)
        return cls(
            status=worst.status if len(bad) == len(sources) else CollectionStatus.PARTIAL,
            rows=rows,
            reason="; ".join(f"{source.name}: {source.reason or source.status}" for source in bad),
            unlock=worst.unlock,
            gaps=gaps,
            sources=sources,
        )

    @classmethod
    def of(cls, rows: Sequence[Mapping[str, Any]], *, source: str = "", gaps: tuple[Gap, ...] = ()) -> Gathered:
        """A table that was read in full: `ok`, or `empty` where there is nothing in it."""
        status = CollectionStatus.OK if rows else CollectionStatus.EMPTY
        reason = "" if rows else "looked, nothing there"
        return cls(status, rows, reason, "", source, gaps)


@dataclass(frozen=True)
class CollectionResult:
    """Everything one run of a connector gathered of one platform. Tables not named are `unsupported`."""

    platform_id: str
    product: str
    name: str
    connector: str
    connector_version: str
    source_kind: str
    tables: Mapping[str, Gathered]
    source_sha256: str = ""
    base_url: str = ""
    declared: tuple[DeclaredFact, ...] = field(default=())
    warnings: tuple[str, ...] = ()
