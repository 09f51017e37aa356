from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from passmuster.errors import UsageError
from passmuster.records import embedded

_JOIN = """
import sys
from pathlib import Path
from passmuster.records.database import start_embedded
print(start_embedded(Path(sys.argv[1])), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    home = Path(tempfile.mkdtemp(prefix="embedded-"))
    home.chmod(0o711)
    yield home / "postgres"
    embedded._run("pg_ctl", "-m", "immediate", "-D", str(home / "postgres"), "stop", is_checked=False)
    shutil.rmtree(home, ignore_errors=True)


def _joining(folder: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", _JOIN, str(folder)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def _user(folder: Path) -> tuple[subprocess.Popen[str], str]:
    process = _joining(folder)
    assert process.stdout is not None
    return process, process.stdout.readline().strip()


def _ask(url: str, text: str) -> object:
    with psycopg.connect(url, autocommit=True) as connection:
        found = connection.execute(text)
        row = found.fetchone() if found.description else None
        return row[0] if row else None


def _postmaster(folder: Path) -> int:
    return int((folder / "postmaster.pid").read_text().splitlines()[0])


def _is_up(folder: Path) -> bool:
    return embedded._answers(embedded._socket_folder(folder))


def test_two_processes_share_it_and_the_last_one_stops_it(folder: Path) -> None:
    first, url = _user(folder)
    second, same = _user(folder)
    assert url == same
    assert _ask(url, "SHOW listen_addresses") == ""
    first.communicate()
    assert _is_up(folder)
    second.communicate()
    assert not _is_up(folder)
    assert not (folder / "postmaster.pid").exists()


def test_three_at_once_make_one_database_and_whoever_leaves_while_another_comes_takes_it_from_nobody(
    folder: Path,
) -> None:
    first = [_joining(folder) for _ in range(3)]
    urls = {process.stdout.readline().strip() for process in first if process.stdout is not None}
    assert len(urls) == 1
    _ask(urls.pop(), "CREATE TABLE kept AS SELECT 1 AS number")
    later = [_joining(folder) for _ in range(3)]
    for process in first:
        process.communicate()
    for process in later:
        assert process.stdout is not None
        assert _ask(process.stdout.readline().strip(), "SELECT number FROM kept") == 1
    for process in later:
        process.communicate()
    assert not _is_up(folder)


def test_killing_its_starter_and_then_itself_loses_nothing_that_was_committed(folder: Path) -> None:
    starter, url = _user(folder)
    _ask(url, "CREATE TABLE kept AS SELECT 7 AS number")
    starter.kill()
    starter.wait()
    # Nobody is there to stop it; the next one joins, and stops it as the last.
    joined, _ = _user(folder)
    assert _ask(url, "SELECT number FROM kept") == 7
    os.kill(_postmaster(folder), signal.SIGKILL)
    joined.kill()
    joined.wait()
    _wait_until_down(folder)
    recovered, url = _user(folder)
    assert _ask(url, "SELECT number FROM kept") == 7
    recovered.communicate()
    assert not _is_up(folder)


def _wait_until_down(folder: Path) -> None:
    for _ in range(2000):
        if not _is_up(folder):
            return
        time.sleep(0.05)
    raise AssertionError("the server is still up")


def test_a_left_over_number_of_another_program_does_not_keep_it_from_starting(folder: Path) -> None:
    first, _ = _user(folder)
    told = (folder / "postmaster.pid").read_text().splitlines()
    first.communicate()
    (folder / "postmaster.pid").write_text("\n".join([str(os.getpid()), *told[1:]]) + "\n")
    second, url = _user(folder)
    assert _ask(url, "SELECT 1") == 1
    second.communicate()


def test_a_folder_that_is_no_database_or_an_older_one_is_left_alone(folder: Path) -> None:
    folder.mkdir()
    (folder / "letter.txt").write_text("mine")
    with pytest.raises(UsageError, match="is not empty and no database"):
        embedded.join_server(folder)
    (folder / "PG_VERSION").write_text("16\n")
    with pytest.raises(UsageError, match="was written by PostgreSQL 16"):
        embedded.join_server(folder)
    assert sorted(path.name for path in folder.iterdir()) == ["PG_VERSION", "letter.txt"]
