"""A real PostgreSQL for these tests, and counts of calls that begin anew."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.cache import cache

from tests.keeping import db, durable_db, keeper_process

__all__ = ["db", "durable_db", "keeper_process"]


@pytest.fixture(autouse=True)
def _no_calls_yet() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()
