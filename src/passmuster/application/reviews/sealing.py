"""Sealing a signed review: its report is made from what is kept, and anything changed later is found."""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import passmuster
from passmuster.application.access import Action, Actor, require
from passmuster.application.acting import acting, plain
from passmuster.application.holding import WorkTakenOver, note_outcome
from passmuster.application.looking.handing_over import hand_over
from passmuster.application.looking.looking import identity_of
from passmuster.application.reviews.sealed_files import (
    archive_problem,
    archive_sealed,
    drop_lost_tries,
    drop_sealed,
    folder_of,
    scratch_beside,
    sealed_folder,
)
from passmuster.application.storage.storing import home, snapshot_folder
from passmuster.errors import NotReady, PassmusterError, UsageError
from passmuster.model.keeping import ReviewStatus
from passmuster.pipeline.evaluating import DEFAULT_PACKS
from passmuster.pipeline.sealing import (
    REPORT,
    REVIEW,
    Sealing,
    altered_files,
    digest_of_all,
    make_again,
    seal_folder,
    spell_document,
)
from passmuster.records.models import AuditEvent, Review

Progress = Callable[[str], None]


def require_sealable(review: Review, signed_at: datetime | None = None) -> datetime:
    """When the review was signed; raises UsageError where it is not, or rests on no look at the platform.

    With `signed_at`, also where it was opened again since that signature.
    """
    if review.status != ReviewStatus.SIGNED or review.signed_at is None:
        raise NotReady(f"this review is {review.status}; it is sealed once it is signed")
    if signed_at is not None and review.signed_at != signed_at:
        raise NotReady("this review was opened and signed again since; look at it, and ask for its seal anew")
    if review.collection is None:
        raise UsageError("nobody could look at the platform for this review; look again, and open another review")
    return review.signed_at


def seal_review(
    actor: Actor, review: Review, *, signed_at: datetime | None = None, progress: Progress = lambda _text: None
) -> Review:
    """Seal a signed review, whole or not at all; `signed_at` is the signature it is sealed for, where one is meant.

    Raises NotAllowed, UsageError as `require_sealable`, StoreFailed.
    """
    require(actor, Action.SEAL_REVIEW, review.platform_id)
    review = Review.objects.select_related("platform", "collection", "previous").get(pk=review.pk)
    signed_at = require_sealable(review, signed_at)
    drop_lost_tries(actor, review)
    key = f"{folder_of(review)}/{review.pk}-{secrets.token_hex(4)}"
    packs = review.platform.packs or list(DEFAULT_PACKS)
    folder = home() / key
    progress("Writing the report, and all that it rests on")
    try:
        files = _write(review, folder, packs, signed_at)
        progress(f"Keeping {len(files)} files")
        # Before the record: an archive nobody speaks of does no harm, a seal without it would.
        archive = archive_sealed(folder)
        seal = {
            "key": key,
            "as_of": plain(signed_at),
            "passmuster": passmuster.__version__,
            "packs": sorted({name.split("/")[1] for name in files if name.startswith("packs/")}),
            "files": files,
            "digest": digest_of_all(files),
            **archive,
        }
        sealed = _record(actor, review, seal)
    except (PassmusterError, WorkTakenOver):
        drop_sealed(folder)
        raise
    if archive:
        drop_sealed(folder)
    return sealed


def _record(actor: Actor, review: Review, seal: dict[str, Any]) -> Review:
    with acting(actor, Action.SEAL_REVIEW, review, platform=review.platform) as event:
        locked = Review.objects.select_for_update().get(pk=review.pk)
        if locked.status != ReviewStatus.SIGNED or locked.signed_at != review.signed_at:
            raise NotReady("the review changed while it was sealed; look at it again")
        locked.status, locked.sealed_at, locked.seal = ReviewStatus.SEALED, actor.now, seal
        locked.save(update_fields=["status", "sealed_at", "seal"])
        event.before = {"status": "signed"}
        event.after = {"status": "sealed", "digest": seal["digest"], "key": seal["key"]}
        note_outcome(actor.held, outcome_of(locked))
    return locked


def outcome_of(review: Review) -> dict[str, Any]:
    """What whoever asked for the seal is told of it."""
    return {"review": review.pk, "status": review.status, "digest": review.seal["digest"]}


def drop_archived(review: Review) -> None:
    """Take away the folder of a sealed review whose archive counts, where whoever sealed it was lost before that."""
    if "archive" in review.seal:
        drop_sealed(home() / review.seal["key"])


def _write(review: Review, out: Path, packs: list[str], as_of: datetime) -> dict[str, str]:
    collection = review.collection
    if collection is None:
        raise UsageError("the review has no look")
    # The registers name the baseline by a path from where they lie, so they are made where they will be read.
    with scratch_beside(out) as scratch, _earlier(review) as against:
        registers = hand_over(review.platform, identity_of(collection), scratch / "registers", now=as_of, review=review)
        return seal_folder(
            Sealing(snapshot_folder(collection), packs, registers, as_of, against, {REVIEW: told_of(review)}),
            out,
        )


@contextmanager
def _earlier(review: Review) -> Iterator[Path | None]:
    """The sealed report of the review before; else the snapshot it used."""
    former = review.previous
    while former is not None:
        if former.seal.get("key"):
            with sealed_folder(former.seal) as folder:
                yield folder / REPORT
            return
        if former.collection is not None and former.collection_id != review.collection_id:
            yield snapshot_folder(former.collection)
            return
        former = former.previous
    yield None


def told_of(review: Review) -> dict[str, Any]:
    """The review as its records tell it: scope, every line with its answer, every signature."""
    items = review.items.select_related("assignee", "done_by").order_by("kind", "key")
    signatures = review.sign_offs.select_related("person").order_by("at", "pk")
    return plain(  # type: ignore[no-any-return]
        {
            "schema": "passmuster/sealed-review@1",
            "review": review.pk,
            "platform": review.platform.slug,
            "because": review.because,
            "occurrence": review.occurrence,
            "due_on": review.due_on,
            "opened_at": review.opened_at,
            "signed_at": review.signed_at,
            "scope": review.scope,
            "shortfall": review.shortfall,
            "changes": review.changes,
            "lines": [
                {
                    **{name: getattr(item, name) for name in _LINE},
                    "assignee": item.assignee.email if item.assignee else None,
                    "done_by": item.done_by.email if item.done_by else None,
                }
                for item in items
            ],
            "signatures": [
                {"person": each.person.email, "role": each.role, "statement": each.statement, "at": each.at}
                for each in signatures
            ],
        }
    )


_LINE = ("kind", "key", "title", "severity", "outcome", "status", "answer", "seen", "last_answer", "due_on", "done_at")


def verify_seal(review: Review) -> list[str]:
    """Everything that no longer is as it was sealed, a line each; empty where all holds."""
    seal = review.seal
    if not seal:
        return ["the review is not sealed"]
    if problem := archive_problem(seal):
        return [f"the archive of its files {problem}"]
    with sealed_folder(seal) as folder:
        complaints = altered_files(folder, seal["files"])
    if digest_of_all(seal["files"]) != seal["digest"]:
        complaints.append("the list of digests was altered")
    event = (
        AuditEvent.objects.filter(action="seal_review", subject_kind="review", subject_id=str(review.pk))
        .order_by("-number")
        .first()
    )
    if event is None or (event.after or {}).get("digest") != seal["digest"]:
        complaints.append("the seal is not the one in the record")
    if sha256(spell_document(told_of(review))).hexdigest() != seal["files"].get(REVIEW):
        complaints.append("the review's lines or signatures in the database were altered since it was sealed")
    return complaints


def reproduce_report(review: Review) -> list[str]:
    """Make the sealed report again from what is kept; returns the files that differ. Raises UsageError if not sealed.

    Another version of Passmuster may write a report that differs; the seal names the one that made it.
    """
    seal = review.seal
    if not seal:
        raise UsageError("the review is not sealed")
    with tempfile.TemporaryDirectory() as scratch, sealed_folder(seal) as folder:
        as_of = datetime.fromisoformat(seal["as_of"].replace("Z", "+00:00")).astimezone(UTC)
        return make_again(folder, seal["packs"], as_of, Path(scratch) / "again")


def report_of(actor: Actor, review: Review, name: str = "report.html") -> bytes | None:
    """A file of the sealed report, for whoever may see the platform; None where there is none."""
    require(actor, Action.VIEW, review.platform_id)
    if not review.seal or f"{REPORT}/{name}" not in review.seal["files"]:
        return None
    with sealed_folder(review.seal) as folder:
        path = folder / REPORT / name
        return path.read_bytes() if path.is_file() else None
