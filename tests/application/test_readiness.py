from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from passmuster.application import readiness
from passmuster.application.record.databases import describe_database
from passmuster.errors import UsageError


@pytest.mark.usefixtures("db")
def test_a_migrated_database_is_ready_and_an_older_server_is_refused_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    readiness.require_ready()
    assert describe_database().startswith("PostgreSQL ")
    # No server as old as that is at hand: the limit is moved instead.
    monkeypatch.setattr(readiness, "_OLDEST", 990_000)
    with pytest.raises(UsageError, match="15 or newer is needed"):
        readiness.require_ready()


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("postgresql://ada:hush-hush@127.0.0.1:1/none", "the database cannot be reached"),
        ("no address of ours", "is no PostgreSQL address"),
    ],
)
def test_a_database_that_cannot_be_reached_is_told_without_its_password(tmp_path: Path, url: str, words: str) -> None:
    environment = {**os.environ, "PASSMUSTER_HOME": str(tmp_path), "PASSMUSTER_DATABASE_URL": url}
    for command in (["db", "check"], ["serve"], ["audit", "verify"]):
        done = subprocess.run(
            [sys.executable, "-m", "passmuster.cli.main", *command],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 2, done.stderr
        assert words in done.stderr
        assert "hush" not in done.stderr
        assert "Traceback" not in done.stderr
