"""Reviews on events: what happened since a platform's last review opens one, and only one."""

from __future__ import annotations

from passmuster.application.access import Actor
from passmuster.application.looking import last_look
from passmuster.application.reviewing import open_review
from passmuster.application.storing import home, snapshot_folder
from passmuster.errors import PassmusterError
from passmuster.model.keeping import ReviewStatus
from passmuster.pipeline.happening import Happening, happenings_since
from passmuster.records.models import Platform, Review


def open_event_reviews(actor: Actor) -> tuple[list[Review], list[str]]:
    """Open a review of every platform to which something happened since its last one; returns them, and troubles.

    A platform whose newest look cannot be read is told as a trouble, and the others are gone through all the same.
    """
    opened, troubles = [], []
    store = home() / "intel"
    if not store.is_dir():
        return [], []
    for platform in Platform.objects.filter(is_active=True).order_by("pk"):
        try:
            found = what_happened(actor, platform)
            if found:
                because = "; ".join(each.text for each in found)
                occurrence = f"{found[0].kind}:{found[0].reference}"[:100]
                opened.append(open_review(actor, platform, occurrence, because=because))
        except PassmusterError as error:
            troubles.append(f"{platform}: {error}")
    return opened, troubles


def what_happened(actor: Actor, platform: Platform) -> tuple[Happening, ...]:
    """What happened to a platform since its last review opened, or since it is known; raises PassmusterError."""
    look = last_look(platform)
    if look is None:
        return ()
    reviews = Review.objects.filter(platform=platform).exclude(status=ReviewStatus.CANCELLED)
    last = reviews.order_by("-opened_at").first()
    since = last.opened_at if last else platform.created_at
    return happenings_since(snapshot_folder(look), home() / "intel", since=since, as_of=actor.now)
