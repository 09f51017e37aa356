"""How far a review is, as the four things that happen to each: opened, worked through, signed, sealed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from passmuster.model.keeping import ReviewStatus
from passmuster.records.models import Review


@dataclass(frozen=True)
class Stage:
    """One of them: its name, what is known of it, whether it is behind the review, and whether it is at it now."""

    name: str
    note: str
    is_done: bool
    is_now: bool = False


def stages_of(
    review: Review, counts: Mapping[str, int], signed_by: Sequence[str], missing: Sequence[str]
) -> tuple[Stage, ...]:
    """The stages in their order; none of a review that was cancelled. `missing`: the duties that did not sign yet."""
    status = ReviewStatus(review.status)
    if status is ReviewStatus.CANCELLED:
        return ()
    is_opening = status is ReviewStatus.OPENING
    is_past = status in (ReviewStatus.SIGNED, ReviewStatus.SEALED)
    is_worked = is_past or (not is_opening and not counts["waiting"])
    is_sealed = status is ReviewStatus.SEALED
    lines = f"{counts['done']} of {counts['lines']} lines dealt with"
    names = ", ".join(signed_by)
    to_sign = ", ".join(word.replace("_", " ") for word in missing)
    signing = "; ".join(part for part in (names and f"by {names}", to_sign and f"{to_sign} to sign") if part)
    return (
        Stage("Opened", f"{review.opened_at:%Y-%m-%d}", not is_opening, is_opening),
        Stage("Checklist", "being laid out" if is_opening else lines, is_worked, not is_opening and not is_worked),
        Stage("Signed", signing or "by nobody yet", is_past, is_worked and not is_past),
        Stage(
            "Sealed",
            f"{review.sealed_at:%Y-%m-%d}" if review.sealed_at else "not yet",
            is_sealed,
            is_past and not is_sealed,
        ),
    )
