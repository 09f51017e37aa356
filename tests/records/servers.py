"""A PostgreSQL of the system's own on a unix socket, beside the embedded one."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest

_SETTINGS = "-c listen_addresses='' -c unix_socket_permissions=0777 -c fsync=off -c max_connections=200"


@contextmanager
def postgres_15() -> Iterator[str]:
    """Its address, without a database's name at the end; skips where PostgreSQL 15 is not installed."""
    if not is_installed(15):
        pytest.skip("PostgreSQL 15 is not installed here (Debian: postgresql-15)")
    with postgres(15) as url:
        yield url


def is_installed(version: int) -> bool:
    """Whether the system has the programs of that version."""
    return (_programs(version) / "initdb").exists()


@contextmanager
def postgres(version: int) -> Iterator[str]:
    """The address of a server of that version, which ends with the block; nothing of it is left."""
    folder = Path(tempfile.mkdtemp(prefix=f"pg{version}-"))
    user = "postgres" if os.geteuid() == 0 else None
    if user:
        shutil.chown(folder, user)
    folder.chmod(0o755)

    def run(program: str, *given: str) -> None:
        command = [str(_programs(version) / program), *given]
        subprocess.run(command, user=user, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/")

    data = folder / "data"
    run("initdb", "-A", "trust", "-U", "postgres", "-E", "utf8", "-D", str(data))
    run("pg_ctl", "-w", "-o", f"{_SETTINGS} -k {folder}", "-l", str(folder / "log"), "-D", str(data), "start")
    try:
        yield f"postgresql://postgres@/postgres?host={quote(str(folder), safe='')}"
    finally:
        run("pg_ctl", "-m", "immediate", "-D", str(data), "stop")
        shutil.rmtree(folder, ignore_errors=True)


def _programs(version: int) -> Path:
    return Path(f"/usr/lib/postgresql/{version}/bin")
