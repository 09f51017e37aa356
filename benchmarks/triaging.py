"""Triage of everything that runs, by the default policy: a decision for each component and advisory that concerns it.

Matching is done already: given are which advisories concern which distinct version, and which version each component
has, in one of two environments. `scale` counts components; there are three advisories for ten of them. Our own entrant
is what `passmuster triage` does between matching and writing.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from benchmarks.entrant import Entrant, Run, Work
from passmuster.model.advisory import Advisory, KevEntry, Record, RecordKind, SsvcPoint
from passmuster.model.component import Component
from passmuster.model.decision import Decision
from passmuster.model.match import Match, Verdict
from passmuster.model.words import Responsibility
from passmuster.pipeline.triaging import Matching, Triaging, triage_all
from passmuster.triage.decide import Context, decide
from passmuster.triage.exposure import SETTING, Exposure, ExposureRows
from passmuster.triage.policy import Policy
from passmuster.triage.policy_load import find_policy
from passmuster.triage.surroundings import Surroundings
from passmuster.triage.touched import Uses

_POLICY = "bod-26-04"
_AS_OF = datetime(2026, 11, 25, tzinfo=UTC)
_START = datetime(2026, 6, 10, tzinfo=UTC)
_EXPOSED = ("no", "yes")
_POINTS = ("automatable", "technical_impact")
Columns = dict[str, NDArray[Any]]
Answer = list[int]


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
    about = np.where(chance.random(advisories) < 0.95, chance.integers(0, packages, advisories), about)
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
        start_day=chance.integers(0, 150, advisories),
    )


def _read(folder: Path) -> Columns:
    with np.load(folder / "estate.npz") as data:
        return {name: data[name] for name in data.files}


def _advisories(data: Columns, policy: Policy) -> list[Advisory]:
    values = {point.name: point.values for point in policy.points}
    found = []
    for number, day in enumerate(data["start_day"].tolist()):
        start = _START + timedelta(days=day)
        points = tuple(SsvcPoint(name, values[name][data[name][number]], "x") for name in _POINTS)
        kev = KevEntry(start.date(), None) if data["in_kev"][number] else None
        name = f"CVE-2026-{10_000 + number}"
        times = {"disclosed_at": start, "learned_at": start, "vendor_fixed_at": start}
        record = Record(RecordKind.CVE, "x", name)
        found.append(Advisory(name, records=(record,), ssvc=points, kev=kev, **times))
    return found


def _components(data: Columns) -> list[Component]:
    pairs = zip(data["version"].tolist(), data["context"].tolist(), strict=True)
    return [
        Component(f"c{number}", f"p{version}", version="1.0", environment_id=_EXPOSED[context])
        for number, (version, context) in enumerate(pairs)
    ]


def _hits(data: Columns, advisories: list[Advisory]) -> dict[str, list[Advisory]]:
    found: dict[str, list[Advisory]] = {}
    for version, advisory in zip(data["hit_version"].tolist(), data["hit_advisory"].tolist(), strict=True):
        found.setdefault(f"p{version}", []).append(advisories[advisory])
    return found


def _match(advisory: Advisory, component: Component) -> Match:
    return Match(advisory.id, component, Verdict.AFFECTED, "It is affected.", Responsibility.CUSTOMER, ("1.1",))


def _ours(folder: Path, _scale: int) -> Run:
    data, by = _read(folder), Triaging(find_policy(_POLICY), _AS_OF)
    advisories = _advisories(data, by.policy)
    components, hits = _components(data), _hits(data, advisories)
    settings = [
        {"key": SETTING, "value_bool": name == "yes", "scope_kind": "environment", "scope_id": name}
        for name in _EXPOSED
    ]
    surroundings = Surroundings(ExposureRows({}, None, settings), Uses())
    matching = Matching(
        {advisory.id: advisory for advisory in advisories},
        lambda component: [advisory.id for advisory in hits.get(component.name, ())],
        _match,
    )
    return lambda: _answer(triage_all(matching, components, by, surroundings).decisions)


def _answer(decisions: Iterable[Decision]) -> Answer:
    """How many decisions, the sum of the places of their outcomes, how many have a deadline, the sum of these days."""
    found = [0, 0, 0, 0]
    for decision in decisions:
        found[0] += 1
        found[1] += decision.rank
        if decision.due_at is not None:
            found[2] += 1
            found[3] += (decision.due_at - _START).days
    return found


def _one_by_one(folder: Path, _scale: int) -> Run:
    """Every component with every advisory of its version, each decided anew."""
    data, policy = _read(folder), find_policy(_POLICY)
    advisories = _advisories(data, policy)
    components, hits = _components(data), _hits(data, advisories)
    contexts = {name: Context(Exposure(name == "yes", source="x")) for name in _EXPOSED}
    return lambda: _answer(
        decide(policy, advisory, _match(advisory, component), contexts[component.environment_id], as_of=_AS_OF)
        for component in components
        for advisory in hits.get(component.name, ())
    )


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
    """One join of components, hits, advisories and the decision table: outcomes and days alone, nothing in words."""
    data = _read(folder)
    connection = duckdb.connect()
    tables = {
        "component": {"version": data["version"], "publicly_exposed": data["context"]},
        "hit": {"version": data["hit_version"], "advisory": data["hit_advisory"]},
        "advisory": {
            "advisory": np.arange(len(data["start_day"])),
            **{name: data[name] for name in ("start_day", "in_kev", *_POINTS)},
        },
    }
    for name, columns in tables.items():
        connection.register("given", pa.table(columns))
        connection.execute(f"CREATE TABLE {name} AS SELECT *, row_number() OVER () AS id FROM given")
        connection.unregister("given")
    connection.register("given", pa.Table.from_pylist(_rows(find_policy(_POLICY))))
    connection.execute("CREATE TABLE decision AS FROM given")
    query = """
        CREATE OR REPLACE TEMP TABLE answer AS
        SELECT component.id, advisory, worst, start_day + days AS due
        FROM component JOIN hit USING (version) JOIN advisory USING (advisory)
        JOIN decision USING (in_kev, publicly_exposed, automatable, technical_impact)"""

    def run() -> Answer:
        connection.execute(query)
        row = connection.execute("SELECT count(*), sum(worst), count(due), sum(due) FROM answer").fetchone() or ()
        return [int(each or 0) for each in row]

    return run


WORK = Work(
    "triage",
    "Triage of what was matched: every decision, sorted, worst first",
    _data,
    (
        Entrant("passmuster", "ours", _ours),
        Entrant("each row decided anew", "peer", _one_by_one),
        Entrant("row-by-row join in DuckDB, codes alone", "peer", _row_by_row),
    ),
    largest_scale=100_000,
)
