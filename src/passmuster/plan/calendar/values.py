"""What a calendar file says: environments, tiers, and when they may be changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase
from zoneinfo import ZoneInfo

from passmuster.model.schedule import Freeze, Owner, RecurringWindow, Span, Window


class Stage(StrEnum):
    """How near an environment is to the people who work with it, furthest first."""

    DEV = "dev"
    TEST = "test"
    STAGING = "staging"
    PROD = "prod"


@dataclass(frozen=True)
class Terms:
    """How a patch is handled: minutes by action, hours to soak, days of notice, weight (None: from its deadline)."""

    minutes: Mapping[str, int] = field(default_factory=dict)
    soak_hours: float = 0.0
    notice_days: float = 0.0
    weight: float | None = None


@dataclass(frozen=True)
class Tier:
    """A class of environments and its terms, those of single outcomes apart.

    `weight` is a factor on every patch's; `epss_factor`: a patch weighs `1 + factor * probability` times as much;
    `rehearsal_factor`: what a patch in an earlier environment weighs, of what it weighs where it is wanted;
    `soak_within_hours`: after that many hours in the earlier environment it must have come.
    """

    terms: Terms
    outcomes: Mapping[str, Terms] = field(default_factory=dict)
    weight: float = 1.0
    epss_factor: float = 1.0
    rehearsal_factor: float = 0.1
    soak_within_hours: float | None = None

    def terms_for(self, outcome: str) -> Terms:
        """The terms of one outcome."""
        return self.outcomes.get(outcome, self.terms)


@dataclass(frozen=True)
class Environment:
    """Where patches go. `after` is the environment that must soak first; globs name the decisions it takes."""

    id: str
    stage: Stage
    tier: Tier
    zone: ZoneInfo
    tier_name: str = ""
    owner: str | None = None
    after: str | None = None
    environment_globs: tuple[str, ...] = ()
    component_globs: tuple[str, ...] = ()

    def takes(self, environment: str, component_names: tuple[str, ...]) -> bool:
        """Whether a decision of that environment and component is for this one; without globs the id decides."""
        if not self.environment_globs and not self.component_globs:
            return environment == self.id
        return (not self.environment_globs or _any_match((environment,), self.environment_globs)) and (
            not self.component_globs or _any_match(component_names, self.component_globs)
        )


def _any_match(names: tuple[str, ...], globs: tuple[str, ...]) -> bool:
    return any(fnmatchcase(name.lower(), glob.lower()) for name in names if name for glob in globs)


@dataclass(frozen=True)
class VendorDate:
    """When a vendor says it acts, as its calendar tells."""

    id: str
    title: str
    environments: tuple[str, ...]
    span: Span
    weight: float


@dataclass(frozen=True)
class Calendar:
    """A calendar file, read and expanded for its horizon."""

    horizon: Span
    environments: tuple[Environment, ...]
    owners: tuple[Owner, ...] = ()
    windows: tuple[Window, ...] = ()
    recurring: tuple[RecurringWindow, ...] = ()
    freezes: tuple[Freeze, ...] = ()
    vendor_dates: tuple[VendorDate, ...] = ()
    late_factor: float = 0.0
    window_cost: float = 0.0
    move_cost: float = 0.0

    def environment(self, name: str) -> Environment:
        """The environment of that id."""
        return next(each for each in self.environments if each.id == name)
