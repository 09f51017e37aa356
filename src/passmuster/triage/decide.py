"""One advisory, one component, one policy: the decision; pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from passmuster.model.advisory import Advisory
from passmuster.model.decision import NEEDS_PERSON, Action, Basis, Clock, Decision, PointValue, Times, Touch
from passmuster.model.match import Match, Verdict
from passmuster.model.waves import seen_from
from passmuster.model.words import Responsibility
from passmuster.triage.acting import action_for, has_fix, is_vendors
from passmuster.triage.clock import due_of, start_of
from passmuster.triage.exposure import NOTHING_KNOWN, Exposure
from passmuster.triage.notices import in_force_at, region_doubt
from passmuster.triage.points import Facts, look_up
from passmuster.triage.policy import Policy, PolicyOutcome
from passmuster.triage.sentence import sentence_of
from passmuster.triage.settle import Settled, settle


@dataclass(frozen=True)
class Context:
    """What is known beside the advisory: exposure, points given by hand, what it touches, the vendor's promise."""

    exposure: Exposure = NOTHING_KNOWN
    given: Mapping[str, str] = field(default_factory=dict)
    touches: tuple[Touch, ...] = ()
    is_retired: bool = False
    seen_at: datetime | None = None
    """When the snapshot that shows the component was taken."""
    vendor_policy: Policy | None = None
    """What the vendor is held to on its own clock, from disclosure to its fix."""


NO_CONTEXT = Context()


def decide(
    policy: Policy, advisory: Advisory, match: Match, context: Context = NO_CONTEXT, *, as_of: datetime
) -> Decision:
    """The decision at `as_of` (aware)."""
    settled = settle_for(policy, advisory, context)
    return conclude(policy, advisory, match, context, settled=settled, as_of=as_of)


def settle_for(policy: Policy, advisory: Advisory, context: Context) -> Settled:
    """Points and outcome; what somebody gave by hand goes before what is looked up."""
    known = look_up(policy, Facts(advisory, context.exposure))
    known |= {name: PointValue(name, value, "given", basis=Basis.GIVEN) for name, value in context.given.items()}
    return settle(policy, known, advisory.scores)


def conclude(
    policy: Policy, advisory: Advisory, match: Match, context: Context, *, settled: Settled, as_of: datetime
) -> Decision:
    """The decision for an outcome that is settled already: action, clocks, deadline and reason."""
    advisory = seen_from(advisory, match.component.regions)
    is_doubtful = match.verdict is Verdict.NEEDS_REVIEW
    name = NEEDS_PERSON if is_doubtful else settled.outcome
    action = action_for(advisory, match, as_of=as_of, is_retired=context.is_retired)
    # A hunt cannot wait until somebody has rated what is hunted.
    outcome = policy.outcomes.get(settled.at_worst if action is Action.HUNT and name == NEEDS_PERSON else name)
    if outcome is not None and action is not Action.HUNT and outcome.action is not Action.PATCH:
        action = outcome.action
    times = times_of(advisory, match, context)
    started, reason, due = _timing(policy, outcome, advisory, times=times, has=has_fix(advisory, match), as_of=as_of)
    decision = replace(
        _identity(policy, advisory, match),
        points=settled.points,
        outcome=name,
        rank=policy.rank(outcome.name if outcome else name),
        action=action,
        steps=_steps(action, outcome),
        clock_started_at=started,
        clock_reason=reason,
        due_at=due,
        times=times,
        vendor_clock=_vendor_clock(advisory, times, context, as_of=as_of),
        our_clock=_our_clock(times, match, due),
        touches=context.touches,
        vendor_from=advisory.notice.earliest_at if advisory.notice else None,
        if_affected=(settled.at_worst or (settled.outcome if is_doubtful else "")) if name == NEEDS_PERSON else "",
    )
    doubt = region_doubt(advisory.notice, match.component)
    sentence = sentence_of(decision, policy, settled.missing, match.reason)
    return replace(decision, reason=f"{sentence} {doubt}".strip())


def _identity(policy: Policy, advisory: Advisory, match: Match) -> Decision:
    component = match.component
    return Decision(
        advisory=advisory.id,
        component=component.name,
        policy=policy.id,
        policy_version=policy.version,
        points=(),
        outcome="",
        action=Action.NONE,
        reason="",
        environment=component.environment_id or component.platform_id,
        component_id=component.id,
        version=component.version or "",
        purl=component.purl,
        title=advisory.title,
        aliases=advisory.aliases,
        verdict=str(match.verdict),
        fixed_versions=match.fixed_versions,
        who_patches=str(match.who_patches),
        epss=advisory.epss.probability if advisory.epss else None,
        score=_score(advisory),
        severity=advisory.severity,
    )


def times_of(advisory: Advisory, match: Match, context: Context) -> Times:
    """The six times of this advisory and this component."""
    notice = advisory.notice
    offered = (notice.preview_at or notice.earliest_at) if notice else None
    is_mended = match.verdict is Verdict.FIXED
    return Times(
        disclosed_at=advisory.disclosed_at,
        vendor_fixed_at=advisory.vendor_fixed_at,
        learned_at=advisory.learned_at,
        available_at=offered or (None if is_vendors(advisory, match) else advisory.vendor_fixed_at),
        enforced_at=in_force_at(notice) if notice else None,
        verified_at=context.seen_at if is_mended else None,
    )


def _timing(
    policy: Policy, outcome: PolicyOutcome | None, advisory: Advisory, *, times: Times, has: bool, as_of: datetime
) -> tuple[datetime | None, str, datetime | None]:
    kev = advisory.kev
    started, reason = start_of(policy.clock, times, kev_on=kev.added_on if kev else None, has_fix=has, as_of=as_of)
    if outcome is None:
        return started, reason, None
    on = kev.due_on if kev else None
    return started, reason, due_of(outcome.deadline, started, catalogue_on=on, weekends=policy.counts_weekends)


def _vendor_clock(advisory: Advisory, times: Times, context: Context, *, as_of: datetime) -> Clock:
    """From disclosure to the vendor's fix, against what the vendor is held to where a policy for that was named."""
    started, ended, policy = times.disclosed_at, times.vendor_fixed_at, context.vendor_policy
    if started is None or policy is None:
        return Clock(started, ended, reason="from disclosure to the vendor's fix; no promise was named")
    settled = settle_for(policy, advisory, context)
    outcome = policy.outcomes.get(settled.outcome)
    _, _, due = _timing(policy, outcome, advisory, times=times, has=True, as_of=as_of)
    return Clock(started, ended, due, f"from disclosure to the vendor's fix; {policy.id} says {settled.outcome}")


def _our_clock(times: Times, match: Match, due: datetime | None) -> Clock:
    """From the fix to our verification of it; a fix of unknown day could be had at the latest when we learned of it."""
    is_ours = bool(match.fixed_versions) and match.who_patches is not Responsibility.VENDOR
    started = times.available_at or (times.learned_at if is_ours else None)
    since = "when the fix could be had" if times.available_at else "when we learned of the fix, whose day nobody tells"
    return Clock(started, times.verified_at, due, f"from {since} to when we verified it")


def _steps(action: Action, outcome: PolicyOutcome | None) -> tuple[str, ...]:
    """What comes before and after the action: traces are lost once a system is patched."""
    if action is Action.NONE:
        return ()
    before = ("forensic_triage",) if outcome and outcome.forensics_first and action is not Action.HUNT else ()
    return (*before, str(action), *(("patch",) if action is Action.TEST_BEFORE else ()))


def _score(advisory: Advisory) -> float | None:
    for score in advisory.scores:
        value = score.computed if score.computed is not None else score.stated
        if value is not None:
            return value
    return None
