"""The record as one file that verifies offline."""

from __future__ import annotations

from pathlib import Path

from passmuster.application.access import Action, Actor
from passmuster.application.acting import acting
from passmuster.application.record.auditing import stored_events
from passmuster.documents.atomic import new_file
from passmuster.records.chain_check import EXPORT_SCHEMA, export_line
from passmuster.records.models import Checkpoint
from passmuster.records.one_view import one_view


def export_record(actor: Actor, target: Path, *, public_key: str) -> int:
    """Write the whole record as JSON lines that verify offline; returns how many events. Raises NotAllowed.

    That it was done is an event, the last one in the file or near it.
    """
    with acting(actor, Action.EXPORT_RECORD, "record", verb="export_record") as written:
        written.after = {"file": target.name}
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
