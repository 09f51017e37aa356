"""From a population to frozen items: risks in words, a reviewer each, risky ones first. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from passmuster.access.campaign import Item
from passmuster.access.entitlement import NEEDS_REASON, RANKS, Entitlement, Holder, Risk
from passmuster.access.population import Population
from passmuster.access.reviewers import Reviewers
from passmuster.access.risks import Found, Limits, risks_of
from passmuster.errors import UsageError

_LONGEST = 1_000


def items_of(population: Population, reviewers: Reviewers, limits: Limits) -> list[Item]:
    """The items, risky ones first; raises UsageError where an entitlement has no reviewer but its holder."""
    entitlements = population.entitlements
    found = risks_of(entitlements, as_of=population.as_of, limits=limits)
    items = [
        _item(each, population.platform_id, reviewers.of(each), risks)
        for each, risks in zip(entitlements, found, strict=True)
    ]
    alone = [item for item in items if not item.reviewer]
    if alone:
        raise UsageError(
            f"{len(alone)} of {len(items)} entitlements have no reviewer other than their holder, such as "
            f"{alone[0].role!r} of {alone[0].person!r}; name one with --reviewer, or in owners.csv with --registers"
        )
    return sorted(items, key=lambda item: (item.rank, item.person.casefold(), item.role.casefold(), item.item))


def _item(each: Entitlement, platform_id: str, reviewer: str, risks: Sequence[Found]) -> Item:
    holder = each.holder
    told = "not known" if each.allows is None else ", ".join(sorted(each.allows))
    return Item(
        item=each.item(platform_id),
        reviewer=reviewer,
        holder_id=holder.id,
        person=_cell(holder.shown),
        login=_cell(holder.login),
        kind="group" if holder.is_group else holder.kind or "not known",
        role=_cell(each.role),
        allows=_cell(told),
        object=_cell(each.object_name),
        environment=_cell(each.environment),
        path=_cell(each.path),
        last_use=_last_use(holder),
        ends=_ends(each.expires_at, each.is_standing),
        risks="; ".join(f"{one.risk}: {one.why}" for one in risks),
        rank=min((RANKS[one.risk] for one in risks), default=len(Risk)),
        needs_reason=any(one.risk in NEEDS_REASON for one in risks),
    )


def _cell(text: str) -> str:
    """Text that a spreadsheet hands back as it was: one line, printable, not endless."""
    line = " ".join("".join(mark if mark.isprintable() else " " for mark in text).split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 3]}..."


def _last_use(holder: Holder) -> str:
    if holder.last_used_at is not None:
        return f"{holder.last_used_at:%Y-%m-%d}"
    return "never" if holder.never_used else "not known"


def _ends(expires_at: datetime | None, is_standing: bool | None) -> str:
    if expires_at is not None:
        return f"{expires_at:%Y-%m-%d}"
    return "never" if is_standing else "not known"
