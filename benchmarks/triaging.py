"""Triage of everything that runs, by the default policy: the worst outcome, the count and the earliest deadline each.

Matching is done already: given are which advisories concern which distinct version, and which version each component
has. `scale` counts components; there are three advisories for ten of them.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from benchmarks.entrant import Entrant, Run, Work
from passmuster.triage.bulk import NEVER, AdvisoryColumns, BulkDecisions, Estate, decide_in_bulk, micros_of
from passmuster.triage.policy import Policy
from passmuster.triage.policy_load import find_policy

_CONTEXTS = ({"publicly_exposed": "no"}, {"publicly_exposed": "yes"})
_START = micros_of(datetime(2026, 6, 10, tzinfo=UTC))
_DAY = timedelta(days=1) // timedelta(microseconds=1)
_MOST_FOR_LOOPS = 100_000
Columns = dict[str, NDArray[Any]]


def _data(folder: Path, scale: int) -> None:
    path = folder / "estate.npz"
    if path.exists():
        return
    chance = np.random.default_rng(11)
    packages, advisories = max(50, scale * 6 // 100), scale * 3 // 10
    # Few packages are installed everywhere, and these have many versions and many advisories.
    pool = np.maximum(2, 40 / np.sqrt(1 + np.arange(packages) / 50)).astype(np.int64)
    first = np.concatenate([[0], np.cumsum(pool)])
    installed = np.minimum((chance.pareto(1.0, scale) * 200).astype(np.int64), packages - 1)
    version = first[installed] + chance.integers(0, pool[installed])
    about = np.minimum((chance.pareto(0.9, advisories) * 300).astype(np.int64), packages - 1)
    about = np.where(chance.random(advisories) < 0.5, chance.integers(0, packages, advisories), about)
    ends = np.sort(chance.integers(0, pool[about] + 1, (2, advisories)), axis=0)
    lengths = ends[1] - ends[0]
    advisory = np.repeat(np.arange(advisories), lengths)
    step = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    hit = (first[about] + ends[0])[advisory] + step
    order = np.argsort(hit, kind="stable")
    np.savez(
        path,
        version=version,
        context=(chance.random(scale) < 0.3).astype(np.int64),
        hit_version=hit[order],
        hit_advisory=advisory[order],
        in_kev=(chance.random(advisories) < 0.005).astype(np.int8),
        automatable=(chance.random(advisories) < 0.3).astype(np.int8),
        technical_impact=(chance.random(advisories) < 0.4).astype(np.int8),
        start_us=_START + chance.integers(0, 150, advisories) * _DAY,
    )


def _read(folder: Path) -> Columns:
    with np.load(folder / "estate.npz") as data:
        return {name: data[name] for name in data.files}


def _inputs(data: Columns) -> tuple[AdvisoryColumns, Estate]:
    advisories = len(data["start_us"])
    points = {name: data[name] for name in ("in_kev", "automatable", "technical_impact")}
    points["publicly_exposed"] = np.full(advisories, -1, np.int8)
    return (
        AdvisoryColumns(points, data["start_us"], np.full(advisories, NEVER)),
        Estate(data["hit_version"], data["hit_advisory"], data["version"], data["context"]),
    )


def _ours(folder: Path, _scale: int) -> Run:
    policy = find_policy("bod-26-04")
    advisories, estate = _inputs(_read(folder))
    return lambda: _answer(decide_in_bulk(policy, advisories, estate, _CONTEXTS))


def _answer(found: BulkDecisions) -> list[int]:
    some = found.worst >= 0
    timed = found.due_us != NEVER
    days = (found.due_us[timed] - _START) // _DAY
    return [int(some.sum()), int(found.worst[some].sum()), int(found.count.sum()), int(timed.sum()), int(days.sum())]


def _rows(policy: Policy) -> list[dict[str, Any]]:
    """The policy's table with the place of each outcome and its days."""
    return [
        {
            **{point.name: point.values.index(value) for point, value in zip(policy.points, key, strict=True)},
            "worst": policy.rank(outcome),
            "days": policy.outcomes[outcome].deadline.days,
        }
        for key, outcome in policy.table.items()
    ]


def _row_by_row(folder: Path, _scale: int) -> Run:
    """One join of components, hits, advisories and the decision table, grouped by component."""
    data = _read(folder)
    connection = duckdb.connect()
    tables = {
        "component": {"version": data["version"], "publicly_exposed": data["context"]},
        "hit": {"version": data["hit_version"], "advisory": data["hit_advisory"]},
        "advisory": {
            "advisory": np.arange(len(data["start_us"])),
            "start": (data["start_us"] - _START) // _DAY,
            **{name: data[name] for name in ("in_kev", "automatable", "technical_impact")},
        },
    }
    for name, columns in tables.items():
        connection.register("given", pa.table(columns))
        connection.execute(f"CREATE TABLE {name} AS SELECT *, row_number() OVER () AS id FROM given")
        connection.unregister("given")
    connection.register("given", pa.Table.from_pylist(_rows(find_policy("bod-26-04"))))
    connection.execute("CREATE TABLE decision AS FROM given")
    query = """
        CREATE OR REPLACE TEMP TABLE answer AS
        SELECT component.id, min(worst) AS worst, count(*) AS many, min(start + days) AS due
        FROM component JOIN hit USING (version) JOIN advisory USING (advisory)
        JOIN decision USING (in_kev, publicly_exposed, automatable, technical_impact) GROUP BY component.id"""

    def run() -> list[int]:
        connection.execute(query)
        sums = "SELECT count(*), sum(worst), sum(many), count(due), sum(due) FROM answer"
        row = connection.execute(sums).fetchone() or ()
        return [int(each or 0) for each in row]

    return run


def _loops(folder: Path, _scale: int) -> Run:
    """Every component with every advisory of its version, one after the other, through a dictionary."""
    data = {name: column.tolist() for name, column in _read(folder).items()}
    keys = ("in_kev", "publicly_exposed", "automatable", "technical_impact")
    table = {tuple(row[key] for key in keys): (row["worst"], row["days"]) for row in _rows(find_policy("bod-26-04"))}
    hits: dict[int, list[int]] = {}
    for version, advisory in zip(data["hit_version"], data["hit_advisory"], strict=True):
        hits.setdefault(version, []).append(advisory)
    starts = [(start - _START) // _DAY for start in data["start_us"]]

    def run() -> list[int]:
        sums = [0, 0, 0, 0, 0]
        for version, exposed in zip(data["version"], data["context"], strict=True):
            found = [
                (advisory, *table[data["in_kev"][advisory], exposed, data["automatable"][advisory], impact])
                for advisory in hits.get(version, ())
                for impact in (data["technical_impact"][advisory],)
            ]
            dues = [starts[advisory] + days for advisory, _, days in found if days is not None]
            if found:
                sums[0] += 1
                sums[1] += min(worst for _, worst, _ in found)
                sums[2] += len(found)
            if dues:
                sums[3] += 1
                sums[4] += min(dues)
        return sums

    return run


def _copy(folder: Path, _scale: int) -> Run:
    """Write the finished answers once more: no way to answer with them can be faster."""
    advisories, estate = _inputs(_read(folder))
    found = decide_in_bulk(find_policy("bod-26-04"), advisories, estate, _CONTEXTS)

    def run() -> None:
        for column in (found.worst, found.count, found.due_us):
            column.copy()

    return run


WORK = Work(
    "triage",
    "Triage of what was matched",
    _data,
    (
        Entrant("passmuster", "ours", _ours),
        Entrant("row-by-row join in DuckDB", "peer", _row_by_row),
        Entrant("Python loops", "peer", _loops, largest_scale=_MOST_FOR_LOOPS),
        Entrant("writing the answers", "limit", _copy),
    ),
    largest_scale=1_000_000,
)
