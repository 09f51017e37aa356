"""One cause is told once: a control that supersedes others takes over the resources both found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from passmuster.model.control import Control
from passmuster.model.results import ControlResult
from passmuster.model.words import Outcome


def told_once(controls: Sequence[Control], results: Sequence[ControlResult]) -> list[ControlResult]:
    """The results with violations removed that a superseding control tells already."""
    by_id = {result.control: result for result in results}
    for control in controls:
        above = by_id[control.id]
        if above.outcome is not Outcome.FAIL or not control.supersedes:
            continue
        told = {violation.id for violation in above.violations}
        for name in control.supersedes:
            below = by_id.get(name)
            if below is not None and below.outcome is Outcome.FAIL:
                by_id[name] = _without(below, told, control.id)
    return [by_id[result.control] for result in results]


def _without(result: ControlResult, told: set[str], by: str) -> ControlResult:
    left = [violation for violation in result.violations if violation.id not in told]
    if len(left) == len(result.violations):
        return result
    if not left:
        return replace(result, outcome=Outcome.NOT_APPLICABLE, reason=f"told by {by}", violations=(), violation_count=0)
    reason = f"{len(left)} of {result.population} in violation; the rest is told by {by}"
    return replace(result, violations=left, violation_count=len(left), reason=reason)
