from __future__ import annotations

import pytest

from passmuster.application.access import NotAllowed
from passmuster.application.acting import keeper
from passmuster.application.messages.message_choices import HowOften
from passmuster.application.messages.telling import change_choices, choices_of, mark_read, tell
from passmuster.errors import UsageError
from passmuster.records.models import AuditEvent, Message, Person
from tests.keeping import NOW, actor, make_person


def _tell(person: Person, key: str = "k", **more: object) -> bool:
    return tell(person, key=key, kind="late", text="Do it.", link="/findings", now=NOW, **more)  # type: ignore[arg-type]


@pytest.mark.usefixtures("db")
def test_a_person_is_told_a_thing_once() -> None:
    ada, bob = make_person("ada", "reviewer"), make_person("bob", "reviewer")
    assert _tell(ada)
    assert not _tell(ada)
    assert _tell(bob)
    assert Message.objects.count() == 2


@pytest.mark.usefixtures("db")
def test_who_left_is_told_nothing() -> None:
    assert not _tell(make_person("ada", "reviewer", is_active=False))
    assert not Message.objects.exists()


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize(("text", "link"), [("", "/x"), ("Do it.", ""), ("Do it.", "https://evil.example/")])
def test_a_message_without_what_to_do_or_with_a_link_elsewhere_is_a_mistake(text: str, link: str) -> None:
    with pytest.raises(ValueError, match="says what to do"):
        tell(make_person("ada"), key="k", kind="late", text=text, link=link, now=NOW)


@pytest.mark.usefixtures("db")
def test_everybody_marks_their_own_messages_only() -> None:
    ada, bob = make_person("ada", "reviewer"), make_person("bob", "reviewer")
    for person in (ada, bob):
        _tell(person)
    theirs = Message.objects.get(person=bob)
    assert mark_read(actor(ada), [theirs.pk]) == 0
    assert mark_read(actor(ada)) == 1
    theirs.refresh_from_db()
    assert theirs.read_at is None
    with pytest.raises(NotAllowed):
        mark_read(keeper(NOW))


@pytest.mark.usefixtures("db")
def test_choices_are_kept_with_an_event_and_nothing_else_of_the_preferences_is_lost() -> None:
    ada = make_person("ada", "reviewer", preferences={"theme": "dark"})
    change_choices(actor(ada), {"topics": {"drift": "weekly"}})
    ada.refresh_from_db()
    assert ada.preferences == {"theme": "dark", "messages": {"topics": {"drift": "weekly"}}}
    assert choices_of(ada).topics == {"drift": HowOften.WEEKLY}
    assert AuditEvent.objects.get().action == "change_message_choices"
    with pytest.raises(UsageError):
        change_choices(actor(ada), {"most_a_day": 0})
    ada.preferences = {"messages": "broken"}
    assert choices_of(ada).most_a_day == 20
