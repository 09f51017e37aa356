"""Whether a record holds: events, digests, signed checkpoints. Needs no database and no Django."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from passmuster.documents.json_file import parse_json
from passmuster.documents.limits import read_bytes, read_text
from passmuster.errors import UnreadableInput
from passmuster.model.chain import FIELDS, START, MerkleTree, event_digest
from passmuster.records.signing import opens

EXPORT_SCHEMA = "passmuster/audit-export@1"
CHECKPOINT_TYPE = "application/vnd.passmuster.audit-checkpoint+json"
_MAX_EXPORT_BYTES = 4 * 2**30
_MAX_CHECKPOINT_BYTES = 64 * 1024
_SIGNED = ("number", "root", "head_digest")
_CHECKPOINT = {*_SIGNED, "envelope"}
# Checkpoints of before say not when they were signed.
_WHEN = "created_at"
_EVENT = {*FIELDS, "digest"}
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
        # What the digest does not cover nobody vouches for.
        if set(event) != _EVENT or event["digest"] != event_digest(event):
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
    rows, damage = _rows(path)
    told = rows[0] if rows else {}
    if not told:
        return Verdict(0, 0, damage)
    if public_key and told.get("public_key") != public_key:
        return Verdict(0, 0, "the file names another public key than yours")
    key = str(told.get("public_key"))
    events = [row["event"] for row in rows if "event" in row]
    checkpoints = [row["checkpoint"] for row in rows if "checkpoint" in row]
    signed = [] if damage else [*checkpoints, *(read_checkpoint(each, public_key=key) for each in kept)]
    found = verify_chain(events, signed, public_key=key, head=None)
    broken = found.broken or damage or _wrong_end(events, checkpoints, rows[-1]["end"])
    own = "the signatures were held against the key in the file itself; name yours with --public-key"
    found = replace(found, broken=broken)
    return replace(found, warnings=(*(() if public_key else (own,)), *warnings_of(found)))


def _wrong_end(events: Sequence[Any], checkpoints: Sequence[Mapping[str, Any]], end: Any) -> str:
    """What is wrong with checkpoints' order and the last line's counts, where all before holds; else empty."""
    numbers = [int(each["number"]) for each in checkpoints]
    if numbers != sorted(numbers):
        late = next(after for before, after in pairwise(numbers) if after < before)
        return f"the checkpoint over {late} events is not in its place"
    if end != {"events": len(events), "checkpoints": len(checkpoints)}:
        return f"the file holds {len(events)} events and {len(checkpoints)} checkpoints, its end says {end}"
    return ""


def _rows(path: Path) -> tuple[list[dict[str, Any]], str]:
    """The lines of an export up to the first that is none or not in its place, and what is wrong with that one.

    Raises UnreadableInput of a file that has no line of an export.
    """
    lines = read_bytes(path, max_bytes=_MAX_EXPORT_BYTES).removesuffix(b"\n").split(b"\n")
    read = [_row(line, is_first=number == 1) for number, line in enumerate(lines, start=1)]
    if not any(read):
        raise UnreadableInput(f"{path}: is no exported record; write one with `passmuster audit export`")
    rows: list[dict[str, Any]] = []
    for number, row in enumerate(read, start=1):
        if row is None:
            return rows, _damaged(number, rows, lines[number - 1])
        if number > 1 and not _follows(row, rows[-1]):
            return rows, f"line {number} of the file is not in its place"
        rows.append(row)
    ends = "end" in rows[-1]
    return rows, "" if ends else f"the file ends too early: after line {len(rows)}"


def _row(line: bytes, *, is_first: bool) -> dict[str, Any] | None:
    """A line of an export, spelled as we spell it; None of anything else."""
    try:
        text = line.decode()
        row = parse_json(text, "a line")
    except (UnicodeDecodeError, UnreadableInput):
        return None
    if not isinstance(row, dict) or export_line(row) != text:
        return None
    is_head = is_first and set(row) == _HEAD and row["schema"] == EXPORT_SCHEMA
    return row if is_head or (not is_first and len(row) == 1 and next(iter(row)) in _LINES) else None


def _damaged(number: int, before: Sequence[Mapping[str, Any]], line: bytes) -> str:
    """Which entry a line that cannot be read was."""
    events = sum("event" in row for row in before)
    if number > 1 and number == events + 2 and not line.startswith((b'{"checkpoint"', b'{"end"')):
        return f"event {events + 1} was changed: line {number} of the file cannot be read"
    return f"line {number} of the file was changed: it cannot be read"


def _follows(row: Mapping[str, Any], previous: Mapping[str, Any]) -> bool:
    kind, before = next(iter(row)), next(iter(previous))
    return before not in _LINES or (before != "end" and _LINES.index(before) <= _LINES.index(kind))


def export_line(row: Mapping[str, Any]) -> str:
    """One line of an export, without its end; the same row is always spelled the same."""
    return json.dumps(row, ensure_ascii=False)
