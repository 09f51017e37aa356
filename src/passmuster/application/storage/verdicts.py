"""What the newest evaluation of a platform says of each control."""

from __future__ import annotations

from passmuster.application.storage.storing import results_folder
from passmuster.errors import PassmusterError
from passmuster.pipeline.following import Verdict, kept_verdicts_of
from passmuster.records.models import Evaluation, Platform


def last_verdicts(platform: Platform) -> tuple[Verdict, ...]:
    """The verdicts of the newest evaluation that was followed; none where there is none, or its file is damaged."""
    followed = Evaluation.objects.filter(collection__platform=platform, followed_at__isnull=False)
    last = followed.order_by("-collection", "-pk").first()
    if last is None:
        return ()
    try:
        return kept_verdicts_of(results_folder(last))
    except PassmusterError:
        return ()
