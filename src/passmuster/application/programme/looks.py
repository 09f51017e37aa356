"""How often platforms are looked at: as their tier asks, or rarer where the programme decided so."""

from __future__ import annotations

from collections.abc import Mapping

from passmuster.application.access import Action, Actor, NotAllowed, may
from passmuster.application.programme.review_policy import read_review_policy
from passmuster.application.storage.storing import home
from passmuster.errors import UnreadableInput, UsageError
from passmuster.model.keeping import Tier
from passmuster.records.models import Platform


def require_looked_at_often_enough(actor: Actor, platform: Platform, hours: int, why: str) -> None:
    """Raise where looks would come more rarely than they do, and than the platform's tier asks for.

    NotAllowed for whoever does not decide about the programme, UsageError for those without a reason.
    """
    if 0 < hours <= platform.collect_every_hours or hours <= (asked := hours_asked()[Tier(platform.tier)]):
        return
    told = f"it would be looked at {every(hours)}, and the tier {platform.tier} asks for {every(asked)} at least"
    if not may(actor, Action.MANAGE_PROGRAMME, None):
        raise NotAllowed(f"{told}; a sponsor or an administrator may choose that, with a reason")
    if not why.strip():
        raise UsageError(f"{told}; say why that is enough")


def hours_asked() -> Mapping[Tier, int]:
    """The longest time between looks by tier, in hours; raises UnreadableInput where the policy is mistaken."""
    return {tier: terms.look_every_hours for tier, terms in read_review_policy(home()).tiers.items()}


def hours_told() -> Mapping[Tier, int]:
    """As `hours_asked`, for a page: nothing where the policy is mistaken, which is told where it is used."""
    try:
        return hours_asked()
    except UnreadableInput:
        return {}


def rarely_looked_at(platform: Platform, asked: Mapping[Tier, int]) -> str:
    """That a platform is looked at more rarely than its tier asks for, or never, in words; else nothing."""
    tier, hours = Tier(platform.tier), platform.collect_every_hours
    if not platform.is_active or tier not in asked or 0 < hours <= asked[tier]:
        return ""
    how = f"looked at {every(hours)}" if hours else "never looked at by itself"
    return f"{how}; its tier, {tier}, asks for {every(asked[tier])} at least"


def every(hours: int) -> str:
    """`every day`, `every 36 hours`."""
    number, unit = (hours // 24, "day") if hours % 24 == 0 else (hours, "hour")
    return f"every {unit}" if number == 1 else f"every {number} {unit}s"
