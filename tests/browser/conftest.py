"""A real PostgreSQL for the keeper's pages."""

from tests.keeping import durable_db, keeper_process

__all__ = ["durable_db", "keeper_process"]
