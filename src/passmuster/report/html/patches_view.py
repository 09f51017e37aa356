"""The values the patches section shows, ready for its template."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from passmuster.model.decision import Action, Decision
from passmuster.model.report import PatchReport
from passmuster.report.html.plan_view import plan_view
from passmuster.report.text import counted, day

_MOST_DECISIONS = 200
_WHO = {"vendor": "The vendor", "customer": "We", "shared": "Both of us", "": "Not settled"}
_DO = {
    Action.PATCH: "Patch",
    Action.TEST_BEFORE: "Test before the vendor acts",
    Action.CONFIGURE: "Change a setting",
    Action.MIGRATE: "Move off it",
    Action.HUNT: "Look for traces",
    Action.OBTAIN_EVIDENCE: "Ask the vendor for evidence",
    Action.NONE: "Nothing",
}


@dataclass(frozen=True)
class OutcomeRow:
    """One outcome of the policy: how many decisions, by who patches; widths are per cent of the largest outcome."""

    word: str
    total: int
    ours: int
    vendors: int
    shared: int
    ours_width: float
    vendors_width: float
    shared_width: float


@dataclass(frozen=True)
class DecisionLine:
    """One decision in the words of the page; where it is the same in several environments, they share a line."""

    decision: Decision
    environments: str
    due: str
    is_late: bool
    who: str
    action: str
    outcome: str
    doubts: str


def patches_view(report: PatchReport) -> dict[str, Any]:
    """Everything the patches section names; with a plan, what the plan's section names too."""
    together = list(_together(report.decisions))
    lines = [_line(each, report) for each in together[:_MOST_DECISIONS]]
    view: dict[str, Any] = {
        "patches": report,
        "patch_lines": lines,
        "patch_rest": len(together) - len(lines),
        "patch_outcomes": _outcomes(report.decisions),
        "patch_lead": _lead(report),
        "patch_doubts": _doubts_of_all(report.decisions),
    }
    if report.problem is not None and report.plan is not None:
        view |= plan_view(report.problem, report.plan)
    return view


def _together(decisions: Sequence[Decision]) -> Iterable[list[Decision]]:
    """Decisions that differ in nothing but where, in the order of the first of each."""
    found: dict[Any, list[Decision]] = {}
    for each in decisions:
        same = (each.advisory, each.component, each.version, each.outcome, each.due_at, each.points, each.who_patches)
        found.setdefault(same, []).append(each)
    return found.values()


def _line(same: Sequence[Decision], report: PatchReport) -> DecisionLine:
    decision = same[0]
    return DecisionLine(
        decision=decision,
        environments=", ".join(filter(None, dict.fromkeys(each.environment for each in same))),
        due=day(decision.due_at) if decision.due_at else "no date",
        is_late=decision.due_at is not None and decision.due_at < report.as_of,
        who=_WHO.get(decision.who_patches or "", _WHO[""]),
        action=_DO[decision.action],
        outcome=_word(decision.outcome),
        doubts=_doubts(decision),
    )


def _word(outcome: str) -> str:
    return outcome.replace("_", " ")


def _doubts(decision: Decision) -> str:
    parts = []
    if decision.assumed:
        parts.append(f"not known and taken for the worse: {_spell(decision.assumed)}")
    if decision.estimated:
        parts.append(f"read from the CVSS vector: {_spell(decision.estimated)}")
    return "; ".join(parts)


def _spell(names: Sequence[str]) -> str:
    return ", ".join(name.replace("_", " ") for name in names)


def _outcomes(decisions: Sequence[Decision]) -> list[OutcomeRow]:
    """In the policy's order, worst first."""
    ranked = sorted({(decision.rank, decision.outcome) for decision in decisions})
    totals = Counter(decision.outcome for decision in decisions)
    whole = max(totals.values(), default=1)
    rows = []
    for outcome in dict.fromkeys(outcome for _, outcome in ranked):
        by_who = Counter(decision.who_patches or "customer" for decision in decisions if decision.outcome == outcome)
        counts = [by_who[word] for word in ("customer", "vendor", "shared")]
        widths = [round(100 * count / whole, 2) for count in counts]
        rows.append(OutcomeRow(_word(outcome), totals[outcome], *counts, *widths))
    return rows


def _lead(report: PatchReport) -> str:
    if not report.decisions:
        return f"No advisory that is known concerns what runs here, as of {day(report.as_of)}."
    late = sum(each.due_at is not None and each.due_at < report.as_of for each in report.decisions)
    ours = sum(each.who_patches != "vendor" for each in report.decisions)
    told = f"{counted(len(report.decisions), 'decision')} by {report.policy}, as of {day(report.as_of)}: "
    told += f"{ours} ours to do or shared, {len(report.decisions) - ours} the vendor's"
    return f"{told}; {late} past due." if late else f"{told}; none past due."


def _doubts_of_all(decisions: Sequence[Decision]) -> str:
    assumed = sum(bool(each.assumed) for each in decisions)
    estimated = sum(bool(each.estimated) for each in decisions)
    parts = []
    if assumed:
        parts.append(f"{assumed} rest on something nobody could look at, taken for the worse")
    if estimated:
        parts.append(f"{estimated} on what a CVSS vector suggests")
    return f"{' and '.join(parts)}; each says so below." if parts else ""
