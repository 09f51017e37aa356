"""Decisions grouped into patches: what one piece of work in one environment settles, and what no work of ours does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from passmuster.plan.calendar.decisions import Decided
from passmuster.plan.calendar.upgrade import target_version
from passmuster.plan.calendar.values import Calendar, Environment

_NO_WORK = {
    "hunt": "is a hunt: people look for traces, nothing is changed in a window",
    "obtain_evidence": "asks the vendor for evidence, nothing is changed in a window",
    "none": "asks for nothing to be done",
}
NEEDS_PERSON, NEEDS_REVIEW = "needs_person", "needs_review"


@dataclass(frozen=True)
class Patch:
    """Work in one environment that settles all of `decisions`. `is_vendors` where the vendor does it."""

    id: str
    environment: Environment
    action: str
    decisions: tuple[Decided, ...]
    is_vendors: bool = False

    @property
    def advisories(self) -> tuple[str, ...]:
        """What it settles."""
        return tuple(sorted({decision.advisory for decision in self.decisions}))


@dataclass(frozen=True)
class LeftOut:
    """A decision that makes no job, and why."""

    decision: Decided
    code: str
    reason: str


def group(decisions: Sequence[Decided], calendar: Calendar) -> tuple[tuple[Patch, ...], tuple[LeftOut, ...]]:
    """The patches of all environments, and the decisions that make none."""
    left_out: list[LeftOut] = []
    groups: dict[tuple[str, str, str, bool], list[Decided]] = {}
    for decision in decisions:
        if why := _why_not(decision):
            left_out.append(LeftOut(decision, *why))
            continue
        takers = [each for each in calendar.environments if each.takes(decision.environment, decision.component_names)]
        if not takers:
            left_out.append(LeftOut(decision, "no_environment", _NO_TAKER.format(decision.environment or "none")))
        for environment in takers:
            for key in _keys(decision):
                groups.setdefault((environment.id, *key), []).append(decision)
    patches = [
        Patch(_patch_id(kind, found), calendar.environment(name), kind.split(" ")[0], tuple(found), is_vendors)
        for (name, _component, kind, is_vendors), found in groups.items()
    ]
    return tuple(sorted(patches, key=lambda patch: (patch.id, patch.environment.id))), tuple(left_out)


_NO_TAKER = "no environment of the calendar takes it (its environment is {}); add it to an environment's match"


def _why_not(decision: Decided) -> tuple[str, str] | None:
    """Code and reason where it makes no job."""
    if decision.outcome == NEEDS_PERSON and decision.action != "hunt" and not _vendor_sets_the_day(decision):
        return "needs_person", "a person has to decide first; answer what its reason asks and triage again"
    if decision.action in _NO_WORK:
        return "nothing_to_patch", _NO_WORK[decision.action]
    if decision.who_patches == "vendor" and decision.enforced_at is None:
        return "vendor_acts", "the vendor patches and has told no date"
    return None


def _vendor_sets_the_day(decision: Decided) -> bool:
    """Whether the vendor acts on a day it has told, rated or not: such a change does not wait for a person."""
    return _vendor_acts(decision) and decision.enforced_at is not None and decision.verdict != NEEDS_REVIEW


def _vendor_acts(decision: Decided) -> bool:
    """Whether the change comes from the vendor; what we may only try before it comes is of this kind, though shared."""
    is_tried_before = decision.action == "test_before" and decision.enforced_at is not None
    return decision.who_patches == "vendor" or is_tried_before


def _keys(decision: Decided) -> list[tuple[str, str, bool]]:
    """Component, kind of work and whether it is the vendor's: decisions with the same ones are settled together."""
    name = decision.component
    if _vendor_acts(decision):
        own = [(name, f"test_before {decision.advisory}", False)] if decision.action == "test_before" else []
        return [(name, f"vendor {decision.advisory}", True), *own]
    if decision.action == "patch":
        return [(name, "patch" if decision.fixed_versions else "patch unknown", False)]
    if decision.action == "migrate":
        return [(name, "migrate", False)]
    return [(name, f"{decision.action} {decision.advisory}", False)]


def _patch_id(kind: str, decisions: Sequence[Decided]) -> str:
    name = decisions[0].component or decisions[0].advisory
    action, _, detail = kind.partition(" ")
    if kind == "patch":
        versions = {decision.version for decision in decisions if decision.version}
        current = next(iter(versions)) if len(versions) == 1 else ""
        return f"{name}@{target_version([decision.fixed_versions for decision in decisions], current)}"
    if kind == "patch unknown":
        return f"{name}@fixed"
    words = {"vendor": "vendor", "test_before": "test", "migrate": "migrate", "configure": "configure"}
    return f"{name}:{words[action]}" + (f":{detail}" if detail else "")
