"""Proposals of another tier when a platform is used otherwise; a person decides."""

from __future__ import annotations

from passmuster.application.access import Action, Actor
from passmuster.application.acting import acting
from passmuster.application.messages.telling import tell
from passmuster.application.programme.owners import people_of
from passmuster.application.programme.platforms import forget_next_review
from passmuster.errors import UsageError
from passmuster.model.keeping import DutyRole, Tier
from passmuster.model.usage import Usage, propose_tier
from passmuster.records.models import Person, Platform, TierProposal


def propose_other_tier(actor: Actor, platform: Platform, before: Usage, after: Usage) -> TierProposal | None:
    """After a look: write down what another tier speaks for; None where nothing does, or it is proposed already."""
    other = propose_tier(Tier(platform.tier), before, after)
    if other is None:
        return None
    with acting(actor, Action.COLLECT, "tier_proposal", platform=platform, verb="propose_tier") as event:
        proposal, is_new = TierProposal.objects.get_or_create(
            platform=platform,
            decided_at=None,
            defaults={"tier": other.tier, "reasons": list(other.reasons), "proposed_at": actor.now},
        )
        event.subject_id, event.is_silent = str(proposal.pk), not is_new
        event.before, event.after = {"tier": platform.tier}, {"tier": other.tier, "reasons": other.reasons}
        if is_new:
            _tell(actor, proposal)
    return proposal if is_new else None


def _tell(actor: Actor, proposal: TierProposal) -> None:
    """Tell the platform's owner, and whoever decides."""
    platform = proposal.platform
    deciders = people_of(platform, DutyRole.SPONSOR) or people_of(platform, DutyRole.ADMINISTRATOR)
    for person in {*people_of(platform, DutyRole.PLATFORM_OWNER), *deciders}:
        tell(
            person,
            key=f"tier:{proposal.pk}",
            kind="drift_tier",
            text=f"{platform}: the tier {proposal.tier} is proposed instead of {platform.tier}: "
            f"{'; '.join(proposal.reasons)}. Decide on it, or ask a sponsor or administrator to.",
            link=f"/settings/platforms/{platform.slug}/",
            now=actor.now,
        )


def decide_tier(actor: Actor, proposal: TierProposal, *, is_accepted: bool, why: str) -> None:
    """Take the proposed tier or keep the present one, with a reason; raises UsageError where it is decided."""
    if not why.strip():
        raise UsageError("say why")
    platform = proposal.platform
    with acting(actor, Action.MANAGE_PROGRAMME, proposal, platform=platform, why=why, verb="decide_tier") as event:
        event.subject_kind = "tier_proposal"
        held = TierProposal.objects.select_for_update().get(pk=proposal.pk)
        if held.decided_at is not None:
            raise UsageError("this was decided already; look at the page again")
        event.before = {"tier": platform.tier}
        held.decided_at, held.is_accepted = actor.now, is_accepted
        held.decided_by = Person.objects.get(pk=actor.person_id) if actor.person_id else None
        held.save(update_fields=["decided_at", "is_accepted", "decided_by"])
        if is_accepted:
            platform.tier = held.tier
            forget_next_review(actor, platform)
            platform.save(update_fields=["tier", "next_review_on"])
        event.after = {"tier": platform.tier, "is_accepted": is_accepted}
