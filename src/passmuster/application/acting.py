"""One use case, one transaction, one event: every change of a record goes through here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from django.db import models, transaction

from passmuster.application.access import Action, Actor, require
from passmuster.application.holding import require_held
from passmuster.model.chain import START, event_digest
from passmuster.model.keeping import DutyRole
from passmuster.records.models import AuditEvent, AuditHead, Duty, Person

Told = Mapping[str, Any] | None
_BATCH = 1_000


@dataclass
class Event:
    """What is written down when the use case ends well: fill in `before`, `after`, `why` and the subject."""

    subject_kind: str
    subject_id: str
    platform: str = ""
    before: Told = None
    after: Told = None
    why: str = ""
    is_silent: bool = False
    """Set where it turned out that nothing changed; then nothing is written down."""


@contextmanager
def acting(
    actor: Actor, action: Action, subject: models.Model | str, *, platform: Any = None, why: str = "", verb: str = ""
) -> Iterator[Event]:
    """Check the right, open a transaction, and write one event at its end.

    `platform` is the Platform it is about, or None. `verb` is the word for the record where it is narrower than the
    action. Raises NotAllowed, and WorkTakenOver where the work the actor does went to another; any other error undoes
    all.
    """
    require(actor, action, getattr(platform, "pk", None))
    with transaction.atomic():
        if actor.held is not None:
            require_held(actor.held)
        kind = subject if isinstance(subject, str) else subject._meta.model_name or ""
        identity = "" if isinstance(subject, str) else str(subject.pk or "")
        event = Event(kind, identity, getattr(platform, "slug", ""), why=why)
        yield event
        if not event.is_silent:
            write_event(actor, verb or action.value, event)


def write_event(actor: Actor, action: str, event: Event) -> AuditEvent:
    """Append to the chain, inside the caller's transaction; whoever writes next waits for it to end."""
    return write_events(actor, [(action, event)])[0]


def write_events(actor: Actor, told: Sequence[tuple[str, Event]]) -> list[AuditEvent]:
    """As `write_event`, for many in this order; each with its action."""
    head = AuditHead.objects.select_for_update().filter(pk=1).first()
    if head is None:
        AuditHead.objects.bulk_create([AuditHead(pk=1, number=0, digest=START)], ignore_conflicts=True)
        head = AuditHead.objects.select_for_update().get(pk=1)
    written = []
    for action, event in told:
        written.append(_chained(actor, action, event, head))
        head.number, head.digest = written[-1].number, written[-1].digest
    AuditEvent.objects.bulk_create(written, batch_size=_BATCH)
    head.save(update_fields=["number", "digest"])
    return written


def _chained(actor: Actor, action: str, event: Event, head: AuditHead) -> AuditEvent:
    """The event as it follows the end of the chain, unsaved."""
    made = AuditEvent(
        number=head.number + 1,
        at=actor.now.astimezone(UTC).replace(microsecond=0),
        actor=actor.name,
        by=actor.by,
        action=action,
        subject_kind=event.subject_kind,
        subject_id=event.subject_id,
        platform=event.platform,
        before=plain(event.before),
        after=plain(event.after),
        why=event.why.replace("\0", ""),
        previous_digest=head.digest,
    )
    made.digest = event_digest(event_fields(made))
    return made


def event_fields(event: AuditEvent) -> dict[str, Any]:
    """The fields the digest covers, as the chain spells them."""
    names = (*("number", "actor", "by", "action", "subject_kind", "subject_id", "platform"), "before", "after", "why")
    told = {name: getattr(event, name) for name in (*names, "previous_digest")}
    return {**told, "at": event.at.astimezone(UTC).isoformat().replace("+00:00", "Z")}


def plain(value: Any) -> Any:
    """A value as JSON that reads back the same: no floats, no times, no keys but text."""
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, set | frozenset):
        return [plain(each) for each in sorted(value)]
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if value is None or isinstance(value, bool | int):
        return value
    # PostgreSQL's JSON holds no NUL.
    return _spell(value).replace("\0", "")


def _spell(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return value.isoformat() if isinstance(value, date) else str(value)


def actor_of(person: Person, *, by: str, now: datetime, scopes: frozenset[Action] | None = None) -> Actor:
    """The person as an actor, with the duties they have now."""
    return replace(actors_of([person], by=by, now=now)[0], scopes=scopes)


def actors_of(people: Sequence[Person], *, by: str, now: datetime) -> list[Actor]:
    """The people as actors, in this order, with the duties they have now; asked of the database together."""
    held: dict[int, set[tuple[DutyRole, int | None]]] = {person.pk: set() for person in people}
    for person, role, platform in Duty.objects.filter(person__in=held).values_list("person_id", "role", "platform_id"):
        held[person].add((DutyRole(role), platform))
    return [
        Actor(
            name=person.email,
            by=by,
            now=now,
            person_id=person.pk,
            vendor_id=person.vendor_id,
            duties=frozenset(held[person.pk]) if person.is_active else frozenset(),
        )
        for person in people
    ]


def keeper(now: datetime, held: tuple[int, str] | None = None) -> Actor:
    """The schedule itself; `held` is the work it does, by id and token."""
    return Actor(name="passmuster", by="worker", now=now, held=held)
