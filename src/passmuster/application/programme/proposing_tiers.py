"""Proposals of another tier when a platform is used otherwise, or holds other data; a person decides."""

from __future__ import annotations

from passmuster.application.access import Action, Actor
from passmuster.application.acting import acting
from passmuster.application.messages.telling import tell
from passmuster.application.programme.owners import people_of
from passmuster.model.keeping import DataClass, DutyRole, ReviewStatus, Tier
from passmuster.model.usage import OtherTier, Usage, higher_of, propose_for_data, propose_tier
from passmuster.records.models import Collection, Platform, TierProposal


def tier_was_weighed_at(platform: Platform) -> Collection | None:
    """The newest look at which people weighed the platform's tier; None where nobody did.

    They do so with every sealed review, with the approved baseline and with every decision on a proposal: growth is
    counted from there, so that many small steps are seen as the large one they add up to.
    """
    looks = [platform.baseline_collection_id]
    sealed = platform.reviews.filter(status=ReviewStatus.SEALED, evaluation__isnull=False)
    looks += sealed.values_list("evaluation__collection_id", flat=True)
    decided = platform.tier_proposals.filter(decided_at__isnull=False).order_by("-decided_at").first()
    kept = platform.collections.exclude(store_key="")
    if decided is not None:
        looks += kept.filter(started_at__lte=decided.decided_at).order_by("-pk").values_list("pk", flat=True)[:1]
    return kept.filter(pk__in=[key for key in looks if key]).order_by("-pk").first() or kept.order_by("pk").first()


def propose_other_tier(actor: Actor, platform: Platform, before: Usage, after: Usage) -> TierProposal | None:
    """After a look: write down what another tier speaks for; None where nothing does, or it is proposed already."""
    other = propose_tier(Tier(platform.tier), before, after)
    return None if other is None else _propose(actor, Action.COLLECT, platform, other)


def propose_tier_for_data(actor: Actor, platform: Platform) -> TierProposal | None:
    """After somebody stated what data the platform holds: the same."""
    other = propose_for_data(Tier(platform.tier), DataClass(platform.data_class))
    return None if other is None else _propose(actor, Action.MANAGE_PLATFORM, platform, other)


def _propose(actor: Actor, action: Action, platform: Platform, other: OtherTier) -> TierProposal | None:
    with acting(actor, action, "tier_proposal", platform=platform, verb="propose_tier") as event:
        Platform.objects.select_for_update().get(pk=platform.pk)
        waiting = platform.tier_proposals.filter(decided_at=None).first()
        if waiting is not None:
            other = higher_of(OtherTier(Tier(waiting.tier), tuple(waiting.reasons)), other)
        proposal = waiting or TierProposal(platform=platform, proposed_at=actor.now)
        event.is_silent = waiting is not None and waiting.tier == other.tier
        if event.is_silent:
            return None
        event.before = {"tier": platform.tier, "proposed": proposal.tier}
        proposal.tier, proposal.reasons = other.tier, list(other.reasons)
        proposal.save()
        event.subject_id, event.after = str(proposal.pk), {"tier": other.tier, "reasons": proposal.reasons}
        _tell(actor, proposal)
    return proposal


def _tell(actor: Actor, proposal: TierProposal) -> None:
    """Tell the platform's owner, and whoever decides; again where more is proposed than was told."""
    platform = proposal.platform
    deciders = people_of(platform, DutyRole.SPONSOR) or people_of(platform, DutyRole.ADMINISTRATOR)
    for person in {*people_of(platform, DutyRole.PLATFORM_OWNER), *deciders}:
        tell(
            person,
            key=f"tier:{proposal.pk}:{proposal.tier}",
            kind="drift_tier",
            text=f"{platform}: the tier {proposal.tier} is proposed instead of {platform.tier}: "
            f"{'; '.join(proposal.reasons)}. Decide on it, or ask a sponsor or administrator to.",
            link=f"/settings/platforms/{platform.slug}/",
            now=actor.now,
        )
