"""The values the fleet page shows, ready for its template."""

from __future__ import annotations

from typing import Any

from passmuster.model.report import FleetReport
from passmuster.model.words import Outcome, Severity
from passmuster.report import summary
from passmuster.report.html.bars import stacked
from passmuster.report.html.patches_view import patches_view
from passmuster.report.html.words import PRODUCTS

_ORDER = (Outcome.FAIL, Outcome.ERROR, Outcome.UNKNOWN, Outcome.MANUAL, Outcome.PASS)


def fleet_view(fleet: FleetReport) -> dict[str, Any]:
    """Everything the template of the fleet page names."""
    lines = summary.worst_lines_first(fleet)
    worst = [line.worst for line in lines if line.worst]
    rows = [(line, stacked({str(k): n for k, n in line.counts.items()}, _ORDER)) for line in lines]
    shared = summary.shared_fails(fleet)
    return {
        **(patches_view(fleet.patches) if fleet.patches else {}),
        "fleet": fleet,
        "rows": rows,
        "reviewed": sum(not line.problem for line in lines),
        "answered": sum(line.answered for line in lines),
        "applicable": sum(line.applicable for line in lines),
        "worst_counts": {severity: worst.count(severity) for severity in Severity if severity in worst},
        "shared": [fail for fail in shared if len(fail.platforms) > 1],
        "single": sum(len(fail.platforms) == 1 for fail in shared),
        "concerning": sum(bool(person.concerns) for person in fleet.people),
        "products": PRODUCTS,
    }
