"""Our engine on the benchmark's pack."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC
from pathlib import Path

import duckdb

from benchmarks.entrant import Run
from benchmarks.tenant import NOW
from passmuster.controls.load import load_pack
from passmuster.evaluate.engine import context_of, evaluate, evaluate_pack, wanted_columns, wanted_tables
from passmuster.model.control import Pack
from passmuster.model.results import ControlResult
from passmuster.snapshot.derive import derive
from passmuster.snapshot.derived_tables import INPUTS
from passmuster.snapshot.load import NOTHING_BESIDE, Choice, load, state_of_computed
from passmuster.snapshot.read import open_snapshot


def _pack() -> Pack:
    return load_pack(Path(__file__).parent / "pack", is_trusted=True)


def counts(results: Iterable[ControlResult]) -> dict[str, int]:
    """How many violations each control has."""
    return {result.control: result.violation_count for result in results}


def from_memory(folder: Path, _scale: int) -> Run:
    """Collected tables are loaded; computing the nested grants and judging is the work."""
    judged = _judge_loaded(folder)
    return lambda: counts(judged())


def from_memory_read(folder: Path, _scale: int) -> Run:
    """The same, and every violation is made into an object with its fingerprint, as a report does."""
    judged = _judge_loaded(folder)
    return lambda: {result.control: len({v.fingerprint for v in result.violations}) for result in judged()}


def _judge_loaded(folder: Path) -> Callable[[], list[ControlResult]]:
    snapshot, pack = open_snapshot(folder / "tenant"), _pack()
    wanted = wanted_tables([pack])
    collected = {each for name in wanted for each in INPUTS.get(name, (name,))}
    connection = duckdb.connect()
    choice = Choice(wanted_columns(connection, [pack]))
    states = load(connection, snapshot, sorted(collected), as_of=NOW, choice=choice)
    platform = (snapshot.manifest.platform_id, snapshot.manifest.product)

    def judge() -> list[ControlResult]:
        for name in sorted(wanted & set(INPUTS)):
            derive(connection, name, as_of=NOW.astimezone(UTC).replace(tzinfo=None))
            states[name] = state_of_computed(name, states)
        context = context_of(connection, states, NOTHING_BESIDE, platform=platform, as_of=NOW, overrides=None)
        return evaluate_pack(pack, context)

    return judge


def from_files(folder: Path, _scale: int) -> Run:
    """The whole of `evaluate`, from an opened snapshot to all results."""
    snapshot, pack = open_snapshot(folder / "tenant"), _pack()
    return lambda: counts(evaluate(snapshot, [pack], as_of=NOW).results)
