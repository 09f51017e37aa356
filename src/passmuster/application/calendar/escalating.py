"""Telling about what is late, step by step, and reminding of what is due soon. Each person hears of each thing once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from passmuster.application.calendar.deadlines import Deadline, deadlines_until, expired_until, expiries_until
from passmuster.application.messages.telling import tell
from passmuster.application.programme.escalation_steps import escalation
from passmuster.application.programme.owners import deputies_of, people_of
from passmuster.records.models import Message, Person

_REMIND_BEFORE = timedelta(days=3)
_RENEW_BEFORE = timedelta(days=14)
_INSTANT = "%Y-%m-%d %H:%M UTC"
_SEE_TO_IT = "See to it that it is done, or decide what becomes of it."


def tell_late(now: datetime) -> int:
    """Tell the owner and the owner's deputies of what is late at once, and those whom a step names after its hours.

    Whoever is several of these hears of it once, as the first of them; of a heap of findings again when something worse
    came onto it, or another critical one. Evidence that expired is late like all that is due. Returns how many messages
    are new. Raises UnreadableInput where the house's policy of escalation has mistakes.
    """
    steps = escalation()
    told = 0
    for late in (*deadlines_until(now), *expired_until(now)):
        hours = (now - late.due_at).total_seconds() / 3600
        owner = Person.objects.filter(pk=late.owner_id, is_active=True).first() if late.owner_id else None
        told += _tell(late, [owner] if owner else [], "It is yours: do it, or hand it on.", now)
        told += _tell(
            late, deputies_of(late.platform, late.owner_id), f"You stand in for {_name(late)}: see to it.", now
        )
        for step in steps.of(late.platform.pk if late.platform else None):
            if hours >= step.after_hours:
                told += _tell(late, people_of(late.platform, step.role), _SEE_TO_IT, now)
    return told


def _name(late: Deadline) -> str:
    return str(Person.objects.filter(pk=late.owner_id or 0).first())


def _tell(late: Deadline, people: Sequence[Person], advice: str, now: datetime) -> int:
    return sum(
        tell(
            person,
            # One key a person: owner, deputy and step are three reasons to hear of the same thing.
            key=_key("late", late),
            kind="late",
            text=f"{late.platform or 'Passmuster'}: {late.what}: late since {late.due_at:{_INSTANT}}. {advice}",
            link=late.late_link or late.link,
            due_at=late.due_at,
            now=now,
        )
        for person in people
        if not _heard_of_worse(person, "late", late)
    )


def _key(word: str, each: Deadline) -> str:
    return f"{word}/{each.key}" if each.weight is None else f"{word}/{each.key}/{each.weight}"


def _heard_of_worse(person: Person, word: str, each: Deadline) -> bool:
    """Whether the person heard of this heap when it weighed as much or more."""
    if each.weight is None:
        return False
    start = f"{word}/{each.key}/"
    told = Message.objects.filter(person=person, key__startswith=start).values_list("key", flat=True)
    return any(int(key.removeprefix(start)) >= each.weight for key in told)


def remind(now: datetime) -> int:
    """Remind owners of what is due within three days, and of what ends within two weeks; returns how many are new.

    For an owner who is not there any more, whoever stands in is reminded.
    """
    due = [(each, "due", "Do it, or hand it on.") for each in deadlines_until(now + _REMIND_BEFORE)]
    ending = [(each, "ending", "Renew it, or let it end.") for each in expiries_until(now + _RENEW_BEFORE)]
    told = 0
    people = Person.objects.in_bulk({each.owner_id for each, _, _ in (*due, *ending) if each.owner_id})
    for each, word, advice in (*due, *ending):
        owner = people.get(each.owner_id) if each.owner_id else None
        if owner is None or each.due_at <= now:
            continue
        for person in [owner] if owner.is_active else deputies_of(each.platform, owner.pk):
            if _heard_of_worse(person, word, each):
                continue
            told += tell(
                person,
                key=_key(word, each),
                kind=each.key.partition("/")[0].replace("item", "review"),
                text=f"{each.platform or 'Yours'}: {each.what}: {word} {each.due_at:{_INSTANT}}. {advice}",
                link=each.link,
                due_at=each.due_at,
                now=now,
            )
    return told
