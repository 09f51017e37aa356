"""The values the review page shows, ready for its template."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from passmuster.model.drift import Change, Drift, TableDrift
from passmuster.model.report import ReviewReport
from passmuster.model.results import ControlResult, Violation
from passmuster.model.words import Outcome, Severity
from passmuster.report import summary
from passmuster.report.html.bars import Segment, stacked
from passmuster.report.html.cells import cell_text, row_text
from passmuster.report.html.flow_map import draw
from passmuster.report.html.flow_table import flow_table
from passmuster.report.html.patches_view import patches_view
from passmuster.report.html.prose import prose
from passmuster.report.html.registers_view import registers_view
from passmuster.report.html.words import FRAMEWORKS, HOSTING, MENDED_BY, OUTCOMES, PRODUCTS, RESPONSIBLE, SOURCES

MOST_RESOURCES = 25
MOST_ROWS = 12
_RANKS = {severity: severity.rank for severity in Severity}
_BAR_ORDER = (Outcome.FAIL, Outcome.ERROR, Outcome.UNKNOWN, Outcome.MANUAL, Outcome.PASS)


@dataclass(frozen=True)
class Finding:
    """One failing control as the page shows it; `rest` violations are not listed."""

    fail: summary.Fail
    anchor: str
    resources: tuple[Violation, ...]
    rest: int
    excepted: int
    rationale: Markup
    remediation: Markup
    maps: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class DomainRow:
    """One domain with its bar."""

    posture: summary.DomainPosture
    segments: tuple[Segment, ...]


@dataclass(frozen=True)
class TableChanges:
    """The differences of one table as lines of text, cut to what fits a page."""

    table: TableDrift
    lines: tuple[tuple[str, str], ...]
    rest: int


def review_view(report: ReviewReport) -> dict[str, Any]:
    """Everything the template of the review page names."""
    evaluation = report.evaluation
    found = summary.fails(evaluation)
    anchors = _anchors(found)
    return {
        **(patches_view(report.patches) if report.patches else {}),
        "report": report,
        "evaluation": evaluation,
        "snapshot": evaluation.snapshot,
        "headline": summary.headline(evaluation, found),
        "counts": {str(outcome): evaluation.count(outcome) for outcome in Outcome},
        "severities": summary.count_by_severity(found),
        "open_fails": sum(not fail.is_excepted for fail in found),
        "excepted_fails": sum(fail.is_excepted for fail in found),
        "steps": [(step, _step_anchor(step, anchors)) for step in summary.first_steps(evaluation, found)],
        "answered_segments": stacked({"pass": evaluation.answered}, (Outcome.PASS,), whole=evaluation.applicable),
        "unlocks": sorted(evaluation.unlocks, key=lambda unlock: -len(unlock.controls)),
        "domains": tuple(_domain_row(posture) for posture in summary.domains(evaluation)),
        "causes": summary.unknown_causes(evaluation),
        "unread": [table for table in evaluation.tables if not table.status.is_readable],
        "findings": tuple(_finding(fail, anchors[fail.result.pack, fail.result.control]) for fail in found),
        "waiting": _of(evaluation.results, Outcome.MANUAL),
        "settled": _of(evaluation.results, Outcome.PASS, Outcome.NOT_APPLICABLE),
        "movement": summary.movement(report.drift) if report.drift else None,
        "changes": _changes(report.drift) if report.drift else (),
        "flow_map": draw(report.flows.edges) if report.flows and report.flows.edges else None,
        "flow_table": flow_table(report.flows.edges) if report.flows and report.flows.edges else None,
        "declared": [(statement, row_text(statement.row)) for statement in report.declared],
        "words": {"outcomes": OUTCOMES, "responsible": RESPONSIBLE, "hosting": HOSTING, "products": PRODUCTS}
        | {"sources": SOURCES, "mended_by": MENDED_BY},
        "all_severities": tuple(Severity),
        "registers": registers_view(report.registers, evaluation.results) if report.registers else None,
    }


def _anchors(found: Sequence[summary.Fail]) -> dict[tuple[str, str], str]:
    """An id for each finding: its control's, with the pack's where two packs share it."""
    ids = Counter(fail.result.control for fail in found)
    keys = [(fail.result.pack, fail.result.control) for fail in found]
    return {(pack, control): f"c-{control}" if ids[control] == 1 else f"c-{pack}/{control}" for pack, control in keys}


def _step_anchor(step: summary.Step, anchors: Mapping[tuple[str, str], str]) -> str:
    if step.control:
        return anchors[step.pack, step.control]
    return "gaps" if step.note.startswith("answers") else "waiting"


def _of(results: Sequence[ControlResult], *outcomes: Outcome) -> list[ControlResult]:
    return [result for result in results if result.outcome in outcomes]


def _domain_row(posture: summary.DomainPosture) -> DomainRow:
    counts: Mapping[str, int] = {str(outcome): number for outcome, number in posture.counts.items()}
    return DomainRow(posture, stacked(counts, _BAR_ORDER, whole=posture.total))


def _finding(fail: summary.Fail, anchor: str) -> Finding:
    result = fail.result
    shown = heapq.nsmallest(MOST_RESOURCES, result.violations, key=_resource_weight)
    return Finding(
        fail=fail,
        anchor=anchor,
        resources=tuple(shown),
        rest=max(0, result.violation_count - len(shown)),
        excepted=sum(violation.excepted_until is not None for violation in result.violations),
        rationale=prose(result.rationale),
        remediation=prose(result.remediation),
        maps=tuple((FRAMEWORKS.get(key, key.replace("_", " ")), ", ".join(ids)) for key, ids in result.maps.items()),
    )


def _resource_weight(violation: Violation) -> tuple[bool, int]:
    return violation.excepted_until is not None, _RANKS[violation.severity]


def _changes(drift: Drift) -> tuple[TableChanges, ...]:
    return tuple(_table_changes(table) for table in drift.tables if table.is_changed)


def _table_changes(table: TableDrift) -> TableChanges:
    lines = [("added", row_text(row)) for row in table.added[:MOST_ROWS]]
    lines += [("removed", row_text(row)) for row in table.removed[:MOST_ROWS]]
    lines += [("changed", _change_text(change)) for change in table.changed[:MOST_ROWS]]
    total = len(table.added) + len(table.removed) + len(table.changed)
    return TableChanges(table, tuple(lines), total - len(lines))


def _change_text(change: Change) -> str:
    return f"{row_text(change.key)}: {change.column} {cell_text(change.before)} → {cell_text(change.after)}"
