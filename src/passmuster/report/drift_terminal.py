"""Drift on the terminal: what was added, removed and changed, table by table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.text import Text

from passmuster.model.drift import Drift, TableDrift
from passmuster.report.text import clean, counted, shorten

_MOST_ROWS = 20


def print_drift(console: Console, drift: Drift) -> None:
    """Print every difference, at most 20 a kind and table, and what could not be compared."""
    for warning in drift.warnings:
        _say(console, f"warning: {warning}", "yellow")
    for table in drift.tables:
        if table.is_changed:
            _print_table(console, table)
    for change in drift.controls:
        renamed = f" (was {change.was_called})" if change.was_called != change.control else ""
        moved = f"{change.before} to {change.after}".replace("_", " ")
        rows = f"{len(change.new_fingerprints)} new, {len(change.gone_fingerprints)} gone"
        _say(console, f"control {change.control}{renamed}: {moved}; {rows}")
    if drift.is_empty:
        _say(console, "no drift in what could be compared", "bold")
    blind = [table for table in drift.tables if table.not_comparable]
    if blind:
        _say(console, f"\nnot comparable: {counted(len(blind), 'table')}", "bold")
    for table in blind:
        _say(console, f"  {table.table}: {table.not_comparable}", "dim")


def _print_table(console: Console, table: TableDrift) -> None:
    counts = f"{len(table.added)} added, {len(table.removed)} removed, {len(table.changed)} changed"
    _say(console, f"{table.table}: {counts}", "bold")
    for sign, style, rows in (("+", "green", table.added), ("-", "red", table.removed)):
        for row in rows[:_MOST_ROWS]:
            _say(console, f"  {sign} {_row(row)}", style)
        _rest(console, len(rows))
    for change in table.changed[:_MOST_ROWS]:
        _say(console, f"  ~ {_row(change.key)}: {change.column}: {change.before} to {change.after}", "yellow")
    _rest(console, len(table.changed))


def _row(row: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in row.items() if name not in ("platform_id", "origin"))


def _rest(console: Console, count: int) -> None:
    if count > _MOST_ROWS:
        _say(console, f"    ... and {count - _MOST_ROWS:,} more", "dim")


def _say(console: Console, text: str, style: str = "") -> None:
    lead = "\n" * text.startswith("\n")
    console.print(Text(lead + shorten(clean(text.strip("\n")), 400), style=style, overflow="fold"))
