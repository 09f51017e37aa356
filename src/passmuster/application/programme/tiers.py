"""Deciding on a proposed tier; `proposing_tiers.py` proposes."""

from __future__ import annotations

from passmuster.application.access import Action, Actor
from passmuster.application.acting import acting
from passmuster.application.programme.often_enough import postpone_nothing
from passmuster.errors import NotReady, UsageError
from passmuster.records.models import Person, TierProposal


def decide_tier(actor: Actor, proposal: TierProposal, *, is_accepted: bool, why: str) -> None:
    """Take the proposed tier or keep the present one, with a reason; raises UsageError where it is decided."""
    if not why.strip():
        raise UsageError("say why")
    platform = proposal.platform
    with acting(actor, Action.MANAGE_PROGRAMME, proposal, platform=platform, why=why, verb="decide_tier") as event:
        event.subject_kind = "tier_proposal"
        held = TierProposal.objects.select_for_update().get(pk=proposal.pk)
        if held.decided_at is not None:
            raise NotReady("this was decided already; look at the page again")
        event.before = {"tier": platform.tier}
        held.decided_at, held.is_accepted = actor.now, is_accepted
        held.decided_by = Person.objects.get(pk=actor.person_id) if actor.person_id else None
        held.save(update_fields=["decided_at", "is_accepted", "decided_by"])
        if is_accepted:
            platform.tier = held.tier
            postpone_nothing(actor, platform)
            platform.save(update_fields=["tier", "next_review_on"])
        event.after = {"tier": platform.tier, "is_accepted": is_accepted}
