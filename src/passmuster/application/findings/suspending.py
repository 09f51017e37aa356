"""Compensating controls, checked at every look: one that fails suspends its deviation on that platform."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q

from passmuster.application.access import Actor
from passmuster.application.messages.telling import tell
from passmuster.application.storage.storing import results_folder
from passmuster.errors import PassmusterError
from passmuster.model.keeping import DeviationStatus
from passmuster.model.words import Outcome
from passmuster.pipeline.following import Verdict, kept_verdicts_of
from passmuster.records.models import Deviation, DeviationCheck, Evaluation, Platform


def last_verdicts(platform: Platform) -> tuple[Verdict, ...]:
    """The verdicts of the newest evaluation that was followed; none where there is none, or its file is damaged."""
    last = (
        Evaluation.objects.filter(collection__platform=platform, followed_at__isnull=False).order_by("-as_of").first()
    )
    if last is None:
        return ()
    try:
        return kept_verdicts_of(results_folder(last))
    except PassmusterError:
        return ()


def check_compensation(actor: Actor, platform: Platform, verdicts: Sequence[Verdict]) -> None:
    """Note what a look says of every compensating control; a look that cannot tell changes nothing."""
    by_control = {verdict.control: verdict for verdict in verdicts}
    held = Deviation.objects.filter(Q(platform=platform) | Q(platform=None), status=DeviationStatus.APPROVED)
    for deviation in held.exclude(compensating_control="").select_related("owner"):
        verdict = by_control.get(deviation.compensating_control)
        if verdict is None or verdict.outcome not in (Outcome.PASS, Outcome.FAIL):
            continue
        is_held = verdict.outcome == Outcome.PASS
        before = DeviationCheck.objects.filter(deviation=deviation, platform=platform).first()
        DeviationCheck.objects.update_or_create(
            deviation=deviation,
            platform=platform,
            defaults={
                "is_held": is_held,
                "outcome": verdict.outcome,
                "reason": verdict.reason[:1000],
                "checked_at": actor.now,
            },
        )
        if not is_held and (before is None or before.is_held):
            tell(
                deviation.owner,
                key=f"compensation:{deviation.pk}:{platform.pk}:{actor.now.isoformat()}",
                kind="compensation_lost",
                text=f"{platform}: {verdict.control} fails, so the exception from {deviation.control} does not hold. "
                "Mend the compensating control, or the finding itself.",
                link=f"/deviations/{deviation.pk}/",
                now=actor.now,
            )
