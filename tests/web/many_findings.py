"""Many findings at once, made by the database itself."""

from __future__ import annotations

from django.db import connection

from passmuster.records.models import Person, Platform

# A spread like a real one: few critical, most closed or medium, a due date on three of four, a third with an owner.
_MANY = """
INSERT INTO records_finding (
    platform_id, fingerprint, pack, control, title, resource_id, resource_name, environment, detail, severity,
    severity_rank, status, owner_id, due_on, due_reason, priority, priority_reason, first_seen_at, last_seen_at,
    age_from, closed_reason, reopened_count
)
SELECT
    (%(platforms)s::bigint[])[1 + n / 11 %% %(platform_count)s], md5(n::text), 'no-code-baseline',
    'CTL-' || lpad((n * 7919 %% 121)::text, 3, '0'), 'A finding', 'resource-' || n, 'Resource ' || n, 'production', '',
    (ARRAY['critical', 'high', 'medium', 'low', 'info'])[rank + 1], rank,
    (ARRAY['open', 'open', 'in_progress', 'accepted', 'closed', 'closed', 'closed'])[1 + n %% 7],
    CASE WHEN n %% 3 = 0 THEN (%(people)s::bigint[])[1 + n / 3 %% %(people_count)s] END,
    CASE WHEN n %% 4 > 0 THEN DATE '2026-06-01' + (n * 17 %% 180 - 60)::int END,
    '', 0, '', now(), now(), now(), '', 0
FROM (
    SELECT n, (ARRAY[0, 1, 1, 2, 2, 2, 2, 3, 3, 4])[1 + n * 13 %% 10] AS rank
    FROM generate_series(1::bigint, %(n)s) AS n
) AS numbered
"""


def make_many_findings(platforms: list[Platform], people: list[Person], n: int) -> None:
    """`n` findings spread over the platforms and people, with the statistics a planner needs."""
    given = {
        "platforms": [platform.pk for platform in platforms],
        "platform_count": len(platforms),
        "people": [person.pk for person in people],
        "people_count": len(people),
        "n": n,
    }
    with connection.cursor() as cursor:
        # Columns of later migrations have their defaults in Django, not in the database.
        for name, value in _columns_without_default(cursor):
            cursor.execute(f'ALTER TABLE records_finding ALTER COLUMN "{name}" SET DEFAULT {value}')
        cursor.execute(_MANY, given)
        cursor.execute("ANALYZE records_finding, records_findingcount, records_findingduecount")


def _columns_without_default(cursor: object) -> list[tuple[str, str]]:
    cursor.execute(
        "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = 'records_finding' "
        "AND is_nullable = 'NO' AND column_default IS NULL AND is_identity = 'NO'"
    )
    plain = {"boolean": "false", "integer": "0", "smallint": "0", "bigint": "0", "jsonb": "'{}'"}
    texts = {"text", "character varying"}
    found = cursor.fetchall()
    return [(name, "''" if kind in texts else plain[kind]) for name, kind in found if kind in texts or kind in plain]
