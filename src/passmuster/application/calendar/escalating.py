"""Telling about what is late, step by step, and reminding of what is due soon. Each person hears of each thing once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from passmuster.application.calendar.deadlines import Deadline, deadlines_until, expiries_until
from passmuster.application.messages.telling import tell
from passmuster.application.programme.owners import deputies_of, people_of
from passmuster.model.keeping import DutyRole
from passmuster.records.models import EscalationStep, Person

_REMIND_BEFORE = timedelta(days=3)
_RENEW_BEFORE = timedelta(days=14)
_INSTANT = "%Y-%m-%d %H:%M UTC"


def tell_late(now: datetime) -> int:
    """Tell the owner's deputies of what is late at once, and those whom a step names after its hours.

    Returns how many messages are new.
    """
    steps = list(EscalationStep.objects.all())
    told = 0
    for late in deadlines_until(now):
        hours = (now - late.due_at).total_seconds() / 3600
        mine = steps_of(steps, late.platform.pk if late.platform else None)
        told += _tell_deputies(late, now)
        told += sum(_escalate(late, step, now) for step in mine if hours >= step.after_hours)
    return told


def steps_of(steps: Sequence[EscalationStep], platform: int | None) -> list[EscalationStep]:
    """The platform's own steps; where it has none, those that hold for all."""
    own = [step for step in steps if step.platform_id is not None and step.platform_id == platform]
    return own or [step for step in steps if step.platform_id is None]


def _tell_deputies(late: Deadline, now: datetime) -> int:
    owner = Person.objects.filter(pk=late.owner_id or 0).first()
    text = f"{late.platform}: {late.what}: late since {late.due_at:{_INSTANT}}. You stand in for {owner}: see to it."
    return sum(
        tell(
            deputy,
            key=f"late/{late.key}/deputy",
            kind="late",
            text=text,
            link=late.link,
            due_at=late.due_at,
            now=now,
        )
        for deputy in deputies_of(late.platform, late.owner_id)
    )


def _escalate(late: Deadline, step: EscalationStep, now: datetime) -> int:
    text = (
        f"{late.platform or 'Passmuster'}: {late.what}: late since {late.due_at:{_INSTANT}}. See to it that it is "
        "done, or decide what becomes of it."
    )
    return sum(
        tell(
            person,
            key=f"late/{late.key}/{step.after_hours}h/{step.role}",
            kind="late",
            text=text,
            link=late.link,
            due_at=late.due_at,
            now=now,
        )
        for person in people_of(late.platform, DutyRole(step.role))
    )


def remind(now: datetime) -> int:
    """Remind owners of what is due within three days, and of what ends within two weeks; returns how many are new."""
    due = [(each, "due", "Do it, or hand it on.") for each in deadlines_until(now + _REMIND_BEFORE)]
    ending = [(each, "ending", "Renew it, or let it end.") for each in expiries_until(now + _RENEW_BEFORE)]
    told = 0
    people = Person.objects.in_bulk({each.owner_id for each, _, _ in (*due, *ending) if each.owner_id})
    for each, word, advice in (*due, *ending):
        person = people.get(each.owner_id) if each.owner_id else None
        if person is None or each.due_at <= now:
            continue
        told += tell(
            person,
            key=f"{word}/{each.key}",
            kind=each.key.partition("/")[0].replace("item", "review"),
            text=f"{each.platform or 'Yours'}: {each.what}: {word} {each.due_at:{_INSTANT}}. {advice}",
            link=each.link,
            due_at=each.due_at,
            now=now,
        )
    return told
