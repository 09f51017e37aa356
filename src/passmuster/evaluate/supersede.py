"""One cause is told once: a control that supersedes others takes over the resources both found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pyarrow as pa

from passmuster.evaluate.told import Told
from passmuster.model.control import Pack
from passmuster.model.results import ControlResult
from passmuster.model.words import Outcome


def told_once(packs: Sequence[Pack], results: Sequence[ControlResult]) -> list[ControlResult]:
    """The results with violations removed that a superseding control tells already.

    A control names another of its own pack by the id, and one of another pack as PACK/ID.
    """
    by_key = {(result.pack, result.control): result for result in results}
    for of_pack, control in ((pack.id, control) for pack in packs for control in pack.controls):
        above = by_key[of_pack, control.id]
        if above.outcome is not Outcome.FAIL or not control.supersedes:
            continue
        told = _told(above).rows["resource_id"]
        for name in control.supersedes:
            key = _key(name, of_pack)
            below = by_key.get(key)
            if below is not None and below.outcome is Outcome.FAIL:
                by_key[key] = _without(below, told, control.id)
    return [by_key[result.pack, result.control] for result in results]


def _key(name: str, pack: str) -> tuple[str, str]:
    other, is_of_other, control = name.partition("/")
    return (other, control) if is_of_other else (pack, name)


def _told(result: ControlResult) -> Told:
    if not isinstance(result.violations, Told):
        raise TypeError(f"{result.pack}/{result.control}: what fails here was told by the engine")
    return result.violations


def _without(result: ControlResult, told: pa.ChunkedArray, by: str) -> ControlResult:
    left = _told(result).without(told)
    if len(left) == len(result.violations):
        return result
    if not left:
        return replace(result, outcome=Outcome.NOT_APPLICABLE, reason=f"told by {by}", violations=(), violation_count=0)
    reason = f"{len(left)} of {result.population} in violation; the rest is told by {by}"
    return replace(result, violations=left, violation_count=len(left), reason=reason)
