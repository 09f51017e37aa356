"""A real PostgreSQL for these tests."""

from tests.keeping import db, durable_db, keeper_process

__all__ = ["db", "durable_db", "keeper_process"]
