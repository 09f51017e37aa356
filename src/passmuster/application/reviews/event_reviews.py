"""Reviews on events: what happened since a platform's last review opens one, and only one."""

from __future__ import annotations

from passmuster.application.access import Actor
from passmuster.application.reviews.reviewing import Occasion
from passmuster.application.storage.newest import last_look
from passmuster.application.storage.storing import advisory_store, snapshot_folder
from passmuster.errors import PassmusterError
from passmuster.model.keeping import EventKind, ReviewStatus
from passmuster.pipeline.happening import Happening, happenings_since
from passmuster.records.models import Platform, Review


def event_occasions(actor: Actor) -> tuple[list[Occasion], list[str]]:
    """The reviews that are called for by what happened since each platform's last one, and troubles.

    A platform whose newest look cannot be read is told as a trouble, and the others are gone through all the same.
    """
    called_for, troubles = [], []
    if not advisory_store().is_dir():
        return [], []
    for platform in Platform.objects.filter(is_active=True).order_by("pk"):
        try:
            found = what_happened(actor, platform)
        except PassmusterError as error:
            troubles.append(f"{platform}: {error}")
            continue
        if found:
            because = "; ".join(each.text for each in found)
            events = tuple(EventKind(kind) for kind in dict.fromkeys(each.kind for each in found))
            called_for.append(Occasion(platform, f"{found[0].kind}:{found[0].reference}"[:100], because, events))
    return called_for, troubles


def what_happened(actor: Actor, platform: Platform) -> tuple[Happening, ...]:
    """What happened to a platform since its last review opened, or since it is known; raises PassmusterError."""
    look = last_look(platform)
    if look is None:
        return ()
    reviews = Review.objects.filter(platform=platform).exclude(status=ReviewStatus.CANCELLED)
    last = reviews.order_by("-opened_at").first()
    since = last.opened_at if last else platform.created_at
    return happenings_since(snapshot_folder(look), advisory_store(), since=since, as_of=actor.now)
