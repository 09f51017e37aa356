"""Signing the record soon after something was decided, so that little can be cut off its end unseen."""

from __future__ import annotations

import os

from passmuster.application.access import Action, Actor, require
from passmuster.application.acting import event_fields
from passmuster.application.record.auditing import keeper_signer
from passmuster.application.record.checkpoints import places_of, sign_after, write_checkpoint, write_elsewhere
from passmuster.model.chain import START, MerkleTree
from passmuster.records.chain_check import checkpoint_problem, event_problem
from passmuster.records.home import home_of
from passmuster.records.models import AuditEvent, AuditHead, Checkpoint
from passmuster.records.one_view import one_view
from passmuster.records.own_checkpoints import is_later, keep_own, own_files
from passmuster.records.signing import Signer

# What somebody later might wish they had not decided, or had.
DECISIVE = frozenset(
    {
        *("sign_review", "seal_review", "reopen_review", "cancel_review", "approve_baseline", "decide_tier"),
        *("approve_deviation", "refuse_deviation", "revoke_deviation"),
        *("approve_change", "refuse_change", "record_external_approval", "use_emergency_path", "justify_emergency"),
        *("adopt_plan", "add_person", "change_duties", "deactivate_person", "map_group", "unmap_group"),
    }
)


def sign_decisions(actor: Actor, *, to: str = "") -> str:
    """Sign the record where something was decided since it was last signed, and write that to `to`, a folder or bucket.

    Returns what it did. Raises NotAllowed; UsageError where the record does not hold or the bucket does not lock;
    OutputRefused, StoreFailed.
    """
    require(actor, Action.EXPORT_RECORD)
    newest = Checkpoint.objects.order_by("-number").first()
    made = _sign(actor, keeper_signer(), newest) if _is_decided_since(newest) else None
    newest = made or newest
    told = f"signed {made.number} event(s)" if made else "nothing was decided since the record was signed"
    # One that a store did not take is not left until the next.
    if to and newest is not None and (made or not places_of(newest)):
        told += write_elsewhere(actor, newest, to)
    return told


def _is_decided_since(newest: Checkpoint | None) -> bool:
    since = AuditEvent.objects.filter(number__gt=newest.number if newest else 0)
    return since.filter(action__in=DECISIVE).exists()


def _sign(actor: Actor, signer: Signer, newest: Checkpoint | None) -> Checkpoint | None:
    """By what is signed already, for that needs no event read anew; where that does not fit, all of it is looked at."""
    tree = MerkleTree()
    known = _follow(newest, signer.public_key, tree) if newest is not None else 0
    if not known:
        return write_checkpoint(actor, signer)
    made = sign_after(actor, signer, tree, known)
    if made is not None:
        keep_own(home_of(os.environ), made.number, made.envelope)
    return made


def _follow(newest: Checkpoint, public_key: str, tree: MerkleTree) -> int:
    """How many events there are, where the newest checkpoint holds and the rest follows it; 0 where it does not.

    Of what is signed the digests alone are read, and held against the signature; `tree` grows by all of them.
    """
    # A copy is written after its row: what is found before the view is taken has its row in the view.
    copies = own_files(home_of(os.environ))
    with one_view():
        if any(is_later(path, newest.number) for path in copies):
            return 0
        signed = AuditEvent.objects.filter(number__lte=newest.number).order_by("number")
        count, previous = 0, START
        for previous in signed.values_list("digest", flat=True).iterator(chunk_size=10_000):
            tree.add(previous)
            count += 1
        told = {name: getattr(newest, name) for name in ("number", "root", "head_digest", "envelope")}
        if count != newest.number or checkpoint_problem(told, tree.root, previous, public_key):
            return 0
        for event in AuditEvent.objects.filter(number__gt=count).order_by("number"):
            if event_problem({**event_fields(event), "digest": event.digest}, count + 1, previous):
                return 0
            count, previous = count + 1, event.digest
            tree.add(previous)
        head = AuditHead.objects.filter(pk=1).values_list("number", "digest").first()
        return count if head == (count, previous) else 0
