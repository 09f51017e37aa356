"""The ways open to a person: one list, filtered by rights and by where they are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import Resolver404, resolve

from passmuster.application.access import Action, Actor, may_anywhere

# In the order of a working day: what is there, what is looked at, what follows from it, what proves it.
_PLACES: tuple[tuple[str, str, Action], ...] = (
    ("Overview", "/", Action.VIEW),
    ("Platforms", "/platforms/", Action.VIEW),
    ("Reviews", "/reviews/", Action.VIEW),
    ("Findings", "/findings/", Action.VIEW),
    ("Patches", "/patches/", Action.VIEW),
    ("Vulnerabilities", "/vulnerabilities/", Action.VIEW),
    ("Calendar", "/calendar/", Action.VIEW),
    ("Evidence", "/evidence/", Action.READ_EVIDENCE),
    ("Record", "/record/", Action.READ_RECORD),
    ("Settings", "/settings/", Action.MANAGE_OWN_ACCOUNT),
)


@dataclass(frozen=True)
class Entry:
    """A way in the navigation; `is_here` on that page and on those under it."""

    label: str
    path: str
    is_here: bool


def navigation_for(actor: Actor, path: str) -> tuple[Entry, ...]:
    """What the actor may open, seen from the page at `path`; an address nobody serves is left out."""
    return tuple(
        Entry(label, place, path == place if place == "/" else path.startswith(place))
        for label, place, action in _PLACES
        if may_anywhere(actor, action) and is_served(place)
    )


def first_served(places: Iterable[str]) -> str:
    """The first address that a page answers at, or an empty text."""
    return next((place for place in places if is_served(place)), "")


def is_served(path: str) -> bool:
    """Whether a page answers at that address."""
    try:
        resolve(path)
    except Resolver404:
        return False
    return True
