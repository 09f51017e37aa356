"""Decisions in the words of a manager."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from passmuster.model.decision import NEEDS_PERSON, Action, Basis, Decision, PointValue
from passmuster.triage.policy import Policy
from passmuster.triage.settle import Settled

_MOST_FIXES = 3
_BRANCH = re.compile(r"[ .]")
_TELLING = {
    ("in_kev", "yes"): "it is attacked in the wild",
    ("in_kev", "no"): "it is not listed as attacked",
    ("exploitation", "active"): "it is attacked in the wild",
    ("exploitation", "public_poc"): "the way to attack it is public",
    ("exploitation", "none"): "no attack is known",
    ("publicly_exposed", "yes"): "strangers on the internet can reach it",
    ("publicly_exposed", "no"): "strangers cannot reach it",
    ("internet_reachable", "yes"): "strangers on the internet can reach it",
    ("internet_reachable", "no"): "strangers cannot reach it",
    ("system_exposure", "open"): "strangers on the internet can reach it",
    ("system_exposure", "controlled"): "few outside can reach it",
    ("system_exposure", "small"): "hardly anybody can reach it",
    ("automatable", "yes"): "attacks can be automated",
    ("automatable", "no"): "attacks take work by hand",
    ("technical_impact", "total"): "an attacker gains full control",
    ("technical_impact", "partial"): "an attacker gains limited control",
    ("likely_exploitable", "yes"): "an attack is likely",
    ("likely_exploitable", "no"): "an attack is unlikely",
    ("severity", "critical"): "its severity is critical",
    ("severity", "high"): "its severity is high",
    ("severity", "medium"): "its severity is medium",
    ("severity", "low"): "its severity is low",
}


def why(points: tuple[PointValue, ...]) -> str:
    """The points as clauses: `it is attacked in the wild, attacks can be automated`."""
    return ", ".join(
        _TELLING.get((p.name, p.value), f"{p.name.replace('_', ' ')} is {p.value.replace('_', ' ')}") for p in points
    )


def doubts(points: tuple[PointValue, ...]) -> str:
    """What of this is not known for sure, as a sentence; empty where all is."""
    told = [
        (Basis.ASSUMED, "Assumed, as nobody knows"),
        (Basis.ESTIMATED, "Estimated from the CVSS vector"),
    ]
    lines = []
    for basis, text in told:
        names = [point.name.replace("_", " ") for point in points if point.basis is basis]
        lines += [f"{text}: {', '.join(names)}."] if names else []
    return " ".join(lines)


def timed(text: str, due: datetime | None) -> str:
    """The text as what to do by a day (UTC), where there is one."""
    return f"By {due.astimezone(UTC):%Y-%m-%d}: {text[:1].lower()}{text[1:]}" if due else text


def sentence_of_points(policy: Policy, settled: Settled, due: datetime | None) -> str:
    """The sentence for one combination of points, without an advisory."""
    if settled.outcome == NEEDS_PERSON:
        missing = _list(settled.missing)
        return (
            f"Somebody must find out {missing}: nothing says it, and {policy.id} cannot decide without; "
            f"at worst it is {_plain(settled.at_worst)}."
        )
    text = policy.outcomes[settled.outcome].says
    text = timed(f"{text[:1].upper()}{text[1:]}", due)
    parts = [f"{text}. Why: {why(settled.points)}.", doubts(settled.points)]
    return " ".join(part for part in parts if part)


def sentence_of(decision: Decision, policy: Policy, missing: tuple[str, ...], match_reason: str) -> str:
    """The decision as a sentence or two: what, by when, why, by which policy, and what is in doubt."""
    if decision.verdict == "needs_review":
        return (
            f"Somebody must find out whether {decision.advisory} concerns {_thing(decision)}: "
            f"{match_reason.rstrip('. ')}; "
            f"if it does, {policy.id} says {_plain(decision.if_affected)}."
        )
    if decision.outcome == NEEDS_PERSON and decision.action is not Action.HUNT:
        return (
            f"{_doing(decision)}; how soon, somebody must decide: nothing tells {_list(missing)}, "
            f"at worst it is {_plain(decision.if_affected)}."
        )
    if decision.action is Action.HUNT:
        return f"{timed(_doing(decision), decision.due_at)}: {decision.title.rstrip('.') or 'see its text'}."
    said = policy.outcomes.get(decision.outcome)
    parts = [
        f"{timed(_doing(decision), decision.due_at)}. Why: {why(decision.points)}.",
        f"{policy.title}: {said.says}." if said else "",
        doubts(decision.points),
    ]
    return " ".join(part for part in parts if part)


def _doing(decision: Decision) -> str:
    thing, name = _thing(decision), decision.advisory
    fixes = _fixes(decision)
    in_force = decision.times.enforced_at
    if decision.action is Action.PATCH and decision.who_patches == "vendor" and in_force:
        return f"The vendor puts the fix of {name} for {thing} in force on {in_force.astimezone(UTC):%Y-%m-%d}"
    text = {
        Action.PATCH: f"Update {thing}{f' to {fixes}' if fixes else ''} against {name}",
        Action.TEST_BEFORE: f"Test the fix of {name} for {thing} before it is put in force",
        Action.CONFIGURE: f"Change the settings of {thing}, or who can reach it, against {name}"
        f"{'' if fixes else ': there is no version with a fix'}",
        Action.MIGRATE: f"Move off {thing}: no fix of {name} will come",
        Action.HUNT: f"Search {thing} for traces of the attacks that {name} tells of, and renew what may be stolen",
        Action.OBTAIN_EVIDENCE: f"Ask the vendor of {thing} for evidence that {name} is fixed"
        f"{'' if decision.who_patches == 'shared' else ', as only the vendor can'}",
        Action.NONE: f"Nothing to do now about {name} in {thing}",
    }[decision.action]
    has_triage = "forensic_triage" in decision.steps
    return f"Look for traces of an attack, then {text[:1].lower()}{text[1:]}" if has_triage else text


def _fixes(decision: Decision) -> str:
    """A few of the versions with the fix, those of the installed branch if there are any."""
    branch = _BRANCH.split(decision.version)[0]
    near = [each for each in decision.fixed_versions if branch and _BRANCH.split(each)[0] == branch]
    chosen = near or list(decision.fixed_versions)
    more = len(chosen) - _MOST_FIXES
    return " or ".join(chosen[:_MOST_FIXES]) + (f" (or {more} more)" if more > 0 else "")


def _thing(decision: Decision) -> str:
    return " ".join(part for part in (decision.component or "the component", decision.version) if part)


def _plain(outcome: str) -> str:
    return outcome.replace("_", " ")


def _list(names: tuple[str, ...]) -> str:
    return " and ".join(name.replace("_", " ") for name in names) or "its points"
