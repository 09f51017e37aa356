"""Asking a vendor for something, and deciding whether its answer will do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from passmuster.application.access import Action, Actor, NotAllowed, platforms_for, require
from passmuster.application.acting import Event, acting
from passmuster.application.evidence.answering_lines import settle_lines
from passmuster.application.messages.telling import tell
from passmuster.application.requests.vendor_requests import say_on_line
from passmuster.errors import NotReady, UsageError
from passmuster.model.keeping import AskedStatus, DutyRole, ItemKind, ReviewStatus
from passmuster.records.models import Person, Platform, Review, ReviewItem, Vendor, VendorRequest

_LONGEST = 10_000
_OPEN = (ReviewStatus.OPENING, ReviewStatus.OPEN)


@dataclass(frozen=True)
class Question:
    """What is asked of a vendor, and for what: a platform, a control, an advisory, a line of a review."""

    vendor: Vendor
    title: str
    detail: str = ""
    due_on: date | None = None
    platform: Platform | None = None
    control: str = ""
    advisory: str = ""
    item: ReviewItem | None = None


def requests_for(actor: Actor) -> QuerySet[VendorRequest]:
    """The requests the actor may see, newest first; one about no platform is for people with a duty everywhere."""
    where = platforms_for(actor, Action.VIEW)
    found = VendorRequest.objects.select_related("vendor", "platform", "asked_by", "answered_by", "decided_by")
    return (found if where is None else found.filter(platform_id__in=where)).order_by("-pk")


def ask_vendor(actor: Actor, question: Question, *, why: str = "") -> VendorRequest:
    """Ask a vendor; its contacts are told. Raises UsageError with all that is wrong, NotAllowed."""
    require(actor, Action.ASK_VENDOR, question.platform.pk if question.platform else None)
    if actor.person_id is None:
        raise NotAllowed("a vendor is asked by a person, who reads the answer")
    if complaints := _complaints(question, actor.now.date()):
        raise UsageError("\n".join(complaints))
    with acting(
        actor, Action.ASK_VENDOR, "vendor_request", platform=question.platform, why=why, verb="ask_vendor"
    ) as event:
        asked = VendorRequest.objects.create(
            vendor=question.vendor,
            platform=question.platform,
            item=question.item,
            control=question.control.strip(),
            advisory=question.advisory.strip(),
            title=question.title.strip(),
            detail=question.detail.strip(),
            due_on=question.due_on,
            asked_by_id=actor.person_id,
            asked_at=actor.now,
        )
        event.subject_id, event.after = str(asked.pk), _told(asked)
        _tell_contacts(asked, actor, f"{asked.title[:400]}. Answer it, and hand in what is asked for.", "asked")
    return asked


def ask_about_lines(actor: Actor, review: Review, items: Sequence[int], contact: Person, *, why: str) -> int:
    """Ask a contact's vendor about lines of an open review, a request a line; returns how many.

    Whoever owes the lines still does: the vendor's word is theirs to weigh. A line asked already is not asked twice.
    """
    if contact.vendor is None:
        raise UsageError(f"{contact} is no contact of a vendor")
    if review.status not in _OPEN:
        raise NotReady(f"this review is {review.status}; nothing is asked for it any more")
    waiting = VendorRequest.objects.filter(vendor=contact.vendor, status__in=(AskedStatus.OPEN, AskedStatus.ANSWERED))
    chosen = review.items.filter(pk__in=list(items)).exclude(requests__in=waiting).order_by("pk")
    with transaction.atomic():
        for item in chosen:
            question = Question(
                vendor=contact.vendor,
                title=item.title,
                detail=why.strip() or _own_words(item),
                due_on=item.due_on,
                platform=review.platform,
                control=item.control,
                item=item,
            )
            ask_vendor(actor, question)
    return len(chosen)


def accept_answer(actor: Actor, request: VendorRequest, *, note: str = "") -> VendorRequest:
    """The answer will do; the request is closed and its files stay as evidence, which settle the lines they answer.

    Raises UsageError, NotAllowed.
    """
    with _deciding(actor, request, AskedStatus.ACCEPTED, "accept_vendor_answer", note) as (event, held):
        say_on_line(held, held.answer, f"answered by {held.vendor}, accepted by {actor.name}")
        settled = settle_lines(actor, held.files.filter(superseded_by=None).order_by("pk"))
        event.after = {**(event.after or {}), **settled.told}
    return held


def send_back(actor: Actor, request: VendorRequest, *, why: str) -> VendorRequest:
    """The answer will not do; the vendor reads why and answers again. Raises UsageError, NotAllowed."""
    if not why.strip():
        raise UsageError("say what is missing; the vendor reads it")
    with _deciding(actor, request, AskedStatus.OPEN, "send_back_vendor_answer", why) as (_event, held):
        say_on_line(held, "", f"the answer of {held.vendor} was sent back")
        _tell_contacts(held, actor, f"{held.title[:300]}: sent back: {why.strip()[:400]} Answer again.", "back")
    return held


def withdraw_request(actor: Actor, request: VendorRequest, *, why: str) -> VendorRequest:
    """Take the request back: the vendor no longer sees it, its files stay. Raises UsageError, NotAllowed."""
    if not why.strip():
        raise UsageError("say why it is taken back")
    with _deciding(actor, request, AskedStatus.WITHDRAWN, "withdraw_vendor_request", why) as (_event, held):
        say_on_line(held, "", "")
    return held


@contextmanager
def _deciding(
    actor: Actor, request: VendorRequest, status: AskedStatus, verb: str, why: str
) -> Iterator[tuple[Event, VendorRequest]]:
    if len(why) > _LONGEST:
        raise UsageError(f"write at most {_LONGEST} characters")
    with acting(actor, Action.ASK_VENDOR, request, platform=request.platform, why=why, verb=verb) as event:
        event.subject_kind = "vendor_request"
        VendorRequest.objects.select_for_update().get(pk=request.pk)
        held = VendorRequest.objects.select_related("vendor", "platform", "asked_by").get(pk=request.pk)
        if held.status == status or not AskedStatus(held.status).can_become(status):
            raise NotReady(f"this request is {held.status}; it cannot become {status}")
        event.before = {"status": held.status, "answer": held.answer}
        held.status, held.decision = status, why.replace("\0", "").strip()
        held.decided_by_id, held.decided_at = actor.person_id, actor.now
        if status is AskedStatus.OPEN:
            # It waits again, before those that are decided.
            held.decided_at = None
        held.save(update_fields=["status", "decision", "decided_by", "decided_at"])
        event.after = {"status": status, "files": list(held.files.order_by("pk").values_list("sha256", flat=True))}
        yield event, held


def _tell_contacts(asked: VendorRequest, actor: Actor, text: str, what: str) -> None:
    for contact in _contacts(asked.vendor, asked.platform):
        tell(
            contact,
            key=f"asked:{asked.pk}:{what}:{actor.now.isoformat()}",
            kind="evidence_asked",
            text=text,
            link="/asked/",
            now=actor.now,
        )


def _contacts(vendor: Vendor, platform: Platform | None) -> QuerySet[Person]:
    """Who of the vendor sees a request about that platform."""
    people = Person.objects.filter(vendor=vendor, is_active=True, duties__role=DutyRole.VENDOR_CONTACT)
    everywhere = people.filter(duties__platform=None)
    return (everywhere | people.filter(duties__platform=platform) if platform else everywhere).distinct()


def _complaints(question: Question, today: date) -> list[str]:
    found = [] if question.title.strip() else ["title: say in a sentence what is asked"]
    for name, text, longest in (
        ("title", question.title, 500),
        ("detail", question.detail, _LONGEST),
        ("control", question.control, 100),
        ("advisory", question.advisory, 100),
    ):
        if len(text) > longest:
            found.append(f"{name}: is longer than {longest} characters")
    if question.due_on is not None and question.due_on < today and question.item is None:
        found.append("due: lies in the past")
    if not _contacts(question.vendor, question.platform).exists():
        found.append(f"vendor: {question.vendor} has no contact who would see it; have one added under People")
    return found


def _own_words(item: ReviewItem) -> str:
    # Details of other lines tell what was seen on our platform; a question and what is to be obtained do not.
    return item.detail if item.kind in (ItemKind.QUESTION, ItemKind.EVIDENCE) else ""


def _told(asked: VendorRequest) -> dict[str, Any]:
    return {
        "vendor": asked.vendor.name,
        "title": asked.title,
        "control": asked.control,
        "advisory": asked.advisory,
        "review_line": asked.item_id,
        "due_on": asked.due_on,
    }
