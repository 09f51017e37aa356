"""Sending what was laid out: each delivery until it went out, at growing distances, then given up and said so."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction

from passmuster.application.messages.channels import Channels, NotSent, send_chat, send_mail, send_webhook
from passmuster.application.messages.delivering import zone_of
from passmuster.application.messages.message_choices import Way
from passmuster.application.messages.telling import choices_of
from passmuster.application.messages.wording import Letter, Line, compose
from passmuster.records.models import Delivery, Message

_RETRY_MINUTES = (2, 5, 15, 60, 4 * 60, 12 * 60)
_MOST_A_RUN = 500


def send_due(now: datetime, channels: Channels, base_url: str, progress: Callable[[str], None] = lambda _: None) -> int:
    """Send all that waits; returns how many went out. What cannot be sent is tried again later.

    A delivery that a worker died over may go out twice, under the same id: mailboxes and receivers know it by that.
    """
    sent = 0
    waiting = Delivery.objects.filter(sent_at=None, given_up_at=None, not_before__lte=now)
    for identity in list(waiting.order_by("not_before", "pk").values_list("pk", flat=True)[:_MOST_A_RUN]):
        delivery = _take(identity, now)
        if delivery is not None:
            sent += _send(delivery, now, channels, base_url)
            progress(f"{sent} sent")
    return sent


def _take(identity: int, now: datetime) -> Delivery | None:
    """Take one before it is sent: nobody else tries it until its next time comes."""
    with transaction.atomic():
        delivery = (
            Delivery.objects.select_for_update(skip_locked=True, of=("self",))
            .select_related("person")
            .filter(pk=identity, sent_at=None, given_up_at=None, not_before__lte=now)
            .first()
        )
        if delivery is None:
            return None
        minutes = _RETRY_MINUTES[min(delivery.attempts, len(_RETRY_MINUTES) - 1)]
        delivery.attempts += 1
        delivery.not_before = now + timedelta(minutes=minutes)
        delivery.save(update_fields=["attempts", "not_before"])
    return delivery


def _send(delivery: Delivery, now: datetime, channels: Channels, base_url: str) -> bool:
    try:
        _hand_over(delivery, now, channels, base_url)
    except NotSent as error:
        _note_failure(delivery, str(error), now)
        return False
    with transaction.atomic():
        Delivery.objects.filter(pk=delivery.pk).update(sent_at=now, error="")
        told = Message.objects.filter(lines__delivery=delivery, sent_at=None)
        told.update(sent_at=now, channel=delivery.way, error="")
    return True


def _hand_over(delivery: Delivery, now: datetime, channels: Channels, base_url: str) -> None:
    choices, person = choices_of(delivery.person), delivery.person
    if not person.is_active:
        raise NotSent("the person is not active any more")
    identity, letter = _identity(delivery), _letter(delivery, base_url)
    if delivery.way == Way.MAIL and channels.mail:
        send_mail(channels.mail, person.email, letter, identity=identity, now=now)
    elif delivery.way == Way.CHAT and choices.chat.upper() in channels.chats:
        send_chat(channels.chats[choices.chat.upper()], letter)
    elif delivery.way == Way.WEBHOOK and choices.webhook.upper() in channels.webhooks:
        url, secret = channels.webhooks[choices.webhook.upper()]
        send_webhook(url, secret, letter, identity=identity, now=now)
    else:
        raise NotSent(f"nothing of that name is set up for {delivery.way}; choose another, or ask an administrator")


def _identity(delivery: Delivery) -> str:
    """The same at every try. After a restore numbers come again, so it holds when it was laid out, too."""
    return f"passmuster-{delivery.pk}-{delivery.created_at:%Y%m%d%H%M%S%f}"


def _letter(delivery: Delivery, base_url: str) -> Letter:
    quoted = Message.objects.filter(lines__delivery=delivery, lines__is_quoted=True).order_by("lines__pk")
    return compose(
        [Line(each.text, each.link, each.kind, each.due_at) for each in quoted],
        more=delivery.more,
        base_url=base_url,
        zone=zone_of(delivery.person),
    )


def _note_failure(delivery: Delivery, error: str, now: datetime) -> None:
    is_last = delivery.attempts > len(_RETRY_MINUTES) or not delivery.person.is_active
    with transaction.atomic():
        Delivery.objects.filter(pk=delivery.pk).update(error=error[:300], given_up_at=now if is_last else None)
        Message.objects.filter(lines__delivery=delivery, sent_at=None).update(error=error[:300])
