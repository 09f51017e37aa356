"""A small problem and plan for the writers' tests, with every kind of thing in it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from passmuster.model.schedule import (
    After,
    Binds,
    Conflict,
    Freeze,
    Job,
    JobMode,
    Late,
    Owner,
    Placement,
    Plan,
    PlanStatus,
    Problem,
    RecurringWindow,
    Span,
    Unplaced,
    UnplacedCode,
)
from passmuster.plan.windows import expand


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


HORIZON = Span(at("2026-12-01"), at("2027-02-23"))
NIGHTS = RecurringWindow(
    "sun", "crm-prod", "FREQ=WEEKLY;BYDAY=SU", datetime.fromisoformat("2026-12-06T02:00"), "Europe/Berlin", 120
)
EVENINGS = RecurringWindow(
    "tue", "crm-test", "FREQ=WEEKLY;BYDAY=TU", datetime.fromisoformat("2026-12-01T18:00"), "America/New_York", 120
)

PROBLEM = Problem(
    horizon=HORIZON,
    jobs=(
        Job("n8n@1.2/crm-test", "crm-test", 30, at("2026-12-01"), 1.0, patch="n8n@1.2", owner="crm-team"),
        Job(
            "n8n@1.2/crm-prod",
            "crm-prod",
            45,
            at("2026-12-01"),
            10.0,
            patch="n8n@1.2",
            owner="crm-team",
            due_at=at("2026-12-04"),
            after=(After("n8n@1.2/crm-test", 48),),
        ),
        Job("odoo@17/crm-prod", "crm-prod", 600, at("2026-12-01"), 1.0, patch="odoo@17", due_at=at("2027-01-15")),
        Job(
            "suite/crm-prod",
            "crm-prod",
            0,
            at("2026-12-20"),
            0.0,
            patch="Vendor's winter release",
            mode=JobMode.VENDOR_RANGE,
            vendor=Span(at("2026-12-20"), at("2026-12-22")),
        ),
    ),
    windows=(*expand(NIGHTS, HORIZON), *expand(EVENINGS, HORIZON)),
    freezes=(
        Freeze(("crm-prod",), Span(at("2026-12-18T23:00"), at("2027-01-03T23:00")), Binds.BOTH, "Year end"),
        Freeze((), Span(at("2027-02-01"), at("2027-02-02")), name="Audit"),
    ),
    owners=(Owner("crm-team", 300),),
    late_factor=5,
)
PLAN = Plan(
    PlanStatus.FEASIBLE,
    cost=100.0,
    lower_bound=99.6,
    placements=(
        Placement("n8n@1.2/crm-test", "tue@2026-12-01T23:00:00Z", at("2026-12-02T01:00"), 0.0),
        Placement("n8n@1.2/crm-prod", "sun@2026-12-06T01:00:00Z", at("2026-12-06T03:00"), 2.125),
        Placement("suite/crm-prod", None, at("2026-12-22"), 0.0),
    ),
    unplaced=(
        Unplaced(
            "odoo@17/crm-prod",
            UnplacedCode.NO_CAPACITY,
            "It takes 600 minutes and the longest window holds 120.",
            "A window of 600 minutes in crm-prod.",
        ),
    ),
    late=(
        Late(
            "n8n@1.2/crm-prod",
            UnplacedCode.NO_WINDOW,
            "No window of crm-prod ends before 2026-12-04.",
            "A window of 45 minutes in crm-prod before 2026-12-04.",
        ),
    ),
    conflicts=(
        Conflict("suite/crm-prod", "freeze", "Year end", "It falls into the freeze Year end, which binds the vendor."),
    ),
)
LATER = timedelta(days=1)
