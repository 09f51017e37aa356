"""A run: every violation of an evaluation in Parquet, and how they differ from the findings as they stand.

What an inconclusive control found earlier is carried into the next run, so that a later look can still close it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from passmuster.evaluate.run_rows import COLUMNS, fingerprinted, gather_rows
from passmuster.evaluate.run_state import NAMES, RUN, digest_state, is_state, open_state, quoted, save_state
from passmuster.model.control import Pack
from passmuster.model.results import ControlResult, Evaluation
from passmuster.model.words import Outcome

Named = tuple[str, str]
"""A control: its pack and its id."""


@dataclass(frozen=True)
class Base:
    """The open findings a run is held against: an earlier run's `run.parquet`, or rows as of `write_base`; None: none.

    `mark` is whatever its keeper calls that state; a run tells it again, so that nobody applies it to another state.
    """

    mark: str = ""
    file: Path | None = None


@dataclass(frozen=True)
class RunFiles:
    """The run as written (`run_state`), and what makes its base into it: `found.csv`, `gone.csv` and `missed.csv`.

    Found are rows that are new or changed, or come back after they were missed; gone are fingerprints with a reason;
    missed are fingerprints that a control did not find again, though it found others and cannot tell that they are
    gone. `seen` are the controls that found anything, `sha256` is `digest_state`'s.
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
        connection.execute("CREATE TABLE seen AS SELECT DISTINCT pack, control FROM sources")
        return _hold(connection, fingerprinted, conclusive_controls(evaluation, packs), base, folder)


def hold_again(folder: Path, conclusive: Sequence[tuple[str, str, str]], base: Base) -> RunFiles:
    """Hold a run that was written against another base; its files are replaced."""
    with duckdb.connect() as connection:
        open_state(connection, "held", folder / RUN)
        connection.execute(f"CREATE TABLE found AS SELECT {NAMES}, digest FROM held WHERE NOT is_carried")  # noqa: S608
        connection.execute("CREATE TABLE seen AS SELECT DISTINCT pack, control FROM found")
        return _hold(connection, _told, conclusive, base, folder)


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
Telling = Callable[[str], str]
"""The statement that tells `COLUMNS` and `digest` of some rows of the table `found`."""


def _told(table: str) -> str:
    return f"SELECT {NAMES}, digest FROM {table}"  # noqa: S608 - our own names


# What was missed must be told of when it is found again, even where it is as it was: it is like nothing.
_ROWS_OF_BASE = f"""
    CREATE TABLE base AS SELECT *, CASE WHEN NOT is_missed THEN hash({NAMES}) END AS digest, -1 AS place
    FROM {{}}"""  # noqa: S608
_LOST = """
    CREATE TABLE lost AS
    SELECT u.*, c.reason, c.reason IS NULL AND s.pack IS NOT NULL AS is_missed_now
    FROM (FROM unlike ANTI JOIN fresh USING (fingerprint)) u
    LEFT JOIN conclusive c ON c.pack = u.pack AND c.control = u.control
    LEFT JOIN seen s ON s.pack = u.pack AND s.control = u.control"""
_CARRIED = f"""
    CREATE TABLE carried AS
    SELECT b.* REPLACE (l.is_missed OR l.is_missed_now AS is_missed,
                        CASE WHEN NOT (l.is_missed OR l.is_missed_now) THEN b.digest END AS digest)
    FROM (SELECT {NAMES}, is_missed, digest FROM base) b
    JOIN (SELECT fingerprint, is_missed, is_missed_now FROM lost WHERE reason IS NULL) l USING (fingerprint)"""  # noqa: S608
_GONE = "SELECT fingerprint, reason FROM lost WHERE reason IS NOT NULL"
_MISSED = "SELECT fingerprint FROM lost WHERE is_missed_now AND NOT is_missed"


def _hold(
    connection: duckdb.DuckDBPyConnection,
    telling: Telling,
    conclusive: Sequence[tuple[str, str, str]],
    base: Base,
    folder: Path,
) -> RunFiles:
    connection.execute("CREATE TABLE conclusive (pack VARCHAR, control VARCHAR, reason VARCHAR)")
    if conclusive:
        connection.executemany("INSERT INTO conclusive VALUES (?, ?, ?)", [list(each) for each in conclusive])
    before = base.file if base.file is not None and is_state(base.file) else None
    if before is not None:
        _against_a_run(connection, telling, before)
    else:
        _against_rows(connection, telling, base.file)
    save_state(connection, folder, before)
    return RunFiles(
        rows=_count(connection, "found"),
        carried=_count(connection, "carried"),
        found=_copy(connection, f"SELECT {NAMES} FROM fresh", folder / "found.csv"),  # noqa: S608 - our own names
        gone=_copy(connection, _GONE, folder / "gone.csv"),
        missed=_copy(connection, _MISSED, folder / "missed.csv"),
        seen=tuple(connection.execute("FROM seen ORDER BY ALL").fetchall()),
        conclusive=tuple(conclusive),
        mark=base.mark,
        sha256=digest_state(folder),
    )


def _against_a_run(connection: duckdb.DuckDBPyConnection, telling: Telling, before: Path) -> None:
    """Make what `save_state` wants, and `fresh` and `lost`.

    One join of digests tells which rows have no like on the other side: few, and only these are looked at closely.
    """
    open_state(connection, "base", before)
    connection.execute("""
        CREATE TABLE unlike_rows AS SELECT f.rowid AS found_row, b.place
        FROM base b FULL JOIN found f ON f.digest = b.digest WHERE f.rowid IS NULL OR b.place IS NULL""")
    other = "(SELECT * FROM found WHERE rowid IN (SELECT found_row FROM unlike_rows))"
    connection.execute(f"CREATE TABLE fresh AS {telling(other)}")
    connection.execute("""
        CREATE TABLE unlike AS SELECT fingerprint, pack, control, is_missed, place
        FROM base SEMI JOIN unlike_rows USING (place)""")
    connection.execute(_LOST)
    connection.execute(_CARRIED)
    connection.execute(f"""
        CREATE VIEW stands AS SELECT {NAMES}, digest, -1 AS place FROM fresh
        UNION ALL SELECT {NAMES}, digest, place FROM base ANTI JOIN unlike USING (place)""")  # noqa: S608
    connection.execute("""
        CREATE VIEW lifted AS FROM base_lifted UNION ALL SELECT place FROM unlike WHERE place >= 0""")


def _against_rows(connection: duckdb.DuckDBPyConnection, telling: Telling, file: Path | None) -> None:
    """The same for rows of the database, or none. These know no digest of ours, so everything is fingerprinted."""
    connection.execute(f"CREATE TABLE named AS SELECT *, hash({NAMES}) AS likeness FROM ({telling('found')})")  # noqa: S608
    if file is None:
        connection.register("nothing", _BASE.empty_table())
    connection.execute(_ROWS_OF_BASE.format("nothing" if file is None else f"read_parquet('{quoted(file)}')"))
    connection.execute("CREATE VIEW fresh AS FROM named n ANTI JOIN base b ON b.digest = n.likeness")
    connection.execute("CREATE TABLE unlike AS FROM base b ANTI JOIN named n ON n.likeness = b.digest")
    connection.execute(_LOST)
    connection.execute(_CARRIED)
    connection.execute("CREATE VIEW stands AS SELECT *, -1 AS place FROM named")
    connection.execute("CREATE TABLE lifted (place BIGINT)")


def _copy(connection: duckdb.DuckDBPyConnection, query: str, target: Path) -> int:
    row = connection.execute(f"COPY ({query}) TO '{quoted(target)}' (FORMAT csv, HEADER false)").fetchone()
    return int(row[0]) if row else 0


def _count(connection: duckdb.DuckDBPyConnection, what: str) -> int:
    row = connection.execute(f"SELECT count(*) FROM {what}").fetchone()  # noqa: S608 - our own names
    return int(row[0]) if row else 0
