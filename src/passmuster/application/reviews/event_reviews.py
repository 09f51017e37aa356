"""Reviews on events: what happened since a platform's last review opens one, and only one."""

from __future__ import annotations

from datetime import datetime

from passmuster.application.access import Actor
from passmuster.application.reviews.reviewing import Occasion
from passmuster.application.reviews.touched import events_of
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
    """What happened to a platform that no review was opened for since, or since it is known; raises PassmusterError."""
    look = last_look(platform)
    if look is None:
        return ()
    known = _known_since(platform)
    found: set[Happening] = set()
    for since in set(known.values()):
        happened = happenings_since(snapshot_folder(look), advisory_store(), since=since, as_of=actor.now)
        found |= {each for each in happened if known[EventKind(each.kind)] == since}
    return tuple(sorted(found, key=lambda each: (each.kind, each.reference)))


def _known_since(platform: Platform) -> dict[EventKind, datetime]:
    """Until when each kind of event was heeded: when the last review of everything opened, or one on such an event.

    A review on one kind does not ask what another gives rise to. One on an event that was cancelled was decided about;
    one of everything that was cancelled looked at nothing.
    """
    known = dict.fromkeys(EventKind, platform.created_at)
    reviews = Review.objects.filter(platform=platform).order_by("opened_at", "pk")
    for status, scope, opened_at in reviews.values_list("status", "scope", "opened_at"):
        is_whole = Review.LEFT not in scope and not (status == ReviewStatus.OPENING and events_of(scope))
        is_held = is_whole and status != ReviewStatus.CANCELLED
        known |= dict.fromkeys(EventKind if is_held else events_of(scope), opened_at)
    return known
