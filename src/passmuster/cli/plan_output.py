"""A finished plan in the form that was asked for, on standard output."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

import passmuster
from passmuster.documents.json_file import read_json
from passmuster.documents.limits import read_text
from passmuster.model.report import Provenance
from passmuster.pipeline.planning import Planned
from passmuster.report.html.page import write_plan as write_page
from passmuster.report.ics import Revision, write_ics
from passmuster.report.kept_calendar import previous_of_plan
from passmuster.report.plan_events import EventChoice
from passmuster.report.plan_json import write_plan
from passmuster.report.plan_terminal import print_plan
from passmuster.report.previous_calendar import NOTHING_BEFORE, Previous, read_previous

FORMS = ("table", "json", "ics", "html")


def print_planned(planned: Planned, form: str, *, keep: Path | None, previous: Path | None) -> None:
    """Print it; a calendar numbers its changes from `previous` (a calendar), or else from the plan that is kept to."""
    if form == "json":
        write_plan(planned.plan, sys.stdout)
    elif form == "html":
        made = Provenance(passmuster.__version__, datetime.now(UTC))
        write_page(planned.problem, planned.plan, sys.stdout, provenance=made)
    elif form == "ics":
        _print_calendar(planned, keep=keep, previous=previous)
    else:
        print_plan(Console(), planned.problem, planned.plan)


def _print_calendar(planned: Planned, *, keep: Path | None, previous: Path | None) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    revision = Revision(now, _before(planned, now, keep=keep, previous=previous))
    # The lines of a calendar end in CR LF on every system.
    sys.stdout.reconfigure(newline="")  # type: ignore[union-attr]
    choice = EventChoice(notes=planned.notes)
    write_ics(planned.problem, planned.plan, sys.stdout, revision=revision, choice=choice)


def _before(planned: Planned, now: datetime, *, keep: Path | None, previous: Path | None) -> Previous:
    if previous is not None:
        return read_previous(read_text(previous), str(previous))
    if keep is not None:
        return previous_of_plan(read_json(keep), planned.problem, revision=planned.plan.revision, stamped_at=now)
    return NOTHING_BEFORE
