"""What people do with findings: take them on, hand them over, note why; one or many at once, with a reason."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby

from passmuster.application.access import Action, Actor, platforms_for
from passmuster.application.acting import Event, acting
from passmuster.application.people.guests import refuse_guest
from passmuster.errors import UsageError
from passmuster.model.keeping import FindingStatus
from passmuster.records.models import Finding, FindingStep, Person, Platform

MOST_AT_ONCE = 5_000
_MOST_NAMED = 200


def start_findings(actor: Actor, findings: Sequence[int], *, why: str) -> int:
    """Mark open findings as being worked on; returns how many changed. Raises UsageError without a reason."""
    return _move(actor, findings, FindingStatus.IN_PROGRESS, (FindingStatus.OPEN,), why)


def put_back_findings(actor: Actor, findings: Sequence[int], *, why: str) -> int:
    """Say that nobody works on these any more; returns how many changed."""
    return _move(actor, findings, FindingStatus.OPEN, (FindingStatus.IN_PROGRESS,), why)


def assign_findings(actor: Actor, findings: Sequence[int], owner: Person, *, why: str) -> int:
    """Give findings another owner, who keeps them whatever the registers say; returns how many changed."""
    if not owner.is_active:
        raise UsageError(f"{owner} is no longer active; choose somebody else")
    refuse_guest(owner)
    changed = 0
    for platform, chosen in _by_platform(actor, findings):
        with _step(actor, platform, chosen, "assign_findings", why) as (event, locked):
            mine = [each.pk for each in locked if each.owner_id != owner.pk or not each.is_owner_chosen]
            changed += Finding.objects.filter(pk__in=mine).update(owner=owner, is_owner_chosen=True)
            event.after = {**_named(mine), "owner": owner.email}
            _tell(actor, mine, "assigned", f"to {owner.email}: {why}")
    return changed


def note_findings(actor: Actor, findings: Sequence[int], *, why: str) -> int:
    """Write a note into the history of findings; returns how many."""
    noted = 0
    for platform, chosen in _by_platform(actor, findings):
        with _step(actor, platform, chosen, "note_findings", why) as (event, locked):
            event.after = _named([each.pk for each in locked])
            noted += _tell(actor, [each.pk for each in locked], "noted", why)
    return noted


def _move(
    actor: Actor, findings: Sequence[int], to: FindingStatus, allowed: tuple[FindingStatus, ...], why: str
) -> int:
    changed = 0
    for platform, chosen in _by_platform(actor, findings):
        with _step(actor, platform, chosen, f"{to}_findings", why) as (event, locked):
            mine = [each.pk for each in locked if each.status in allowed]
            changed += Finding.objects.filter(pk__in=mine).update(status=to)
            event.after = {**_named(mine), "status": to}
            _tell(actor, mine, str(to), why)
            event.is_silent = not mine
    return changed


def _by_platform(actor: Actor, findings: Sequence[int]) -> Iterator[tuple[Platform, list[int]]]:
    if len(findings) > MOST_AT_ONCE:
        raise UsageError(f"{len(findings)} findings at once are too many; choose {MOST_AT_ONCE} at most")
    where = platforms_for(actor, Action.VIEW)
    chosen = Finding.objects.filter(pk__in=list(findings)).order_by("platform_id", "pk")
    if where is not None:
        chosen = chosen.filter(platform_id__in=where)
    pairs = list(chosen.values_list("platform_id", "pk"))
    if len(pairs) != len(set(findings)):
        raise UsageError("some of these findings are not there, or not yours to see; load the list again")
    for platform, group in groupby(pairs, key=lambda pair: pair[0]):
        yield Platform.objects.get(pk=platform), [pk for _, pk in group]


@contextmanager
def _step(
    actor: Actor, platform: Platform, chosen: Sequence[int], verb: str, why: str
) -> Iterator[tuple[Event, list[Finding]]]:
    if not why.strip():
        raise UsageError("say why; a decision without a reason helps nobody who reads it later")
    with acting(actor, Action.WORK_FINDING, "finding", platform=platform, why=why, verb=verb) as event:
        if len(chosen) == 1:
            event.subject_id = str(chosen[0])
        locked = list(
            Finding.objects.select_for_update()
            .filter(pk__in=chosen)
            .order_by("pk")
            .only("pk", "status", "owner_id", "is_owner_chosen")
        )
        yield event, locked


def _named(findings: Sequence[int]) -> dict[str, object]:
    """The ids; of many the first, and a digest that binds them all."""
    told: dict[str, object] = {"count": len(findings), "findings": list(findings[:_MOST_NAMED])}
    if len(findings) > _MOST_NAMED:
        told["all_sha256"] = hashlib.sha256(",".join(map(str, findings)).encode()).hexdigest()
    return told


def _tell(actor: Actor, findings: Sequence[int], what: str, why: str) -> int:
    steps = [FindingStep(finding_id=pk, at=actor.now, what=what, by=actor.name, why=why[:1000]) for pk in findings]
    return len(FindingStep.objects.bulk_create(steps))
