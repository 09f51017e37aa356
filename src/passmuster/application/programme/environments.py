"""Environments of a platform: stage, time zone, windows and freezes."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import Any
from zoneinfo import available_timezones

from passmuster.application.access import Action, Actor
from passmuster.application.acting import acting
from passmuster.errors import UnreadableInput, UsageError
from passmuster.model.keeping import Stage
from passmuster.pipeline.environment_times import check_environment_times
from passmuster.records.models import Environment, Platform


@dataclass(frozen=True)
class EnvironmentFacts:
    """An environment; windows and freezes are spelt as in `passmuster/calendar@1`, without `environments`.

    None leaves them as they are.
    """

    name: str
    stage: Stage = Stage.PRODUCTION
    time_zone: str = "UTC"
    external_id: str = ""
    region: str = ""
    windows: list[dict[str, Any]] | None = field(default_factory=list)
    freezes: list[dict[str, Any]] | None = field(default_factory=list)


def put_environment(actor: Actor, platform: Platform, facts: EnvironmentFacts, *, why: str = "") -> Environment:
    """Add an environment, or change the one of that name; raises UsageError with all that is wrong."""
    with acting(actor, Action.MANAGE_PLATFORM, "environment", platform=platform, why=why) as event:
        kept = Environment.objects.select_for_update().filter(platform=platform, name=facts.name).first()
        event.before = _told(kept) if kept else None
        if facts.windows is None:
            facts = replace(facts, windows=kept.windows if kept else [])
        if facts.freezes is None:
            facts = replace(facts, freezes=kept.freezes if kept else [])
        _check(actor, facts)
        environment, _ = Environment.objects.update_or_create(
            platform=platform, name=facts.name, defaults={**asdict(facts)}
        )
        event.subject_id, event.after = str(environment.pk), _told(environment)
        event.is_silent = event.before == event.after
    return environment


def remove_environment(actor: Actor, environment: Environment, *, why: str) -> None:
    """Take an environment away; raises UsageError where changes of it are on record."""
    if environment.changes.exists():
        raise UsageError("changes of this environment are on record, so it stays; take away its windows instead")
    with acting(
        actor, Action.MANAGE_PLATFORM, environment, platform=environment.platform, why=why, verb="remove_environment"
    ) as event:
        event.before = _told(environment)
        environment.delete()


def _check(actor: Actor, facts: EnvironmentFacts) -> None:
    complaints = [] if facts.name.strip() else ["the environment's name is empty"]
    if facts.time_zone not in available_timezones():
        complaints.append(f"{facts.time_zone!r} is no time zone; write one like Europe/Berlin")
    else:
        try:
            check_environment_times(facts.windows or [], facts.freezes or [], time_zone=facts.time_zone, now=actor.now)
        except UnreadableInput as error:
            complaints.append(str(error))
    if complaints:
        raise UsageError("\n".join(complaints))


def _told(environment: Environment) -> dict[str, Any]:
    names = ("name", "stage", "time_zone", "external_id", "region", "windows", "freezes")
    return {name: getattr(environment, name) for name in names}
