"""Which duties go together. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from passmuster.model.keeping import DutyRole


@dataclass(frozen=True, order=True)
class Held:
    """A role, and the key of the platform it is for (None: everywhere)."""

    role: DutyRole
    platform_id: int | None = None


def duty_complaints(duties: Iterable[Held], *, has_vendor: bool) -> list[str]:
    """What is wrong with these duties in one hand, in words; empty where nothing is."""
    roles = {held.role for held in duties}
    found = []
    if DutyRole.AUDITOR in roles and len(roles) > 1:
        found.append("an auditor reads all and changes nothing, so they can have no other duty")
    if DutyRole.VENDOR_CONTACT in roles and len(roles) > 1:
        found.append("a vendor's contact is a guest, so they can have no other duty")
    if DutyRole.VENDOR_CONTACT in roles and not has_vendor:
        found.append("a vendor's contact belongs to a vendor; name it")
    if has_vendor and roles - {DutyRole.VENDOR_CONTACT}:
        found.append("somebody of a vendor can only be that vendor's contact")
    return found


def settle(duties: Iterable[Held], *, has_vendor: bool) -> frozenset[Held]:
    """The duties that stay where groups of an identity provider give some that do not go together: the weaker ones."""
    given = frozenset(duties)
    if has_vendor:
        return frozenset(held for held in given if held.role is DutyRole.VENDOR_CONTACT)
    inside = frozenset(held for held in given if held.role is not DutyRole.VENDOR_CONTACT)
    reading = frozenset(held for held in inside if held.role is DutyRole.AUDITOR)
    return reading or inside
