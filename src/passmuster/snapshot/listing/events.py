"""Classes of event by environment: what is logged, kept, delivered and last seen. Pure, but for the reading."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from passmuster.model.register_view import EventCell, EventMatrix, EventRow
from passmuster.model.words import CollectionStatus
from passmuster.snapshot.listing.opening import Opened

_NOWHERE = ("", "none")
_KNOWN_CLASSES = ("admin_change", "sign_in", "permission_change", "data_export")


@dataclass(frozen=True)
class LogSource:
    """A log as the matrix needs it; `classes` is None where it is not known what it holds."""

    environment_id: str | None
    is_enabled: bool | None
    classes: frozenset[str] | None
    retention_days: int | None
    delivered_to: str | None
    last_event_at: datetime | None
    last_delivered_at: datetime | None


@dataclass(frozen=True)
class LogLimits:
    """House limits of logging; None where no chosen pack has one, then nothing falls short of it."""

    now: datetime
    retention_days: int | None
    freshness_hours: int | None


def read_events(opened: Opened) -> EventMatrix:
    """The matrix of a snapshot; where no environment is known the platform as a whole is one."""
    status, reason = opened.status_of("log_sources")
    rows = opened.rows(
        "SELECT environment_id, is_enabled, event_classes, retention_days, delivered_to, last_event_at, "
        "last_delivered_at FROM log_sources ORDER BY log_source_id LIMIT 10000"
    )
    sources = [LogSource(row[0], row[1], _classes(row[2]), *row[3:]) for row in rows]
    places = opened.rows(
        "SELECT environment_id, coalesce(name, environment_id), kind FROM environments "
        "ORDER BY kind IN ('production', 'default') DESC NULLS LAST, 2 LIMIT 500"
    )
    required = _required(opened.limits.get("required_event_classes"))
    others = sorted({name for source in sources for name in source.classes or ()} - set(required))
    # A licence without logs is no reason to doubt: there is no log then.
    is_whole = status.is_readable or status is CollectionStatus.NOT_LICENSED
    limits = LogLimits(opened.now, opened.days("log_retention_days"), opened.days("log_freshness_hours"))
    classes = (*required, *others)
    return EventMatrix(
        classes=classes,
        required=len(required),
        rows=tuple(
            EventRow(name, kind or "", cells_of(_at(sources, place), classes, limits, is_whole=is_whole))
            for place, name, kind in places or [(None, "The whole platform", "")]
        ),
        retention_days=limits.retention_days,
        freshness_hours=limits.freshness_hours,
        status=status,
        reason=reason,
    )


def cells_of(
    sources: Sequence[LogSource], classes: Sequence[str], limits: LogLimits, *, is_whole: bool
) -> tuple[EventCell, ...]:
    """A cell for each class. Where the list of logs is not whole, none is known to be missing."""
    return tuple(_cell(name, sources, limits, is_whole=is_whole) for name in classes)


def _cell(name: str, sources: Sequence[LogSource], limits: LogLimits, *, is_whole: bool) -> EventCell:
    holding = [source for source in sources if source.is_enabled and name in (source.classes or ())]
    if not holding:
        may_hold = any(
            source.is_enabled is not False and (source.classes is None or name in source.classes) for source in sources
        )
        return EventCell(name, None if may_hold or not is_whole else False)
    known_days = [source.retention_days for source in holding if source.retention_days is not None]
    delivered = [source for source in holding if _is_delivered(source)]
    seen = [source.last_event_at for source in holding if source.last_event_at is not None]
    return EventCell(
        event_class=name,
        is_logged=True,
        kept_days=max(known_days, default=None),
        is_kept=_any(holding, lambda source: _is_kept(source, limits)),
        delivered_to=", ".join(dict.fromkeys(str(source.delivered_to).strip() for source in delivered)),
        is_delivered=_any(holding, _is_delivered),
        is_fresh=_any(delivered, lambda source: _is_fresh(source, limits)),
        last_seen_at=max(seen, default=None),
    )


def _is_kept(source: LogSource, limits: LogLimits) -> bool | None:
    if source.retention_days is None:
        return None
    return limits.retention_days is None or source.retention_days >= limits.retention_days


def _is_delivered(source: LogSource) -> bool | None:
    return None if source.delivered_to is None else source.delivered_to.strip().lower() not in _NOWHERE


def _is_fresh(source: LogSource, limits: LogLimits) -> bool | None:
    """Whether it arrived within the limit, or everything there is has arrived: a quiet log is not a broken one."""
    if source.last_delivered_at is None:
        return None
    is_recent = limits.freshness_hours is None or (
        source.last_delivered_at >= limits.now - timedelta(hours=limits.freshness_hours)
    )
    return is_recent or (source.last_event_at is not None and source.last_delivered_at >= source.last_event_at)


def _any(sources: Iterable[LogSource], asks: Callable[[LogSource], bool | None]) -> bool | None:
    """True where one says so, None where one does not tell, else False."""
    answers = [asks(source) for source in sources]
    return True if True in answers else None if None in answers else False


def _at(sources: Sequence[LogSource], place: str | None) -> list[LogSource]:
    """The logs of an environment, with those of the whole platform; all where no environment is known."""
    return [source for source in sources if place is None or source.environment_id in (None, place)]


def _classes(text: str | None) -> frozenset[str] | None:
    if text is None:
        return None
    try:
        value: Any = json.loads(text)
    except (json.JSONDecodeError, RecursionError):
        return None
    return frozenset(str(item) for item in value) if isinstance(value, list) else None


def _required(value: Any) -> tuple[str, ...]:
    """The classes the house limit names (a JSON array), else those everybody needs."""
    named = _classes(value) if isinstance(value, str) else None
    order = [*_KNOWN_CLASSES, *(named or ())]
    return tuple(dict.fromkeys(name for name in order if named is None or name in named))
