"""On whose behalf a worker acts: whoever asked, with the duties they have when it is done."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from passmuster.application.access import Action, Actor, NotAllowed
from passmuster.application.acting import actor_of
from passmuster.records.models import Person, Work


def behalf_of(actor: Actor) -> dict[str, Any]:
    """What work keeps of who asked: the person, and the limits of the token they asked by. Raises NotAllowed."""
    if actor.person_id is None:
        raise NotAllowed("this is done in somebody's name, who asks for it; sign in first")
    return {"person": actor.person_id, "scopes": None if actor.scopes is None else sorted(actor.scopes)}


def is_for_somebody(work: Work) -> bool:
    """Whether the work is done in the name of whoever asked for it."""
    return "person" in work.arguments


def asker_of(work: Work) -> Person | None:
    """Who asked, where the work is done in their name and they may still sign in."""
    return Person.objects.filter(pk=work.arguments.get("person"), is_active=True).first()


def on_behalf(worker: Actor, work: Work) -> Actor:
    """Whoever asked, holding the work as its worker does; what they may no longer do, it refuses. Raises NotAllowed."""
    person = asker_of(work)
    if person is None:
        raise NotAllowed("whoever asked for this is no longer active; somebody else who may do it asks again")
    scopes = work.arguments.get("scopes")
    limits = None if scopes is None else frozenset(Action(word) for word in scopes)
    return replace(actor_of(person, by=worker.by, now=worker.now, scopes=limits), held=worker.held)
