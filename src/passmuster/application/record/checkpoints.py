"""Signing the record, and putting the signature where whoever holds this machine cannot reach it."""

from __future__ import annotations

import json
import os
from datetime import datetime
from pathlib import Path

from passmuster.application.messages.channels import MailServer, read_channels, require_mail_address, send_mail
from passmuster.application.messages.wording import Letter
from passmuster.application.record.auditing import keeper_signer, write_checkpoint
from passmuster.application.storage.checkpoint_places import put_checkpoint
from passmuster.errors import UsageError
from passmuster.records.models import Checkpoint

_LETTER = """\
The record of Passmuster was signed over its first {number} events.

Keep this mail: together with the keeper's public key it shows that none of them was changed or removed since. Save
what stands between the braces, braces included, as a file, and hold it against the record:

    passmuster audit verify --checkpoint FILE

{envelope}

The public key is {public_key}
"""


def make_checkpoint(now: datetime, *, to: str | Path = "", mail_to: str = "") -> str:
    """Sign the record, and write (a folder, or s3://...) or mail (once) the newest signature; returns what was done.

    Raises UsageError where the record does not hold, the bucket does not lock or no mail server is set up; NotSent,
    OutputRefused, StoreFailed.
    """
    server = _mail_server() if mail_to else None
    made = write_checkpoint(now, keeper_signer())
    newest = made or Checkpoint.objects.order_by("-number").first()
    if newest is None:
        return "the record is empty: there is nothing to sign"
    told = f"signed {newest.number} event(s)" if made else f"nothing new since {newest.number} event(s) were signed"
    if to:
        where, lock = put_checkpoint(str(to), newest.number, _spelled(newest) + "\n", now)
        told += f"; written to {_noted(newest, where)}" + (f" ({lock})" if lock else "")
    if server is not None and mail_to not in newest.exported_to:
        _send(newest, server, mail_to, now)
        told += f"; mailed to {_noted(newest, mail_to)}"
    return told


def _mail_server() -> MailServer:
    server = read_channels(os.environ).mail
    if server is None:
        raise UsageError(
            "no mail server is set up; name it in PASSMUSTER_SMTP_HOST and the sender in PASSMUSTER_MAIL_FROM"
        )
    return server


def _send(newest: Checkpoint, server: MailServer, mail_to: str, now: datetime) -> None:
    require_mail_address(mail_to)
    text = _LETTER.format(number=newest.number, envelope=_spelled(newest), public_key=keeper_signer().public_key)
    letter = Letter(f"Passmuster: the record signed over {newest.number} events", text, "")
    send_mail(server, mail_to, letter, identity=f"checkpoint-{newest.number}-{newest.root[:16]}", now=now)


def _spelled(checkpoint: Checkpoint) -> str:
    # The database keeps no order of names; the same checkpoint is always spelled the same.
    return json.dumps(checkpoint.envelope, indent=1, sort_keys=True)


def _noted(checkpoint: Checkpoint, place: str) -> str:
    if place not in checkpoint.exported_to:
        checkpoint.exported_to = [*checkpoint.exported_to, place]
        Checkpoint.objects.filter(pk=checkpoint.pk).update(exported_to=checkpoint.exported_to)
    return place
