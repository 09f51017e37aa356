"""Looking at platforms: collect, judge, follow the findings, compare, and tell who should hear of what changed."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import connection

from passmuster.application.access import Action, Actor, require
from passmuster.application.acting import acting
from passmuster.application.findings.finding import follow_findings
from passmuster.application.findings.run_base import base_of
from passmuster.application.looking.failing import failed_looks, try_again_after
from passmuster.application.looking.handing_over import hand_over, left_out
from passmuster.application.looking.kept_notices import keep_notices
from passmuster.application.looking.noticing import tell_baseline_drift, tell_failed_look, tell_notices
from passmuster.application.programme.proposing_tiers import propose_other_tier, tier_was_weighed_at
from passmuster.application.storage.newest import last_look, log_since
from passmuster.application.storage.storing import drift_file, home, results_folder, snapshot_folder
from passmuster.errors import PassmusterError, UsageError
from passmuster.model.keeping import CollectionState
from passmuster.pipeline.collecting import Collecting
from passmuster.pipeline.evaluating import DEFAULT_PACKS, prepare_judging
from passmuster.pipeline.following import (
    Kept,
    Look,
    compare_looks,
    judge_look,
    moved_verdicts,
    notices_in,
    tables_seen_again,
    take_look,
)
from passmuster.pipeline.named_credentials import resolve_credentials
from passmuster.pipeline.usage import usages
from passmuster.records.models import Collection, Evaluation, Platform
from passmuster.snapshot.manifest import read_manifest
from passmuster.snapshot.noticing import Notice

# The class of our advisory locks; the second key is the platform's.
_LOCK = 7_460_003
# How many looks back a table is looked for that the last ones could not read.
_MOST_BACK = 60
Progress = Callable[[str], None]


class AlreadyLooking(PassmusterError):
    """Somebody else looks at this platform right now."""


class LookTakenOver(PassmusterError):
    """The look was taken for dead and ended by another; what it found is not used."""


def collect_platform(
    actor: Actor,
    platform: Platform,
    because: str = "asked for",
    *,
    environ: Mapping[str, str] | None = None,
    progress: Progress = lambda _text: None,
) -> Collection:
    """Look at a platform and follow what was found; the look says whether it is done, incomplete or failed and why.

    Raises NotAllowed, AlreadyLooking. A failed look changes no finding.
    """
    require(actor, Action.COLLECT, platform.pk)
    started = time.monotonic()
    with _alone(platform):
        collection = _start(actor, platform, because)
        try:
            key = _fresh(f"snapshots/{platform.slug}/{collection.pk}")
            order = _order(actor, platform, os.environ if environ is None else environ, progress)
            look = take_look(order, home() / key)
        except PassmusterError as error:
            return _fail(actor, collection, str(error), started)
        except Exception as error:
            _fail(actor, collection, f"a fault of Passmuster itself: {type(error).__name__}: {error}", started)
            raise
        _finish(actor, collection, look, key, started)
        _follow(actor, collection, progress)
    return collection


def collect_once(
    actor: Actor,
    platform: Platform,
    because: str,
    *,
    environ: Mapping[str, str] | None = None,
    progress: Progress = lambda _text: None,
) -> Collection:
    """As `collect_platform`, but for one reason once: of a look that was taken only what is missing is done.

    For work whose worker may be lost at any moment. Raises as `collect_platform`.
    """
    require(actor, Action.COLLECT, platform.pk)
    ended = [CollectionState.DONE, CollectionState.INCOMPLETE]
    taken = Collection.objects.filter(platform=platform, because=because[:200], state__in=ended).order_by("pk").first()
    if taken is None:
        return collect_platform(actor, platform, because, environ=environ, progress=progress)
    with _alone(platform):
        _follow(actor, taken, progress)
    return taken


def _follow(actor: Actor, collection: Collection, progress: Progress) -> None:
    """Judge a look, compare it and weigh how much the platform is used, each unless it was done already."""
    try:
        if not collection.evaluations.exists():
            progress("Judging")
            evaluate_collection(actor, collection)
            if lines := left_out(collection.platform):
                _note(actor, collection, "\n".join(lines))
        if not (collection.drift or collection.drift_from_baseline):
            progress("Comparing with the look before")
            compare_collection(actor, collection)
        base = tier_was_weighed_at(collection.platform)
        if base is not None and base.pk < collection.pk:
            before, after = usages(snapshot_folder(base), snapshot_folder(collection))
            propose_other_tier(actor, collection.platform, before, after)
    except PassmusterError as error:
        _note(actor, collection, f"the look was taken, but not judged or compared: {error}")


@contextmanager
def _alone(platform: Platform) -> Iterator[None]:
    """One look at a platform at a time, over all processes; the lock ends with its holder, however that ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [_LOCK, platform.pk])
        row = cursor.fetchone()
    if not row or not row[0]:
        raise AlreadyLooking(f"{platform}: somebody looks at it right now; wait for that look to end")
    try:
        yield
    finally:
        if connection.connection is not None and not connection.needs_rollback:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_LOCK, platform.pk])


def _start(actor: Actor, platform: Platform, because: str) -> Collection:
    with acting(actor, Action.COLLECT, "collection", platform=platform, why=because, verb="start_look") as event:
        # Whoever started these is gone: we hold the lock that they held.
        died = Collection.objects.filter(platform=platform, state=CollectionState.RUNNING)
        died.update(
            state=CollectionState.FAILED, ended_at=actor.now, error="was interrupted; the next look starts afresh"
        )
        collection = Collection.objects.create(platform=platform, because=because[:200], started_at=actor.now)
        event.subject_id, event.after = str(collection.pk), {"state": "running"}
    return collection


def _fresh(name: str) -> str:
    """A name nothing has yet, even where the database is older than the files beside it."""
    return f"{name}-{secrets.token_hex(4)}"


def _order(actor: Actor, platform: Platform, environ: Mapping[str, str], progress: Progress) -> Collecting:
    order = Collecting(
        kind=platform.kind,
        url=platform.url or None if not platform.export_path else None,
        path=Path(platform.export_path) if platform.export_path else None,
        declared=Path(platform.declared_path) if platform.declared_path else None,
        platform_id=platform.platform_id or None,
        name=platform.name,
        environ=resolve_credentials(platform.credentials, environ),
        progress=progress,
        at=actor.now,
        since=log_since(platform, actor.now),
    )
    if order.url is None and order.path is None:
        raise UsageError(f"{platform}: has neither an address nor an export to read; name one of them")
    return order


def _finish(actor: Actor, collection: Collection, look: Look, key: str, started: float) -> None:
    state = CollectionState.INCOMPLETE if look.shortfalls else CollectionState.DONE
    with acting(actor, Action.COLLECT, collection, platform=collection.platform, verb="end_look") as event:
        _still_ours(collection)
        collection.state, collection.ended_at = state, _end(actor, started)
        collection.snapshot_id, collection.snapshot_sha256 = look.snapshot_id, look.manifest_sha256
        collection.store_key = key
        collection.tables_read, collection.tables_total = look.tables_read, look.tables_total
        collection.error = "\n".join(look.shortfalls)
        collection.save()
        platform = collection.platform
        platform.next_collection_at = actor.now + timedelta(hours=platform.collect_every_hours)
        platform.save(update_fields=["next_collection_at"])
        event.before = {"state": "running"}
        event.after = {"state": state, "snapshot": look.snapshot_id, "sha256": look.manifest_sha256}


def _fail(actor: Actor, collection: Collection, error: str, started: float) -> Collection:
    with acting(actor, Action.COLLECT, collection, platform=collection.platform, verb="end_look") as event:
        _still_ours(collection)
        collection.state, collection.ended_at, collection.error = CollectionState.FAILED, _end(actor, started), error
        collection.save()
        platform = collection.platform
        failed = failed_looks(platform, actor.now)
        every = timedelta(hours=platform.collect_every_hours)
        platform.next_collection_at = actor.now + try_again_after(failed.count, every)
        platform.save(update_fields=["next_collection_at"])
        tell_failed_look(actor, collection, failed)
        event.before, event.after = {"state": "running"}, {"state": "failed", "error": error}
    return collection


def _still_ours(collection: Collection) -> None:
    """A look whose process was stopped and woken up again must not overwrite what was decided meanwhile."""
    now = Collection.objects.select_for_update().get(pk=collection.pk)
    if now.state != CollectionState.RUNNING:
        raise LookTakenOver(f"{collection.platform}: this look was taken for dead and ended; what it found is not used")


def _note(actor: Actor, collection: Collection, text: str) -> None:
    with acting(actor, Action.COLLECT, collection, platform=collection.platform, verb="note_shortfall") as event:
        collection.state = CollectionState.INCOMPLETE
        collection.error = "\n".join(filter(None, (collection.error, text)))
        collection.save(update_fields=["state", "error"])
        event.after = {"state": "incomplete", "error": text}


def _end(actor: Actor, started: float) -> datetime:
    return actor.now + timedelta(seconds=round(time.monotonic() - started))


def evaluate_collection(actor: Actor, collection: Collection) -> tuple[Evaluation, Kept]:
    """Judge a look as of now, keep the results, and follow the findings. Raises PassmusterError."""
    platform = collection.platform
    key = _fresh(f"results/{platform.slug}/{collection.pk}")
    platform_id = identity_of(collection)
    registers = hand_over(platform, platform_id, home() / f"{key}-registers", now=actor.now)
    judging = prepare_judging(platform.packs or list(DEFAULT_PACKS), registers=registers, as_of=actor.now)
    with base_of(platform) as base:
        kept = judge_look(snapshot_folder(collection), judging, home() / key, base=base)
    with acting(actor, Action.COLLECT, "evaluation", platform=platform, verb="evaluate") as event:
        evaluation = Evaluation.objects.create(
            collection=collection,
            as_of=actor.now,
            packs=[dict(pack) for pack in kept.packs],
            results_sha256=kept.results_sha256,
            store_key=key,
            summary=dict(kept.summary),
            created_at=actor.now,
        )
        event.subject_id = str(evaluation.pk)
        event.after = {"results": kept.results_sha256, "packs": evaluation.packs, "summary": kept.summary}
        # What was found is followed in the same breath: results without findings would be half a look.
        follow_findings(actor, evaluation, kept)
    return evaluation, kept


def identity_of(collection: Collection) -> str:
    """The platform's id as its snapshot tells it."""
    return read_manifest(snapshot_folder(collection)).platform_id


def compare_collection(actor: Actor, collection: Collection) -> None:
    """Note how a look differs from the one before and from the approved baseline, and tell who should hear of it."""
    platform = collection.platform
    bases = {"last": last_look(platform, before=collection), "baseline": platform.baseline_collection}
    notices: list[Notice] = []
    for against, base in bases.items():
        if base is None or base.pk == collection.pk:
            continue
        out = drift_file(collection, against)
        out.parent.mkdir(parents=True, exist_ok=True)
        found = compare_looks(snapshot_folder(base), snapshot_folder(collection), out, as_of=actor.now)
        if against == "last":
            collection.drift, notices = dict(found.counts), [*found.notices, *_seen_again(actor, collection, base)]
        else:
            collection.drift_from_baseline = {"baseline": base.pk, **found.counts}
    if not collection.drift and not collection.drift_from_baseline:
        return
    with acting(actor, Action.COLLECT, collection, platform=platform, verb="compare") as event:
        collection.save(update_fields=["drift", "drift_from_baseline"])
        event.after = {"drift": collection.drift, "notices": len(notices)}
        tell_notices(actor, collection, notices)
        keep_notices(collection, notices)
        tell_baseline_drift(actor, collection)


def _seen_again(actor: Actor, collection: Collection, last: Collection) -> list[Notice]:
    """What changed in tables the look before could not read, since an earlier look that could."""
    notices: list[Notice] = []
    head = snapshot_folder(collection)
    lost = tables_seen_again(snapshot_folder(last), head)
    earlier = last_look(collection.platform, before=last)
    for _ in range(_MOST_BACK):
        if not lost or earlier is None:
            break
        still = lost & tables_seen_again(snapshot_folder(earlier), head)
        if lost - still:
            notices += notices_in(snapshot_folder(earlier), head, lost - still, as_of=actor.now)
        lost, earlier = still, last_look(collection.platform, before=earlier)
    return notices


def compare_for_review(
    look: Collection, before: Evaluation | None, platform: Platform, *, now: datetime
) -> dict[str, Any]:
    """How a look differs from the review before and from the baseline: counts by table, and verdicts that moved."""
    told: dict[str, Any] = {}
    bases = {"review": before.collection if before else None, "baseline": platform.baseline_collection}
    for against, base in bases.items():
        if base is not None and base.store_key and base.pk != look.pk:
            out = drift_file(look, against)
            out.parent.mkdir(parents=True, exist_ok=True)
            found = compare_looks(snapshot_folder(base), snapshot_folder(look), out, as_of=now)
            told[against] = {"collection": base.pk, "tables": dict(found.counts)}
    evaluation = Evaluation.objects.filter(collection=look).order_by("-pk").first()
    if before is not None and evaluation is not None:
        told["controls"] = moved_verdicts(results_folder(before), results_folder(evaluation))
    return told


def approve_baseline(actor: Actor, collection: Collection, reason: str) -> None:
    """Make a look the platform's approved baseline. Raises UsageError without a reason or a snapshot."""
    if not reason.strip():
        raise UsageError("a baseline is approved for a reason; say which")
    if not collection.store_key:
        raise UsageError("this look has no snapshot; approve one that was taken")
    platform = collection.platform
    with acting(actor, Action.APPROVE_BASELINE, collection, platform=platform, why=reason) as event:
        event.before = {"baseline": platform.baseline_collection_id}
        platform.baseline_collection = collection
        platform.save(update_fields=["baseline_collection"])
        event.after = {"baseline": collection.pk, "snapshot": collection.snapshot_id}
