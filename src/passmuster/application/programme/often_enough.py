"""Reviews come as often as the tier asks; what makes them rarer, or puts the next one off, the programme decides."""

from __future__ import annotations

from passmuster.application.access import Action, Actor, NotAllowed, may
from passmuster.application.programme.review_policy import read_review_policy
from passmuster.application.storage.storing import home
from passmuster.errors import UsageError
from passmuster.model.keeping import Tier
from passmuster.pipeline.cadence import longest_gap, next_due_day, today_in
from passmuster.records.models import Platform

# "The first Monday" comes up to a week later than "the first": that is no rarer.
_SLACK_DAYS = 7


def require_often_enough(actor: Actor, platform: Platform, rrule: str, why: str) -> None:
    """Raise where a cadence of its own leaves more days between reviews than the platform's tier does.

    NotAllowed for whoever does not decide about the programme, UsageError for those without a reason.
    """
    asked = longest_gap(_tiers_rule(platform), platform.time_zone)
    if not rrule or (gap := longest_gap(rrule, platform.time_zone)) <= asked + _SLACK_DAYS:
        return
    told = f"up to {gap} days would pass between reviews, and the tier {platform.tier} asks for {asked} at most"
    if not _decides(actor):
        raise NotAllowed(f"{told}; a sponsor or an administrator may choose that, with a reason")
    if not why.strip():
        raise UsageError(f"{told}; say why that is enough")


def postpone_nothing(actor: Actor, platform: Platform) -> None:
    """Have the schedule plan the next review anew, unsaved; one whose day has come still opens.

    Where the actor does not decide about the programme, one that is planned comes no later than planned.
    """
    planned, today = platform.next_review_on, today_in(platform.time_zone, actor.now)
    if planned is None or planned <= today:
        return
    if not _decides(actor):
        first = today_in(platform.time_zone, platform.created_at)
        rule = platform.cadence_rrule or _tiers_rule(platform)
        day = next_due_day(rule, platform.time_zone, first, today)
        if day is None or day > planned:
            return
    platform.next_review_on = None


def _decides(actor: Actor) -> bool:
    return may(actor, Action.MANAGE_PROGRAMME, None)


def _tiers_rule(platform: Platform) -> str:
    return read_review_policy(home()).tiers[Tier(platform.tier)].cadence
