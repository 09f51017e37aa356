"""The database as SQL text and back: by `pg_dump`, and by reading what it wrote, which needs no other program.

A dump of a newer server can be read back into an older one this way (15 and up), so an embedded database can move to a
server of one's own.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import psycopg

from passmuster.errors import OutputRefused, UnreadableInput, UsageError
from passmuster.records import embedded

# Whoever finds a backup must not be able to walk in with somebody's session.
_NOT_KEPT = "django_session"
# Settings and commands of newer programs that older servers do not know; none of them changes what is stored.
_SKIPPED = re.compile(rb"\\(un)?restrict |SET transaction_timeout|SELECT pg_catalog\.set_config\('search_path'")
_COPY = re.compile(rb"COPY .* FROM stdin;\n")
_MAX_STATEMENTS_BYTES = 64 * 2**20


def dump_program(server_major: int) -> Path:
    """The `pg_dump` to use: the wheel's, or a newer one of the system's for a newer server; raises UsageError."""
    if server_major <= embedded.MAJOR:
        return embedded.bin_folder() / "pg_dump"
    found = shutil.which("pg_dump")
    if found is None or _major_of(found) < server_major:
        raise UsageError(
            f"the server is PostgreSQL {server_major}: a backup needs its pg_dump; install the client "
            f"programs of PostgreSQL {server_major}, and put them in PATH"
        )
    return Path(found)


def _major_of(program: str) -> int:
    told = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)  # noqa: S603
    number = re.search(r"\) (\d+)", told.stdout)
    return int(number.group(1)) if number else 0


def dump_database(url: str, target: Path, *, program: Path, snapshot: str) -> None:
    """Write the database as SQL, as it was at that exported snapshot; raises OutputRefused."""
    told = psycopg.conninfo.conninfo_to_dict(url)
    # Everybody on the machine can read a command line.
    password = told.pop("password", None)
    address = psycopg.conninfo.make_conninfo("", **{name: str(value) for name, value in told.items()})
    options = ("--no-owner", "--no-privileges", "--encoding=UTF8", f"--exclude-table-data={_NOT_KEPT}")
    with target.open("wb") as stream, tempfile.TemporaryFile() as errors:
        done = subprocess.run(  # noqa: S603 - a fixed program
            [str(program), *options, f"--snapshot={snapshot}", f"--dbname={address}"],
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=errors,
            env={**os.environ, **({"PGPASSWORD": str(password)} if password else {})},
            check=False,
        )
        if done.returncode:
            errors.seek(0)
            lines = errors.read().decode(errors="replace").strip().splitlines()
            raise OutputRefused(f"pg_dump did not end well: {lines[-1] if lines else done.returncode}")


def load_database(url: str, dump: Path) -> None:
    """Read a dump into an empty database, all of it or nothing; raises UsageError, UnreadableInput."""
    try:
        with psycopg.connect(url) as connection, dump.open("rb") as stream:
            refuse_tables(connection)
            for statements, is_copy in _pieces(stream):
                if is_copy:
                    _copy_in(connection, statements, stream)
                else:
                    connection.execute(statements, prepare=False)
    except psycopg.Error as error:
        lines = str(error).strip().splitlines()
        raise UnreadableInput(
            f"the backup's database is refused by the server: {lines[0] if lines else 'no reason'}"
        ) from None


def refuse_tables(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    """Raise UsageError where the database is not empty."""
    found = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
    if found and found[0]:
        raise UsageError(
            "the database is not empty; a backup is restored into an empty one: name another home or database"
        )


def _pieces(stream: IO[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Statements, and the head of each COPY whose rows follow in the stream."""
    held: list[bytes] = []
    size = 0
    for line in iter(stream.readline, b""):
        if _COPY.fullmatch(line):
            if held:
                yield b"".join(held), False
            held, size = [], 0
            yield line, True
        elif not _SKIPPED.match(line) and not line.startswith(b"--"):
            held.append(line)
            size += len(line)
            if size > _MAX_STATEMENTS_BYTES:
                raise UnreadableInput("the backup's database is damaged: a statement does not end")
    if b"".join(held).strip():
        yield b"".join(held), False


def _copy_in(connection: psycopg.Connection[tuple[object, ...]], statement: bytes, stream: IO[bytes]) -> None:
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for line in iter(stream.readline, b""):
            if line == b"\\.\n":
                return
            copy.write(line)
    raise UnreadableInput("the backup's database is damaged: its rows do not end")
