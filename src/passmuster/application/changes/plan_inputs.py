"""What a plan is made of: platforms' environments, windows and people as a calendar document. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from passmuster.application.changes.gate_policy import GatePolicy
from passmuster.model.keeping import Stage, Tier

# Waiting is dearer after the deadline; a moved job must be worth the message about it.
_LATE_FACTOR, _WINDOW_COST, _MOVE_COST = 5, 0.2, 2
# How much dearer a day of waiting is where the business says so, by its priority, 1 (highest) to 5.
_BUSINESS_FACTORS = {1: 2.0, 2: 1.5, 3: 1.0, 4: 0.75, 5: 0.5}
_USUAL = 3
_STAGES = {Stage.PRODUCTION: "prod", Stage.STAGING: "staging", Stage.TEST: "test", Stage.DEVELOPMENT: "dev"}
# A patch runs first where least depends on it.
_BEFORE = {Stage.PRODUCTION: (Stage.STAGING, Stage.TEST), Stage.STAGING: (Stage.TEST,)}
_EXPLOITED = (("in_kev", "yes"), ("exploitation", "active"))
_LONGEST = 200


@dataclass(frozen=True)
class Place:
    """An environment of a platform; `id` is how the plan calls it."""

    key: int
    id: str
    names: tuple[str, ...]
    stage: Stage
    zone: str
    owner: str = ""
    windows: Sequence[Mapping[str, Any]] = ()
    freezes: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True)
class Planned:
    """A platform with its places; `platform_id` is how its looks call it, `is_single`: they show one environment.

    `is_called_alike`: a place bears the name of an environment of its looks.
    """

    key: int
    slug: str
    tier: Tier
    platform_id: str
    places: tuple[Place, ...]
    owner_minutes: Mapping[str, int] = field(default_factory=dict)
    is_single: bool = False
    is_called_alike: bool = True
    business_priority: int = _USUAL

    @property
    def terms(self) -> tuple[Tier, int]:
        """The terms its environments are planned by."""
        return self.tier, self.business_priority


def place_id(slug: str, name: str) -> str:
    """How a plan calls an environment: short enough for every name of the formats."""
    return within(f"{slug}/{name}", _LONGEST)


def within(text: str, length: int) -> str:
    """The text, or its beginning and a digest of all of it where it is too long."""
    if len(text) <= length:
        return text
    return f"{text[: length - 17]}~{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def takers(decision: Mapping[str, Any], platform: Planned) -> tuple[Place, ...]:
    """The places where a decision counts: the one it names; all production where it names the platform or nothing.

    What concerns the platform itself, region by region, counts in all production too where nobody told which place is
    which environment.
    """
    environment = decision.get("environment") or ""
    named = tuple(place for place in platform.places if environment and environment in place.names)
    is_of_all = platform.is_single or environment in ("", platform.platform_id)
    is_of_platform = decision.get("component_id") == platform.platform_id
    if named or not (is_of_all or (is_of_platform and not platform.is_called_alike)):
        return named
    if len(platform.places) == 1:
        return platform.places
    return tuple(place for place in platform.places if place.stage is Stage.PRODUCTION)


def placed_decisions(documents: Iterable[Mapping[str, Any]], platform: Planned) -> Iterator[dict[str, Any]]:
    """Each decision once for every place it counts in, called as the plan calls it; elsewhere it stays as it is."""
    for document in documents:
        told = {**document, "platform": platform.slug, "seen_environment": document.get("environment")}
        places = takers(document, platform)
        for place in places:
            yield {**told, "environment": place.id}
        if not places:
            yield told


def is_exploited(decision: Mapping[str, Any]) -> bool:
    """Whether attackers use it already, as far as the policy asked."""
    return any(decision["points"].get(name) == value for name, value in _EXPLOITED)


def calendar_document(
    platforms: Sequence[Planned],
    decisions: Sequence[Mapping[str, Any]],
    policy: GatePolicy,
    *,
    start: datetime,
    weeks: int,
) -> dict[str, Any]:
    """`passmuster/calendar@1` of all the platforms' places; soak and notice are those the gates will ask."""
    urgent = _urgent_outcomes(decisions)
    minutes: dict[str, int] = {}
    for platform in platforms:
        minutes |= platform.owner_minutes
    places = [(platform, place) for platform in platforms for place in platform.places]
    return {
        "schema": "passmuster/calendar@1",
        "horizon": {"start": start.isoformat(), "weeks": weeks},
        "late_factor": _LATE_FACTOR,
        "window_cost": _WINDOW_COST,
        "move_cost": _MOVE_COST,
        "owners": [{"id": name, "minutes_per_week": minutes[name]} for name in sorted(minutes)],
        "tiers": {
            _terms_name(tier, business): _tier(policy, tier, business, urgent)
            for tier, business in sorted({*((tier, _USUAL) for tier in Tier), *(each.terms for each in platforms)})
        },
        "environments": [_environment(platform, place, minutes) for platform, place in places],
        "windows": [
            window_item(place, number, item) for _, place in places for number, item in enumerate(place.windows)
        ],
        "freezes": [freeze_item(place, item) for _, place in places for item in place.freezes],
    }


def _urgent_outcomes(decisions: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """Outcomes that only exploited vulnerabilities have here; they soak and are announced as the gates allow."""
    seen: dict[str, bool] = {}
    for decision in decisions:
        seen[decision["outcome"]] = seen.get(decision["outcome"], True) and is_exploited(decision)
    return tuple(sorted(name for name, all_are in seen.items() if all_are))


def _terms_name(tier: Tier, business: int) -> str:
    """How the calendar calls the terms of that tier, as platforms of that business priority have them."""
    return tier.value if business == _USUAL else f"{tier.value}, business priority {business}"


def _tier(policy: GatePolicy, tier: Tier, business: int, urgent: Sequence[str]) -> dict[str, Any]:
    terms = policy.tiers[tier]
    return {
        "soak_hours": terms.soak_hours,
        "notice_days": terms.notice_days,
        "weight": terms.weight * _BUSINESS_FACTORS[business],
        "outcomes": {
            name: {"soak_hours": terms.urgent_soak_hours, "notice_days": terms.urgent_notice_days} for name in urgent
        },
    }


def _environment(platform: Planned, place: Place, owners: Mapping[str, int]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "id": place.id,
        "stage": _STAGES[place.stage],
        "tier": _terms_name(*platform.terms),
        "timezone": place.zone,
    }
    if place.owner in owners:
        found["owner"] = place.owner
    for stage in _BEFORE.get(place.stage, ()):
        before = next((each for each in platform.places if each.stage is stage), None)
        if before is not None:
            found["after"] = before.id
            break
    return found


def window_item(place: Place, number: int, item: Mapping[str, Any]) -> dict[str, Any]:
    """A window of a place as the calendar's document spells it."""
    name = str(item.get("id") or item.get("name") or number + 1)
    kept = {key: value for key, value in item.items() if key not in ("id", "name", "environments")}
    return {**kept, "id": within(f"{place.id}:{name}", _LONGEST), "environments": [place.id]}


def freeze_item(place: Place, item: Mapping[str, Any]) -> dict[str, Any]:
    """A freeze of a place as the calendar's document spells it."""
    kept = {key: value for key, value in item.items() if key not in ("environments", "tiers", "stages")}
    return {"name": "Freeze", **kept, "environments": [place.id]}


def without_done(problem: dict[str, Any], done: Mapping[str, datetime]) -> tuple[dict[str, Any], dict[str, str]]:
    """The problem without jobs that are deployed; what waits for one may begin once that has soaked.

    With it, for each job that waited for a deployed one, which that was.
    """
    jobs = []
    waited: dict[str, str] = {}
    for job in problem["jobs"]:
        if job["id"] in done:
            continue
        links = [link for link in job["after"] if link["job"] not in done]
        soaked = [done[link["job"]] + timedelta(hours=link["hours"]) for link in job["after"] if link["job"] in done]
        for link in job["after"]:
            if link["job"] in done:
                waited[job["id"]] = link["job"]
        available = max([datetime.fromisoformat(job["available_at"]), *soaked])
        jobs.append({**job, "after": links, "available_at": available.isoformat().replace("+00:00", "Z")})
    return {**problem, "jobs": jobs}, waited
