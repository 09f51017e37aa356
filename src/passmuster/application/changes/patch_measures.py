"""How long patches took on the platforms one may see."""

from __future__ import annotations

from passmuster.application.access import Action, Actor, platforms_for
from passmuster.model.keeping import ChangeStatus, Stage
from passmuster.pipeline.measuring import PatchFigures, PatchRun, patch_figures
from passmuster.records.models import Change

_WRONG = (ChangeStatus.FAILED, ChangeStatus.ROLLED_BACK, ChangeStatus.REGRESSED)


def patch_measures(actor: Actor) -> tuple[PatchFigures, ...]:
    """Of each platform, its production: from learning of a vulnerability to a verified patch, and how often it held."""
    where = platforms_for(actor, Action.VIEW)
    changes = Change.objects.exclude(status=ChangeStatus.CANCELLED).filter(environment__stage=Stage.PRODUCTION)
    changes = changes if where is None else changes.filter(platform__in=where)
    names = ("platform__name", "learned_at", "disclosed_at", "verified_at", "due_at", "attempt", "status")
    return patch_figures(
        PatchRun(
            platform=name,
            known_at=learned or disclosed,
            # A regressed change keeps the time it was verified at; it is not.
            verified_at=verified if status == ChangeStatus.VERIFIED else None,
            due_at=due,
            went_wrong=attempt > 1 or status in _WRONG,
        )
        for name, learned, disclosed, verified, due, attempt, status in changes.values_list(*names)
    )
