"""What `passmuster demo --serve` refuses before it takes a minute."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest
from click.testing import CliRunner

from passmuster.cli.demo import command
from passmuster.cli.demo_keeper import HOST, put_settings_aside, require_place
from passmuster.errors import UsageError


@pytest.fixture
def same_settings_after(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment as it was, whatever the demo puts aside."""
    for name in [each for each in os.environ if each.startswith("PASSMUSTER_")]:
        monkeypatch.setenv(name, os.environ[name])
    for name in ("PASSMUSTER_HOME", "PASSMUSTER_BASE_URL", "PASSMUSTER_DATABASE_URL"):
        monkeypatch.setenv(name, os.environ.get(name, "of the user"))


def test_a_port_that_is_taken_is_told_before_anything_is_made(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = CliRunner().invoke(command, ["--out", str(tmp_path / "demo"), "--serve", "--port", str(port)])
    assert isinstance(done.exception, UsageError)
    assert "cannot be listened on" in str(done.exception)
    assert list(tmp_path.iterdir()) == []


def test_a_home_that_is_there_is_not_touched(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is there already"):
        require_place(tmp_path, 8460)


@pytest.mark.usefixtures("same_settings_after")
def test_the_users_own_keeper_is_out_of_reach(tmp_path: Path) -> None:
    put_settings_aside(tmp_path / "keeper", 8461)
    left = {name: value for name, value in os.environ.items() if name.startswith("PASSMUSTER_")}
    home, address = str(tmp_path / "keeper"), f"http://{HOST}:8461"
    assert left == {"PASSMUSTER_HOME": home, "PASSMUSTER_BASE_URL": address}
