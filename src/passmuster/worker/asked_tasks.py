"""Work that is done in the name of whoever asked for it: plans and seals."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from passmuster.application.access import NotAllowed
from passmuster.application.changes import planning
from passmuster.application.people.in_their_name import in_their_name
from passmuster.application.reviews import sealing
from passmuster.errors import PassmusterError, UsageError
from passmuster.records.models import Platform, Review
from passmuster.worker.performing import Doing, Refusal, Result


def propose(doing: Doing) -> Result:
    """Propose the plan that was asked for, unless it was proposed before its worker was lost."""
    if doing.work.result:
        return dict(doing.work.result)
    asked = doing.work.arguments
    platforms = list(Platform.objects.filter(pk__in=asked["platforms"]).order_by("pk"))
    choice = planning.PlanChoice(policy=str(asked["policy"]), weeks=int(asked["weeks"]))
    # Whoever asked looks on, and looks, windows and advisories are the same a minute later.
    with _refused_for(PassmusterError), in_their_name(doing.actor, doing.work) as who:
        plan = planning.propose_plan(who, platforms, choice, progress=doing.progress)
    return planning.outcome_of(plan)


def seal(doing: Doing) -> Result:
    """Seal the review that was asked for, as it was signed then, unless that was done before its worker was lost."""
    review = Review.objects.get(pk=doing.work.arguments["review"])
    if doing.work.result:
        sealing.drop_archived(review)
        return dict(doing.work.result)
    signed_at = datetime.fromisoformat(str(doing.work.arguments["signed_at"]))
    with _refused_for(NotAllowed, UsageError), in_their_name(doing.actor, doing.work) as who:
        return sealing.outcome_of(sealing.seal_review(who, review, signed_at=signed_at, progress=doing.progress))


@contextmanager
def _refused_for(*kinds: type[PassmusterError]) -> Iterator[None]:
    """Errors of these kinds are told to whoever asked, and not tried again."""
    try:
        yield
    except kinds as error:
        raise Refusal(str(error)) from error
