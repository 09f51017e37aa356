"""`passmuster calendar`."""

from __future__ import annotations

import json
import os
from pathlib import Path

import click

from passmuster.cli import exits, options
from passmuster.cli.progress import progress_bar
from passmuster.pipeline.pushing import Pushing, push_plan
from passmuster.report.caldav import Pushed
from passmuster.report.plan_events import EventKind
from passmuster.report.text import counted, one_line

_PUSHED_KINDS = (EventKind.JOB, EventKind.VENDOR, EventKind.FREEZE, EventKind.DEADLINE)
_MOST_SHOWN = 50


@click.group("calendar")
def command() -> None:
    """Bring a plan into people's calendars."""


@command.command("push")
@click.argument("plan", type=options.FOLDER)
@click.option("--problem", type=options.FOLDER, required=True, help="The problem the plan was made of.")
@click.option("--url", required=True, help="Address of the CalDAV calendar to push to.")
@click.option(
    "--kind",
    "kinds",
    type=click.Choice([str(kind) for kind in EventKind]),
    multiple=True,
    help="Push only events of this kind; may be repeated. [all but window]",
)
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
def push(plan: Path, problem: Path, url: str, kinds: tuple[str, ...], form: str) -> int:
    """Make a CalDAV calendar hold the events of PLAN.json (`plan --format json`); other events are left alone.

    User and password come from PASSMUSTER_CALDAV_USER and PASSMUSTER_CALDAV_PASSWORD.
    """
    chosen = frozenset(EventKind(kind) for kind in kinds) or frozenset(_PUSHED_KINDS)
    with progress_bar("pushing") as progress:
        pushed = push_plan(Pushing(plan, problem, url, chosen, dict(os.environ)), progress=progress)
    _print(pushed, form)
    return exits.INCOMPLETE if pushed.problems else 0


def _print(pushed: Pushed, form: str) -> None:
    for problem in pushed.problems[:_MOST_SHOWN]:
        click.echo(f"not pushed: {one_line(problem)}", err=True)
    if form == "json":
        click.echo(json.dumps(_document(pushed), indent=1))
        return
    lists = {"added": pushed.added, "changed": pushed.changed, "cancelled": pushed.cancelled, "removed": pushed.removed}
    for what, titles in lists.items():
        for title in titles[:_MOST_SHOWN]:
            click.echo(f"{what}: {one_line(title)}")
        if len(titles) > _MOST_SHOWN:
            click.echo(f"{what}: and {len(titles) - _MOST_SHOWN:,} more")
    click.echo(f"unchanged: {counted(pushed.unchanged, 'event')}")


def _document(pushed: Pushed) -> dict[str, object]:
    return {
        "schema": "passmuster/calendar-push@1",
        "added": list(pushed.added),
        "changed": list(pushed.changed),
        "cancelled": list(pushed.cancelled),
        "removed": list(pushed.removed),
        "unchanged": pushed.unchanged,
        "problems": list(pushed.problems),
    }
