"""The same person on several platforms, tied by the mail address they sign in with and by nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from passmuster.access.entitlement import Holder
from passmuster.access.population import read_population
from passmuster.model.report import FleetAccount, FleetPerson
from passmuster.snapshot.read import Snapshot

_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_NOT_PEOPLE = frozenset({"service", "application", "system", "anonymous"})


@dataclass(frozen=True)
class Accounts:
    """The accounts of one platform by address in lower case; `reason` says why there are none to tell."""

    platform: str
    by_address: dict[str, FleetAccount]
    reason: str = ""


def read_accounts(snapshot: Snapshot, platform: str, *, as_of: datetime) -> Accounts:
    """Who signs in on a platform by a mail address, with the roles that can administer it."""
    population = read_population(snapshot, as_of=as_of)
    unread = next((reason for reason in population.missing if reason.startswith("principals:")), "")
    privileged: dict[str, set[str]] = {}
    for each in population.entitlements:
        if each.is_privileged:
            privileged.setdefault(each.holder.id, set()).add(each.role)
    found = {}
    for holder in population.holders:
        address = holder.login.casefold()
        if holder.kind not in _NOT_PEOPLE and _ADDRESS.fullmatch(address):
            roles = tuple(sorted(privileged.get(holder.id, ())))
            found[address] = _account(holder, platform, roles if population.is_complete or roles else None)
    return Accounts(platform, found, unread)


def _account(holder: Holder, platform: str, roles: tuple[str, ...] | None) -> FleetAccount:
    left, used = holder.employment_ended_at, holder.last_used_at
    return FleetAccount(
        platform, holder.is_enabled, left.date() if left else None, used.date() if used else None, roles
    )


def people_across(looks: Sequence[Accounts], *, today: date) -> tuple[FleetPerson, ...]:
    """Everybody with an account on more than one platform, those to look at first in front."""
    held: dict[str, list[FleetAccount]] = {}
    for look in looks:
        for address, account in look.by_address.items():
            held.setdefault(address, []).append(account)
    people = [
        FleetPerson(address, tuple(accounts), tuple(_concerns(accounts, today)))
        for address, accounts in held.items()
        if len(accounts) > 1
    ]
    return tuple(sorted(people, key=lambda person: (_rank(person), person.address)))


def _concerns(accounts: Sequence[FleetAccount], today: date) -> Iterable[str]:
    open_ones = [account.platform for account in accounts if account.is_enabled]
    left = [account for account in accounts if account.left_on and account.left_on <= today]
    if left and open_ones:
        first = min(left, key=lambda account: account.left_on or today)
        yield f"left on {first.left_on} by {first.platform}, and is enabled on {', '.join(open_ones)}"
    shut = [account.platform for account in accounts if account.is_enabled is False]
    if shut and open_ones and not left:
        yield f"disabled on {', '.join(shut)}, and enabled on {', '.join(open_ones)}"
    powerful = [account.platform for account in accounts if account.privileged and account.is_enabled is not False]
    if len(powerful) > 1:
        yield f"can administer {len(powerful)} platforms: {', '.join(powerful)}"


def _rank(person: FleetPerson) -> int:
    if not person.concerns:
        return 3
    return next(rank for rank, start in enumerate(("left", "disabled", "can")) if person.concerns[0].startswith(start))
