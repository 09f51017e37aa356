"""Decisions on a terminal: by when, what, where, who and why, worst first, two lines each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from itertools import groupby

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from passmuster.model.decision import Decision
from passmuster.report.text import clean, counted, day, shorten

_MOST_SHOWN = 200
_LONGEST_REASON = 420
_WHO = {"vendor": "The vendor's job", "customer": "Our job", "shared": "The vendor's job and ours"}


def print_triage(
    console: Console, decisions: Sequence[Decision], *, as_of: datetime | None = None, most: int = _MOST_SHOWN
) -> None:
    """A list of the decisions by outcome and a line of what they come to; `as_of` marks what is past due."""
    if not decisions:
        console.print("Nothing to decide: no advisory known concerns what runs here.")
        return
    for outcome, found in groupby(decisions[:most], key=lambda decision: decision.outcome):
        console.print(Text(f"\n{outcome.replace('_', ' ')}", style="bold"))
        for decision in found:
            _print_one(console, decision, as_of)
    if len(decisions) > most:
        console.print(f"... and {counted(len(decisions) - most, 'more decision')}; --format json gives all.")
    console.print(_summary(decisions))


def _print_one(console: Console, decision: Decision, as_of: datetime | None) -> None:
    is_late = as_of is not None and decision.due_at is not None and decision.due_at < as_of
    due = day(decision.due_at) if decision.due_at else "no date   "
    line = Text("  ", overflow="fold")
    line.append(due, style="bold red" if is_late else "bold").append("  ")
    line.append(_said(" ".join(filter(None, (decision.advisory, _thing(decision)))), 160))
    console.print(line)
    who = _WHO.get(decision.who_patches or "", "Whose job it is, is not settled")
    touched = f" Touches {counted(len(decision.touches), 'thing')}." if decision.touches else ""
    reason = Text(_said(f"{who}. {decision.reason}{touched}", _LONGEST_REASON), style="dim", overflow="fold")
    console.print(Padding(reason, (0, 0, 0, 14)))


def _thing(decision: Decision) -> str:
    where = f" in {decision.environment}" if decision.environment else ""
    return " ".join(part for part in (decision.component, decision.version) if part) + where


def _said(text: str, limit: int) -> str:
    return shorten(clean(text), limit)


def _summary(decisions: Sequence[Decision]) -> Text:
    outcomes = Counter(decision.outcome for decision in decisions)
    told = ", ".join(f"{outcome.replace('_', ' ')} {count:,}" for outcome, count in outcomes.items())
    unsure = sum(bool(decision.assumed or decision.estimated) for decision in decisions)
    return Text(f"\n{counted(len(decisions), 'decision')}: {told}. {unsure:,} rest on what is assumed or estimated.")
