"""Pushing a plan that was made into a CalDAV collection."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from passmuster.documents.json_file import read_json
from passmuster.pipeline.credentials import read_credential
from passmuster.plan.answer_document import read_plan
from passmuster.plan.problem import read_problem
from passmuster.plan.windows import expand
from passmuster.report.caldav import Pushed, push
from passmuster.report.caldav_client import CollectionClient, read_address
from passmuster.report.patch_notes import patch_notes
from passmuster.report.plan_events import EventChoice, EventKind, plan_events

USER, PASSWORD = "PASSMUSTER_CALDAV_USER", "PASSMUSTER_CALDAV_PASSWORD"


@dataclass(frozen=True)
class Pushing:
    """Which plan of which problem goes to which collection; `kinds` of events only."""

    plan: Path
    problem: Path
    url: str
    kinds: frozenset[EventKind]
    environ: Mapping[str, str]


def push_plan(
    order: Pushing, *, now: datetime | None = None, progress: Callable[[str], None] = lambda _text: None
) -> Pushed:
    """Push; raises PassmusterError where the files, the address or the collection cannot be read."""
    document = read_json(order.problem)
    problem = read_problem(document, str(order.problem), expand).problem
    plan = read_plan(read_json(order.plan), str(order.plan), problem)
    address = read_address(order.url)
    user, password = (read_credential(name, order.environ) for name in (USER, PASSWORD))
    events = plan_events(problem, plan, EventChoice(kinds=order.kinds, notes=patch_notes(document)))
    stamped_at = (now or datetime.now(UTC)).replace(microsecond=0)
    with closing(CollectionClient(address, user=user, password=password)) as client:
        return push(client, events, stamped_at=stamped_at, kinds=order.kinds, progress=progress)
