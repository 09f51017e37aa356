"""Which messages go out now, together with which, by which way: single ones, digests, and the end of a flood."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db import transaction

from passmuster.application.messages.message_choices import Choices, HowOften, Way, digest_slot
from passmuster.application.messages.telling import choices_of
from passmuster.records.models import Delivery, DeliveryLine, Message, Person

# A digest quotes the first of them and counts the rest.
MOST_QUOTED = 30
_OLDEST_DAYS = 14
_MOST_AT_ONCE = 5000


@dataclass(frozen=True)
class Planned:
    """A delivery to lay out; `quoted` and `counted` are messages' ids."""

    key: str
    is_digest: bool
    quoted: tuple[int, ...]
    counted: tuple[int, ...] = ()


@dataclass(frozen=True)
class Waiting:
    """A message that has not gone this way yet."""

    id: int
    kind: str
    created_at: datetime
    due_at: datetime | None


@dataclass(frozen=True)
class Today:
    """What went out on the person's own day: single messages, and whether the word about the rest did."""

    singles: int
    has_told_more: bool


def plan_deliveries(
    choices: Choices, zone: ZoneInfo, waiting: Sequence[Waiting], today: Today, now: datetime
) -> Iterator[Planned]:
    """What goes out of the waiting messages; beyond the person's most a day one delivery counts the rest."""
    wanted = {each.id: choices.how_often(each.kind, each.due_at) for each in waiting}
    at_once = [each.id for each in _soonest_first(waiting) if wanted[each.id] is HowOften.AT_ONCE]
    room = max(choices.most_a_day - today.singles, 0)
    yield from (Planned(f"once/{identity}", False, (identity,)) for identity in at_once[:room])
    rest = at_once[room:]
    if rest and not today.has_told_more:
        yield Planned(f"more/{now.astimezone(zone):%Y-%m-%d}", True, (), tuple(rest))
    for how_often in (HowOften.HOURLY, HowOften.DAILY, HowOften.WEEKLY):
        slot = digest_slot(choices, zone, how_often, now)
        # One an hour, as soon as there is something: waiting for the next hour would gather no more.
        until = now if how_often is HowOften.HOURLY else slot
        ripe = [each for each in _soonest_first(waiting) if wanted[each.id] is how_often and each.created_at <= until]
        if ripe:
            ids = tuple(each.id for each in ripe)
            yield Planned(f"{how_often}/{slot:%Y-%m-%dT%H}", True, ids[:MOST_QUOTED], ids[MOST_QUOTED:])


def _soonest_first(waiting: Sequence[Waiting]) -> list[Waiting]:
    never = datetime.max.replace(tzinfo=UTC)
    return sorted(waiting, key=lambda each: (each.due_at or never, each.created_at, each.id))


def lay_out_deliveries(now: datetime, ways: Collection[Way]) -> int:
    """Lay out all that goes out now by the ways that are set up; returns how many deliveries are new."""
    people = Person.objects.filter(
        is_active=True, messages__read_at=None, messages__created_at__gt=now - timedelta(days=_OLDEST_DAYS)
    ).distinct()
    return sum(_lay_out_of(person, way, now) for person in people for way in sorted(ways))


def _lay_out_of(person: Person, way: Way, now: datetime) -> int:
    choices = choices_of(person)
    if way not in choices.ways or not _names_it(choices, way):
        return 0
    zone = zone_of(person)
    with transaction.atomic():
        # One at a time for a person: two would both see room for the day.
        Person.objects.select_for_update(no_key=True).get(pk=person.pk)
        waiting = [
            Waiting(each.pk, each.kind, each.created_at, each.due_at)
            for each in Message.objects.filter(
                person=person, read_at=None, created_at__gt=now - timedelta(days=_OLDEST_DAYS)
            )
            .exclude(lines__way=way)
            .order_by("created_at", "pk")[:_MOST_AT_ONCE]
        ]
        planned = list(plan_deliveries(choices, zone, waiting, _today(person, way, zone, now), now))
        return sum(_keep(person, way, each, now) for each in planned)


def _names_it(choices: Choices, way: Way) -> bool:
    named = {Way.MAIL: True, Way.CHAT: bool(choices.chat), Way.WEBHOOK: bool(choices.webhook)}
    return named[way]


def zone_of(person: Person) -> ZoneInfo:
    """The person's time zone; UTC where it is not known."""
    try:
        return ZoneInfo(person.time_zone or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def _today(person: Person, way: Way, zone: ZoneInfo, now: datetime) -> Today:
    midnight = datetime.combine(now.astimezone(zone).date(), datetime.min.time(), zone)
    sent = Delivery.objects.filter(person=person, way=way, created_at__gte=midnight)
    more = _key(person, way, f"more/{now.astimezone(zone):%Y-%m-%d}")
    return Today(sent.filter(is_digest=False).count(), sent.filter(key=more).exists())


def _key(person: Person, way: Way, planned: str) -> str:
    return f"{person.pk}/{way}/{planned}"


def _keep(person: Person, way: Way, planned: Planned, now: datetime) -> bool:
    delivery, is_new = Delivery.objects.get_or_create(
        key=_key(person, way, planned.key),
        defaults={
            "person": person,
            "way": way,
            "is_digest": planned.is_digest,
            "more": len(planned.counted),
            "created_at": now,
            "not_before": now,
        },
    )
    if is_new:
        DeliveryLine.objects.bulk_create(
            DeliveryLine(delivery=delivery, message_id=identity, way=way, is_quoted=identity in planned.quoted)
            for identity in (*planned.quoted, *planned.counted)
        )
    return is_new
