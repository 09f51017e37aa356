"""Messages to people: each once, each says what to do and links to where it is done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from passmuster.application.access import Action, Actor
from passmuster.application.acting import acting
from passmuster.application.messages.message_choices import Choices, read_choices
from passmuster.errors import UsageError
from passmuster.records.models import Message, Person

_PREFERENCE = "messages"


def tell(  # noqa: PLR0913 - what a message is, each by name
    person: Person,
    *,
    key: str,
    kind: str,
    text: str,
    link: str,
    now: datetime,
    due_at: datetime | None = None,
) -> bool:
    """Leave a message, in the caller's transaction; False where that key was told this person before.

    `text` says what to do, `link` is a path of the pages. `due_at` is the deadline: without one it raises no alarm.
    People who are not active are told nothing.
    """
    if not text.strip() or not link.startswith("/") or link.startswith("//"):
        raise ValueError(f"message {key}: says what to do, and links to a page of ours")
    if not person.is_active:
        return False
    before = Message.objects.filter(person=person, key=key[:300]).exists()
    if not before:
        # Two who tell at once: the second changes nothing.
        Message.objects.bulk_create(
            [
                Message(
                    person=person,
                    key=key[:300],
                    kind=kind,
                    text=text.strip().replace("\0", "")[:1000],
                    link=link[:300],
                    due_at=due_at,
                    created_at=now,
                )
            ],
            ignore_conflicts=True,
        )
    return not before


def mark_read(actor: Actor, messages: Iterable[int] | None = None) -> int:
    """Mark messages of one's own as read (None: all); returns how many. Not a change of the record: no event."""
    with acting(actor, Action.MANAGE_OWN_ACCOUNT, "message") as event:
        event.is_silent = True
        mine = Message.objects.filter(person_id=actor.person_id or 0, read_at=None)
        if messages is not None:
            mine = mine.filter(pk__in=list(messages))
        return mine.update(read_at=actor.now)


def choices_of(person: Person) -> Choices:
    """The person's choices; the usual ones where what is kept cannot be read."""
    kept = person.preferences.get(_PREFERENCE, {}) if isinstance(person.preferences, Mapping) else {}
    try:
        return read_choices(kept if isinstance(kept, Mapping) else {})
    except UsageError:
        return Choices()


def change_choices(actor: Actor, given: Mapping[str, Any]) -> Choices:
    """Keep one's own choices of messages; raises UsageError with every mistake."""
    choices = read_choices(given)
    with acting(actor, Action.MANAGE_OWN_ACCOUNT, "person", verb="change_message_choices") as event:
        person = Person.objects.select_for_update().get(pk=actor.person_id or 0)
        kept = dict(person.preferences) if isinstance(person.preferences, Mapping) else {}
        event.subject_id = str(person.pk)
        event.before, event.after = {_PREFERENCE: kept.get(_PREFERENCE, {})}, {_PREFERENCE: dict(given)}
        person.preferences = {**kept, _PREFERENCE: dict(given)}
        person.save(update_fields=["preferences"])
    return choices
