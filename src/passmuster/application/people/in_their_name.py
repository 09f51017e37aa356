"""Whoever asked for work, as a worker acts for them: with the duties they have when it is done."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from passmuster.application.access import Action, Actor, LacksRight, NotAllowed, may
from passmuster.application.acting import actor_of
from passmuster.application.behalf import asker_of
from passmuster.application.people.groups import why_without, without_stale_duties
from passmuster.records.models import Work


@contextmanager
def in_their_name(worker: Actor, work: Work) -> Iterator[Actor]:
    """Whoever asked, holding the work as its worker does; what they may no longer do, the block refuses. NotAllowed.

    What groups gave at a sign-in too long ago counts no more, as with a token; where that is why, a refusal says so.
    """
    person = asker_of(work)
    if person is None:
        raise NotAllowed("whoever asked for this is no longer active; somebody else who may do it asks again")
    scopes = work.arguments.get("scopes")
    limits = None if scopes is None else frozenset(Action(word) for word in scopes)
    who = replace(actor_of(person, by=worker.by, now=worker.now, scopes=limits), held=worker.held)
    try:
        yield without_stale_duties(who)
    except LacksRight as refused:
        if not may(who, refused.action, refused.platform):
            raise
        raise NotAllowed(f"{refused}; {why_without(who)}") from refused
