"""The findings that stand after a run, as two files: most as an earlier run wrote them, and what is otherwise now.

`whole.parquet` is written once and shared by the runs that differ little from it; `run.parquet` holds the rows beside
it, and where in it a row stands no more. So a run in which little changed writes little.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from contextlib import suppress
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from passmuster.documents.atomic import new_file
from passmuster.evaluate.run_rows import COLUMNS

RUN, WHOLE = "run.parquet", "whole.parquet"
NAMES = ", ".join(COLUMNS)
# Where more than this part of the rows is otherwise, they are written whole again.
_MOST = 0.25
_BYTES = 1 << 20


def is_state(file: Path) -> bool:
    """Whether the file is the `run.parquet` of a run, and not rows of somebody else's."""
    return "place" in pq.read_schema(file).names


def open_state(connection: duckdb.DuckDBPyConnection, name: str, file: Path) -> None:
    """Make the view `name` of what stood after the run whose `run.parquet` this is, and `name`_lifted.

    `COLUMNS`, `is_carried`, `is_missed`, `digest`, and `place`, each row's own: from 0 of those in the whole, below 0
    of those beside it. `name`_lifted are the places of rows of the whole that stood no more.
    """
    whole, run = (f"read_parquet('{quoted(path)}', file_row_number = true)" for path in (file.with_name(WHOLE), file))
    connection.execute(f"""
        CREATE VIEW {name}_lifted AS SELECT place FROM {run} WHERE place IS NOT NULL;
        CREATE VIEW {name} AS
        SELECT {NAMES}, false AS is_carried, false AS is_missed, digest, file_row_number AS place
        FROM {whole} w ANTI JOIN {name}_lifted l ON l.place = w.file_row_number
        UNION ALL
        SELECT {NAMES}, is_carried, is_missed, digest, -1 - file_row_number FROM {run} WHERE place IS NULL
    """)  # noqa: S608 - our own names


def save_state(connection: duckdb.DuckDBPyConnection, folder: Path, before: Path | None) -> None:
    """Write both files into `folder`; `before` is the `run.parquet` of the run whose whole may be shared.

    Of the tables `found`, `stands` (the same rows as `COLUMNS`, `digest` and `place` in the state before, below 0 where
    it is not in the whole), `carried` (the same and `is_missed`) and `lifted` (`place`).
    """
    beside = f"SELECT {NAMES}, false AS is_carried, false AS is_missed, digest FROM stands WHERE place < 0"  # noqa: S608
    carried = f"SELECT {NAMES}, true AS is_carried, is_missed, digest FROM carried"  # noqa: S608
    if before is not None and _is_little(connection):
        _share(before.with_name(WHOLE), folder / WHOLE)
        parts = [beside, carried, "SELECT place FROM lifted"]
    else:
        _copy(connection, f"SELECT {NAMES}, digest FROM stands", folder / WHOLE)  # noqa: S608
        parts = [carried, "SELECT NULL::BIGINT AS place WHERE false"]
    _copy(connection, " UNION ALL BY NAME ".join(parts), folder / RUN)


def digest_state(folder: Path) -> str:
    """The SHA-256 of both files, one behind the other, hexadecimal; empty where one is not there."""
    digest = hashlib.sha256()
    for name in (RUN, WHOLE):
        if not (folder / name).is_file():
            return ""
        with (folder / name).open("rb") as stream:
            while piece := stream.read(_BYTES):
                digest.update(piece)
    return digest.hexdigest()


def _copy(connection: duckdb.DuckDBPyConnection, query: str, target: Path) -> None:
    with new_file(target) as scratch:
        connection.execute(f"COPY ({query}) TO '{quoted(scratch)}' (FORMAT parquet, COMPRESSION zstd)")


def _is_little(connection: duckdb.DuckDBPyConnection) -> bool:
    row = connection.execute("""
        SELECT (SELECT count(*) FROM stands WHERE place < 0) + (SELECT count(*) FROM lifted),
               (SELECT count(*) FROM found)""").fetchone()
    return row is not None and row[0] <= _MOST * row[1]


def _share(source: Path, target: Path) -> None:
    """The same file under another name; a copy where the file system knows no such thing."""
    with new_file(target) as scratch:
        with suppress(OSError):
            os.link(source, scratch)
            return
        shutil.copyfile(source, scratch)


def quoted(path: Path) -> str:
    """The path as it stands between quotes in SQL."""
    return str(path).replace("'", "''")
