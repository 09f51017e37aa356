"""The summary a person reads in a minute, in a terminal of any width, with or without colour."""

from __future__ import annotations

from rich import box
from rich.console import Console, Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from passmuster.model.drift import ControlChange, Drift
from passmuster.model.report import FleetLine, FleetReport, ReviewReport
from passmuster.model.results import ControlResult, Evaluation
from passmuster.model.words import Outcome, Severity
from passmuster.report import summary
from passmuster.report.text import counted, day_and_time, shorten

STYLES = {
    Severity.CRITICAL: "bold red",
    Severity.HIGH: "red",
    Severity.MEDIUM: "yellow",
    Severity.LOW: "cyan",
    Severity.INFO: "",
}
_NARROW = 60
_MOST_FAILS = 15
_MOST_CAUSES = 8
_MOST_CHANGES = 8
_MOST_TEXT = 200


def print_evaluation(console: Console, report: ReviewReport) -> None:
    """The review of one platform: how much was answered and what would answer more, fails, unknowns, drift."""
    _print_head(console, report.evaluation)
    _print_fails(console, report)
    _print_unknowns(console, report.evaluation)
    if report.drift is not None:
        _print_drift(console, report.drift)


def print_fleet(console: Console, fleet: FleetReport) -> None:
    """One line a platform, worst first, then each control that fails on more than one platform."""
    reviewed = sum(not line.problem for line in fleet.lines)
    console.print(_plain(f"Reviewed {reviewed} of {counted(len(fleet.lines), 'platform')}", "bold"))
    table = _table("platform", "answered", "worst", "fail", "unknown", "pass")
    for line in summary.worst_lines_first(fleet):
        table.add_row(*_fleet_cells(line))
    console.print(table)
    shared = [fail for fail in summary.shared_fails(fleet) if len(fail.platforms) > 1]
    if not shared:
        return
    console.print(_plain("\nFails on more than one platform", "bold"))
    for fail in shared[:_MOST_FAILS]:
        told = _plain(f"{fail.severity} ", STYLES[fail.severity]).append(_plain(f"{fail.control} {fail.title}"))
        console.print(told)
        console.print(Padding(_plain(f"{len(fail.platforms)}: {', '.join(fail.platforms)}", "dim"), (0, 0, 0, 2)))
    _print_rest(console, len(shared) - _MOST_FAILS, "control")


def _print_head(console: Console, evaluation: Evaluation) -> None:
    snapshot = evaluation.snapshot
    name = " ".join(filter(None, (snapshot.name or snapshot.platform_id, snapshot.version)))
    console.print(_plain(f"Answered {evaluation.answered} of {evaluation.applicable} controls", "bold"))
    console.print(_plain(f"{name} ({snapshot.product}), as of {day_and_time(evaluation.as_of)}", "dim"))
    unlocks = sorted(evaluation.unlocks, key=lambda unlock: -len(unlock.controls))
    for unlock in unlocks[:3]:
        line = _plain(f"To answer {counted(len(unlock.controls), 'more control')}: ")
        console.print(line.append(_plain(unlock.action, "bold")))
    _print_rest(console, len(unlocks) - 3, "other way to answer more", "other ways to answer more")
    counts = ((outcome, evaluation.count(outcome)) for outcome in Outcome)
    console.print(_plain(", ".join(f"{number} {outcome.replace('_', ' ')}" for outcome, number in counts if number)))
    for warning in evaluation.warnings[:_MOST_CHANGES]:
        console.print(_plain(f"warning: {warning}", "yellow"))
    _print_rest(console, len(evaluation.warnings) - _MOST_CHANGES, "warning")


def _print_fails(console: Console, report: ReviewReport) -> None:
    found = summary.fails(report.evaluation)
    if not found:
        console.print(_plain("\nNothing that could be judged fails.", "green"))
        return
    console.print(_plain("\nFails, worst first", "bold"))
    if console.width < _NARROW:
        for fail in found[:_MOST_FAILS]:
            _print_narrow_fail(console, fail)
    else:
        table = _table("severity", "control", "count", "what should hold, and the first resource that breaks it")
        for fail in found[:_MOST_FAILS]:
            first = _first_resource(fail.result)
            first.no_wrap, first.overflow = True, "ellipsis"
            count = _plain(f"{fail.result.violation_count:,}")
            severity = _plain(_severity_words(fail), STYLES[fail.severity])
            table.add_row(severity, _plain(fail.result.control), count, Group(_plain(fail.result.title), first))
        console.print(table)
    if len(found) > _MOST_FAILS:
        where = f"{len(found) - _MOST_FAILS} more fail; all of them are in {report.findings_file} and the report."
        console.print(_plain(where, "dim"))


def _print_narrow_fail(console: Console, fail: summary.Fail) -> None:
    head = _plain(f"{_severity_words(fail)} ", STYLES[fail.severity])
    console.print(head.append(_plain(f"{fail.result.control}, {counted(fail.result.violation_count, 'resource')}")))
    console.print(Padding(_plain(fail.result.title), (0, 0, 0, 2)))
    console.print(Padding(_first_resource(fail.result), (0, 0, 0, 2)))


def _severity_words(fail: summary.Fail) -> str:
    return "excepted" if fail.is_excepted else str(fail.severity)


def _first_resource(result: ControlResult) -> Text:
    if not result.violations:
        return _plain(result.reason, "dim")
    worst = min(result.violations, key=lambda violation: (violation.is_excepted, violation.severity.rank))
    name = shorten(worst.name or worst.id, 60)
    return _plain(f"{name}: {shorten(worst.detail, 120)}" if worst.detail else name, "dim")


def _print_unknowns(console: Console, evaluation: Evaluation) -> None:
    causes = summary.unknown_causes(evaluation)
    if causes:
        console.print(_plain("\nCould not be looked at, by cause", "bold"))
    for cause in causes[:_MOST_CAUSES]:
        reason = shorten(cause.reasons[0], _MOST_TEXT)
        more = f" (and {len(cause.reasons) - 1} more like it)" if len(cause.reasons) > 1 else ""
        console.print(_plain(f"{counted(len(cause.results), 'control')}: {reason}{more}"))
        for unlock in cause.unlocks:
            console.print(Padding(_plain(f"to answer: {unlock}"), (0, 0, 0, 2)))
        ids = ", ".join(result.control for result in cause.results)
        console.print(Padding(_plain(ids, "dim"), (0, 0, 0, 2)))
    _print_rest(console, len(causes) - _MOST_CAUSES, "more cause")
    waiting = [result.control for result in evaluation.results if result.outcome is Outcome.MANUAL]
    if waiting:
        console.print(_plain("\nNeeds a person to decide or attest", "bold"))
        console.print(_plain(f"{counted(len(waiting), 'control')}: {', '.join(waiting)}"))


def _print_drift(console: Console, drift: Drift) -> None:
    moved = summary.movement(drift)
    console.print(_plain("\nSince the snapshot compared with", "bold"))
    rows = f"{counted(moved.rows_added, 'row')} added, {moved.rows_removed:,} removed"
    console.print(_plain(f"{rows}, {counted(moved.values_changed, 'value')} changed"))
    ways = (("worse", moved.worse, "red"), ("better", moved.better, "green"), ("no longer known", moved.lost, ""))
    for word, changes, style in ways:
        if changes:
            told = "; ".join(_change_words(change) for change in changes[:_MOST_CHANGES])
            more = f"; and {len(changes) - _MOST_CHANGES} more" if len(changes) > _MOST_CHANGES else ""
            console.print(_plain(f"{word}: ", style).append(_plain(told + more, limit=2000)))
    for table in [table for table in drift.tables if table.not_comparable][:_MOST_CHANGES]:
        console.print(_plain(f"not comparable: {table.table}: {table.not_comparable}", "dim"))
    _print_rest(console, moved.not_comparable - _MOST_CHANGES, "more table that cannot be compared")


def _change_words(change: ControlChange) -> str:
    if change.before == change.after:
        counts = f"{len(change.new_fingerprints)} new, {len(change.gone_fingerprints)} gone"
        return f"{change.control} ({change.after}: {counts})"
    return f"{change.control} ({change.before} to {change.after})".replace("_", " ")


def _fleet_cells(line: FleetLine) -> list[Text]:
    name = _plain(shorten(line.name, 40)).append(_plain(f" {line.product}", "dim"))
    if line.problem:
        return [name.append("\n").append(_plain(line.problem, "yellow")), *[_plain("-") for _ in range(5)]]
    unknown = line.counts.get(Outcome.UNKNOWN, 0) + line.counts.get(Outcome.ERROR, 0)
    numbers = (line.counts.get(Outcome.FAIL, 0), unknown, line.counts.get(Outcome.PASS, 0))
    worst = _plain(line.worst or "none", STYLES[line.worst] if line.worst else "")
    return [name, _plain(f"{line.answered} of {line.applicable}"), worst, *[_plain(f"{number}") for number in numbers]]


def _print_rest(console: Console, number: int, one: str, many: str = "") -> None:
    if number > 0:
        console.print(_plain(f"... and {counted(number, one, many)}", "dim"))


def _table(*headings: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, expand=False)
    for heading in headings:
        is_number = heading in ("count", "fail", "unknown", "pass", "answered")
        table.add_column(heading, justify="right" if is_number else "left", overflow="fold")
    return table


def _plain(text: str, style: str = "", *, limit: int = 600) -> Text:
    """Text that is never read as markup; line breaks at the start are the layout's own."""
    lead = len(text) - len(text.lstrip("\n"))
    body = text[lead:]
    before, after = " " * body.startswith(" "), " " * body.endswith(" ")
    return Text("\n" * lead + before + shorten(body, limit) + after, style=style, overflow="fold")
