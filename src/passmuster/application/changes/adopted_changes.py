"""What adopting a plan did to each change, as the record tells it: an event a change, which says what is otherwise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from passmuster.application.acting import Event
from passmuster.application.changes.authorship import taken_back
from passmuster.application.changes.change_steps import told_of
from passmuster.records.models import Change

# The verbs of the record; cancelling and trying again are spelled as where a person does it.
MADE, MOVED, PLANNED_ANEW, AGAIN, CANCELLED = (
    *("make_change", "move_change", "plan_change_anew"),
    *("replan_change", "cancel_change"),
)
# By this an event of adopting says that each change has its own; those of earlier versions only count.
EACH = "each_change_has_an_event"
_WINDOW = ("window_start_at", "window_end_at")
_PLANNED = ("due_at", "target_version", "severity", "is_exploited")


def planned_facts(change: Change) -> dict[str, Any]:
    """What a plan may change of it, by name."""
    return {**told_of(change), **{name: getattr(change, name) for name in _PLANNED}}


def told_of_made(change: Change) -> tuple[str, Event]:
    """A change that was not there before."""
    return MADE, _event(change, None, {**planned_facts(change), "job": change.job})


def told_of_planned(
    verb: str, change: Change, before: Mapping[str, Any], taken: Sequence[str] = ()
) -> tuple[str, Event] | None:
    """A change that was there; None where all is as it was. `taken` are approvals that count no more."""
    after = planned_facts(change)
    names = [name for name in after if after[name] != before[name]]
    if not names and not taken:
        return None
    after = {name: after[name] for name in names} | taken_back(list(taken))
    return verb, _event(change, {name: before[name] for name in names}, after)


def told_of_cancelled(change: Change, status: str, why: str) -> tuple[str, Event]:
    """A change that no plan asks for any more; `status` is what it was."""
    event = _event(change, {"status": status}, {"status": change.status})
    event.why = why
    return CANCELLED, event


def verb_of(change: Change, before: Mapping[str, Any]) -> str:
    """Whether the plan moved it, or left it where it was."""
    return MOVED if any(getattr(change, name) != before[name] for name in _WINDOW) else PLANNED_ANEW


def _event(change: Change, before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> Event:
    environment = change.environment.name if change.environment else ""
    about = {"plan": change.plan_id, "patch": change.patch, "environment": environment}
    return Event("change", str(change.pk), change.platform.slug, before=before, after={**about, **after})
