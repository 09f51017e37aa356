"""Lines of a review that not everybody's word settles: what legal is asked, and exceptions that are asked for."""

from __future__ import annotations

from collections.abc import Sequence

from passmuster.application.access import Action, Actor, NotAllowed, may
from passmuster.application.programme.owners import first_of
from passmuster.application.reviews.checklist import FOR_LEGAL
from passmuster.errors import UsageError
from passmuster.model.keeping import DeviationStatus, DutyRole, ItemKind, ItemStatus
from passmuster.records.models import Deviation, Review, ReviewItem


def require_may_answer(actor: Actor, review: Review, lines: Sequence[ReviewItem], status: ItemStatus) -> None:
    """Raise where a line waits for somebody else's decision: NotAllowed for legal's, UsageError for an exception's.

    Where nobody has the duty to answer for legal, whoever the line fell to answers it.
    """
    if status == ItemStatus.OPEN:
        return
    if any(_is_for_legal(line) for line in lines) and not may(actor, Action.GIVE_OPINION, review.platform_id):
        legal = first_of(review.platform, DutyRole.LEGAL)
        if legal is not None:
            raise NotAllowed(f"legal and privacy answer this line; it waits for {legal}")
    undecided = _undecided(lines)
    if undecided:
        raise UsageError(
            f"{'; '.join(each.title for each in undecided)}: decide on the exception or withdraw it first; the line "
            "says what became of it"
        )


def _is_for_legal(line: ReviewItem) -> bool:
    return line.kind == ItemKind.QUESTION and line.key == FOR_LEGAL


def _undecided(lines: Sequence[ReviewItem]) -> list[ReviewItem]:
    """Lines about an exception that was asked for and that nobody has decided on."""
    about = {int(line.key): line for line in lines if line.kind == ItemKind.DEVIATION}
    waiting = Deviation.objects.filter(pk__in=about, status=DeviationStatus.REQUESTED).order_by("pk")
    return [about[pk] for pk in waiting.values_list("pk", flat=True)]
