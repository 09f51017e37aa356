"""A run: every violation of an evaluation as one Parquet file, and how it differs from the findings as they stand.

What an inconclusive control found earlier is carried into the next run, so that a later look can still close it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from passmuster.documents.atomic import new_file
from passmuster.evaluate.run_rows import COLUMNS, DIGEST, gather_rows
from passmuster.model.control import Pack
from passmuster.model.results import ControlResult, Evaluation
from passmuster.model.words import Outcome

RUN = "run.parquet"
Named = tuple[str, str]
"""A control: its pack and its id."""


@dataclass(frozen=True)
class Base:
    """The open findings a run is held against, as a file like a run's; None: there are none.

    `mark` is whatever its keeper calls that state; a run tells it again, so that nobody applies it to another state.
    """

    mark: str = ""
    file: Path | None = None


@dataclass(frozen=True)
class RunFiles:
    """The run as written: `run.parquet`, and what makes its base into it: `found.csv`, `gone.csv` and `missed.csv`.

    Found are rows that are new or changed, or come back after they were missed; gone are fingerprints with a reason;
    missed are fingerprints that a control did not find again, though it found others and cannot tell that they are
    gone. `seen` are the controls that found anything, `sha256` is the run's.
    """

    rows: int
    carried: int
    found: int
    gone: int
    missed: int
    seen: tuple[Named, ...]
    conclusive: tuple[tuple[str, str, str], ...]
    mark: str
    sha256: str


def write_run(evaluation: Evaluation, packs: Sequence[Pack], places: pa.Table, *, base: Base, folder: Path) -> RunFiles:
    """Write the run into `folder`, held against `base`."""
    with duckdb.connect() as connection:
        gather_rows(connection, evaluation, packs, places)
        return _hold(connection, conclusive_controls(evaluation, packs), base, folder)


def hold_again(folder: Path, conclusive: Sequence[tuple[str, str, str]], base: Base) -> RunFiles:
    """Hold a run that was written against another base; its files are replaced."""
    with duckdb.connect() as connection:
        connection.execute(
            f"CREATE TABLE found AS SELECT {_NAMES}, digest FROM read_parquet(?) WHERE NOT is_carried",  # noqa: S608
            [str(folder / RUN)],
        )
        return _hold(connection, conclusive, base, folder)


def write_base(rows: Iterable[tuple[object, ...]], target: Path) -> None:
    """Write open findings (`COLUMNS` and whether each was missed) as a base."""
    left = iter(rows)
    with pq.ParquetWriter(target, _BASE) as writer:
        while piece := list(islice(left, _PIECE_ROWS)):
            cells = zip(_BASE, zip(*piece, strict=True), strict=True)
            writer.write_batch(pa.record_batch([pa.array(each, field.type) for field, each in cells], schema=_BASE))


def conclusive_controls(evaluation: Evaluation, packs: Sequence[Pack]) -> tuple[tuple[str, str, str], ...]:
    """(pack, control, reason) of every control, under each name it had, that could tell that something is gone."""
    by_id = {pack.id: pack for pack in packs}
    told = []
    for result in evaluation.results:
        if is_conclusive(result):
            reason = result.reason if result.outcome is not Outcome.FAIL else "no longer among the violations"
            names = [result.control]
            pack = by_id.get(result.pack)
            if pack:
                names += [old for old in pack.renamed if pack.name_today(old) == result.control]
            told += [(result.pack, name, reason[:300]) for name in names]
    return tuple(told)


def is_conclusive(result: ControlResult) -> bool:
    """Whether what the control does not list is no violation: nothing was unknown, nobody is asked first."""
    if result.outcome is Outcome.FAIL:
        return result.unknown_resources == 0
    return result.outcome in (Outcome.PASS, Outcome.NOT_APPLICABLE)


_PIECE_ROWS = 20_000
_BASE = pa.schema(
    [
        *((name, pa.int16() if name == "severity_rank" else pa.string()) for name in COLUMNS),
        ("is_missed", pa.bool_()),
    ]
)
_NAMES = ", ".join(COLUMNS)
# The base's rows that are not among those found exactly as they are: few, so that only these are looked at closely.
_UNLIKE = "CREATE TABLE unlike AS SELECT b.fingerprint FROM base b ANTI JOIN found f ON f.digest = b.digest"
_LOST = """
    CREATE TABLE lost AS
    SELECT p.*, c.reason, c.reason IS NULL AND s.pack IS NOT NULL AS is_missed_now
    FROM (FROM base SEMI JOIN (FROM unlike ANTI JOIN found USING (fingerprint)) USING (fingerprint)) p
    LEFT JOIN conclusive c ON c.pack = p.pack AND c.control = p.control
    LEFT JOIN seen s ON s.pack = p.pack AND s.control = p.control"""
# What was missed must be told of when it is found again, even where it is as it was: it is like nothing.
_RUN = f"""
    SELECT {_NAMES}, false AS is_carried, false AS is_missed, digest FROM found
    UNION ALL
    SELECT {_NAMES}, true, is_missed OR is_missed_now, CASE WHEN NOT (is_missed OR is_missed_now) THEN digest END
    FROM lost WHERE reason IS NULL"""  # noqa: S608
_FOUND = f"SELECT {_NAMES} FROM found ANTI JOIN base USING (digest)"  # noqa: S608
_GONE = "SELECT fingerprint, reason FROM lost WHERE reason IS NOT NULL"
_MISSED = "SELECT fingerprint FROM lost WHERE is_missed_now AND NOT is_missed"


def _hold(
    connection: duckdb.DuckDBPyConnection, conclusive: Sequence[tuple[str, str, str]], base: Base, folder: Path
) -> RunFiles:
    if base.file is None:
        connection.execute("CREATE VIEW base AS SELECT *, false AS is_missed FROM found WHERE false")
    elif "digest" in pq.read_schema(base.file).names:
        connection.execute(f"CREATE VIEW base AS FROM read_parquet('{_quoted(base.file)}')")
    else:
        digest = f"CASE WHEN NOT is_missed THEN {DIGEST} END AS digest"
        connection.execute(f"CREATE TABLE base AS SELECT *, {digest} FROM read_parquet('{_quoted(base.file)}')")  # noqa: S608
    connection.execute("CREATE TABLE conclusive (pack VARCHAR, control VARCHAR, reason VARCHAR)")
    if conclusive:
        connection.executemany("INSERT INTO conclusive VALUES (?, ?, ?)", [list(each) for each in conclusive])
    connection.execute("CREATE TABLE seen AS SELECT DISTINCT pack, control FROM found")
    connection.execute(_UNLIKE)
    connection.execute(_LOST)
    with new_file(folder / RUN) as scratch:
        connection.execute(f"COPY ({_RUN}) TO '{_quoted(scratch)}' (FORMAT parquet, COMPRESSION zstd)")
        with scratch.open("rb") as stream:
            sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
    return RunFiles(
        rows=_count(connection, "found"),
        carried=_count(connection, "lost WHERE reason IS NULL"),
        found=_copy(connection, _FOUND, folder / "found.csv"),
        gone=_copy(connection, _GONE, folder / "gone.csv"),
        missed=_copy(connection, _MISSED, folder / "missed.csv"),
        seen=tuple(connection.execute("FROM seen ORDER BY ALL").fetchall()),
        conclusive=tuple(conclusive),
        mark=base.mark,
        sha256=sha256,
    )


def _copy(connection: duckdb.DuckDBPyConnection, query: str, target: Path) -> int:
    row = connection.execute(f"COPY ({query}) TO '{_quoted(target)}' (FORMAT csv, HEADER false)").fetchone()
    return int(row[0]) if row else 0


def _count(connection: duckdb.DuckDBPyConnection, what: str) -> int:
    row = connection.execute(f"SELECT count(*) FROM {what}").fetchone()  # noqa: S608 - our own names
    return int(row[0]) if row else 0


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
