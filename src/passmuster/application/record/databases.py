"""Setting up and describing the database."""

from __future__ import annotations

from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from passmuster.application.changes.triaged import keep_triaged_of_plans
from passmuster.application.readiness import require_followable

# Two migrations at once would meet half-made tables.
_LOCK = 7_460_001


def migrate_database() -> list[str]:
    """Apply what is missing; returns the names of the steps. Whoever comes second waits for the first.

    Rows that follow from kept plans are laid out where there are none yet. Raises UsageError on a database that this
    version cannot bring up.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
    try:
        executor = MigrationExecutor(connection)
        require_followable(executor)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
        call_command("migrate", verbosity=0, interactive=False)
        keep_triaged_of_plans()
        return [f"{step.app_label}.{step.name}" for step, _ in plan]
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])


def describe_database() -> str:
    """One line: version and where it is, without a password."""
    told = connection.settings_dict
    connection.ensure_connection()
    version = connection.pg_version  # type: ignore[attr-defined]
    where = told.get("HOST") or "the local socket"
    return f"PostgreSQL {version // 10_000}.{version % 10_000}, database {told['NAME']} at {where}"
