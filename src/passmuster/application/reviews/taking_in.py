"""Taking into a review what its checklist left out, topic by topic."""

from __future__ import annotations

from collections.abc import Sequence

from passmuster.application.access import Action, Actor
from passmuster.application.acting import acting
from passmuster.application.programme.review_policy import read_review_policy
from passmuster.application.reviews.laying_out import lines_of, write_lines
from passmuster.application.reviews.reviewing import require_unsigned
from passmuster.application.reviews.touched import taken_in, topic_of
from passmuster.application.storage.storing import home
from passmuster.errors import UsageError
from passmuster.records.models import Review


def take_in(actor: Actor, review: Review, topics: Sequence[str], *, why: str = "") -> int:
    """Lay out the lines of topics that were left out, and tell whoever owes them; returns how many lines.

    They are of the look the review rests on, and of exceptions, evidence and changes as they stand now. Raises
    UsageError where nothing is chosen, a topic is not left out, or somebody has signed.
    """
    with acting(actor, Action.WORK_REVIEW, review, platform=review.platform, why=why, verb="take_in") as event:
        locked = Review.objects.select_for_update(of=("self",)).select_related("platform").get(pk=review.pk)
        require_unsigned(locked)
        _require_left(locked, topics)
        policy, asked = read_review_policy(home()), set(topics)
        is_whole = all(each["topic"] in asked for each in locked.left)
        there = set(locked.items.values_list("kind", "key"))
        lines = [
            line
            for line in lines_of(actor, locked, policy)
            if (is_whole or topic_of(line, policy) in asked) and (line.kind, line.key) not in there
        ]
        told = write_lines(actor, locked, lines, f"review:{locked.pk}:taken_in:{actor.now.isoformat()}")
        event.before = {"left": [each["topic"] for each in locked.left]}
        locked.scope = taken_in(locked.scope, asked)
        locked.save(update_fields=["scope"])
        event.after = {"taken_in": sorted(asked), **told}
    return len(lines)


def _require_left(review: Review, topics: Sequence[str]) -> None:
    left = [each["topic"] for each in review.left]
    if not topics:
        raise UsageError("choose at least one topic to take in")
    if strange := sorted(set(topics) - set(left)):
        known = f"left out are {', '.join(left)}" if left else "nothing is left out"
        raise UsageError(f"not left out of this review: {', '.join(strange)}; {known}")
