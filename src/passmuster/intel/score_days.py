"""Exploit predictions of a day held against those known before, by column."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from passmuster.intel.feeds.interface import ScoreTable
from passmuster.intel.store.folder import DayOfScores
from passmuster.intel.tally import Tally


@dataclass(frozen=True)
class NewDay:
    """The predictions of one day, about to be stored."""

    table: pa.Table = field(repr=False)
    scored_on: date
    model: str
    digest: str


def make_day(scores: ScoreTable, default: date) -> NewDay:
    """The day with its digest; one that does not tell its date is of the default."""
    scored_on = scores.scored_on or default
    return NewDay(scores.table, scored_on, scores.model, _digest_of(scores, scored_on))


def _digest_of(scores: ScoreTable, scored_on: date) -> str:
    found = hashlib.sha256(f"{scored_on} {scores.model}\n".encode())
    found.update("\n".join(scores.table["cve"].to_pylist()).encode())
    for name in ("probability", "percentile"):
        found.update(scores.table[name].to_numpy().tobytes())
    return found.hexdigest()


def table_before(day: NewDay, stored: Sequence[DayOfScores], held: Sequence[NewDay]) -> pa.Table | None:
    """The newest predictions of a day not after this one."""
    newest = max((each for each in stored if each.scored_on <= day.scored_on), key=_age, default=None)
    newest_held = max((each for each in held if each.scored_on <= day.scored_on), key=_age, default=None)
    if newest_held is not None and (newest is None or newest_held.scored_on >= newest.scored_on):
        return newest_held.table
    return None if newest is None else pq.read_table(newest.path)


def _age(day: DayOfScores | NewDay) -> date:
    return day.scored_on


def compare_scores(before: pa.Table | None, after: pa.Table) -> Tally:
    """How many CVEs got a first prediction, another one, or none any more."""
    if before is None:
        return Tally(added=after.num_rows)
    was = before.select(["cve", "probability"]).rename_columns(["cve", "was"])
    joined = after.select(["cve", "probability"]).join(was, keys="cve", join_type="full outer")
    differs = pc.fill_null(pc.not_equal(joined["was"], joined["probability"]), False)
    counts = [
        pc.sum(each).as_py() or 0 for each in (pc.is_null(joined["was"]), differs, pc.is_null(joined["probability"]))
    ]
    return Tally(*counts)
