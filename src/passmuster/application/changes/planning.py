"""Plans proposed from what the newest looks show."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from passmuster.application.access import Action, Actor, platforms_for, require
from passmuster.application.acting import acting
from passmuster.application.changes.change_facts import seen_at
from passmuster.application.changes.following_changes import follow_platform
from passmuster.application.changes.gate_policy import GatePolicy, read_gate_policy
from passmuster.application.changes.gate_times import Begun
from passmuster.application.changes.places import planned_of
from passmuster.application.changes.plan_inputs import Planned, calendar_document, placed_decisions, without_done
from passmuster.application.changes.triaged import keep_triaged
from passmuster.application.holding import note_outcome
from passmuster.application.storage.newest import last_look
from passmuster.application.storage.storing import advisory_store, home, snapshot_folder
from passmuster.errors import PassmusterError, UsageError
from passmuster.model.keeping import ChangeStatus, Tier
from passmuster.pipeline.plan_problem import build_problem_of
from passmuster.pipeline.planning import plan_document_of
from passmuster.pipeline.triage_documents import triage_documents
from passmuster.pipeline.triaging import Triaging, prepare_triaging
from passmuster.records.models import Change, Plan, Platform

DEFAULT_WEEKS = 12
_MOST_WEEKS = 52
_SECONDS, _WORK = 20.0, 10.0


@dataclass(frozen=True)
class PlanChoice:
    """How to plan: by which triage policy, how many weeks ahead, how long to search."""

    policy: str = "bod-26-04"
    weeks: int = DEFAULT_WEEKS
    seconds: float = _SECONDS
    work: float = _WORK


_CHOICE = PlanChoice()
Progress = Callable[[str], None]


def require_plannable(
    actor: Actor, platforms: Sequence[Platform] | None = None, choice: PlanChoice = _CHOICE
) -> tuple[list[Platform], Triaging]:
    """The platforms a plan would be for (None: all the actor works on), and how their patches would be triaged.

    Raises NotAllowed, and PassmusterError where the choice cannot be planned by.
    """
    chosen = list(platforms) if platforms is not None else _workable(actor)
    if not chosen:
        raise UsageError("there is no platform to plan for; add one, or ask for a duty on one")
    if not 1 <= choice.weeks <= _MOST_WEEKS:
        raise UsageError(f"weeks: {choice.weeks} is not from 1 to {_MOST_WEEKS}")
    for platform in chosen:
        require(actor, Action.WORK_CHANGE, platform.pk)
    return chosen, prepare_triaging(choice.policy, as_of=actor.now)


def propose_plan(
    actor: Actor,
    platforms: Sequence[Platform] | None = None,
    choice: PlanChoice = _CHOICE,
    *,
    progress: Progress = lambda _text: None,
) -> Plan:
    """Triage the newest looks of the platforms (None: of all the actor works on) and plan their patches.

    What could not be looked at stands in the plan's `problems`. Jobs of the plan adopted before stay where they are
    unless moving them is worth it. Raises NotAllowed, PassmusterError where nothing can be planned.
    """
    chosen, by = require_plannable(actor, platforms, choice)
    progress("Finding out which advisories concern the newest looks")
    # What a look shows of changes under way comes first: a patch that is gone again must be planned again.
    for platform in chosen:
        follow_platform(actor, platform)
    planned, decisions, problems = _triaged(chosen, by)
    planned = [each for each in planned if each.places]
    if not planned:
        raise UsageError("\n".join(["there is nothing to plan for:", *problems]))
    # A platform that could not be looked at is no part of the plan: its changes stay as they are.
    chosen = [platform for platform in chosen if platform.pk in {each.key for each in planned}]
    problem, waited = _problem(planned, decisions, by.as_of, choice.weeks)
    previous = _adopted_before(chosen)
    progress("Fitting the patches into windows")
    plan = plan_document_of(
        problem,
        previous.plan if previous else None,
        seconds=choice.seconds,
        work=choice.work,
        progress=lambda text: progress(f"Fitting the patches into windows: {text}"),
    )
    return _keep(
        actor,
        chosen,
        previous,
        Plan(problem=problem, plan=plan, triage={**_triage(by, decisions), "waited_for": waited}, problems=problems),
    )


def _workable(actor: Actor) -> list[Platform]:
    where = platforms_for(actor, Action.WORK_CHANGE)
    found = Platform.objects.filter(is_active=True).order_by("pk")
    return list(found if where is None else found.filter(pk__in=where))


def _triaged(platforms: Sequence[Platform], by: Triaging) -> tuple[list[Planned], list[dict[str, Any]], list[str]]:
    """The platforms with their places, the decisions placed, and what could not be looked at."""
    planned: list[Planned] = []
    decisions: list[dict[str, Any]] = []
    problems: list[tuple[str, str]] = []
    store = advisory_store()
    for platform in platforms:
        look = last_look(platform)
        if look is None:
            problems.append((platform.name, "nobody has looked at it yet; collect first"))
            continue
        try:
            found = triage_documents(store, by, snapshot_folder(look))
        except (PassmusterError, OSError) as error:
            problems.append((platform.name, str(error)))
            continue
        problems += [(platform.name, warning) for warning in found.warnings]
        inputs = planned_of(platform, found)
        if not inputs.places:
            problems.append((platform.name, "no environment is named; add one with its windows to plan it"))
        planned.append(inputs)
        decisions += placed_decisions(found.documents, inputs)
    return planned, decisions, _told_once(problems)


def _told_once(problems: Sequence[tuple[str, str]]) -> list[str]:
    """What is so of several platforms is said once, with their names before it."""
    names: dict[str, list[str]] = {}
    for name, text in problems:
        names.setdefault(text, []).append(name)
    return [f"{', '.join(dict.fromkeys(named))}: {text}" for text, named in names.items()]


def _problem(
    planned: Sequence[Planned], decisions: Sequence[Any], as_of: datetime, weeks: int
) -> tuple[dict[str, Any], dict[str, str]]:
    policy = read_gate_policy(home())
    calendar = calendar_document(planned, decisions, policy, start=as_of, weeks=weeks)
    triage = {"schema": "passmuster/triage@1", "as_of": as_of.isoformat(), "decisions": list(decisions)}
    problem = build_problem_of(triage, calendar, where="environments and decisions").document
    return without_done(problem, _in_place([each.key for each in planned], policy))


def _in_place(platforms: Sequence[int], policy: GatePolicy) -> Mapping[str, datetime]:
    """Jobs that are deployed and not contradicted by a look since, with the times from which they soak."""
    done = Change.objects.filter(
        platform__in=platforms,
        status__in=(ChangeStatus.DEPLOYED, ChangeStatus.VERIFIED),
        deployed_at__isnull=False,
    ).select_related("platform")
    return {
        change.job: Begun(change.deployed_at, change.deployed_noted_at, seen_at(change)).counts_from(
            policy.tiers[Tier(change.platform.tier)].counts_from
        )
        for change in done
        if change.deployed_at is not None
    }


def _triage(by: Triaging, decisions: Sequence[Any]) -> dict[str, Any]:
    return {
        "schema": "passmuster/triage@1",
        "as_of": by.as_of.isoformat().replace("+00:00", "Z"),
        "policy": f"{by.policy.id} {by.policy.version}",
        "decisions": list(decisions),
    }


def _adopted_before(platforms: Sequence[Platform]) -> Plan | None:
    """The plan adopted last for any of these platforms."""
    keys = {platform.pk for platform in platforms}
    adopted = Plan.objects.filter(adopted_at__isnull=False).order_by("-adopted_at", "-pk")
    return next((plan for plan in adopted[:50] if keys & set(plan.platforms)), None)


def _keep(actor: Actor, platforms: Sequence[Platform], previous: Plan | None, plan: Plan) -> Plan:
    only = platforms[0] if len(platforms) == 1 else None
    plan.platforms = [platform.pk for platform in platforms]
    plan.previous, plan.revision = previous, previous.revision + 1 if previous else 1
    plan.made_at, plan.made_by_id = actor.now, actor.person_id
    # The right was checked for each platform; the event belongs to the first, which names them all.
    with acting(actor, Action.WORK_CHANGE, plan, platform=only or platforms[0], verb="propose_plan") as event:
        plan.save()
        keep_triaged(plan, platforms, plan.triage["decisions"])
        event.subject_id = str(plan.pk)
        event.after = {
            "platforms": [platform.slug for platform in platforms],
            "jobs": len(plan.problem["jobs"]),
            "placed": len(plan.plan["placements"]),
            "unplaced": len(plan.plan["unplaced"]),
            "problems": len(plan.problems),
        }
        note_outcome(actor.held, outcome_of(plan))
    return plan


def outcome_of(plan: Plan) -> dict[str, int]:
    """What whoever asked for the plan is told of it."""
    placed, unplaced = (len(plan.plan[name]) for name in ("placements", "unplaced"))
    return {"plan": plan.pk, "placed": placed, "unplaced": unplaced, "remarks": len(plan.problems)}


def stale_after(plan: Plan) -> datetime:
    """Until when a proposal may be adopted: what it was made of is a day old then."""
    return plan.made_at + timedelta(days=1)
