"""What waits for one person, and nobody else's hand will do."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Count, Min

from passmuster.application.access import Action, Actor, platforms_for
from passmuster.application.calendar.deadlines import UNDONE_CHANGES
from passmuster.application.changes.missed_windows import has_missed_window
from passmuster.application.findings.exception_authors import without_own
from passmuster.records.models import (
    Change,
    Consultation,
    Deviation,
    Gate,
    Message,
    Plan,
    Review,
    ReviewItem,
    TierProposal,
    VendorRequest,
)
from passmuster.web.agenda.lines import (
    MOST,
    Line,
    Lines,
    day_of,
    most_pressing,
    name_of,
    of_change,
    of_missed,
    of_review,
    things,
    where,
)
from passmuster.web.counting import late
from passmuster.web.places import list_of, page_of_record

# A review's lines that wait for the one who looks.
_MINE = "?who=me&status=open#checklist"


def needs(actor: Actor) -> Lines:
    """What waits for this person: lines, signatures, decisions, approvals, changes, findings, messages."""
    if actor.person_id is None:
        return Lines((), 0)
    lines = [
        *_lines(actor.person_id),
        *_signatures(actor, actor.person_id),
        *_seals(actor),
        *_tiers(actor),
        *_plans(actor),
        *_emergencies(actor),
        *_decisions(actor),
        *_approvals(actor),
        *_own_changes(actor.person_id, actor.now),
        *_vendor_answers(actor.person_id),
        *_opinions(actor),
    ]
    first = _own_findings(actor, actor.person_id)
    return most_pressing(lines, first=first, last=_messages(actor.person_id))


def _lines(person: int) -> Iterable[Line]:
    waiting = ReviewItem.objects.filter(assignee_id=person, status="open", review__status="open")
    about = ("review_id", "review__platform__name", "review__because")
    found = waiting.values(*about).annotate(n=Count("id"), first=Min("due_on"))
    for row in found.order_by("first", "review_id")[:MOST]:
        link = page_of_record("review", row["review_id"]) + _MINE
        text = f"{things(row['n'], 'line')} of the review"
        yield Line(text, link, row["review__platform__name"], row["first"], row["review__because"])


def _signatures(actor: Actor, person: int) -> Iterable[Line]:
    ready = where(Review.objects.filter(status="open"), platforms_for(actor, Action.SIGN_REVIEW))
    ready = ready.exclude(sign_offs__person_id=person).exclude(items__status="open").filter(items__isnull=False)
    for review in ready.select_related("platform").distinct().order_by("due_on")[:MOST]:
        yield of_review(review, "Sign the review")


def _seals(actor: Actor) -> Iterable[Line]:
    signed = where(Review.objects.filter(status="signed"), platforms_for(actor, Action.SEAL_REVIEW))
    for review in signed.select_related("platform").order_by("due_on")[:MOST]:
        yield of_review(review, "Seal the review")


def _tiers(actor: Actor) -> Iterable[Line]:
    asked = where(TierProposal.objects.filter(decided_at=None), platforms_for(actor, Action.MANAGE_PROGRAMME))
    for each in asked.select_related("platform").order_by("proposed_at")[:MOST]:
        link = page_of_record("platform_setting", each.platform.slug)
        yield Line(f"Decide whether the tier becomes {each.tier}", link, each.platform.name)


def _plans(actor: Actor) -> Iterable[Line]:
    """The newest plan, where nobody adopted it yet and all its platforms are the actor's to plan for."""
    newest = Plan.objects.order_by("-pk").first()
    if newest is None or newest.adopted_at is not None or not newest.problem.get("jobs"):
        return
    own = platforms_for(actor, Action.ADOPT_PLAN)
    if own is None or set(newest.platforms) <= own:
        yield Line(
            "Adopt the proposed plan, or leave it", page_of_record("plan", newest.pk), "", day_of(newest.made_at)
        )


def _emergencies(actor: Actor) -> Iterable[Line]:
    """Emergencies that somebody else used and nobody justified yet."""
    used = Change.objects.filter(is_emergency=True, justified_at=None).exclude(emergency_by_id=actor.person_id)
    used = used.exclude(authors__contains=[actor.person_id])
    used = where(used, platforms_for(actor, Action.APPROVE_CHANGE))
    for change in used.select_related("platform").order_by("justify_by_at", "id")[:MOST]:
        yield of_change(change, "Justify the emergency", on=day_of(change.justify_by_at))


def _decisions(actor: Actor) -> Iterable[Line]:
    asked = where(Deviation.objects.filter(status="requested"), platforms_for(actor, Action.DECIDE_DEVIATION))
    for each in without_own(asked, actor.person_id).select_related("platform").order_by("id")[:MOST]:
        yield Line(f"Decide on the exception from {each.control}", page_of_record("deviation", each.pk), name_of(each))


def _approvals(actor: Actor) -> Iterable[Line]:
    gates = Gate.objects.filter(kind="approval", status="open", change__status="planned")
    allowed = platforms_for(actor, Action.APPROVE_CHANGE)
    gates = gates if allowed is None else gates.filter(change__platform_id__in=allowed)
    # Nobody approves what they are or were behind; a change without an owner is anybody's.
    gates = gates.exclude(change__owner_id=actor.person_id).exclude(change__requested_by_id=actor.person_id)
    gates = gates.exclude(change__authors__contains=[actor.person_id])
    for gate in gates.select_related("change__platform").order_by("change__due_at", "id")[:MOST]:
        yield of_change(gate.change, "Approve")


def _own_changes(person: int, now: datetime) -> Iterable[Line]:
    own = Change.objects.filter(owner_id=person, status__in=UNDONE_CHANGES)
    for change in own.select_related("platform").order_by("due_at", "id")[:MOST]:
        yield _own_change(change, now)


def _own_change(change: Change, now: datetime) -> Line:
    if has_missed_window(change, now):
        return of_missed(change)
    return of_change(change, "Verify" if change.status == "deployed" else "Patch")


def _vendor_answers(person: int) -> Iterable[Line]:
    answered = VendorRequest.objects.filter(asked_by_id=person, status="answered").select_related("vendor")
    for each in answered.order_by("answered_at", "id")[:MOST]:
        link = page_of_record("vendor_request", each.pk)
        yield Line(f"Accept or send back: {each.title}", link, each.vendor.name, each.due_on)


def _opinions(actor: Actor) -> Iterable[Line]:
    asked = where(Consultation.objects.filter(given_at=None), platforms_for(actor, Action.GIVE_OPINION))
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
            f"{things(n, 'finding')} of yours {'is' if n == 1 else 'are'} late",
            list_of("finding", owner="me", late=1),
            "",
        )


def _messages(person: int) -> Iterable[Line]:
    n = Message.objects.filter(person_id=person, read_at=None).count()
    if n:
        yield Line(things(n, "unread message"), list_of("message"), "")
