"""How far back a platform's own audit log is read, and what a log that was cut says of itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from passmuster.collect.reads import gathered
from passmuster.collect.statuses import Verdict
from passmuster.model.words import CollectionStatus
from passmuster.snapshot.gathered import Gathered

MOST_ENTRIES = 5_000
USUAL_STRETCH = timedelta(days=30)


@dataclass(frozen=True)
class Entries:
    """What was read of a log, newest first: how many entries, the time of each that tells one, and since when asked.

    `since` is None where nobody knows what the log was asked for, as of a recorded answer.
    """

    verdict: Verdict
    count: int
    times: tuple[datetime, ...]
    since: datetime | None = None


def wanted_since(since: datetime | None, now: datetime) -> datetime:
    """From the look before on where that is known, else over the usual stretch; UTC, whole seconds."""
    return (since or now - USUAL_STRETCH).astimezone(UTC).replace(microsecond=0)


def read_times(values: Iterable[str | None]) -> tuple[datetime, ...]:
    """The times among these texts (RFC 3339; UTC where no zone is told)."""
    found = []
    for value in values:
        try:
            moment = datetime.fromisoformat(value) if value else None
        except ValueError:
            continue
        if moment:
            found.append(moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC))
    return tuple(found)


def with_unread(verdict: Verdict, needed: Mapping[str, Verdict]) -> Verdict:
    """The verdict on a log some of whose entries name things that only these other lists can tell of."""
    unread = sorted(name for name, each in needed.items() if not each.is_ok)
    if not verdict.is_ok or not unread:
        return verdict
    reason = f"what entries on {', '.join(unread)} touched cannot be told, for that was not read in full"
    return Verdict(CollectionStatus.PARTIAL, reason, next(needed[name].unlock for name in unread))


def log_table(rows: list[dict[str, Any]], entries: Entries, *, source: str) -> Gathered:
    """The table `audit_events`: whole from some time on, or `partial` with how far back it goes."""
    verdict, oldest = entries.verdict, min(entries.times, default=None)
    if entries.count < MOST_ENTRIES or oldest is None:
        # What was refused, or read with holes, reaches back to no time at all.
        reach = (entries.since or oldest) if verdict.is_ok else None
        return replace(gathered(rows, verdict, source=source), since=reach)
    reason = f"{source}: only the newest {entries.count} changes were read"
    cut = Verdict(CollectionStatus.PARTIAL, f"{reason}; the log read goes back to {oldest:%Y-%m-%d %H:%M} UTC")
    return replace(gathered(rows, cut, source=source), since=oldest)
