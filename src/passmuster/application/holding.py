"""Holding a piece of work: a worker that was paused, and whose work went to another, writes nothing more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from passmuster.model.keeping import WorkState
from passmuster.records.models import Work


class WorkTakenOver(Exception):
    """The work went to another worker meanwhile; this one stops. No user sees it."""


def require_held(held: tuple[int, str]) -> None:
    """Raise WorkTakenOver unless that token still holds the work; inside the caller's transaction.

    Whoever would take it over waits until that transaction ends, so that its writes count whole or not at all.
    """
    identity, token = held
    mine = Work.objects.select_for_update(no_key=True).filter(pk=identity, token=token, state=WorkState.RUNNING)
    if not mine.exists():
        raise WorkTakenOver(f"work {identity} went to another worker")


def note_outcome(held: tuple[int, str] | None, outcome: Mapping[str, Any]) -> None:
    """Write what came of the held work down with it, in the transaction that does it; nothing where none is held.

    Whoever takes the work over afterwards sees that it was done, and does not do it twice.
    """
    if held is not None:
        identity, token = held
        Work.objects.filter(pk=identity, token=token).update(result=dict(outcome))
