"""A real store and a real PostgreSQL for these tests."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from tests.keeping import HOME, db, durable_db, keeper_process
from tests.stores.server import Store, running

__all__ = ["db", "durable_db", "keeper_process"]


@pytest.fixture(scope="session")
def store() -> Iterator[Store]:
    with running() as found:
        yield found


@pytest.fixture
def reached(store: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    """The store, with the keeper's environment set to reach it."""
    for name, value in store.environ.items():
        monkeypatch.setenv(name, value)
    return store


@pytest.fixture(autouse=True)
def empty_home() -> None:
    """Nothing lies in the home that tests of elsewhere, in the same process, put there."""
    for folder in ("files", "reviews", "cache"):
        shutil.rmtree(HOME / folder, ignore_errors=True)
