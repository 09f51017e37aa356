"""Moving what lies in the home into the bucket, once PASSMUSTER_FILES names one."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

from passmuster.application.access import Action, Actor, require
from passmuster.application.acting import acting
from passmuster.application.reviews.sealed_files import archive_sealed, drop_sealed
from passmuster.application.reviews.sealing import verify_seal
from passmuster.application.storage.file_stores import FILES, file_store, files_bucket, local_files
from passmuster.application.storage.storing import home
from passmuster.errors import UsageError
from passmuster.model.keeping import ReviewStatus
from passmuster.records.files import Incoming
from passmuster.records.models import Review


@dataclass(frozen=True)
class Moved:
    """How many files of evidence and sealed reviews went where."""

    files: int
    reviews: int
    to: str


def move_files_away(actor: Actor, tell: Callable[[str], None] = lambda _text: None) -> Moved:
    """Move them all; what was moved before is not moved again, so an interrupted run is run again.

    Raises NotAllowed; UsageError where no bucket is named or something here does not hold; StoreFailed.
    """
    require(actor, Action.MANAGE_PROGRAMME)
    bucket = files_bucket(os.environ)
    if bucket is None:
        raise UsageError(f"files lie in the home; name a bucket in {FILES} first")
    moved = Moved(_move_evidence(tell), _move_reviews(actor, tell), str(bucket.place))
    with acting(actor, Action.MANAGE_PROGRAMME, "files", verb="move_files") as event:
        event.after = {"files": moved.files, "reviews": moved.reviews, "to": moved.to}
        event.is_silent = not moved.files and not moved.reviews
    return moved


def _move_evidence(tell: Callable[[str], None]) -> int:
    here, there, count = local_files(home()), file_store(), 0
    for path in sorted(here.all_files()):
        if problem := here.problem(path.name):
            raise UsageError(f"{path}: {problem}; restore it from a backup before it is moved")
        there.keep(Incoming(path, path.name, path.stat().st_size))
        # Where the bucket's own folder held it already, it was not taken from here.
        path.unlink(missing_ok=True)
        count += 1
        tell(f"{count} file(s) of evidence")
    return count


def _move_reviews(actor: Actor, tell: Callable[[str], None]) -> int:
    count = 0
    for review in Review.objects.filter(status=ReviewStatus.SEALED).select_related("platform").order_by("pk"):
        folder = home() / str(review.seal.get("key", ""))
        if "archive" in review.seal:
            if folder.is_dir():
                drop_sealed(folder)
            continue
        if complaints := verify_seal(review):
            raise UsageError(f"the sealed review {review.pk} does not hold: {complaints[0]}; restore it from a backup")
        archive = archive_sealed(folder)
        with acting(actor, Action.MANAGE_PROGRAMME, review, platform=review.platform, verb="move_seal") as event:
            event.after = archive
            Review.objects.filter(pk=review.pk).update(seal={**review.seal, **archive})
        drop_sealed(folder)
        count += 1
        tell(f"{count} sealed review(s)")
    return count
