"""Whether the record holds: against itself, its checkpoints wherever they lie, and its files; and who may read it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any

from django.db.models import QuerySet

from passmuster.application.access import Action, Actor, platforms_for
from passmuster.application.acting import event_fields, plain
from passmuster.application.record.evidence_check import evidence_problems, seal_problems
from passmuster.application.record.gate_check import gate_problems
from passmuster.errors import UnreadableInput, UsageError
from passmuster.model.chain import START, MerkleTree
from passmuster.records.chain_check import Verdict, read_checkpoint, verify_chain, warnings_of
from passmuster.records.home import home_of
from passmuster.records.models import AuditEvent, AuditHead, Checkpoint, Evidence, Platform
from passmuster.records.one_view import one_view
from passmuster.records.own_checkpoints import FOLDER, own_files, set_aside
from passmuster.records.signing import Signer, own_signer

_BATCH = 2_000
_NOTHING_ELSEWHERE = (
    "nothing kept elsewhere was compared: whoever holds this machine can have changed the record and its checkpoints "
    "together"
)
# Both tell over how many of its first events the record is the one that was signed.
RESTORED, ACCEPTED = "restore_backup", "accept_older_record"

Signed = Mapping[str, Any]
Progress = Callable[[str], None]


def _silently(_text: str) -> None:
    """Nobody follows."""


@dataclass(frozen=True)
class Kept:
    """Checkpoints that lie outside the database: the copies in the home, those kept elsewhere; and what is damaged."""

    own: tuple[Signed, ...]
    elsewhere: tuple[Signed, ...]
    damaged: str = ""


def read_kept(public_key: str, paths: Sequence[Path] = ()) -> Kept:
    """Read the copies in the home, and those at `paths`; raises UnreadableInput where one of these is none."""
    own: list[Signed] = []
    damaged = ""
    for path in own_files(home_of(os.environ)):
        try:
            own.append(read_checkpoint(path, public_key=public_key))
        except UnreadableInput as problem:
            damaged = damaged or str(problem)
    return Kept(tuple(own), tuple(read_checkpoint(each, public_key=public_key) for each in paths), damaged)


def stored_events(progress: Progress = _silently) -> Iterator[dict[str, Any]]:
    """Every event as the chain spells it, with its digest, in order."""
    for count, event in enumerate(AuditEvent.objects.order_by("number").iterator(chunk_size=_BATCH)):
        if count % _BATCH == 0:
            progress(f"{count:,} events were recomputed")
        yield {**event_fields(event), "digest": event.digest}


def stored_checkpoints() -> list[Signed]:
    """Every checkpoint of the database, in order."""
    rows = Checkpoint.objects.order_by("number").values("number", "root", "head_digest", "envelope", "created_at")
    return [{**row, "created_at": plain(row["created_at"])} for row in rows]


def unmatched(own: Sequence[Signed]) -> list[Signed]:
    """The copies in the home that the database does not hold as they were signed."""
    there = {row["number"]: row["envelope"] for row in stored_checkpoints()}
    return [each for each in own if there.get(each["number"]) != each["envelope"]]


def verify_events(
    *,
    public_key: str,
    kept: Sequence[Path] = (),
    progress: Progress = _silently,
    tree: MerkleTree | None = None,
) -> Verdict:
    """The chain against its checkpoints wherever they lie; nothing is written. An empty `tree` grows by its events."""
    # A copy is written after its row: what is found before the view is taken has its row in the view.
    found = read_kept(public_key, kept)
    with one_view():
        return _held(found, public_key, progress, tree)


def verify_record(*, public_key: str, kept: Sequence[Path] = (), progress: Progress = _silently) -> Verdict:
    """The chain, its checkpoints, every piece of evidence and sealed review with its files, and the gates of changes.

    `progress` is called inside a transaction: it must not write by this connection.
    """
    found = read_kept(public_key, kept)
    with one_view():
        verdict = _held(found, public_key, progress)
        if verdict.broken:
            return verdict
        progress(f"{verdict.events:,} events hold; evidence, sealed reviews and gates are read")
        problem = next(chain(evidence_problems(), seal_problems(), gate_problems()), "")
        told = replace(verdict, broken=problem, evidence=0 if problem else Evidence.objects.count())
        return replace(told, warnings=(*warnings_of(told), *_uncompared(told, found)))


def _chain(
    public_key: str, more: Sequence[Signed] = (), progress: Progress = _silently, tree: MerkleTree | None = None
) -> Verdict:
    """The chain against the checkpoints in the database and `more`; inside a view."""
    head = AuditHead.objects.filter(pk=1).values("number", "digest").first() or {"number": 0, "digest": START}
    checkpoints = [*stored_checkpoints(), *more]
    return verify_chain(stored_events(progress), checkpoints, public_key=public_key, head=head, tree=tree)


def _held(kept: Kept, public_key: str, progress: Progress, tree: MerkleTree | None = None) -> Verdict:
    if kept.damaged:
        return Verdict(0, 0, kept.damaged)
    lost = unmatched(kept.own)
    outside = [*kept.elsewhere, *lost]
    found = _chain(public_key, outside, progress, tree)
    if found.broken:
        return replace(found, broken=found.broken + (_why_outside(public_key, outside) if outside else ""))
    if lost:
        number = lost[0]["number"]
        return Verdict(
            found.events, 0, f"the checkpoint over {number} events is not in the database as it was signed; its copy is"
        )
    return found


def lost_copies(public_key: str) -> tuple[int, list[Signed]]:
    """Over how many events the checkpoints hold that are here, and the copies that are of another record.

    Raises UsageError where the record does not hold in itself.
    """
    kept = read_kept(public_key)
    with one_view():
        found = _chain(public_key)
        if kept.damaged or found.broken:
            raise UsageError(f"the record does not hold in itself: {kept.damaged or found.broken}")
        lost = unmatched(kept.own)
        lost = lost if _chain(public_key, lost).broken else []
        return found.signed, lost


def _why_outside(public_key: str, outside: Sequence[Signed]) -> str:
    """What else is known where the record does not fit checkpoints outside the database."""
    if _chain(public_key).broken:
        return ""
    told = AuditEvent.objects.filter(subject_kind="backup", action__in=(RESTORED, ACCEPTED)).order_by("-number").first()
    if told is None:
        return (
            ". In itself the record holds: that is so where the past was rewritten, and where an older copy of the "
            "database was put back, of which no event tells (see `passmuster audit accept-older --help`)"
        )
    common = int((told.after or {}).get("events", 0))
    earlier = [each for each in outside if each["number"] <= common]
    if _chain(public_key, earlier).broken:
        return f". Event {told.number} tells of a restore, but checkpoints over what was restored do not hold either"
    return (
        f". Event {told.number} tells of a restore of the first {common} events: all checkpoints over no more than "
        "these hold; the others were signed over what was done after that and is lost"
    )


def _uncompared(verdict: Verdict, kept: Kept) -> tuple[str, ...]:
    aside = len(set_aside(home_of(os.environ)))
    return (
        *((_NOTHING_ELSEWHERE,) if verdict.holds and verdict.events and not kept.elsewhere else ()),
        *((f"{aside} checkpoint(s) of an older record lie under {FOLDER}: an event tells why",) if aside else ()),
    )


def events_for(actor: Actor) -> QuerySet[AuditEvent]:
    """The events the actor may read, newest first; those of no platform are for people with a duty everywhere."""
    where = platforms_for(actor, Action.READ_RECORD)
    found = AuditEvent.objects.order_by("-number")
    if where is None:
        return found
    return found.filter(platform__in=Platform.objects.filter(pk__in=where).values("slug"))


def keeper_signer() -> Signer:
    """The key in the keeper's folder."""
    return own_signer(home_of(os.environ))
