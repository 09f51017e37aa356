from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, cast

import pytest
from django.db import connection

from passmuster.application.messages.channels import Channels, MailServer
from passmuster.application.messages.delivering import lay_out_deliveries
from passmuster.application.messages.message_choices import Way
from passmuster.application.messages.sending import send_due
from passmuster.application.messages.telling import tell
from passmuster.records.models import Delivery, Message, Person
from tests.application.receiving import http_server
from tests.free_port import free_port
from tests.keeping import NOW, make_person

aiosmtpd = pytest.importorskip("aiosmtpd.controller", reason="needs the development dependency aiosmtpd")
_BASE = "https://review.example.org"
_DUE = NOW + timedelta(days=2)


class _Mailbox:
    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.answer = "250 taken"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - the library's name
        if self.answer.startswith("250"):
            self.mails.append(cast(EmailMessage, message_from_bytes(envelope.content, policy=policy.default)))
        return self.answer


@pytest.fixture
def mailbox() -> Iterator[tuple[_Mailbox, Channels]]:
    box = _Mailbox()
    port = free_port()
    controller = aiosmtpd.Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    yield box, Channels(mail=MailServer("127.0.0.1", port, "review@example.org", "none"))
    controller.stop()


def _tell(person: Person, count: int = 1, *, has_deadline: bool = True) -> None:
    for number in range(count):
        due_at = _DUE + timedelta(minutes=number) if has_deadline else None
        tell(
            person,
            key=f"k{number}/{has_deadline}",
            kind="late",
            text=f"Do number {number} für München.",
            link=f"/findings/{number}",
            due_at=due_at,
            now=NOW,
        )


def _go(channels: Channels, after: timedelta = timedelta(0)) -> int:
    lay_out_deliveries(NOW + after, channels.ways)
    return send_due(NOW + after, channels, _BASE)


@pytest.mark.usefixtures("db")
def test_a_message_with_a_deadline_is_mailed_at_once_and_once(mailbox: tuple[_Mailbox, Channels]) -> None:
    box, channels = mailbox
    _tell(make_person("ada", "reviewer"))
    assert [_go(channels), _go(channels), _go(channels, timedelta(hours=5))] == [1, 0, 0]
    (mail,) = box.mails
    assert mail["To"] == "ada@example.org"
    assert mail["Subject"] == "Passmuster: Do number 0 für München."
    assert "https://review.example.org/findings/0" in mail.get_content()
    message = Message.objects.get()
    assert (message.sent_at, message.channel, message.error) == (NOW, "mail", "")


@pytest.mark.usefixtures("db")
def test_without_a_deadline_it_waits_for_the_digest(mailbox: tuple[_Mailbox, Channels]) -> None:
    box, channels = mailbox
    _tell(make_person("ada", "reviewer"), 3, has_deadline=False)
    assert _go(channels) == 0
    assert _go(channels, timedelta(hours=24)) == 1
    assert box.mails[0]["Subject"] == "Passmuster: 3 messages"
    assert _go(channels, timedelta(hours=48)) == 0


@pytest.mark.usefixtures("db")
def test_a_flood_of_fifty_seven_is_twenty_mails_and_one_that_counts_the_rest(
    mailbox: tuple[_Mailbox, Channels],
) -> None:
    box, channels = mailbox
    _tell(make_person("ada", "reviewer"), 57)
    assert _go(channels) == 21
    assert box.mails[-1]["Subject"] == "Passmuster: and 37 more messages"
    assert _go(channels, timedelta(days=1)) == 0


@pytest.mark.usefixtures("db")
def test_what_was_read_on_the_page_is_not_sent_any_more(mailbox: tuple[_Mailbox, Channels]) -> None:
    box, channels = mailbox
    _tell(make_person("ada", "reviewer"))
    Message.objects.update(read_at=NOW)
    assert (_go(channels), box.mails) == (0, [])


@pytest.mark.usefixtures("db")
def test_a_mail_that_is_refused_is_tried_again_under_the_same_id_and_given_up_in_the_end(
    mailbox: tuple[_Mailbox, Channels],
) -> None:
    box, channels = mailbox
    box.answer = "451 come back later"
    _tell(make_person("ada", "reviewer"))
    assert _go(channels) == 0
    delivery = Delivery.objects.get()
    assert (delivery.attempts, delivery.not_before) == (1, NOW + timedelta(minutes=2))
    assert delivery.error == "the mail server did not take it (SMTPDataError 451)"
    assert Message.objects.get().error == delivery.error
    assert _go(channels, timedelta(minutes=1)) == 0
    assert Delivery.objects.get().attempts == 1
    box.answer = "250 taken"
    assert _go(channels, timedelta(minutes=2)) == 1
    identity = f"passmuster-{delivery.pk}-{NOW:%Y%m%d%H%M%S%f}"
    assert box.mails[0]["Message-ID"] == f"<{identity}@example.org>"
    Delivery.objects.update(sent_at=None, attempts=6, not_before=NOW)
    box.answer = "550 no such mailbox"
    assert send_due(NOW, channels, _BASE) == 0
    assert Delivery.objects.get().given_up_at == NOW


@pytest.mark.usefixtures("db")
def test_a_number_that_comes_again_after_a_restore_names_another_mail(mailbox: tuple[_Mailbox, Channels]) -> None:
    box, channels = mailbox
    ada = make_person("ada", "reviewer")
    _tell(ada)
    assert _go(channels) == 1
    number = Delivery.objects.get().pk
    Message.objects.all().delete()
    Delivery.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute("SELECT setval(pg_get_serial_sequence('records_delivery', 'id'), %s, false)", [number])
    _tell(ada)
    assert _go(channels, timedelta(hours=1)) == 1
    assert Delivery.objects.get().pk == number
    assert box.mails[0]["Message-ID"] != box.mails[1]["Message-ID"]


@pytest.mark.usefixtures("db")
def test_each_way_a_person_chose_gets_it_once_and_an_unknown_chat_is_told() -> None:
    with http_server() as received:
        channels = Channels(chats={"OPS": f"json://127.0.0.1:{received.port}/"})
        ways = {"ways": ["mail", "chat"], "chat": "ops"}
        _tell(make_person("ada", "reviewer", preferences={"messages": ways}))
        _tell(make_person("bob", "reviewer", preferences={"messages": {**ways, "chat": "sales"}}))
        _tell(make_person("eve", "reviewer", preferences={"messages": {"ways": ["mail"]}}))
        assert _go(channels) == 1
    assert received.json()["title"].startswith("Passmuster: Do number 0")
    assert set(Delivery.objects.values_list("person__email", "way")) == {
        ("ada@example.org", Way.CHAT),
        ("bob@example.org", Way.CHAT),
    }
    assert "nothing of that name" in Delivery.objects.get(person__email="bob@example.org").error
