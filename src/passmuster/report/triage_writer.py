"""Decisions as `passmuster/triage@1`, one JSON document."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, TextIO

from passmuster.model.decision import Clock, Decision, PointValue, Times, Touch
from passmuster.report.text import rfc3339

SCHEMA = "passmuster/triage@1"
_MOST_KEPT = 4096
_OF_PLACE = frozenset({"environment", "component_id"})
_PLACE = "\0"
"""Stands for a place while the rest is spelled."""


def write_triage(decisions: Sequence[Decision], stream: TextIO, *, as_of: datetime, warnings: Sequence[str]) -> None:
    """Write the document, a decision at a time."""
    head = {"schema": SCHEMA, "as_of": rfc3339(as_of), "summary": _summary(decisions), "warnings": list(warnings)}
    stream.write(json.dumps(head, indent=1, ensure_ascii=False)[:-2] + ',\n "decisions": [')
    spelled = _Spelled()
    for number, decision in enumerate(decisions):
        stream.write(f"{',' if number else ''}\n  {spelled.text(decision)}")
    stream.write("]\n}\n")


class _Spelled:
    """Spells decisions; what many share that differ in their place alone is spelled once.

    Only while the decisions live: they are told apart by where what they share lies in memory.
    """

    def __init__(self) -> None:
        self._parts: dict[tuple[int, ...], tuple[str, ...]] = {}

    def text(self, decision: Decision) -> str:
        """One line of JSON, as `document_of` gives it."""
        key = tuple(id(value) for name, value in vars(decision).items() if name not in _OF_PLACE)
        if key not in self._parts:
            if len(self._parts) >= _MOST_KEPT:
                self._parts.clear()
            text = json.dumps(document_of(decision.placed(_PLACE, _PLACE)), ensure_ascii=False)
            self._parts[key] = tuple(text.split(json.dumps(_PLACE)))
        places = (decision.environment, decision.component_id)
        parts = self._parts[key]
        if len(parts) != len(places) + 1:
            return json.dumps(document_of(decision), ensure_ascii=False)
        first, second = (json.dumps(place or None, ensure_ascii=False) for place in places)
        return f"{parts[0]}{first}{parts[1]}{second}{parts[2]}"


def document_of(decision: Decision) -> dict[str, Any]:
    """One decision as JSON values."""
    return {
        "advisory": decision.advisory or None,
        "component": decision.component or None,
        "environment": decision.environment or None,
        "policy": decision.policy,
        "policy_version": decision.policy_version,
        "points": dict(decision.values),
        "assumed": list(decision.assumed),
        "estimated": list(decision.estimated),
        "outcome": decision.outcome,
        "action": str(decision.action),
        "steps": list(decision.steps),
        "clock_started_at": _time(decision.clock_started_at),
        "clock_reason": decision.clock_reason,
        "due_at": _time(decision.due_at),
        "who_patches": decision.who_patches,
        "reason": decision.reason,
        "sources": [_source(point) for point in decision.points],
        "if_affected": decision.if_affected or None,
        "title": decision.title,
        "aliases": list(decision.aliases),
        "verdict": decision.verdict or None,
        "component_id": decision.component_id or None,
        "version": decision.version or None,
        "purl": decision.purl or None,
        "fixed_versions": list(decision.fixed_versions),
        "severity": decision.severity or None,
        "score": decision.score,
        "epss": decision.epss,
        "times": _times(decision.times),
        "vendor_from": _time(decision.vendor_from),
        "clocks": {"vendor": _clock(decision.vendor_clock), "ours": _clock(decision.our_clock)},
        "touches": [_touch(touch) for touch in decision.touches],
    }


def _times(times: Times) -> dict[str, str | None]:
    return {
        "disclosed_at": _time(times.disclosed_at),
        "vendor_fixed_at": _time(times.vendor_fixed_at),
        "learned_at": _time(times.learned_at),
        "available_at": _time(times.available_at),
        "enforced_at": _time(times.enforced_at),
        "verified_at": _time(times.verified_at),
    }


def _summary(decisions: Sequence[Decision]) -> dict[str, Any]:
    outcomes: dict[str, int] = {}
    for decision in decisions:
        outcomes[decision.outcome] = outcomes.get(decision.outcome, 0) + 1
    return {
        "decisions": len(decisions),
        "outcomes": outcomes,
        "resting_on_assumptions": sum(bool(decision.assumed) for decision in decisions),
        "resting_on_estimates": sum(bool(decision.estimated) for decision in decisions),
    }


def _source(point: PointValue) -> dict[str, Any]:
    return {
        "point": point.name,
        "value": point.value,
        "basis": str(point.basis),
        "source": point.source,
        "at": _time(point.at),
    }


def _clock(clock: Clock) -> dict[str, Any]:
    return {
        "started_at": _time(clock.started_at),
        "ended_at": _time(clock.ended_at),
        "due_at": _time(clock.due_at),
        "reason": clock.reason,
    }


def _touch(touch: Touch) -> dict[str, Any]:
    return {"kind": touch.kind, "id": touch.id, "name": touch.name or None, "app": touch.app or None}


def _time(moment: datetime | None) -> str | None:
    return rfc3339(moment) if moment else None
