"""Sign-ins that were refused, in the record: the first of a quarter of an hour at once, the others as one count.

Whoever floods the way in thus writes two events an account and quarter. What was typed is never kept: people type
passwords where addresses belong, so of an address that is nobody's not even a digest is.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from ipaddress import ip_address, ip_network

from django.db import transaction

from passmuster.application.access import Actor
from passmuster.application.acting import Event, write_event
from passmuster.application.working.scheduling import slot_of
from passmuster.records.models import Person, SignInTally

_MINUTES = 15
_MOST_NETWORKS = 5
_CUT = {4: 24, 6: 48}
_NOBODY = "nobody"


class Refused(StrEnum):
    """Why somebody did not get in; the words stand in the record."""

    FIRST_STEP = "sign_in_failed"
    LOCKED_OUT = "sign_in_locked_out"
    FACTOR = "second_factor_refused"
    SHUT_OUT = "sign_in_of_shut_out"
    STRANGER = "single_sign_on_refused"


def note_refused(kind: Refused, person: Person | None, *, address: str | None, now: datetime) -> None:
    """Count a refused sign-in for the account that was tried (None: it is nobody's), from that network address."""
    with transaction.atomic():
        # The row is locked before it is read, so that two at once are two.
        made, _ = SignInTally.objects.get_or_create(
            person=person, kind=kind, starts_at=slot_of(now, _MINUTES), defaults={"last_at": now}
        )
        tally = SignInTally.objects.select_for_update().get(pk=made.pk)
        network = network_of(address)
        if network and network not in tally.networks and len(tally.networks) < _MOST_NETWORKS:
            tally.networks = [*tally.networks, network]
        tally.count, tally.last_at = tally.count + 1, now
        tally.save(update_fields=["networks", "count", "last_at"])
        if tally.count == 1:
            _write(tally, now)


def settle_refused(now: datetime, person: Person | None = None) -> int:
    """Write down the counts of stretches that are over, of `person` also of the present one; returns how many."""
    with transaction.atomic():
        tallies = SignInTally.objects.select_for_update(of=("self",)).order_by("starts_at", "pk")
        over = tallies.filter(person=person) if person else tallies.filter(starts_at__lte=now - _STRETCH)
        counted = list(over)
        for tally in counted:
            if tally.count > 1:
                _write(tally, now)
        SignInTally.objects.filter(pk__in=[tally.pk for tally in counted]).delete()
    return len(counted)


def network_of(address: str | None) -> str:
    """The network an address is in, wide enough to be many people's; empty where it is no address."""
    try:
        read = ip_address((address or "").strip())
    except ValueError:
        return ""
    return str(ip_network(f"{read}/{_CUT[read.version]}", strict=False))


_STRETCH = timedelta(minutes=_MINUTES)


def _write(tally: SignInTally, now: datetime) -> None:
    event = Event("person", str(tally.person_id or _NOBODY))
    event.after = {
        "account": tally.person.email if tally.person else _NOBODY,
        "count": tally.count,
        "since": tally.starts_at,
        "last": tally.last_at,
        "networks": tally.networks,
    }
    write_event(Actor(name="somebody not signed in", by="page", now=now), tally.kind, event)
