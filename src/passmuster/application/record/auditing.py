"""The record: signed checkpoints over it, an export that verifies offline, and finding what was changed."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Any

from django.db.models import QuerySet

from passmuster.application.access import Action, Actor, platforms_for, require
from passmuster.application.acting import acting, event_fields
from passmuster.application.record.evidence_check import evidence_problems, seal_problems
from passmuster.documents.atomic import new_file
from passmuster.errors import UsageError
from passmuster.model.chain import START, MerkleTree
from passmuster.records.chain_check import (
    CHECKPOINT_TYPE,
    EXPORT_SCHEMA,
    Verdict,
    export_line,
    read_checkpoint,
    verify_chain,
)
from passmuster.records.home import home_of
from passmuster.records.models import AuditEvent, AuditHead, Checkpoint, Evidence, Platform
from passmuster.records.one_view import one_view
from passmuster.records.signing import Signer, own_signer

_BATCH = 2_000


Progress = Callable[[str], None]


def _silently(_text: str) -> None:
    """Nobody follows."""


def stored_events(progress: Progress = _silently) -> Iterator[dict[str, Any]]:
    """Every event as the chain spells it, with its digest, in order."""
    for count, event in enumerate(AuditEvent.objects.order_by("number").iterator(chunk_size=_BATCH)):
        if count % _BATCH == 0:
            progress(f"{count:,} events were recomputed")
        yield {**event_fields(event), "digest": event.digest}


def events_for(actor: Actor) -> QuerySet[AuditEvent]:
    """The events the actor may read, newest first; those of no platform are for people with a duty everywhere."""
    where = platforms_for(actor, Action.READ_RECORD)
    found = AuditEvent.objects.order_by("-number")
    if where is None:
        return found
    return found.filter(platform__in=Platform.objects.filter(pk__in=where).values("slug"))


def verify_events(*, public_key: str, kept: Sequence[Path] = (), progress: Progress = _silently) -> Verdict:
    """The chain against its checkpoints, and against those kept elsewhere; nothing is written."""
    elsewhere = [read_checkpoint(each, public_key=public_key) for each in kept]
    with one_view():
        head = AuditHead.objects.filter(pk=1).values("number", "digest").first()
        checkpoints = list(Checkpoint.objects.order_by("number").values("number", "root", "head_digest", "envelope"))
        return verify_chain(
            stored_events(progress),
            [*checkpoints, *elsewhere],
            public_key=public_key,
            head=head or {"number": 0, "digest": START},
        )


def verify_record(*, public_key: str, kept: Sequence[Path] = (), progress: Progress = _silently) -> Verdict:
    """The chain, its checkpoints, and every piece of evidence and sealed review with its files.

    `progress` is called inside a transaction: it must not write by this connection.
    """
    with one_view():
        verdict = verify_events(public_key=public_key, kept=kept, progress=progress)
        if verdict.broken:
            return verdict
        progress(f"{verdict.events:,} events hold; evidence and sealed reviews are read")
        problem = next(chain(evidence_problems(), seal_problems()), "")
        return replace(verdict, broken=problem, evidence=0 if problem else Evidence.objects.count())


def write_checkpoint(now: datetime, signer: Signer) -> Checkpoint | None:
    """Sign what the record holds now; None where nothing is new. Raises UsageError on a record that does not hold."""
    verdict = verify_events(public_key=signer.public_key)
    if not verdict.holds:
        raise UsageError(f"the record is not signed, for it does not hold: {verdict.broken}")
    last = Checkpoint.objects.order_by("-number").first()
    if verdict.events == 0 or (last is not None and last.number == verdict.events):
        return None
    tree, digest = MerkleTree(), START
    for digest in (
        AuditEvent.objects.filter(number__lte=verdict.events).order_by("number").values_list("digest", flat=True)
    ):
        tree.add(digest)
    body = {"number": verdict.events, "root": tree.root, "head_digest": digest}
    envelope = signer.sign(json.dumps(body, sort_keys=True).encode(), CHECKPOINT_TYPE)
    return Checkpoint.objects.create(**body, envelope=envelope, created_at=now)


def export_record(actor: Actor, target: Path, *, public_key: str) -> int:
    """Write the whole record as JSON lines that verify offline; returns how many events. Raises NotAllowed."""
    require(actor, Action.EXPORT_RECORD)
    head = {"schema": EXPORT_SCHEMA, "public_key": public_key}
    count = 0
    with one_view(), new_file(target) as scratch, scratch.open("w", encoding="utf-8") as stream:
        stream.write(export_line(head) + "\n")
        for event in stored_events():
            count += 1
            stream.write(export_line({"event": event}) + "\n")
        signed = Checkpoint.objects.filter(number__lte=count).order_by("number")
        checkpoints = signed.values("number", "root", "head_digest", "envelope")
        for each in checkpoints:
            stream.write(export_line({"checkpoint": each}) + "\n")
        stream.write(export_line({"end": {"events": count, "checkpoints": len(checkpoints)}}) + "\n")
    return count


def keeper_signer() -> Signer:
    """The key in the keeper's folder."""
    return own_signer(home_of(os.environ))


def export_by_command(actor: Actor, target: Path) -> int:
    """Export, and write down that it was done; returns how many events, that one among them."""
    with acting(actor, Action.EXPORT_RECORD, "record", verb="export_record") as event:
        event.after = {"file": target.name}
    return export_record(actor, target, public_key=keeper_signer().public_key)
