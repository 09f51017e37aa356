"""Lists narrowed to whose something is: one's own, nobody's, or a person's, by the key that a link names."""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import Exists, OuterRef

from passmuster.application.access import Actor
from passmuster.model.keeping import ItemStatus
from passmuster.records.models import Person, ReviewItem
from passmuster.web.filters import Choice, Field, chosen

ME, NOBODY = "me", "none"
_LONGEST_KEY = 18


def is_key(text: str) -> bool:
    """Whether a text can be the key of a row."""
    return text.isascii() and text.isdigit() and len(text) <= _LONGEST_KEY


def named_person(value: str) -> dict[str, str]:
    """The name of the person whose key the address holds, by that key; empty where it names none."""
    found = Person.objects.filter(pk=int(value)).first() if is_key(value) else None
    return {str(found.pk): str(found)} if found else {}


def whose(name: str, label: str, given: Mapping[str, str]) -> Field:
    """The filter with what is chosen; whoever a link names can be chosen beside oneself and nobody."""
    named = named_person(given.get(name, ""))
    held = (Choice(ME, "me"), Choice(NOBODY, "nobody"), *(Choice(key, who) for key, who in named.items()))
    return chosen([Field(name, label, held, "anybody")], given)[0]


def waits_for(person: int | None) -> Exists:
    """Reviews in which a line waits for that person; None: for nobody."""
    waiting = ReviewItem.objects.filter(review=OuterRef("pk"), status=ItemStatus.OPEN, assignee=person)
    return Exists(waiting)


def key_of(value: str, actor: Actor) -> int | None:
    """The person's key that a chosen value stands for; None is nobody."""
    return actor.person_id if value == ME else None if value == NOBODY else int(value)
