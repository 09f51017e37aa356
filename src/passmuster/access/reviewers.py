"""Who confirms an entitlement: never the person who holds it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from passmuster.access.entitlement import Entitlement, Holder


@dataclass(frozen=True)
class Reviewers:
    """Who answers for what: owners and deputies by (kind, id), and who confirms what nobody else does.

    Kinds are those of the register owners.csv, and `role` and `principal`.
    """

    owners: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    platform_id: str = ""
    fallback: str = ""
    by_manager: bool = False
    people: Mapping[str, str] = field(default_factory=dict)
    """The login behind a name, in lower case: one person gets one workbook whatever name stands in a register."""

    def of(self, entitlement: Entitlement) -> str:
        """The first who may confirm it; empty where there is nobody but the holder."""
        names = (self.people.get(name.strip().casefold(), name.strip()) for name in self._candidates(entitlement))
        return next((name for name in names if not is_holder(name, entitlement.holder)), "")

    def _candidates(self, each: Entitlement) -> Iterable[str]:
        holder = each.holder
        own = (holder.manager, holder.sponsor, holder.owner)
        yield from self._of("principal", holder.id)
        yield from self._of("principal", holder.login)
        yield from self._of("role", each.role_id)
        if self.by_manager:
            yield from filter(None, own)
        if each.object_kind not in ("platform", "environment"):
            yield from self._of(each.object_kind, each.object_id)
        yield from filter(None, own)
        yield from self._of("environment", each.environment_id)
        yield from self._of("platform", self.platform_id)
        yield from filter(None, (self.fallback,))

    def _of(self, kind: str, identity: str) -> Sequence[str]:
        return self.owners.get((kind, identity), ()) if identity else ()


def is_holder(name: str, holder: Holder) -> bool:
    """Whether the name is the holder's own: its id, login or display name, without regard to case."""
    return name.casefold() in {text.casefold() for text in (holder.id, holder.login, holder.name) if text}
