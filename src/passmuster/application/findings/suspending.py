"""Compensating controls, checked at every look: one that fails suspends its deviation on that platform."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q

from passmuster.application.access import Actor
from passmuster.application.messages.telling import tell
from passmuster.model.keeping import DeviationStatus, FindingStatus
from passmuster.model.words import Outcome
from passmuster.pipeline.following import Verdict
from passmuster.records.models import Deviation, DeviationCheck, Finding, Platform

_ANSWERS = (Outcome.PASS, Outcome.FAIL)


def check_compensation(actor: Actor, platform: Platform, verdicts: Sequence[Verdict]) -> None:
    """Note what a look says of every compensating control, also of those of requests, for whoever decides on them.

    One that fails suspends its exception. One that could not be checked is noted as that and its owner is told once: it
    suspends nothing, and lifts nothing that an earlier look suspended.
    """
    by_control = {verdict.control: verdict for verdict in verdicts}
    held = Deviation.objects.filter(
        Q(platform=platform) | Q(platform=None), status__in=[DeviationStatus.APPROVED, DeviationStatus.REQUESTED]
    )
    for deviation in held.exclude(compensating_control="").select_related("owner"):
        before = DeviationCheck.objects.filter(deviation=deviation, platform=platform).first()
        seen = _seen(by_control.get(deviation.compensating_control), before)
        if seen.outcome not in _ANSWERS and not _matters(deviation, platform):
            continue
        DeviationCheck.objects.update_or_create(
            deviation=deviation,
            platform=platform,
            defaults={
                "is_held": seen.is_held,
                "outcome": seen.outcome,
                "reason": seen.reason[:1000],
                "checked_at": actor.now,
            },
        )
        if deviation.status == DeviationStatus.APPROVED:
            _tell(actor, deviation, platform, seen, is_new=before is None or before.is_held)


@dataclass(frozen=True)
class _Seen:
    is_held: bool
    outcome: str
    reason: str


def _seen(verdict: Verdict | None, before: DeviationCheck | None) -> _Seen:
    if verdict is not None and verdict.outcome in _ANSWERS:
        return _Seen(verdict.outcome == Outcome.PASS, verdict.outcome, verdict.reason)
    outcome, why = (verdict.outcome, verdict.reason) if verdict else (Outcome.UNKNOWN, "no look has answered it")
    if before is not None and not before.is_held:
        return _Seen(False, outcome, f"it failed when it was last checked; it cannot be checked now: {why}")
    return _Seen(True, outcome, why)


def _matters(deviation: Deviation, platform: Platform) -> bool:
    """Whether the exception could cover anything there; a rule for all platforms need not."""
    if deviation.platform_id is not None:
        return True
    open_ones = Finding.objects.filter(platform=platform, control=deviation.control)
    return open_ones.exclude(status=FindingStatus.CLOSED).exists()


def _tell(actor: Actor, deviation: Deviation, platform: Platform, seen: _Seen, *, is_new: bool) -> None:
    name = deviation.compensating_control
    if not seen.is_held and is_new:
        key, kind = f"compensation:{deviation.pk}:{platform.pk}:{actor.now.isoformat()}", "compensation_lost"
        text = (
            f"{platform}: {name} fails, so the exception from {deviation.control} does not hold. "
            "Mend the compensating control, or the finding itself."
        )
    elif seen.is_held and seen.outcome not in _ANSWERS:
        key, kind = f"compensation:{deviation.pk}:{platform.pk}:unchecked", "compensation_unchecked"
        text = (
            f"{platform}: {name}, which makes up for the exception from {deviation.control}, could not be checked. "
            "The exception holds all the same: see to it that a look can answer, or name another control."
        )
    else:
        return
    tell(deviation.owner, key=key, kind=kind, text=text, link=f"/deviations/{deviation.pk}/", now=actor.now)
