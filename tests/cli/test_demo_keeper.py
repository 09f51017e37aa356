"""What `passmuster demo --serve` refuses before it takes a minute."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from passmuster.cli.demo_keeper import HOST, serve_example
from passmuster.errors import UsageError


@pytest.fixture
def same_settings_after(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment as it was, whatever the demo puts aside."""
    for name in [each for each in os.environ if each.startswith("PASSMUSTER_")]:
        monkeypatch.setenv(name, os.environ[name])
    for name in ("PASSMUSTER_HOME", "PASSMUSTER_BASE_URL", "PASSMUSTER_DATABASE_URL"):
        monkeypatch.setenv(name, os.environ.get(name, "of the user"))


@pytest.mark.usefixtures("same_settings_after")
def test_a_port_that_is_taken_is_told_before_anything_is_made(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        taken.listen()
        with pytest.raises(UsageError, match="cannot be listened on"):
            serve_example(tmp_path / "keeper", taken.getsockname()[1])
    assert list(tmp_path.iterdir()) == []
    # The user's own keeper is out of reach.
    assert "PASSMUSTER_DATABASE_URL" not in os.environ


def test_a_home_that_is_there_is_not_touched(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is there already"):
        serve_example(tmp_path, 8460)
