"""Decisions on a terminal: by when, who, what and why, worst first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from passmuster.model.decision import Decision
from passmuster.report.text import counted, day, shorten

_MOST_SHOWN = 200
_LONGEST_REASON = 400


def print_triage(console: Console, decisions: Sequence[Decision]) -> None:
    """A table of the decisions and a line of what they come to."""
    if not decisions:
        console.print("Nothing to decide: no advisory known concerns what runs here.")
        return
    table = Table("Due", "Who", "What", "Outcome", "Why", show_lines=True)
    for decision in decisions[:_MOST_SHOWN]:
        table.add_row(
            day(decision.due_at) if decision.due_at else "-",
            escape(decision.who_patches or "-"),
            _what(decision),
            escape(f"{decision.outcome}\n{decision.action}"),
            escape(shorten(decision.reason, _LONGEST_REASON)),
        )
    console.print(table)
    if len(decisions) > _MOST_SHOWN:
        console.print(f"{counted(len(decisions) - _MOST_SHOWN, 'more decision')}: --format json gives all.")
    console.print(_summary(decisions))


def _what(decision: Decision) -> str:
    thing = " ".join(part for part in (decision.component, decision.version) if part)
    lines = [decision.advisory, thing, decision.environment]
    if decision.touches:
        lines.append(f"touches {counted(len(decision.touches), 'thing')}")
    return escape("\n".join(shorten(line, 120) for line in lines if line))


def _summary(decisions: Sequence[Decision]) -> str:
    outcomes = Counter(decision.outcome for decision in decisions)
    told = ", ".join(f"{outcome} {count:,}" for outcome, count in outcomes.items())
    unsure = sum(bool(decision.assumed or decision.estimated) for decision in decisions)
    return escape(f"{counted(len(decisions), 'decision')}: {told}. {unsure:,} rest on what is assumed or estimated.")
