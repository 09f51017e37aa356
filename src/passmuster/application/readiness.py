"""Whether the database is one this version can work on; no face starts on another."""

from __future__ import annotations

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from passmuster.errors import UsageError

_OLDEST = 150_000


def is_answering() -> bool:
    """Whether the database answers. Raises DatabaseError where it is away."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return bool(cursor.fetchone())


def require_reachable() -> None:
    """Raise UsageError, with what to do, where no database answers or the server is too old."""
    try:
        connection.ensure_connection()
    except DatabaseError as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else "no answer"
        raise UsageError(f"the database cannot be reached: {reason}; check PASSMUSTER_DATABASE_URL") from None
    version = connection.pg_version  # type: ignore[attr-defined]
    if version < _OLDEST:
        raise UsageError(f"the database is PostgreSQL {version // 10_000}; 15 or newer is needed")


def require_not_newer(executor: MigrationExecutor) -> None:
    """Raise UsageError, with what to do, on a database that a newer version migrated."""
    known, applied = set(executor.loader.disk_migrations), set(executor.loader.applied_migrations)
    newer = sorted(name for app, name in applied - known if app == "records")
    if newer:
        raise UsageError(
            f"the database was migrated by a newer Passmuster ({newer[-1]}); upgrade this one, or restore a backup"
        )


def require_ready() -> None:
    """Raise UsageError, with what to do, on a database that is not migrated, half migrated or newer, or not there."""
    require_reachable()
    executor = MigrationExecutor(connection)
    require_not_newer(executor)
    applied = set(executor.loader.applied_migrations)
    missing = [name for name in executor.loader.graph.leaf_nodes() if name not in applied]
    if missing:
        state = "not migrated yet" if not applied else "not migrated to this version"
        raise UsageError(f"the database is {state}; run `passmuster db migrate`")
