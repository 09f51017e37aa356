"""A platform's environments as a plan takes them."""

from __future__ import annotations

from passmuster.application.changes.patch_minutes import WHOLE_WEEK, patch_minutes_of
from passmuster.application.changes.plan_inputs import Place, Planned, place_id
from passmuster.application.programme.owners import owner_of
from passmuster.model.keeping import Stage, Tier
from passmuster.pipeline.triage_documents import TriageDocuments
from passmuster.records.models import Platform


def planned_of(platform: Platform, look: TriageDocuments) -> Planned:
    """The platform's environments with their windows and who works there."""
    places, minutes = [], {}
    for environment in platform.environments.order_by("pk"):
        owner = owner_of(platform, ("environment", environment.name), ("environment", environment.external_id))
        if owner is not None:
            told = patch_minutes_of(owner)
            minutes[owner.email] = WHOLE_WEEK if told is None else told
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
    return Planned(
        key=platform.pk,
        slug=platform.slug,
        tier=Tier(platform.tier),
        business_priority=platform.business_priority,
        platform_id=look.platform_id,
        places=tuple(places),
        owner_minutes=minutes,
        is_single=look.has_one_environment,
        is_called_alike=any(not look.environments.isdisjoint(place.names) for place in places),
    )
