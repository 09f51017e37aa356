"""Who decides what on a platform, by name: the table of rights read for the people who are there."""

from __future__ import annotations

from dataclasses import dataclass

from passmuster.application.access import Action, may
from passmuster.application.acting import actors_of
from passmuster.records.models import Person, Platform

DECISIONS = (
    *(Action.APPROVE_BASELINE, Action.DECIDE_DEVIATION, Action.ADOPT_PLAN, Action.APPROVE_CHANGE),
    *(Action.USE_EMERGENCY_PATH, Action.SIGN_REVIEW, Action.SEAL_REVIEW, Action.GIVE_OPINION),
    *(Action.MANAGE_PLATFORM, Action.MANAGE_PROGRAMME),
)


@dataclass(frozen=True)
class DecisionRight:
    """A decision, and the people who may take it there, by name."""

    action: Action
    people: tuple[Person, ...]


def decision_rights(platform: Platform) -> list[DecisionRight]:
    """Each decision about a platform with the active people who may take it; nobody decides on their own request."""
    with_duty = list(Person.objects.filter(is_active=True, duties__isnull=False).distinct().order_by("name", "pk"))
    actors = list(zip(with_duty, actors_of(with_duty, by="page", now=platform.created_at), strict=True))
    return [
        DecisionRight(action, tuple(person for person, actor in actors if may(actor, action, platform.pk)))
        for action in DECISIONS
    ]
