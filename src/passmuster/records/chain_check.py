"""Whether a record holds: events, digests, signed checkpoints. Needs no database and no Django."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from passmuster.documents.json_file import parse_json
from passmuster.documents.limits import read_text
from passmuster.errors import UnreadableInput
from passmuster.model.chain import START, MerkleTree, event_digest
from passmuster.records.signing import opens

EXPORT_SCHEMA = "passmuster/audit-export@1"
CHECKPOINT_TYPE = "application/vnd.passmuster.audit-checkpoint+json"
_MAX_EXPORT_BYTES = 4 * 2**30


@dataclass(frozen=True)
class Verdict:
    """Whether the record holds: how many events and checkpoints were looked at, and the first thing that does not."""

    events: int
    checkpoints: int
    broken: str = ""
    warnings: tuple[str, ...] = field(default=())

    @property
    def holds(self) -> bool:
        """Whether nothing was found."""
        return not self.broken


def verify_chain(
    events: Iterable[Mapping[str, Any]],
    checkpoints: Iterable[Mapping[str, Any]],
    *,
    public_key: str,
    head: Mapping[str, Any] | None,
) -> Verdict:
    """Hold events (in order) against their digests, each other, every signed checkpoint and the chain's end."""
    awaited = {int(each["number"]): each for each in checkpoints}
    tree, previous, count = MerkleTree(), START, 0
    for event in events:
        count += 1
        if problem := _event_problem(event, count, previous):
            return Verdict(count - 1, 0, problem)
        previous = str(event["digest"])
        tree.add(previous)
        if count in awaited and (problem := _checkpoint_problem(awaited[count], tree.root, previous, public_key)):
            return Verdict(count, 0, problem)
    missing = [number for number in awaited if number > count]
    if missing:
        return Verdict(count, 0, f"events after {count} are gone: a checkpoint was signed over {max(missing)} events")
    if head is not None and (int(head["number"]), head["digest"]) != (count, previous):
        return Verdict(count, 0, f"the chain's end says {head['number']} events, {count} are there")
    return Verdict(count, len(awaited))


def _event_problem(event: Mapping[str, Any], number: int, previous: str) -> str:
    try:
        if int(event["number"]) != number:
            return f"event {number} is not there: event {event['number']} stands in its place"
        if event["previous_digest"] != previous:
            return f"event {number} does not follow the event before it"
        if event["digest"] != event_digest(event):
            return f"event {number} was changed"
    except (KeyError, TypeError, ValueError):
        return f"event {number} is damaged"
    return ""


def _checkpoint_problem(stored: Mapping[str, Any], root: str, head: str, public_key: str) -> str:
    number = int(stored["number"])
    try:
        body = json.loads(opens(stored["envelope"], CHECKPOINT_TYPE, public_key))
    except ValueError:
        return f"the checkpoint over {number} events is not signed by this keeper's key"
    if body != {"number": number, "root": stored["root"], "head_digest": stored["head_digest"]}:
        return f"the checkpoint over {number} events was changed"
    if (stored["root"], stored["head_digest"]) != (root, head):
        return f"the first {number} events are not those the checkpoint was signed over"
    return ""


def verify_export(path: Path, *, public_key: str = "") -> Verdict:
    """An exported record, offline; raises UnreadableInput where the file is none.

    Without a public key of yours the one in the file is used, and the verdict warns: whoever changed the file could
    have changed that too.
    """
    lines = read_text(path, max_bytes=_MAX_EXPORT_BYTES).rstrip("\n").split("\n")
    rows = [parse_json(line, f"{path}: line {number}") for number, line in enumerate(lines, start=1)]
    if not rows or not isinstance(rows[0], dict) or rows[0].get("schema") != EXPORT_SCHEMA:
        raise UnreadableInput(f"{path}: is no exported record; write one with `passmuster audit export`")
    if not all(isinstance(row, dict) for row in rows):
        raise UnreadableInput(f"{path}: a line is no record's line; export it again")
    if "end" not in rows[-1]:
        raise UnreadableInput(f"{path}: it ends too early; export it again")
    events = [row["event"] for row in rows if "event" in row]
    checkpoints = [row["checkpoint"] for row in rows if "checkpoint" in row]
    if rows[-1]["end"] != {"events": len(events)}:
        return Verdict(len(events), 0, f"the file says it ends after {rows[-1]['end'].get('events')} events")
    own = "the signatures were held against the key in the file itself; name yours with --public-key"
    key = public_key or str(rows[0].get("public_key"))
    found = verify_chain(events, checkpoints, public_key=key, head=None)
    late = "" if not checkpoints or found.broken else _unsigned(events, checkpoints)
    warnings = tuple(filter(None, ("" if public_key else own, late)))
    return Verdict(found.events, found.checkpoints, found.broken, warnings)


def _unsigned(events: list[Any], checkpoints: list[Any]) -> str:
    rest = len(events) - max(int(each["number"]) for each in checkpoints)
    return f"the last {rest} event(s) are not covered by a signed checkpoint yet" if rest else ""
