"""Finding events among millions: every filter is answered from an index."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal

from django.db import connection
from django.db.models import QuerySet

from passmuster.records.models import AuditEvent

_MOST_WORDS = 5_000
# One step down the index a word, however many events have it.
_WORDS = """
WITH RECURSIVE seen(word) AS (
    (SELECT {column} FROM records_auditevent ORDER BY {column} LIMIT 1)
    UNION ALL
    SELECT (SELECT {column} FROM records_auditevent WHERE {column} > seen.word ORDER BY {column} LIMIT 1)
    FROM seen WHERE seen.word IS NOT NULL
)
SELECT word FROM seen WHERE word IS NOT NULL LIMIT %s
"""


@dataclass(frozen=True)
class Wanted:
    """Which events: empty means any. `who` is a part of the actor's name; the days, UTC, are both counted in."""

    kind: str = ""
    number: str = ""
    action: str = ""
    who: str = ""
    platform: str = ""
    since: date | None = None
    until: date | None = None


def words_of(column: Literal["subject_kind", "action", "actor"]) -> list[str]:
    """Every word that stands in that column, in order."""
    with connection.cursor() as cursor:
        cursor.execute(_WORDS.format(column=column), [_MOST_WORDS])
        return [word for (word,) in cursor.fetchall()]


def narrowed(events: QuerySet[AuditEvent], wanted: Wanted) -> tuple[QuerySet[AuditEvent], tuple[str, ...]]:
    """Those events, and the order, newest first, in which an index gives them."""
    named = {"subject_kind": wanted.kind, "action": wanted.action, "platform": wanted.platform}
    events = events.filter(**{column: word for column, word in named.items() if word})
    if wanted.number:
        kinds = {} if wanted.kind else {"subject_kind__in": words_of("subject_kind")}
        events = events.filter(subject_id=wanted.number, **kinds)
    if wanted.who:
        events = events.filter(actor__in=[word for word in words_of("actor") if wanted.who.lower() in word.lower()])
    if wanted.since:
        events = events.filter(at__gte=_midnight(wanted.since))
    if wanted.until and wanted.until < date.max:
        events = events.filter(at__lt=_midnight(wanted.until + timedelta(days=1)))
    return events, ("-at", "-number") if wanted.since or wanted.until else ("-number",)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
