"""Comparing: what changed between two snapshots, two reviews, or an approved baseline and today."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from passmuster.controls.catalogue import find_pack
from passmuster.documents.json_file import read_json
from passmuster.errors import PassmusterError, UnreadableInput
from passmuster.evaluate.compare import Judged, compare
from passmuster.model.control import Pack
from passmuster.model.drift import ControlChange, Drift
from passmuster.model.words import Outcome
from passmuster.pipeline.evaluating import locate_snapshot
from passmuster.snapshot.drift import compare_snapshots
from passmuster.snapshot.manifest import Manifest
from passmuster.snapshot.read import open_snapshot

_SCHEMA = "passmuster/evaluation@1"
# Our own document, one line a violation: ten million of them fit.
_MAX_BYTES = 2 * 1024**3


def drift_between(base: Path, head: Path, *, packs: Sequence[str] = ()) -> Drift:
    """The drift of two snapshots; where both are reviews, of their verdicts too. `packs` tell of renamed controls."""
    left, right = open_snapshot(locate_snapshot(base)), open_snapshot(locate_snapshot(head))
    controls: tuple[ControlChange, ...] = ()
    kept = [kept_verdicts(path) for path in (base, head)]
    if kept[0] is not None and kept[1] is not None:
        controls = compare(kept[0], kept[1], _packs(packs, kept[1]))
    return Drift(
        left.manifest.id,
        right.manifest.id,
        compare_snapshots(left, right),
        controls,
        odd_pair(left.manifest, right.manifest),
    )


def odd_pair(base: Manifest, head: Manifest) -> tuple[str, ...]:
    """Why the two may not belong together: other platforms, or the later one named first; empty where they do."""
    warnings = []
    if base.platform_id != head.platform_id:
        warnings.append(
            f"the base is of {base.platform_id}, the head of {head.platform_id}: these are two platforms, so all that "
            "differs need not be a change"
        )
    if base.taken_at > head.taken_at:
        warnings.append("the base was taken after the head: what reads as added was removed since, and so on")
    return tuple(warnings)


def kept_verdicts(review: Path) -> dict[tuple[str, str], Judged] | None:
    """The verdicts of a review's evaluation.json; None where there is none. Raises UnreadableInput."""
    path = review / "evaluation.json"
    if not path.is_file():
        return None
    document = read_json(path, max_bytes=_MAX_BYTES)
    if not isinstance(document, dict) or document.get("schema") != _SCHEMA:
        raise UnreadableInput(f"{path}: is not an evaluation ({_SCHEMA}); name a review's folder")
    try:
        return {(entry["pack"], entry["control"]): _judged(entry) for entry in document["results"]}
    except (KeyError, TypeError, ValueError, AttributeError):
        raise UnreadableInput(
            f"{path}: is not an evaluation ({_SCHEMA}): a result lacks what every result has; review again"
        ) from None


def _judged(entry: Mapping[str, Any]) -> Judged:
    return Judged(Outcome(entry["status"]), frozenset(resource["fingerprint"] for resource in entry["resources"]))


def _packs(names: Sequence[str], verdicts: Mapping[tuple[str, str], Judged]) -> list[Pack]:
    found = []
    for name in names or sorted({pack for pack, _ in verdicts}):
        try:
            found.append(find_pack(name))
        except PassmusterError:
            if names:
                raise
    return found
