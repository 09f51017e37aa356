"""An environment's windows and freezes as entries of the calendar."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from passmuster.application.changes.plan_inputs import Place, freeze_item, place_id, window_item
from passmuster.model.dated import Dated, DatedKind
from passmuster.model.keeping import Stage
from passmuster.model.schedule import Freeze, Window
from passmuster.pipeline.window_dates import window_dates
from passmuster.records.models import Environment

_WEEK = timedelta(weeks=1)


def environment_dates(environment: Environment, start: datetime, end: datetime) -> tuple[list[Dated], str]:
    """Windows and freezes that touch the span, and why they could not be read (else empty)."""
    if not environment.windows and not environment.freezes:
        return [], ""
    place = Place(
        key=environment.pk,
        id=place_id(environment.platform.slug, environment.name),
        names=(),
        stage=Stage(environment.stage),
        zone=environment.time_zone,
        windows=environment.windows,
        freezes=environment.freezes,
    )
    found = window_dates(_document(place, start, end))
    entries = [
        *(_window(each, environment) for each in found.windows),
        *(_freeze(each, environment) for each in found.freezes),
    ]
    return entries, found.problem


def _document(place: Place, start: datetime, end: datetime) -> dict[str, Any]:
    return {
        "schema": "passmuster/calendar@1",
        "horizon": {"start": start.astimezone(UTC).isoformat(), "weeks": max(1, -((start - end) // _WEEK))},
        "environments": [{"id": place.id, "stage": "prod", "timezone": place.zone}],
        "windows": [window_item(place, number, item) for number, item in enumerate(place.windows)],
        "freezes": [freeze_item(place, item) for item in place.freezes],
    }


def _window(window: Window, environment: Environment) -> Dated:
    return Dated(
        DatedKind.WINDOW,
        (window.id,),
        f"Window: {environment}",
        window.span.start,
        window.span.end,
        detail=f"{window.minutes} minutes of work fit in.",
        where=str(environment),
        link=f"/platforms/{environment.platform.slug}/",
        zone=window.timezone,
    )


def _freeze(freeze: Freeze, environment: Environment) -> Dated:
    return Dated(
        DatedKind.FREEZE,
        (freeze.name, freeze.span.start.isoformat(), *sorted(freeze.environments)),
        f"Freeze: {freeze.name or environment}, {environment}",
        freeze.span.start,
        freeze.span.end,
        where=str(environment),
        link=f"/platforms/{environment.platform.slug}/",
        zone=environment.time_zone,
    )
