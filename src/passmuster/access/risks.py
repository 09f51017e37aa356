"""What is risky about each entitlement of a population: pure, over all entitlements of one platform."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from passmuster.access.entitlement import RANKS, Entitlement, Holder, Risk

# Duties that one person should not hold together, and why (NIST SP 800-53 AC-5, separation of duties).
TOXIC: Mapping[frozenset[str], str] = {
    frozenset({"author_code", "deploy"}): "can write code and put it into production alone",
    frozenset({"manage_users", "manage_logs"}): "can create accounts and remove the traces",
    frozenset({"manage_roles", "manage_logs"}): "can raise rights and remove the traces",
    frozenset({"impersonate", "export_bulk"}): "can act as others and take data out in bulk",
    frozenset({"manage_connections", "export_bulk"}): "can open a way out and take data out in bulk",
    frozenset({"install_addons", "manage_settings"}): "can install code and lower the settings that limit it",
}


@dataclass(frozen=True)
class Limits:
    """House limits of a certification: days without use after which an account is dormant."""

    dormant_days: int = 90


@dataclass(frozen=True)
class Found:
    """A risk and the words for why."""

    risk: Risk
    why: str


def risks_of(entitlements: Sequence[Entitlement], *, as_of: datetime, limits: Limits) -> list[tuple[Found, ...]]:
    """For each entitlement its risks, worst first."""
    by_holder: dict[str, list[Entitlement]] = {}
    for each in entitlements:
        by_holder.setdefault(each.holder.id, []).append(each)
    of_holder = {name: tuple(_of_holder(held[0].holder, as_of, limits)) for name, held in by_holder.items()}
    toxic = {name: _toxic(held) for name, held in by_holder.items()}
    elevated = {name: _elevated_places(held) for name, held in by_holder.items()}
    found = []
    for each in entitlements:
        name = each.holder.id
        own = [*of_holder[name], *_of_grant(each, toxic[name], elevated[name])]
        found.append(tuple(sorted(own, key=lambda one: RANKS[one.risk])))
    return found


def _of_holder(holder: Holder, as_of: datetime, limits: Limits) -> Iterable[Found]:
    if holder.is_group:
        yield Found(Risk.EVERYONE, "every account holds it")
        return
    if not holder.is_known:
        yield Found(Risk.ORPHANED, "no such account is there any more")
        return
    if holder.employment_ended_at is not None and holder.employment_ended_at <= as_of:
        yield Found(Risk.ORPHANED, f"left on {holder.employment_ended_at:%Y-%m-%d}")
    elif holder.is_enabled is False:
        yield Found(Risk.ORPHANED, "the account is disabled and still holds rights")
    elif holder.kind in ("service", "application") and not holder.owner:
        yield Found(Risk.ORPHANED, "a service account that nobody answers for")
    dormant = as_of - timedelta(days=limits.dormant_days)
    if holder.last_used_at is not None and holder.last_used_at < dormant:
        yield Found(Risk.DORMANT, f"last used on {holder.last_used_at:%Y-%m-%d}")
    elif holder.never_used and (holder.created_at is None or holder.created_at < dormant):
        yield Found(Risk.DORMANT, "never used")
    if holder.kind == "guest" and holder.has_expiry is False:
        yield Found(Risk.STANDING_GUEST, "a guest account without an end date")


def _of_grant(each: Entitlement, toxic: Mapping[str, str], elevated: frozenset[str]) -> Iterable[Found]:
    if each.role_id in toxic:
        yield Found(Risk.TOXIC, toxic[each.role_id])
    if each.is_privileged and not each.is_eligible_only:
        if each.is_standing and len(elevated) > 1:
            yield Found(Risk.LINGERING, f"standing in {len(elevated)} environments")
        if each.holder.is_external or each.holder.kind == "guest":
            yield Found(Risk.EXTERNAL, "somebody outside the organisation")
        if each.holder.mfa == "none":
            yield Found(Risk.NO_SECOND_FACTOR, "signs in with one factor")
    if each.is_privileged:
        yield Found(Risk.PRIVILEGED, "can administer" + (" when activated" if each.is_eligible_only else ""))


def _toxic(held: Sequence[Entitlement]) -> dict[str, str]:
    """By role why it is half of a toxic combination. One role with both halves is privileged, not combined."""
    found: dict[str, str] = {}
    for pair, why in TOXIC.items():
        first, second = ({each.role_id for each in held if each.allows and half in each.allows} for half in pair)
        if first and second and not first & second:
            found |= {role: why for role in first | second if role not in found}
    return found


def _elevated_places(held: Sequence[Entitlement]) -> frozenset[str]:
    return frozenset(each.environment_id for each in held if each.is_privileged and each.environment_id)
