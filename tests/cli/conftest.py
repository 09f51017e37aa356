"""One snapshot of the Power Platform example for all tests of the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.running import EXAMPLES, run


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A snapshot that the command line itself collected; five of its tables can be read, the others never could."""
    out = tmp_path_factory.mktemp("office") / "snapshot"
    done = run("collect", "power-platform", "--from", EXAMPLES / "power-platform", "--out", out)
    assert (done.returncode, done.stdout) == (0, "")
    return out
