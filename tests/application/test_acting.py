from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connections

from passmuster.application.access import Action, NotAllowed
from passmuster.application.acting import acting, event_fields, keeper
from passmuster.model.chain import START, event_digest
from passmuster.records.models import AuditEvent, AuditHead, Vendor
from tests.keeping import NOW, actor, make_person, make_platform


def _chain_holds() -> int:
    previous, count = START, 0
    for count, event in enumerate(AuditEvent.objects.order_by("number"), start=1):
        assert event.number == count
        assert event.previous_digest == previous
        assert event.digest == event_digest(event_fields(event))
        previous = event.digest
    assert count == 0 or AuditHead.objects.get().digest == previous
    return count


@pytest.mark.usefixtures("db")
def test_a_use_case_changes_the_record_and_writes_one_event() -> None:
    who = actor(make_person("ada", "administrator"))
    with acting(who, Action.MANAGE_PROGRAMME, "vendor", why="they host our flows") as event:
        vendor = Vendor.objects.create(name="Acme", created_at=NOW)
        event.subject_id, event.after = str(vendor.pk), {"name": "Acme", "at": NOW, "odd": "a\0b", "list": {2, 1}}
    (written,) = AuditEvent.objects.all()
    assert (written.actor, written.by, written.action) == ("ada@example.org", "page", "manage_programme")
    assert written.after == {"name": "Acme", "at": "2026-06-01T09:00:00Z", "odd": "ab", "list": [1, 2]}
    assert _chain_holds() == 1


@pytest.mark.usefixtures("db")
def test_what_fails_leaves_neither_a_change_nor_an_event() -> None:
    who = actor(make_person("ada", "administrator"))
    with pytest.raises(RuntimeError), acting(who, Action.MANAGE_PROGRAMME, "vendor"):
        Vendor.objects.create(name="Acme", created_at=NOW)
        raise RuntimeError
    assert not Vendor.objects.exists()
    assert not AuditEvent.objects.exists()


@pytest.mark.usefixtures("db")
def test_a_right_on_one_platform_is_none_on_another() -> None:
    ours, theirs = make_platform("Ours"), make_platform("Theirs")
    who = actor(make_person("otto", "platform_owner", platform=ours))
    with acting(who, Action.MANAGE_PLATFORM, ours, platform=ours):
        pass
    with pytest.raises(NotAllowed, match=r"otto@example\.org may not manage platform here; ask an administrator or"):
        acting(who, Action.MANAGE_PLATFORM, theirs, platform=theirs).__enter__()
    with pytest.raises(NotAllowed):
        acting(who, Action.MANAGE_PEOPLE, "person").__enter__()


@pytest.mark.usefixtures("db")
def test_the_schedule_looks_and_opens_and_decides_nothing() -> None:
    with acting(keeper(NOW), Action.OPEN_REVIEW, "review"):
        pass
    for action in (Action.DECIDE_DEVIATION, Action.SIGN_REVIEW, Action.APPROVE_CHANGE, Action.MANAGE_PEOPLE):
        with pytest.raises(NotAllowed):
            acting(keeper(NOW), action, "thing").__enter__()


@pytest.mark.usefixtures("durable_db")
def test_many_at_once_make_one_chain_without_a_gap() -> None:
    people = [make_person(f"p{number}", "administrator") for number in range(6)]
    actors = [actor(person, now=NOW + timedelta(seconds=number)) for number, person in enumerate(people)]
    failures: list[Exception] = []

    def work(number: int) -> None:
        try:
            for turn in range(10):
                with acting(actors[number], Action.MANAGE_PROGRAMME, "vendor", why=f"{number}/{turn}"):
                    pass
        except Exception as error:
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(len(people))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert _chain_holds() == 60
