"""When a finding is due and how urgent it is: days by severity and tier, points with their reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from passmuster.application.policies.reading import read_policy
from passmuster.model.keeping import DataClass, Tier
from passmuster.model.words import Severity


@dataclass(frozen=True)
class FindingPolicy:
    """Days until due by tier and severity (None: no date), and the points a priority is the sum of."""

    days: Mapping[Tier, Mapping[Severity, int | None]]
    severity_points: Mapping[Severity, int]
    tier_points: Mapping[Tier, int]
    data_points: Mapping[DataClass, int]
    came_back_points: int
    # By the platform's business priority, 1 (highest) to 5; a house's policy need not say any.
    business_points: Mapping[int, int] = field(default_factory=dict)
    # One that comes back within this many days of closing goes on with its age and its date.
    same_within_days: int = 30


@dataclass(frozen=True)
class Urgency:
    """What a finding of one severity gets on one platform. `days` None: it has no due date."""

    severity: Severity
    days: int | None
    due_reason: str
    priority: int
    priority_reason: str


def read_finding_policy(home: Path) -> FindingPolicy:
    """The house's policy, or the one that ships; raises UnreadableInput with every mistake."""
    document, _ = read_policy("findings.yaml", "finding-policy", home)
    points = document["points"]
    return FindingPolicy(
        days={Tier(tier): {Severity(w): d for w, d in row.items()} for tier, row in document["days"].items()},
        severity_points={Severity(word): value for word, value in points["severity"].items()},
        tier_points={Tier(word): value for word, value in points["tier"].items()},
        data_points={DataClass(word): value for word, value in points["data_class"].items()},
        came_back_points=points["came_back"],
        business_points={int(word): value for word, value in points.get("business_priority", {}).items()},
        same_within_days=document.get("same_within_days", FindingPolicy.same_within_days),
    )


@dataclass(frozen=True)
class Standing:
    """What of a platform counts: its tier, the class of its data, and its business priority, 1 (highest) to 5."""

    tier: Tier
    data_class: DataClass
    business_priority: int


_BUSINESS_WORDS = {1: "highest", 2: "high", 3: "middle", 4: "low", 5: "lowest"}


def urgencies(policy: FindingPolicy, standing: Standing) -> tuple[Urgency, ...]:
    """What findings of each severity get on a platform that stands so."""
    return tuple(_urgency(policy, severity, standing) for severity in Severity)


def _urgency(policy: FindingPolicy, severity: Severity, standing: Standing) -> Urgency:
    tier, data_class, business = standing.tier, standing.data_class, standing.business_priority
    days = policy.days[tier][severity]
    parts = (
        (f"{severity} finding", policy.severity_points[severity]),
        (f"{tier} tier", policy.tier_points[tier]),
        (f"{data_class} data", policy.data_points[data_class]),
        (f"{_BUSINESS_WORDS[business]} business priority", policy.business_points.get(business, 0)),
    )
    what = f"{severity} on a platform of the {tier} tier"
    return Urgency(
        severity=severity,
        days=days,
        due_reason=f"{what}: {days} days" if days is not None else f"{what}: no date by policy",
        priority=min(sum(points for _, points in parts), 100),
        priority_reason=", ".join(f"{words} {points}" for words, points in parts if points) or "nothing adds to it",
    )
