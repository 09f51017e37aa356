"""The ways open to a person: one list, filtered by rights and by where they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from passmuster.application.access import Action, Actor, may_anywhere
from passmuster.web.places import is_served

# In the order of a working day: what is there, what is looked at, what follows from it, what proves it.
_PLACES: tuple[tuple[str, str, Action], ...] = (
    ("Overview", "/", Action.MANAGE_OWN_ACCOUNT),
    ("Asked of you", "/asked/", Action.ANSWER_VENDOR_REQUEST),
    ("Calendar", "/asked-calendar/", Action.ANSWER_VENDOR_REQUEST),
    ("Platforms", "/platforms/", Action.VIEW),
    ("Reviews", "/reviews/", Action.VIEW),
    ("Findings", "/findings/", Action.VIEW),
    ("Exceptions", "/deviations/", Action.VIEW),
    ("Patches", "/patches/", Action.VIEW),
    ("Vulnerabilities", "/vulnerabilities/", Action.VIEW),
    ("Calendar", "/calendar/", Action.VIEW),
    ("Evidence", "/evidence/", Action.READ_EVIDENCE),
    ("Record", "/record/", Action.READ_RECORD),
    ("Settings", "/settings/", Action.MANAGE_OWN_ACCOUNT),
)
# What goes on beside it; shown smaller.
_BESIDE: tuple[tuple[str, str, Action], ...] = (
    ("Messages", "/messages/", Action.MANAGE_OWN_ACCOUNT),
    ("Background work", "/work/", Action.VIEW),
    ("My account", "/me/", Action.MANAGE_OWN_ACCOUNT),
)
# Pages that belong under a way whose address they do not begin with.
_UNDER: Mapping[str, tuple[str, ...]] = {
    "/platforms/": ("/collections/",),
    "/patches/": ("/changes/", "/plans/"),
    "/evidence/": ("/vendor-requests/",),
}


@dataclass(frozen=True)
class Entry:
    """A way in the navigation; `is_here` on that page and on those under it."""

    label: str
    path: str
    is_here: bool


def navigation_for(actor: Actor, path: str) -> tuple[Entry, ...]:
    """What the actor may open, seen from the page at `path`; an address nobody serves is left out."""
    return _open_to(actor, path, _PLACES)


def beside_for(actor: Actor, path: str) -> tuple[Entry, ...]:
    """The same of what goes on beside the programme: messages, running work, one's own account."""
    return _open_to(actor, path, _BESIDE)


def _open_to(actor: Actor, path: str, places: tuple[tuple[str, str, Action], ...]) -> tuple[Entry, ...]:
    return tuple(
        Entry(label, place, path == place if place == "/" else path.startswith((place, *_UNDER.get(place, ()))))
        for label, place, action in places
        if may_anywhere(actor, action) and is_served(place)
    )
