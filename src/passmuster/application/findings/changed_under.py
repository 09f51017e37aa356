"""Exceptions under which the house changed: rules that fit no more, requests that touch legal and privacy by now."""

from __future__ import annotations

from passmuster.application.access import Action, Actor
from passmuster.application.acting import acting
from passmuster.application.findings.covering import cover_findings, platforms_fit_no_more
from passmuster.application.findings.deviations import duties_of, lock_deviation
from passmuster.application.requests.consulting import consult_about_exception
from passmuster.model.keeping import DeviationStatus
from passmuster.records.models import Deviation, Platform


def lapse_what_fits_no_more(actor: Actor) -> int:
    """Open again what a rule covers though its platform or environment is of another tier or stage by now.

    A look would do so too, if it comes and can read the platform. Returns on how many platforms.
    """
    changed = 0
    for platform in platforms_fit_no_more():
        with acting(actor, Action.WORK_FINDING, platform, platform=platform, verb="cover_findings") as event:
            locked = Platform.objects.select_for_update().get(pk=platform.pk)
            event.after = cover_findings(actor, locked)
            event.is_silent = not any(event.after.values())
            changed += not event.is_silent
    return changed


def consult_late(actor: Actor) -> int:
    """Ask legal and privacy about requests that touch them only by now: other data, a contract that ended meanwhile.

    Returns how many.
    """
    count = 0
    for waiting in Deviation.objects.filter(status=DeviationStatus.REQUESTED, consultations=None).order_by("pk"):
        with acting(
            actor, Action.WORK_FINDING, waiting, platform=waiting.platform, verb="consult_about_deviation"
        ) as event:
            deviation = lock_deviation(waiting)
            is_asked = deviation.status != DeviationStatus.REQUESTED or deviation.consultations.exists()
            if not is_asked:
                consult_about_exception(actor, deviation, duties_of(deviation))
            asked = deviation.consultations.order_by("pk").first()
            event.is_silent = is_asked or asked is None
            event.after = {"because": asked.because if asked else ""}
            count += not event.is_silent
    return count
