"""Findings in bulk, inside PostgreSQL: rows come in by COPY, one statement a step, no object a finding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import connection

from passmuster.application.finding_policy import Urgency

_COPY_BYTES = 1 << 20
_NAMES = "fingerprint pack control title resource_id resource_name environment environment_kind detail severity".split()
_COLUMNS = (*_NAMES, "severity_rank")
_TEXTS = ", ".join(_NAMES)


@dataclass(frozen=True)
class Bulk:
    """What every step needs to know: whose findings, when, how urgent, and who answers where nobody owns a thing."""

    platform: int
    now: datetime
    urgencies: Sequence[Urgency]
    came_back_points: int
    default_owner: int | None
    by: str

    @property
    def values(self) -> dict[str, Any]:
        """The parameters of the statements."""
        return {
            "platform": self.platform,
            "now": self.now,
            "today": self.now.date(),
            "owner": self.default_owner,
            "by": self.by,
            "back": self.came_back_points,
        }


_URGENCY = """
    CREATE TEMP TABLE urgency (severity text PRIMARY KEY, days int, due_reason text, priority int, priority_reason text)
    ON COMMIT DROP"""
_FOUND = """
    CREATE TEMP TABLE found (fingerprint text, pack text, control text, title text, resource_id text,
        resource_name text, environment text, environment_kind text, detail text, severity text,
        severity_rank smallint) ON COMMIT DROP"""


def load_run(bulk: Bulk, found: Path, gone: Path | None, conclusive: Sequence[tuple[str, str, str]]) -> None:
    """Bring a run's files into temporary tables of this transaction."""
    with connection.cursor() as cursor:
        for table in ("urgency", "found", "gone", "conclusive"):
            cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{table}")
        cursor.execute(_URGENCY)
        cursor.executemany(
            "INSERT INTO urgency VALUES (%s, %s, %s, %s, %s)",
            [(str(u.severity), u.days, u.due_reason, u.priority, u.priority_reason) for u in bulk.urgencies],
        )
        cursor.execute(_FOUND)
        _copy(cursor, f"COPY found FROM STDIN (FORMAT csv, FORCE_NOT_NULL ({_TEXTS}))", found)
        cursor.execute("CREATE TEMP TABLE gone (fingerprint text, reason text) ON COMMIT DROP")
        cursor.execute("CREATE TEMP TABLE conclusive (pack text, control text, reason text) ON COMMIT DROP")
        if gone is not None:
            _copy(cursor, "COPY gone FROM STDIN (FORMAT csv, FORCE_NOT_NULL (fingerprint, reason))", gone)
        elif conclusive:
            cursor.executemany("INSERT INTO conclusive VALUES (%s, %s, %s)", list(conclusive))
            cursor.execute(
                """INSERT INTO gone SELECT f.fingerprint, c.reason FROM records_finding f
                   JOIN conclusive c ON c.pack = f.pack AND c.control = f.control
                   WHERE f.platform_id = %(platform)s AND f.status <> 'closed'
                     AND NOT EXISTS (SELECT FROM found n WHERE n.fingerprint = f.fingerprint)""",
                bulk.values,
            )
        cursor.execute("ANALYZE found")
        cursor.execute("ANALYZE gone")


def _copy(cursor: Any, statement: str, path: Path) -> None:
    with path.open("rb") as stream, cursor.copy(statement) as copy:
        while piece := stream.read(_COPY_BYTES):
            copy.write(piece)


_BACK = """
    INSERT INTO records_findingstep (finding_id, at, what, by, why)
    SELECT f.id, %(now)s, 'reopened', %(by)s, 'found again, ' || f.reopened_count + 1 || ' time(s) back'
    FROM records_finding f JOIN found n USING (fingerprint)
    WHERE f.platform_id = %(platform)s AND f.status = 'closed'"""
_CLOSED_STEP = """
    INSERT INTO records_findingstep (finding_id, at, what, by, why)
    SELECT f.id, %(now)s, 'closed', %(by)s, g.reason FROM records_finding f JOIN gone g USING (fingerprint)
    WHERE f.platform_id = %(platform)s AND f.status <> 'closed'"""
_CLOSE = """
    UPDATE records_finding f SET status = 'closed', closed_at = %(now)s, closed_reason = g.reason
    FROM gone g WHERE f.platform_id = %(platform)s AND f.fingerprint = g.fingerprint AND f.status <> 'closed'"""
_COUNT_NEW = """
    SELECT count(*) FROM found n
    WHERE NOT EXISTS (SELECT FROM records_finding f
                      WHERE f.platform_id = %(platform)s AND f.fingerprint = n.fingerprint)"""
_OWNERS = """
    LEFT JOIN (SELECT DISTINCT ON (scope_id) scope_id, owner_id FROM records_ownership
               WHERE platform_id = %(platform)s AND scope_id <> ''
                 AND scope_kind NOT IN ('control', 'environment', 'platform')
               ORDER BY scope_id, scope_kind) o1 ON o1.scope_id = n.resource_id
    LEFT JOIN records_ownership o2
      ON o2.platform_id = %(platform)s AND o2.scope_kind = 'control' AND o2.scope_id = n.control
    LEFT JOIN records_ownership o3
      ON o3.platform_id = %(platform)s AND o3.scope_kind = 'environment' AND o3.scope_id = n.environment
     AND n.environment <> ''"""
_ANSWERS = "coalesce(o1.owner_id, o2.owner_id, o3.owner_id, %(owner)s::bigint)"
_DUE = "(%(today)s::date + u.days)"
_UPSERT = f"""
    INSERT INTO records_finding AS f (platform_id, {", ".join(_COLUMNS)}, status, owner_id, is_owner_chosen, due_on,
        due_reason, priority, priority_reason, first_seen_at, last_seen_at, age_from, closed_reason, reopened_count)
    SELECT %(platform)s, {", ".join(f"n.{name}" for name in _COLUMNS)}, 'open', {_ANSWERS}, false, {_DUE},
           u.due_reason, u.priority, u.priority_reason, %(now)s, %(now)s, %(now)s, '', 0
    FROM found n JOIN urgency u USING (severity) {_OWNERS}
    ON CONFLICT (platform_id, fingerprint) DO UPDATE SET
        {", ".join(f"{name} = excluded.{name}" for name in _COLUMNS if name != "fingerprint")},
        last_seen_at = greatest(f.last_seen_at, excluded.last_seen_at),
        status = CASE WHEN f.status = 'closed' THEN 'open' ELSE f.status END,
        reopened_count = f.reopened_count + (f.status = 'closed')::int,
        closed_at = NULL, closed_reason = '',
        deviation_id = CASE WHEN f.status = 'closed' THEN NULL ELSE f.deviation_id END,
        age_from = CASE WHEN f.status = 'closed' THEN excluded.age_from ELSE f.age_from END,
        excepted_from = CASE WHEN f.status = 'closed' THEN NULL ELSE f.excepted_from END,
        owner_id = CASE WHEN f.is_owner_chosen THEN f.owner_id ELSE excluded.owner_id END,
        due_on = CASE WHEN f.status = 'closed' THEN excluded.due_on
                      WHEN f.severity <> excluded.severity OR f.due_reason <> excluded.due_reason
                      THEN (f.age_from AT TIME ZONE 'UTC')::date + (excluded.due_on - %(today)s::date)
                      ELSE f.due_on END,
        due_reason = excluded.due_reason,
        priority = least(excluded.priority
                         + CASE WHEN f.status = 'closed' OR f.reopened_count > 0 THEN %(back)s ELSE 0 END, 100),
        priority_reason = excluded.priority_reason
                         || CASE WHEN f.status = 'closed' OR f.reopened_count > 0
                            THEN ', came back ' || %(back)s ELSE '' END"""  # noqa: S608 - fixed names


def merge_run(bulk: Bulk) -> dict[str, int]:
    """Close what is gone, reopen what is back, insert what is new, refresh what was found again; returns counts."""
    with connection.cursor() as cursor:
        cursor.execute(_CLOSED_STEP, bulk.values)
        cursor.execute(_CLOSE, bulk.values)
        closed = cursor.rowcount
        cursor.execute(_BACK, bulk.values)
        reopened = cursor.rowcount
        cursor.execute(_COUNT_NEW, bulk.values)
        row = cursor.fetchone()
        new = int(row[0]) if row else 0
        cursor.execute(_UPSERT, bulk.values)
        return {"new": new, "reopened": reopened, "closed": closed, "seen": cursor.rowcount - new - reopened}
