"""Matches of one component on the terminal: what is open first."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from passmuster.model.match import Match, Verdict
from passmuster.report.text import clean, counted, shorten

_ORDER = (
    Verdict.AFFECTED,
    Verdict.NEEDS_REVIEW,
    Verdict.VENDOR_PENDING,
    Verdict.VENDOR_FIXED,
    Verdict.FIXED,
    Verdict.NOT_AFFECTED,
)
_STYLES = {Verdict.AFFECTED: "red", Verdict.NEEDS_REVIEW: "yellow", Verdict.VENDOR_PENDING: "yellow"}


def print_affected(console: Console, matches: Sequence[Match]) -> None:
    """Print every match by verdict, with its reason and who patches, and the counts."""
    for verdict in _ORDER:
        of_verdict = [match for match in matches if match.verdict is verdict]
        if not of_verdict:
            continue
        _say(console, f"{verdict.replace('_', ' ')}: {counted(len(of_verdict), 'advisory', 'advisories')}", "bold")
        for match in of_verdict:
            _say(
                console, f"  {match.advisory}  ({match.who_patches} patches)  {match.reason}", _STYLES.get(verdict, "")
            )
    if not matches:
        _say(console, "no advisory names it", "bold")


def _say(console: Console, text: str, style: str = "") -> None:
    console.print(Text(shorten(clean(text), 600), style=style, overflow="fold"))
