"""When an older record took the place of a newer one: it is told by an event, and can be checked."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from passmuster.application.access import Action, Actor
from passmuster.application.acting import acting
from passmuster.application.record.auditing import ACCEPTED, RESTORED, keeper_signer, lost_copies
from passmuster.errors import UsageError
from passmuster.records.home import home_of
from passmuster.records.own_checkpoints import put_aside

_MOST_TOLD = 100


def tell_restore(actor: Actor, path: Path, manifest: dict[str, Any]) -> None:
    """Write down which backup was restored here, so that later checkpoints kept elsewhere are explained."""
    with acting(actor, Action.MANAGE_PROGRAMME, "backup", verb=RESTORED) as event:
        record = manifest["record"]
        event.after = {
            "file": path.name,
            "made_at": manifest.get("made_at", ""),
            "events": record["number"],
            "digest": record["digest"],
        }


def accept_older(actor: Actor, why: str) -> str:
    """Take the record as it is where the copies in the home are of a later one; returns what was put aside, in words.

    For a database that was put back by other means than restoring a backup. The copies stay in the home, out of the
    way, and every verification tells of them. Raises NotAllowed; UsageError where nothing is in the way, or where the
    record does not hold in itself.
    """
    if not why.strip():
        raise UsageError("say why the record is older than its checkpoints; whoever verifies it needs the reason")
    events, lost = lost_copies(keeper_signer().public_key)
    if not lost:
        raise UsageError("the record fits every copy of its checkpoints: there is nothing to accept")
    numbers = [int(each["number"]) for each in lost]
    with acting(actor, Action.MANAGE_PROGRAMME, "backup", verb=ACCEPTED, why=why.strip()) as event:
        roots = [{"number": each["number"], "root": each["root"]} for each in lost]
        event.after = {"events": events, "put_aside": roots[-_MOST_TOLD:], "count": len(lost)}
    put_aside(home_of(os.environ), numbers, actor.now)
    return f"{len(lost)} checkpoint(s), over up to {max(numbers)} events, were put aside"
