"""Triaging: decisions by a policy, for one combination of points or for what an organisation runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from passmuster.model.advisory import Advisory
from passmuster.model.component import Component, ComponentKind
from passmuster.model.decision import Decision
from passmuster.model.match import Match, Verdict
from passmuster.triage.asked import decide_points, read_points
from passmuster.triage.campaign import is_only_notice, is_triaged
from passmuster.triage.decide import Context, conclude, settle_for
from passmuster.triage.exposure import Exposure
from passmuster.triage.notices import notice_match
from passmuster.triage.order import worst_first
from passmuster.triage.policy import Policy
from passmuster.triage.policy_load import DEFAULT, find_policy
from passmuster.triage.settle import Settled
from passmuster.triage.sites import apart
from passmuster.triage.surroundings import Surroundings
from passmuster.triage.touched import touched_by

_CLOSED = frozenset({Verdict.FIXED, Verdict.NOT_AFFECTED})


@dataclass(frozen=True)
class Matching:
    """Advisories by id, which of them may concern a component, and the verdict (None: it is about something else)."""

    advisories: Mapping[str, Advisory]
    candidates: Callable[[Component], Iterable[str]]
    match: Callable[[Advisory, Component], Match | None]


@dataclass(frozen=True)
class Triage:
    """Decisions, worst first, and what a reader must be told beside them."""

    decisions: tuple[Decision, ...]
    as_of: datetime
    warnings: tuple[str, ...] = ()
    environments: frozenset[str] = frozenset()
    """Ids of the environments that the snapshot shows."""


@dataclass(frozen=True)
class Triaging:
    """By what to triage: the policy, points given by hand (all of the policy's words), the vendor's policy."""

    policy: Policy
    as_of: datetime
    given: Mapping[str, str] = field(default_factory=dict)
    vendor_policy: Policy | None = None
    with_closed: bool = False
    """Whether what is fixed or not affected stands in the list too (action `none`)."""


def prepare_triaging(
    policy: str = DEFAULT,
    *,
    as_of: datetime | None = None,
    points: str = "",
    vendor_policy: str | None = None,
    with_closed: bool = False,
) -> Triaging:
    """Read the policies and the points given by hand; raises PassmusterError with all mistakes of each."""
    chosen = find_policy(policy)
    moment = (as_of or datetime.now(UTC)).astimezone(UTC).replace(microsecond=0)
    held = find_policy(vendor_policy) if vendor_policy else None
    return Triaging(chosen, moment, read_points(points, chosen), held, with_closed)


def triage_points(text: str, *, policy: str = DEFAULT, as_of: datetime | None = None) -> Triage:
    """One decision for points written `name=value,...`; raises PassmusterError."""
    by = prepare_triaging(policy, as_of=as_of, points=text)
    decision = decide_points(by.policy, by.given, as_of=by.as_of)
    return Triage((decision,), by.as_of, policy_warnings(by.policy, by.as_of))


def triage_all(
    matching: Matching, components: Sequence[Component], by: Triaging, surroundings: Surroundings | None = None
) -> Triage:
    """A decision for every advisory that concerns a component and is worth one, worst first.

    Components that differ in nothing but their place are matched once, and decided once in like surroundings. What a
    vendor does region by region is decided in each environment of a platform that runs in several.
    """
    decisions: list[Decision] = []
    untold: set[str] = set()
    exposures = _Exposures(by, surroundings)
    for alike in _alike(components):
        for name in matching.candidates(alike[0]):
            advisory = matching.advisories.get(name)
            if advisory is None:
                continue
            if not is_triaged(advisory):
                untold |= {name} if advisory.notice is not None and not advisory.is_withdrawn else set()
                continue
            for group in apart(advisory, alike):
                if (match := _matched(matching, advisory, group[0], by)) is not None:
                    decisions += _decided(advisory, match, group, exposures)
    return Triage(worst_first(decisions), by.as_of, (*policy_warnings(by.policy, by.as_of), *_told(sorted(untold))))


def _alike(components: Sequence[Component]) -> Iterable[list[Component]]:
    """Components that only differ in id and place."""
    groups: dict[Component, list[Component]] = {}
    for component in components:
        groups.setdefault(replace(component, id="", environment_id="", platform_id=""), []).append(component)
    return groups.values()


def _matched(matching: Matching, advisory: Advisory, component: Component, by: Triaging) -> Match | None:
    match = matching.match(advisory, component)
    if is_only_notice(advisory):
        match = notice_match(advisory, component, as_of=by.as_of, is_named=match is not None)
    return match if match is not None and (by.with_closed or match.verdict not in _CLOSED) else None


def _decided(advisory: Advisory, match: Match, alike: Sequence[Component], exposures: _Exposures) -> Iterable[Decision]:
    by, known = exposures.by, {}
    for component in alike:
        context = exposures.context_of(advisory, component)
        key = (context.exposure, context.is_retired)
        if key not in known:
            settled = exposures.settled(advisory, context)
            known[key] = conclude(by.policy, advisory, match, context, settled=settled, as_of=by.as_of)
        place = component.environment_id or component.platform_id
        yield known[key].placed(component.id, place)


@dataclass(frozen=True)
class _Exposures:
    """The surroundings of components, each environment looked up once, and what they come to for an advisory."""

    by: Triaging
    surroundings: Surroundings | None
    known: dict[str, Exposure] = field(default_factory=dict)
    outcomes: dict[tuple[str, Exposure], Settled] = field(default_factory=dict)

    def settled(self, advisory: Advisory, context: Context) -> Settled:
        """Points and outcome, which no version changes: worked out once for an advisory in like surroundings."""
        key = (advisory.id, context.exposure)
        if key not in self.outcomes:
            self.outcomes[key] = settle_for(self.by.policy, advisory, context)
        return self.outcomes[key]

    def context_of(self, advisory: Advisory, component: Component) -> Context:
        """What is known beside the advisory."""
        by, seen = self.by, self.surroundings
        if seen is None:
            return Context(given=by.given, vendor_policy=by.vendor_policy)
        place = component.environment_id
        if place not in self.known:
            self.known[place] = seen.exposure_in(place, as_of=by.as_of)
        names = [component.name] if component.kind is ComponentKind.ADD_ON else []
        names += list(advisory.notice.connectors) if advisory.notice else []
        until = seen.supported_until.get(component.id)
        return Context(
            exposure=self.known[place],
            given=by.given,
            touches=touched_by(names, seen.uses) if names else (),
            is_retired=until is not None and until < by.as_of.date(),
            seen_at=seen.exposure.at,
            vendor_policy=by.vendor_policy,
        )


def _told(untold: Sequence[str]) -> tuple[str, ...]:
    if not untold:
        return ()
    shown = ", ".join(untold[:5]) + (f" and {len(untold) - 5} more" if len(untold) > 5 else "")
    return (
        f"{len(untold)} notice(s) that mend nothing were not triaged ({shown}); read them with `passmuster intel show`",
    )


def policy_warnings(policy: Policy, as_of: datetime) -> tuple[str, ...]:
    """That the policy was not in force at that time, and which option mends it."""
    day = as_of.astimezone(UTC).date()
    if policy.applied_on(day):
        return ()
    span = f"from {policy.valid_from}" + (f" until {policy.valid_until}" if policy.valid_until else "")
    return (
        f"{policy.id} {policy.version} applied {span}, not on {day}; "
        "name the policy of that time with --policy, or another time with --as-of",
    )
