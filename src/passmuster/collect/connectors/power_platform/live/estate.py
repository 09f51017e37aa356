"""Everything that was read of one tenant, before it is sorted into tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from passmuster.collect.connectors.power_platform.live.questions import named
from passmuster.collect.connectors.power_platform.powershell import as_object, as_text
from passmuster.collect.statuses import Verdict, worst
from passmuster.model.words import CollectionStatus
from passmuster.snapshot.gathered import Gap, Gathered, SourceState

Record = Mapping[str, Any]
Row = dict[str, Any]
_NOT_ASKED = Verdict(CollectionStatus.UNSUPPORTED, "not asked")
_APIS = "/providers/Microsoft.PowerApps/apis/"


@dataclass(frozen=True)
class Read:
    """What became of one question: its verdict, the records of a list, or the body of a single answer."""

    verdict: Verdict
    items: tuple[Record, ...] = ()
    body: Record = field(default_factory=dict)


@dataclass(frozen=True)
class Estate:
    """The answers about one tenant by name. `foreign` says that they are another tenant's; empty where they are not."""

    tenant: str
    environments: tuple[str, ...]
    reads: Mapping[str, Read]
    databases: tuple[str, ...] = ()
    foreign: str = ""

    def read(self, name: str) -> Read:
        """What became of the question of that name."""
        return self.reads.get(name, Read(_NOT_ASKED))

    def of_each(self, kind: str) -> Iterator[tuple[str, Record]]:
        """The records of a list of every environment, each with its environment."""
        for environment in self.environments:
            for record in self.read(named(kind, environment)).items:
                yield environment, record

    def each_read(self, kind: str) -> list[Read]:
        """Every answer of a kind: `apps` of every environment, `flow` of every flow."""
        return [read for name, read in self.reads.items() if name.partition(".")[0] == kind]

    def state(self, source: str, kinds: str | tuple[str, ...], *, after: tuple[str, ...] = ()) -> SourceState:
        """What became of all answers of some kinds together; `after` are kinds that had to be read to ask for them."""
        asked = (kinds,) if isinstance(kinds, str) else kinds
        verdicts = [read.verdict for kind in asked for read in self.each_read(kind)]
        verdicts += [read.verdict for kind in after for read in self.each_read(kind) if not read.verdict.is_ok]
        if not self.read("environments").verdict.is_ok:
            verdicts.append(self.read("environments").verdict)
        return state_of(source, verdicts)


def state_of(source: str, verdicts: list[Verdict]) -> SourceState:
    """Several verdicts as one: whole where all are, partial where some are, else the worst."""
    bad = [verdict for verdict in verdicts if not verdict.is_ok]
    if not bad:
        return SourceState(source, CollectionStatus.OK)
    blamed = worst(*bad)
    if len(verdicts) == 1:
        return SourceState(source, blamed.status, blamed.reason, blamed.unlock)
    reason = f"{len(bad)} of {len(verdicts)} answers could not be read, such as: {blamed.reason}"
    status = blamed.status if len(bad) == len(verdicts) else CollectionStatus.PARTIAL
    return SourceState(source, status, reason, blamed.unlock)


def table(rows: list[Row], *states: SourceState, gaps: tuple[Gap, ...] = ()) -> Gathered:
    """The table made from these sources."""
    gathered = Gathered.from_sources(rows, states, gaps=gaps)
    names = ", ".join(state.name for state in states)
    return Gathered(
        gathered.status, gathered.rows, gathered.reason, gathered.unlock, names, gathered.gaps, gathered.sources
    )


def properties(record: Record) -> Record:
    """What a record of these interfaces tells; empty where it tells nothing."""
    return as_object(record.get("properties")) or {}


def inner(record: Record, *path: str) -> Record:
    """A nested record; empty where there is none."""
    found: Record = record
    for name in path:
        found = as_object(found.get(name)) or {}
    return found


def text(record: Record, name: str) -> str | None:
    """A text that is not empty, without what no file can hold; else None."""
    value = record.get(name)
    return as_text(value) if isinstance(value, str) else None


def flag(record: Record, name: str) -> bool | None:
    """True or false, else None."""
    value = record.get(name)
    return value if isinstance(value, bool) else None


def connector_id(value: Any) -> str | None:
    """The connector's id as data policies write it, whatever host or scope it was asked with."""
    name = as_text(value) if isinstance(value, str) else None
    return f"{_APIS}{name.rstrip('/').rpartition('/')[2]}" if name else None
