"""Leaving a message for a person; `key` makes leaving it twice impossible."""

from __future__ import annotations

from datetime import datetime

from passmuster.records.models import Message, Person


def leave_message(  # noqa: PLR0913 - each says another thing, all by name
    person: Person, *, key: str, kind: str, text: str, link: str, now: datetime, due_at: datetime | None = None
) -> None:
    """One message to one person, sent by whatever way they chose; inside the caller's transaction."""
    Message.objects.bulk_create(
        [
            Message(
                person=person,
                key=key[:300],
                kind=kind,
                text=text[:1000],
                link=link[:300],
                due_at=due_at,
                created_at=now,
            )
        ],
        ignore_conflicts=True,
    )
