"""Findings in bulk, inside PostgreSQL: what differs comes in by COPY, one statement a step, no object a finding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import connection

from passmuster.application.findings.finding_policy import Urgency
from passmuster.evaluate.run import RunFiles
from passmuster.evaluate.run_rows import COLUMNS

_COPY_BYTES = 1 << 20
_TEXTS = ", ".join(name for name in COLUMNS if name != "severity_rank")


@dataclass(frozen=True)
class Bulk:
    """What every step needs to know: whose findings, when, how urgent, and who answers where nobody owns a thing."""

    platform: int
    now: datetime
    urgencies: Sequence[Urgency]
    came_back_points: int
    same_within_days: int
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
            "same_from": self.now - timedelta(days=self.same_within_days),
        }


_URGENCY = """
    CREATE TEMP TABLE urgency (severity text PRIMARY KEY, days int, due_reason text, priority int, priority_reason text)
    ON COMMIT DROP"""
_FOUND = """
    CREATE TEMP TABLE found (fingerprint text, pack text, control text, title text, resource_id text,
        resource_name text, environment text, environment_kind text, detail text, severity text,
        severity_rank smallint) ON COMMIT DROP"""


_GONE = "CREATE TEMP TABLE gone (fingerprint text, reason text) ON COMMIT DROP"
_MISSED = "CREATE TEMP TABLE missed (fingerprint text) ON COMMIT DROP"
_SEEN = "CREATE TEMP TABLE seen (pack text, control text) ON COMMIT DROP"


def load_run(bulk: Bulk, run: RunFiles, folder: Path) -> None:
    """Bring what a run changes into temporary tables of this transaction."""
    with connection.cursor() as cursor:
        for table in ("urgency", "found", "gone", "missed", "seen"):
            cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{table}")
        for statement in (_URGENCY, _FOUND, _GONE, _MISSED, _SEEN):
            cursor.execute(statement)
        cursor.executemany(
            "INSERT INTO urgency VALUES (%s, %s, %s, %s, %s)",
            [(str(u.severity), u.days, u.due_reason, u.priority, u.priority_reason) for u in bulk.urgencies],
        )
        cursor.executemany("INSERT INTO seen VALUES (%s, %s)", list(run.seen))
        _copy(cursor, f"COPY found FROM STDIN (FORMAT csv, FORCE_NOT_NULL ({_TEXTS}))", folder / "found.csv")
        _copy(cursor, "COPY gone FROM STDIN (FORMAT csv, FORCE_NOT_NULL (fingerprint, reason))", folder / "gone.csv")
        _copy(cursor, "COPY missed FROM STDIN (FORMAT csv)", folder / "missed.csv")
        cursor.execute("ANALYZE found, gone, missed")


def basis_of(bulk: Bulk) -> str:
    """The digest of all that a finding's row is made of beside what was found: the policy and who owns what."""
    told = repr((sorted(map(repr, bulk.urgencies)), bulk.came_back_points, bulk.default_owner))
    with connection.cursor() as cursor:
        cursor.execute(_BASIS, {**bulk.values, "told": told})
        row = cursor.fetchone()
    return str(row[0]) if row else ""


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
_LAST_SEEN = """coalesce(f.last_seen_at, (
        SELECT c.seen_at FROM records_followedcontrol c
        WHERE c.platform_id = f.platform_id AND c.pack = f.pack AND c.control = f.control), f.first_seen_at)"""
_CLOSE = f"""
    UPDATE records_finding f
    SET status = 'closed', closed_at = %(now)s, closed_reason = g.reason, last_seen_at = {_LAST_SEEN}
    FROM gone g WHERE f.platform_id = %(platform)s AND f.fingerprint = g.fingerprint AND f.status <> 'closed'"""  # noqa: S608
# The control found others: its own time is no longer the time of these.
_MISS = f"""
    UPDATE records_finding f SET last_seen_at = {_LAST_SEEN}
    FROM missed m WHERE f.platform_id = %(platform)s AND f.fingerprint = m.fingerprint AND f.status <> 'closed'"""  # noqa: S608
_SAW = """
    INSERT INTO records_followedcontrol AS c (platform_id, pack, control, seen_at)
    SELECT %(platform)s, pack, control, %(now)s FROM seen ORDER BY pack, control
    ON CONFLICT (platform_id, pack, control) DO UPDATE SET seen_at = greatest(c.seen_at, excluded.seen_at)"""
_BASIS = """
    SELECT encode(sha256(convert_to(%(told)s || coalesce(string_agg(
        concat_ws(chr(31), scope_kind, scope_id, owner_id), chr(30) ORDER BY scope_kind, scope_id, owner_id), ''),
        'UTF8')), 'hex')
    FROM records_ownership WHERE platform_id = %(platform)s"""
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
# Gone for a short while it was never mended: its age and day go on.
_IS_ANOTHER = "(f.status = 'closed' AND f.closed_at < %(same_from)s)"
_UPSERT = f"""
    INSERT INTO records_finding AS f (platform_id, {", ".join(COLUMNS)}, status, owner_id, is_owner_chosen, due_on,
        due_reason, priority, priority_reason, first_seen_at, age_from, closed_reason, reopened_count)
    SELECT %(platform)s, {", ".join(f"n.{name}" for name in COLUMNS)}, 'open', {_ANSWERS}, false, {_DUE},
           u.due_reason, u.priority, u.priority_reason, %(now)s, %(now)s, '', 0
    FROM found n JOIN urgency u USING (severity) {_OWNERS}
    ON CONFLICT (platform_id, fingerprint) DO UPDATE SET
        {", ".join(f"{name} = excluded.{name}" for name in COLUMNS if name != "fingerprint")},
        last_seen_at = NULL,
        status = CASE WHEN f.status = 'closed' THEN 'open' ELSE f.status END,
        reopened_count = f.reopened_count + (f.status = 'closed')::int,
        closed_at = NULL, closed_reason = '',
        deviation_id = CASE WHEN f.status = 'closed' THEN NULL ELSE f.deviation_id END,
        age_from = CASE WHEN {_IS_ANOTHER} THEN excluded.age_from ELSE f.age_from END,
        owner_id = CASE WHEN f.is_owner_chosen THEN f.owner_id ELSE excluded.owner_id END,
        due_on = CASE WHEN {_IS_ANOTHER} THEN excluded.due_on
                      WHEN f.severity <> excluded.severity OR f.due_reason <> excluded.due_reason
                      THEN (f.age_from AT TIME ZONE 'UTC')::date + (excluded.due_on - %(today)s::date)
                      ELSE f.due_on END,
        due_reason = excluded.due_reason,
        priority = least(excluded.priority
                         + CASE WHEN f.status = 'closed' OR f.reopened_count > 0 THEN %(back)s ELSE 0 END, 100),
        priority_reason = excluded.priority_reason
                         || CASE WHEN f.status = 'closed' OR f.reopened_count > 0
                            THEN ', came back ' || %(back)s ELSE '' END"""  # noqa: S608 - fixed names


# What holds for a row that comes in holds for all that are open, once the policy or an owner is another.
_REFRESH = f"""
    UPDATE records_finding f
    SET owner_id = a.owner_id, due_on = a.due_on, due_reason = a.due_reason, priority = a.priority,
        priority_reason = a.priority_reason
    FROM (SELECT n.id, CASE WHEN n.is_owner_chosen THEN n.owner_id ELSE {_ANSWERS} END AS owner_id,
                 CASE WHEN n.due_reason <> u.due_reason
                      THEN (n.age_from AT TIME ZONE 'UTC')::date + u.days ELSE n.due_on END AS due_on,
                 u.due_reason,
                 least(u.priority + CASE WHEN n.reopened_count > 0 THEN %(back)s ELSE 0 END, 100) AS priority,
                 u.priority_reason || CASE WHEN n.reopened_count > 0
                                           THEN ', came back ' || %(back)s ELSE '' END AS priority_reason
          FROM records_finding n JOIN urgency u USING (severity) {_OWNERS}
          WHERE n.platform_id = %(platform)s AND n.status <> 'closed') a
    WHERE a.id = f.id
      AND (f.owner_id, f.due_on, f.due_reason, f.priority, f.priority_reason)
          IS DISTINCT FROM (a.owner_id, a.due_on, a.due_reason, a.priority, a.priority_reason)"""  # noqa: S608


# Days pass and owners go; nobody waits for a count of 0 that somebody else holds right now.
_EMPTY = tuple(
    f"""DELETE FROM {table} WHERE id IN (
        SELECT id FROM {table} WHERE platform_id = %(platform)s AND n = 0 FOR UPDATE SKIP LOCKED)"""  # noqa: S608
    for table in (
        *("records_findingcount", "records_findingduecount"),
        *("records_findingtotal", "records_findingduetotal"),
    )
)


def merge_run(bulk: Bulk) -> dict[str, int]:
    """Close what is gone, reopen what is back, insert what is new, renew what changed; returns counts."""
    with connection.cursor() as cursor:
        cursor.execute(_CLOSED_STEP, bulk.values)
        cursor.execute(_CLOSE, bulk.values)
        closed = cursor.rowcount
        cursor.execute(_MISS, bulk.values)
        cursor.execute(_BACK, bulk.values)
        reopened = cursor.rowcount
        cursor.execute(_COUNT_NEW, bulk.values)
        row = cursor.fetchone()
        new = int(row[0]) if row else 0
        cursor.execute(_UPSERT, bulk.values)
        changed = cursor.rowcount - new - reopened
        cursor.execute(_SAW, bulk.values)
        for statement in _EMPTY:
            cursor.execute(statement, bulk.values)
        return {"new": new, "reopened": reopened, "closed": closed, "changed": changed}


def refresh_open(bulk: Bulk) -> int:
    """Bring owners, dates and priorities of all open findings to the present policy; returns how many changed.

    After `load_run`, in its transaction.
    """
    with connection.cursor() as cursor:
        cursor.execute(_REFRESH, bulk.values)
        return int(cursor.rowcount)
