"""Signing the record, and putting the signature where whoever holds this machine cannot reach it."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path

from django.db import transaction

from passmuster.application.access import Action, Actor, require
from passmuster.application.acting import acting, event_fields, plain
from passmuster.application.messages.channels import MailServer, read_channels, require_mail_address, send_mail
from passmuster.application.messages.wording import Letter
from passmuster.application.record.auditing import keeper_signer, verify_events
from passmuster.application.storage.checkpoint_places import put_checkpoint
from passmuster.errors import UsageError
from passmuster.model.chain import MerkleTree
from passmuster.records.chain_check import CHECKPOINT_TYPE, event_problem
from passmuster.records.home import home_of
from passmuster.records.models import AuditEvent, AuditHead, Checkpoint
from passmuster.records.own_checkpoints import keep_own, spelled
from passmuster.records.signing import Signer

KIND, SIGNED, SENT = "checkpoint", "sign_record", "send_checkpoint"

_LETTER = """\
The record of Passmuster was signed over its first {number} events.

Keep this mail: together with the keeper's public key it shows that none of them was changed or removed since. Save
what stands between the braces, braces included, as a file, and hold it against the record:

    passmuster audit verify --checkpoint FILE

{envelope}

The public key is {public_key}
"""


def write_checkpoint(actor: Actor, signer: Signer) -> Checkpoint | None:
    """Sign what the record holds now; None where nothing is new. Raises UsageError on a record that does not hold.

    The event of signing is the last one that is signed. The copy in the home is written once the database has it all;
    copies that are missing, for whatever reason, are written too.
    """
    tree = MerkleTree()
    verdict = verify_events(public_key=signer.public_key, tree=tree)
    if not verdict.holds:
        raise UsageError(f"the record is not signed, for it does not hold: {verdict.broken}")
    made = sign_after(actor, signer, tree, verdict.events) if verdict.events else None
    for number, envelope in Checkpoint.objects.order_by("number").values_list("number", "envelope"):
        keep_own(home_of(os.environ), number, envelope)
    return made


@transaction.atomic
def sign_after(actor: Actor, signer: Signer, tree: MerkleTree, known: int) -> Checkpoint | None:
    """The event, and the checkpoint over all up to it; `tree` has the first `known` events, which hold."""
    with acting(actor, Action.EXPORT_RECORD, KIND, verb=SIGNED) as event:
        # Whoever signs at the same time waits here, and finds nothing new.
        head = AuditHead.objects.select_for_update().get(pk=1)
        event.subject_id = str(head.number + 1)
        event.is_silent = not _is_anything_new()
    if event.is_silent:
        return None
    digest = AuditEvent.objects.values_list("digest", flat=True).get(number=known)
    for written in AuditEvent.objects.filter(number__gt=known).order_by("number"):
        if problem := event_problem({**event_fields(written), "digest": written.digest}, known + 1, digest):
            raise UsageError(f"the record is not signed, for it does not hold: {problem}")
        known, digest = written.number, written.digest
        tree.add(digest)
    when = actor.now.astimezone(UTC).replace(microsecond=0)
    body = {"number": known, "root": tree.root, "head_digest": digest}
    text = json.dumps({**body, "created_at": plain(when)}, sort_keys=True)
    return Checkpoint.objects.create(**body, envelope=signer.sign(text.encode(), CHECKPOINT_TYPE), created_at=when)


def _is_anything_new() -> bool:
    """Whether there is more than what the last checkpoint covers, and than the events of sending that elsewhere."""
    last = Checkpoint.objects.order_by("-number").first()
    return last is None or AuditEvent.objects.filter(number__gt=last.number).exclude(action=SENT).exists()


def places_of(checkpoint: Checkpoint) -> list[str]:
    """Where the record says that it was sent; the events tell, for they are signed in their turn."""
    told = AuditEvent.objects.filter(subject_kind=KIND, subject_id=str(checkpoint.number), action=SENT)
    return [str((event.after or {}).get("place", "")) for event in told.order_by("number")]


def make_checkpoint(actor: Actor, *, to: str | Path = "", mail_to: str = "") -> str:
    """Sign the record, and write (a folder, or s3://...) or mail (once) the newest signature; returns what was done.

    Raises NotAllowed; UsageError where the record does not hold, the bucket does not lock or no mail server is set up;
    NotSent, OutputRefused, StoreFailed.
    """
    require(actor, Action.EXPORT_RECORD)
    server = _mail_server() if mail_to else None
    made = write_checkpoint(actor, keeper_signer())
    newest = made or Checkpoint.objects.order_by("-number").first()
    if newest is None:
        return "the record is empty: there is nothing to sign"
    told = f"signed {newest.number} event(s)" if made else f"nothing new since {newest.number} event(s) were signed"
    if to:
        told += write_elsewhere(actor, newest, str(to))
    if server is not None and not _is_noted(newest, mail_to):
        _send(newest, server, mail_to, actor.now)
        told += f"; mailed to {_noted(actor, newest, mail_to)}"
    return told


def write_elsewhere(actor: Actor, newest: Checkpoint, to: str) -> str:
    """Write it into a folder or bucket and note that in the record; returns where, in words. Raises as making does."""
    where, lock = put_checkpoint(to, newest.number, spelled(newest.envelope), actor.now)
    return f"; written to {_noted(actor, newest, where)}" + (f" ({lock})" if lock else "")


def _mail_server() -> MailServer:
    server = read_channels(os.environ).mail
    if server is None:
        raise UsageError(
            "no mail server is set up; name it in PASSMUSTER_SMTP_HOST and the sender in PASSMUSTER_MAIL_FROM"
        )
    return server


def _send(newest: Checkpoint, server: MailServer, mail_to: str, now: datetime) -> None:
    require_mail_address(mail_to)
    text = _LETTER.format(
        number=newest.number, envelope=spelled(newest.envelope).strip(), public_key=keeper_signer().public_key
    )
    letter = Letter(f"Passmuster: the record signed over {newest.number} events", text, "")
    send_mail(server, mail_to, letter, identity=f"checkpoint-{newest.number}-{newest.root[:16]}", now=now)


def _is_noted(checkpoint: Checkpoint, place: str) -> bool:
    return place in (*places_of(checkpoint), *checkpoint.exported_to)


def _noted(actor: Actor, checkpoint: Checkpoint, place: str) -> str:
    if not _is_noted(checkpoint, place):
        with acting(actor, Action.EXPORT_RECORD, KIND, verb=SENT) as event:
            event.subject_id, event.after = str(checkpoint.number), {"place": place}
    return place
