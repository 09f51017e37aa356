"""A real PostgreSQL for the keeper beside a real platform."""

from tests.keeping import db, keeper_process

__all__ = ["db", "keeper_process"]
