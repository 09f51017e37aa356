"""What needs a person, what is late and what comes next: lines that each lead to where it is done."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar

from django.db.models import Count, Min, Model, Q, QuerySet

from passmuster.application.access import Action, Actor, platforms_for
from passmuster.records.models import (
    Change,
    Consultation,
    Deviation,
    Evidence,
    Gate,
    Message,
    Platform,
    Review,
    ReviewItem,
    VendorRequest,
)
from passmuster.web.counting import falling_due, late, late_by_platform
from passmuster.web.places import list_of, page_of_record

M = TypeVar("M", bound=Model)
MOST = 7
AHEAD = timedelta(days=14)
# With more platforms than this that have late findings, one line stands for all.
_MOST_APART = 3
_UNDER_WAY = ("opening", "open", "signed")
_UNFINISHED = ("planned", "approved", "deployed", "failed", "rolled_back", "regressed")


@dataclass(frozen=True)
class Line:
    """One thing to do or to know: in words, where it leads, about what, and its date where it has one."""

    text: str
    link: str
    about: str
    on: date | None = None


@dataclass(frozen=True)
class Lines:
    """The most pressing lines, how many lines there are, and how many things they stand for."""

    shown: tuple[Line, ...]
    n: int
    things: int = 0

    @property
    def more(self) -> int:
        """How many are not shown."""
        return self.n - len(self.shown)


def needs(actor: Actor) -> Lines:
    """What waits for this person: steps, signatures, decisions, approvals, changes, findings, messages."""
    if actor.person_id is None:
        return Lines((), 0)
    lines = [
        *_steps(actor.person_id),
        *_signatures(actor, actor.person_id),
        *_decisions(actor),
        *_approvals(actor),
        *_own_changes(actor.person_id),
        *_vendor_answers(actor.person_id),
        *_opinions(actor),
    ]
    first = _own_findings(actor, actor.person_id)
    return _most_pressing(lines, first=first, last=_messages(actor.person_id))


def overdue(actor: Actor) -> Lines:
    """What is late on the platforms the person may see."""
    today = actor.now.date()
    reviews = _seen(Review.objects.filter(status__in=_UNDER_WAY, due_on__lt=today), actor)
    changes = _seen(Change.objects.filter(status__in=_UNFINISHED, due_at__lt=actor.now), actor)
    evidence = _seen(Evidence.objects.filter(superseded_by=None, expires_on__lt=today), actor)
    lines = [
        *(_of_review(review, "Review") for review in reviews.select_related("platform").order_by("due_on")[:MOST]),
        *(_of_change(change, "Patch") for change in changes.select_related("platform").order_by("due_at")[:MOST]),
        *(
            Line(f"Evidence expired: {each.title}", page_of_record("evidence", each.pk), _name(each), each.expires_on)
            for each in evidence.select_related("platform").order_by("expires_on")[:MOST]
        ),
    ]
    n = reviews.count() + changes.count() + evidence.count()
    found = _most_pressing(lines, first=_late_findings(actor, today), at_least=n)
    return replace(found, things=n + late(actor, today))


def coming(actor: Actor) -> Lines:
    """What has its date within two weeks."""
    today = actor.now.date()
    span = (today, today + AHEAD)
    reviews = _seen(Review.objects.filter(status__in=_UNDER_WAY, due_on__range=span), actor)
    windows = Change.objects.filter(status__in=("planned", "approved"))
    windows = _seen(windows.filter(window_start_at__range=(actor.now, actor.now + AHEAD)), actor)
    ending = _seen(Deviation.objects.filter(status="approved", ends_on__range=span), actor)
    expiring = _seen(Evidence.objects.filter(superseded_by=None, expires_on__range=span), actor)
    lines = [
        *(_of_review(each, "Review due") for each in reviews.select_related("platform")[:MOST]),
        *_next_reviews(actor, span),
        *(
            Line(
                f"Patch window: {each.title}",
                page_of_record("change", each.pk),
                _name(each),
                _day(each.window_start_at),
            )
            for each in windows.select_related("platform").order_by("window_start_at")[:MOST]
        ),
        *(
            Line(f"Exception ends: {each.control}", page_of_record("deviation", each.pk), _name(each), each.ends_on)
            for each in ending.select_related("platform").order_by("ends_on")[:MOST]
        ),
        *(
            Line(f"Evidence expires: {each.title}", page_of_record("evidence", each.pk), _name(each), each.expires_on)
            for each in expiring.select_related("platform").order_by("expires_on")[:MOST]
        ),
        *_findings_due(actor, span),
    ]
    return _most_pressing(lines)


def _steps(person: int) -> Iterable[Line]:
    steps = ReviewItem.objects.filter(assignee_id=person, status="open", review__status="open")
    found = steps.values("review_id", "review__platform__name").annotate(n=Count("id"), first=Min("due_on"))
    for row in found.order_by("first", "review_id")[:MOST]:
        link = page_of_record("review", row["review_id"])
        yield Line(f"{_things(row['n'], 'step')} of the review", link, row["review__platform__name"], row["first"])


def _signatures(actor: Actor, person: int) -> Iterable[Line]:
    ready = _where(Review.objects.filter(status="open"), platforms_for(actor, Action.SIGN_REVIEW))
    ready = ready.exclude(sign_offs__person_id=person).exclude(items__status="open").filter(items__isnull=False)
    for review in ready.select_related("platform").distinct().order_by("due_on")[:MOST]:
        yield _of_review(review, "Sign the review")


def _decisions(actor: Actor) -> Iterable[Line]:
    asked = _where(Deviation.objects.filter(status="requested"), platforms_for(actor, Action.DECIDE_DEVIATION))
    for each in asked.exclude(requested_by_id=actor.person_id).select_related("platform").order_by("id")[:MOST]:
        yield Line(f"Decide on the exception from {each.control}", page_of_record("deviation", each.pk), _name(each))


def _approvals(actor: Actor) -> Iterable[Line]:
    gates = Gate.objects.filter(kind="approval", status="open", change__status="planned")
    allowed = platforms_for(actor, Action.APPROVE_CHANGE)
    gates = gates if allowed is None else gates.filter(change__platform_id__in=allowed)
    # Nobody approves their own change; one without an owner is anybody's.
    gates = gates.exclude(change__owner_id=actor.person_id)
    for gate in gates.select_related("change__platform").order_by("change__due_at", "id")[:MOST]:
        yield _of_change(gate.change, "Approve")


def _own_changes(person: int) -> Iterable[Line]:
    own = Change.objects.filter(owner_id=person, status__in=_UNFINISHED)
    for change in own.select_related("platform").order_by("due_at", "id")[:MOST]:
        yield _of_change(change, "Verify" if change.status == "deployed" else "Patch")


def _vendor_answers(person: int) -> Iterable[Line]:
    answered = VendorRequest.objects.filter(asked_by_id=person, status="answered").select_related("vendor")
    for each in answered.order_by("answered_at", "id")[:MOST]:
        link = page_of_record("vendor_request", each.pk)
        yield Line(f"Accept or send back: {each.title}", link, each.vendor.name, each.due_on)


def _opinions(actor: Actor) -> Iterable[Line]:
    asked = _where(Consultation.objects.filter(given_at=None), platforms_for(actor, Action.GIVE_OPINION))
    for each in asked.select_related("platform", "deviation", "change").order_by("asked_at", "id")[:MOST]:
        about = each.platform.name if each.platform else ""
        if each.deviation is not None:
            link = page_of_record("deviation", each.deviation.pk)
            yield Line(f"Say what you think of the exception from {each.deviation.control}", link, about)
        elif each.change is not None:
            yield Line(f"Say what you think: {each.change.title}", page_of_record("change", each.change.pk), about)


def _own_findings(actor: Actor, person: int) -> Iterable[Line]:
    n = late(actor, actor.now.date(), owner=person)
    if n:
        yield Line(
            f"{_things(n, 'finding')} of yours {'is' if n == 1 else 'are'} late",
            list_of("finding", owner="me", late=1),
            "",
        )


def _late_findings(actor: Actor, today: date) -> list[Line]:
    """A line a platform, the most first; one line for all where there are many."""
    n = late_by_platform(actor, today)
    if len(n) > _MOST_APART:
        n = {None: sum(n.values())}
    names = dict(Platform.objects.filter(pk__in=[key for key in n if key]).values_list("pk", "name"))
    return [
        Line(
            f"{_things(some, 'finding')} past {'its' if some == 1 else 'their'} date",
            list_of("finding", late=1, platform=key),
            names.get(key, "") if key else "",
        )
        for key, some in n.items()
    ]


def _findings_due(actor: Actor, span: tuple[date, date]) -> Iterable[Line]:
    by_day = falling_due(actor, *span)
    if by_day:
        n, first = sum(by_day.values()), min(by_day)
        text = f"{_things(n, 'finding')} {'falls' if n == 1 else 'fall'} due" + (", the first" if n > 1 else "")
        yield Line(text, list_of("finding", due="soon"), "", first)


def _messages(person: int) -> Iterable[Line]:
    n = Message.objects.filter(person_id=person, read_at=None).count()
    if n:
        yield Line(_things(n, "unread message"), list_of("message"), "")


def _next_reviews(actor: Actor, span: tuple[date, date]) -> Iterable[Line]:
    allowed = platforms_for(actor, Action.VIEW)
    platforms = Platform.objects.filter(is_active=True, next_review_on__range=span)
    platforms = platforms if allowed is None else platforms.filter(pk__in=allowed)
    for each in platforms.order_by("next_review_on")[:MOST]:
        yield Line("Review opens", page_of_record("platform", each.slug), each.name, each.next_review_on)


def _seen(rows: QuerySet[M], actor: Actor) -> QuerySet[M]:
    return _where(rows, platforms_for(actor, Action.VIEW))


def _where(rows: QuerySet[M], platforms: frozenset[int] | None) -> QuerySet[M]:
    return rows if platforms is None else rows.filter(Q(platform_id__in=platforms))


def _most_pressing(
    lines: Iterable[Line], *, first: Iterable[Line] = (), last: Iterable[Line] = (), at_least: int = 0
) -> Lines:
    held = sorted(lines, key=lambda line: (line.on is None, line.on or date.max))
    before, after = list(first), list(last)
    whole = [*before, *held, *after]
    return Lines(tuple(whole[:MOST]), max(len(whole), at_least + len(before) + len(after)))


def _of_review(review: Review, verb: str) -> Line:
    return Line(verb, page_of_record("review", review.pk), review.platform.name, review.due_on)


def _of_change(change: Change, verb: str, *, on: date | None = None) -> Line:
    link = page_of_record("change", change.pk)
    return Line(f"{verb}: {change.title}", link, _name(change), on or _day(change.due_at))


def _name(thing: Change | Deviation | Evidence) -> str:
    return thing.platform.name if thing.platform is not None else ""


def _day(at: datetime | None) -> date | None:
    return None if at is None else at.astimezone(UTC).date()


def _things(n: int, word: str) -> str:
    return f"{n} {word}" + ("" if n == 1 else "s")
