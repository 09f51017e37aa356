"""One entitlement of a frozen population: who holds which role on what, by which path, and what is risky about it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Risk(StrEnum):
    """Why an entitlement stands early in the list; the words are told to reviewers."""

    ORPHANED = "orphaned account"
    TOXIC = "toxic combination"
    LINGERING = "lingering elevated access"
    DORMANT = "dormant account"
    EXTERNAL = "external and privileged"
    NO_SECOND_FACTOR = "privileged without second factor"
    PRIVILEGED = "privileged"
    STANDING_GUEST = "guest without end date"
    EVERYONE = "held by everyone"


# Worst first. A reason must be given to keep what carries one of the first five.
RANKS: Mapping[Risk, int] = {risk: place for place, risk in enumerate(Risk)}
NEEDS_REASON = frozenset({Risk.ORPHANED, Risk.TOXIC, Risk.LINGERING, Risk.DORMANT, Risk.EXTERNAL})


@dataclass(frozen=True)
class Holder:
    """Who holds it: a principal, or a whole group where everybody is in it. What is not known is None."""

    id: str
    kind: str = ""
    name: str = ""
    login: str = ""
    is_group: bool = False
    is_known: bool = True
    is_enabled: bool | None = None
    is_external: bool | None = None
    mfa: str | None = None
    last_used_at: datetime | None = None
    never_used: bool | None = None
    created_at: datetime | None = None
    employment_ended_at: datetime | None = None
    has_expiry: bool | None = None
    manager: str = ""
    sponsor: str = ""
    owner: str = ""

    @property
    def shown(self) -> str:
        """The name for people."""
        return self.name or self.login or self.id


@dataclass(frozen=True)
class Entitlement:
    """A role held on an object. `allows` are capabilities (None: the roles' permissions were not read)."""

    holder: Holder
    role_id: str
    role: str
    is_privileged: bool | None
    object_kind: str
    object_id: str
    object_name: str
    environment_id: str
    environment: str
    path: str
    allows: frozenset[str] | None = None
    expires_at: datetime | None = None
    is_standing: bool | None = None
    is_eligible_only: bool = False

    def item(self, platform_id: str) -> str:
        """A stable id: the same entitlement has it in every snapshot, whatever the path."""
        parts = (platform_id, self.holder.id, self.role_id, self.object_kind, self.object_id, self.environment_id)
        return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:16]
