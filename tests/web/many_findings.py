"""Many findings at once, made by the database itself."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from django.db import connection
from django.utils import timezone

from passmuster.records.models import Person, Platform

# A spread like a real one: few critical, most closed or medium, a due date on three of four (a third of them late), a
# third with an owner, and nothing ties owners to platforms or controls; the last platform has a thousandth of the
# findings of the others.
_MANY = """
INSERT INTO records_finding (
    platform_id, fingerprint, pack, control, title, resource_id, resource_name, environment, detail, severity,
    severity_rank, status, owner_id, due_on, due_reason, priority, priority_reason, first_seen_at,
    age_from, closed_reason, reopened_count, deviation_id, excepted_from
)
SELECT
    (%(platforms)s::bigint[])[platform], md5(n::text), 'no-code-baseline', 'CTL-' || lpad(control::text, 3, '0'),
    'A finding', 'resource-' || n, 'Resource ' || n, 'environment-' || a %% 50, '',
    (ARRAY['critical', 'high', 'medium', 'low', 'info'])[rank + 1], rank, status,
    CASE WHEN b %% 3 = 0 THEN (%(people)s::bigint[])[1 + b / 3 %% %(people_count)s] END,
    CASE WHEN c %% 4 > 0 THEN %(today)s::date + (c %% 180 - 60)::int END,
    '', 0, '', now(), now(), '', 0,
    CASE WHEN status = 'accepted' THEN %(deviation)s + a %% 20 END, CASE WHEN status = 'accepted' THEN now() END
FROM (
    SELECT n, a, b, c, a %% 121 AS control,
        (ARRAY[0, 1, 1, 2, 2, 2, 2, 3, 3, 4])[1 + (a %% 121 * 13 + (c %% 20) / 19) %% 10] AS rank,
        (ARRAY['open', 'open', 'in_progress', 'accepted', 'closed', 'closed', 'closed'])[1 + c / 256 %% 7] AS status,
        CASE WHEN n %% (1000 * %(platform_count)s) = 7 THEN %(platform_count)s
             ELSE 1 + b %% greatest(%(platform_count)s - 1, 1) END AS platform
    FROM (
        SELECT n, hashint8(n) & 2147483647 AS a, hashint8(n + 10000000) & 2147483647 AS b,
            hashint8(n + 20000000) & 2147483647 AS c
        FROM generate_series(1::bigint, %(n)s) AS n
    ) AS numbered
) AS spread
"""
_INDEXES = """
    SELECT indexname, indexdef FROM pg_indexes
    WHERE tablename = 'records_finding'
      AND indexname NOT IN (SELECT conname FROM pg_constraint WHERE contype IN ('p', 'u'))
"""
_KEYS = """
    SELECT conname, contype = 'u', pg_get_constraintdef(oid) FROM pg_constraint
    WHERE conrelid = 'records_finding'::regclass AND contype IN ('f', 'u')
"""
# The counts as the triggers keep them: a million rows at once are counted sooner than one by one.
_COUNTS = import_module("passmuster.records.migrations.0004_counts").COUNTS


def make_many_findings(platforms: list[Platform], people: list[Person], n: int) -> None:
    """`n` findings spread over the platforms and people, with the statistics a planner needs, of every table.

    Quick for a million: indexes and counts are made afterwards, and the keys to other tables are not looked up. The
    caller's transaction is undone, or is one of a database that is thrown away.
    """
    given = {
        "platforms": [platform.pk for platform in platforms],
        "platform_count": len(platforms),
        "people": [person.pk for person in people],
        "people_count": len(people),
        "deviation": 1_000_000,
        "today": timezone.now().date(),
        "n": n,
    }
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        # Another file, which is gone when the transaction is undone; a rolled back million would stay.
        cursor.execute("TRUNCATE records_finding CASCADE")
        cursor.execute("ALTER TABLE records_finding DISABLE TRIGGER USER")
        indexes, keys = _asked(cursor, _INDEXES), _asked(cursor, _KEYS)
        for name, _ in indexes:
            cursor.execute(f'DROP INDEX "{name}"')
        for name, _, _ in keys:
            cursor.execute(f'ALTER TABLE records_finding DROP CONSTRAINT "{name}"')
        # Columns of later migrations have their defaults in Django, not in the database.
        for name, value in _columns_without_default(cursor):
            cursor.execute(f'ALTER TABLE records_finding ALTER COLUMN "{name}" SET DEFAULT {value}')
        cursor.execute(_MANY, given)
        for _, definition in indexes:
            cursor.execute(definition)
        for name, is_unique, definition in keys:
            if is_unique:
                cursor.execute(f'ALTER TABLE records_finding ADD CONSTRAINT "{name}" {definition}')
        for table, key, which in _COUNTS:
            cursor.execute(f"DELETE FROM {table}")
            counted = f"SELECT {key}, count(*) FROM records_finding WHERE {which} GROUP BY {key}"
            cursor.execute(f"INSERT INTO {table} ({key}, n) {counted}")
        cursor.execute("ALTER TABLE records_finding ENABLE TRIGGER USER")
        # All tables: of small ones it may believe anything, such as no rows, where it swept up after other tests. And
        # whoever analyses in a transaction keeps that sweeping off the tables until its end.
        cursor.execute("ANALYZE")


def _asked(cursor: Any, question: str) -> list[Any]:
    cursor.execute(question)
    return list(cursor.fetchall())


def _columns_without_default(cursor: Any) -> list[tuple[str, str]]:
    cursor.execute(
        "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = 'records_finding' "
        "AND is_nullable = 'NO' AND column_default IS NULL AND is_identity = 'NO'"
    )
    plain = {"boolean": "false", "integer": "0", "smallint": "0", "bigint": "0", "jsonb": "'{}'"}
    texts = {"text", "character varying"}
    found = cursor.fetchall()
    return [(name, "''" if kind in texts else plain[kind]) for name, kind in found if kind in texts or kind in plain]
