"""Whether a record holds: events, digests, signed checkpoints. Needs no database and no Django."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
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
_MAX_CHECKPOINT_BYTES = 64 * 1024
_SIGNED = ("number", "root", "head_digest")
_CHECKPOINT = {*_SIGNED, "envelope"}
# Checkpoints of before say not when they were signed.
_WHEN = "created_at"
_HEAD = {"schema", "public_key"}
_LINES = ("event", "checkpoint", "end")


@dataclass(frozen=True)
class Verdict:
    """Whether the record holds: how much of it was looked at, and the first thing that does not.

    `signed` is how many events the newest checkpoint covers.
    """

    events: int
    checkpoints: int
    broken: str = ""
    warnings: tuple[str, ...] = field(default=())
    evidence: int = 0
    signed: int = 0

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
    tree: MerkleTree | None = None,
) -> Verdict:
    """Hold events (in order) against their digests, each other, every signed checkpoint and the chain's end.

    An empty `tree` that is handed in grows by every event that holds.
    """
    awaited: dict[int, list[Mapping[str, Any]]] = {}
    try:
        for each in checkpoints:
            awaited.setdefault(int(each["number"]), []).append(each)
    except (KeyError, TypeError, ValueError):
        return Verdict(0, 0, "a checkpoint is damaged")
    tree, previous, count = MerkleTree() if tree is None else tree, START, 0
    for event in events:
        count += 1
        if problem := event_problem(event, count, previous):
            return Verdict(count - 1, 0, problem)
        previous = str(event["digest"])
        tree.add(previous)
        for stored in awaited.get(count, ()):
            if problem := checkpoint_problem(stored, tree.root, previous, public_key):
                return Verdict(count, 0, problem)
    missing = [number for number in awaited if not 0 < number <= count]
    if missing:
        return Verdict(count, 0, f"events after {count} are gone: a checkpoint was signed over {max(missing)} events")
    if head is not None and (int(head["number"]), head["digest"]) != (count, previous):
        return Verdict(count, 0, f"the chain's end says {head['number']} events, {count} are there")
    return Verdict(count, sum(map(len, awaited.values())), signed=max(awaited, default=0))


def warnings_of(verdict: Verdict) -> tuple[str, ...]:
    """What the signatures here do not cover, in words; of a record that holds."""
    rest = verdict.events - verdict.signed
    if not verdict.holds or not rest:
        return ()
    if not verdict.signed:
        return (
            f"no checkpoint over {rest} event(s): they fit together, and could have been rewritten together; sign them "
            "with `passmuster audit checkpoint`",
        )
    return (f"the last {rest} event(s) are not signed yet: what happens to them until then would not be seen",)


def read_checkpoint(path: Path, *, public_key: str) -> dict[str, Any]:
    """A checkpoint that was written or mailed elsewhere; raises UnreadableInput where it is not signed by that key."""
    envelope = parse_json(read_text(path, max_bytes=_MAX_CHECKPOINT_BYTES), str(path))
    try:
        body = json.loads(opens(envelope, CHECKPOINT_TYPE, public_key))
        return {**{name: body[name] for name in _SIGNED}, "envelope": envelope}
    except (KeyError, TypeError, ValueError):
        raise UnreadableInput(f"{path}: is no checkpoint signed by this keeper's key") from None


def event_problem(event: Mapping[str, Any], number: int, previous: str) -> str:
    """What is wrong with the event that is to be the one of that number, after that digest; empty where it holds."""
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


def checkpoint_problem(stored: Mapping[str, Any], root: str, head: str, public_key: str) -> str:
    """What is wrong with a stored checkpoint, over events with that root and that end; empty where it holds."""
    number = int(stored["number"])
    changed = f"the checkpoint over {number} events was changed"
    if set(stored) - {_WHEN} != _CHECKPOINT:
        return changed
    try:
        body = json.loads(opens(stored["envelope"], CHECKPOINT_TYPE, public_key))
    except (KeyError, TypeError, ValueError):
        return f"the checkpoint over {number} events is not signed by this keeper's key"
    told = {name: stored[name] for name in _SIGNED}
    if isinstance(body, dict) and _WHEN in body:
        told[_WHEN] = stored.get(_WHEN, body[_WHEN])
    if body != told:
        return changed
    if (stored["root"], stored["head_digest"]) != (root, head):
        return f"the first {number} events are not those the checkpoint was signed over"
    return ""


def verify_export(path: Path, *, public_key: str = "", kept: Sequence[Path] = ()) -> Verdict:
    """An exported record, offline, also against checkpoints kept elsewhere; raises UnreadableInput where it is none.

    Without a public key of yours the one in the file is used, and the verdict warns: whoever changed the file could
    have changed that too.
    """
    rows = _rows(path)
    told, end = rows[0], rows[-1]["end"]
    events = [row["event"] for row in rows if "event" in row]
    checkpoints = [row["checkpoint"] for row in rows if "checkpoint" in row]
    if end != {"events": len(events), "checkpoints": len(checkpoints)}:
        return Verdict(
            0, 0, f"the file holds {len(events)} events and {len(checkpoints)} checkpoints, its end says {end}"
        )
    if public_key and told.get("public_key") != public_key:
        return Verdict(0, 0, "the file names another public key than yours")
    key = str(told.get("public_key"))
    checkpoints += [read_checkpoint(each, public_key=key) for each in kept]
    found = verify_chain(events, checkpoints, public_key=key, head=None)
    own = "the signatures were held against the key in the file itself; name yours with --public-key"
    return replace(found, warnings=(*(() if public_key else (own,)), *warnings_of(found)))


def _rows(path: Path) -> list[dict[str, Any]]:
    """The lines of an export: its head, events, checkpoints, its end; nothing else, and spelled as we spell them."""
    lines = read_text(path, max_bytes=_MAX_EXPORT_BYTES).removesuffix("\n").split("\n")
    rows = [parse_json(line, f"{path}: line {number}") for number, line in enumerate(lines, start=1)]
    if not isinstance(rows[0], dict) or rows[0].get("schema") != EXPORT_SCHEMA or set(rows[0]) != _HEAD:
        raise UnreadableInput(f"{path}: is no exported record; write one with `passmuster audit export`")
    for number, (row, line) in enumerate(zip(rows, lines, strict=True), start=1):
        is_known = number == 1 or (isinstance(row, dict) and len(row) == 1 and next(iter(row)) in _LINES)
        if not is_known or export_line(row) != line:
            raise UnreadableInput(f"{path}: line {number} is no line of an exported record; export it again")
    kinds = [next(iter(row)) for row in rows[1:]]
    if not kinds or kinds != sorted(kinds, key=_LINES.index) or kinds.count("end") != 1:
        raise UnreadableInput(f"{path}: it ends too early, or its lines are out of order; export it again")
    return rows


def export_line(row: Mapping[str, Any]) -> str:
    """One line of an export, without its end; the same row is always spelled the same."""
    return json.dumps(row, ensure_ascii=False)
