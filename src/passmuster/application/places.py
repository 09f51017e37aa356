"""A platform's environments as a plan takes them."""

from __future__ import annotations

from passmuster.application.answering import owner_of
from passmuster.application.plan_inputs import Place, Planned, place_id
from passmuster.model.keeping import Stage, Tier
from passmuster.records.models import Person, Platform

_ALL_WEEK = 7 * 24 * 60


def planned_of(platform: Platform, platform_id: str) -> Planned:
    """The platform's environments with their windows and who works there."""
    places, minutes = [], {}
    for environment in platform.environments.order_by("pk"):
        owner = owner_of(platform, ("environment", environment.name), ("environment", environment.external_id))
        if owner is not None:
            minutes[owner.email] = _minutes(owner)
        places.append(
            Place(
                key=environment.pk,
                id=place_id(platform.slug, environment.name),
                names=tuple(filter(None, (environment.external_id, environment.name))),
                stage=Stage(environment.stage),
                zone=environment.time_zone,
                owner=owner.email if owner else "",
                windows=environment.windows,
                freezes=environment.freezes,
            )
        )
    own = platform.platform_id or platform_id
    return Planned(platform.pk, platform.slug, Tier(platform.tier), own, tuple(places), minutes)


def _minutes(person: Person) -> int:
    """Minutes a week somebody has for patches; without a limit of their own, the whole week."""
    told = person.preferences.get("patch_minutes_per_week")
    return told if isinstance(told, int) and 0 <= told <= _ALL_WEEK else _ALL_WEEK
