"""Real feeds where they lie beside the checkout, and a store to import into."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def data(shared: Path) -> Path:
    """The folder of real feeds."""
    folder = shared / "data"
    if not (folder / "kev").is_dir():
        pytest.skip("the real feeds are not beside this checkout")
    return folder


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Where a store may be made."""
    return tmp_path / "store"
