"""Whether the database is one this version can work on; no face starts on another."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.db import DatabaseError, connection
from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor

from passmuster.errors import UsageError

_OLDEST = 150_000
# An application's label and the step's name.
Step = tuple[str, str]


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


def steps_known(steps: Mapping[Step, Migration]) -> set[Step]:
    """These steps, and those of older versions that they stand for."""
    return {*steps, *(older for step in steps.values() for older in step.replaces)}


def steps_between(steps: Mapping[Step, Migration], applied: Collection[Step]) -> list[str]:
    """Names of older steps, in order, that are missing in a database that has others which the same step stands for.

    Such a database stopped in the middle of what is one step now; only a version that has the older ones goes on there.
    """
    halves = [step.replaces for (app, _), step in steps.items() if app == "records"]
    return sorted(
        name
        for older in halves
        if any(each in applied for each in older)
        for app, name in older
        if (app, name) not in applied
    )


def require_followable(executor: MigrationExecutor) -> None:
    """Raise UsageError, with what to do, on a database that this version cannot bring up.

    That is one of a newer version, or one that stopped between the steps of an older.
    """
    steps, applied = executor.loader.disk_migrations, set(executor.recorder.applied_migrations())
    newer = sorted(name for app, name in applied - steps_known(steps) if app == "records")
    if newer:
        raise UsageError(
            f"the database was migrated by a newer Passmuster ({newer[-1]}); upgrade this one, or restore a backup"
        )
    missing = steps_between(steps, applied)
    if missing:
        raise UsageError(
            f"the database was migrated by an older Passmuster and lacks its {missing[-1]}; run `passmuster db "
            "migrate` of the last version that has that step, then of this one; where nothing is in it yet, start anew"
        )


def require_ready() -> None:
    """Raise UsageError, with what to do, on a database that is not migrated, half migrated or newer, or not there."""
    require_reachable()
    executor = MigrationExecutor(connection)
    require_followable(executor)
    applied = set(executor.loader.applied_migrations)
    missing = [name for name in executor.loader.graph.leaf_nodes() if name not in applied]
    if missing:
        state = "not migrated yet" if not applied else "not migrated to this version"
        raise UsageError(f"the database is {state}; run `passmuster db migrate`")
