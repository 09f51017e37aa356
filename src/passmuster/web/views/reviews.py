"""Reviews: the list, the checklist with filters and answers for many lines at once, signing and sealing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from passmuster.application.access import Action, Actor, NotAllowed, may, platforms_for
from passmuster.application.asking import SEAL, ask_for_review, ask_for_seal, may_be_hastened, seal_of
from passmuster.application.evidence.fitting import Fit
from passmuster.application.reviews.accepting import accept_evidence, handed_in
from passmuster.application.reviews.review_work import (
    SAYS,
    answer_items,
    ask_instead_of_guests,
    assign_items,
    lines_with_guests,
    missing_signatures,
    reopen_review,
    sign_review,
)
from passmuster.application.reviews.reviewing import cancel_review, may_cancel, set_scope
from passmuster.application.reviews.sealing import report_of, reproduce_report, verify_seal
from passmuster.application.reviews.taking_in import take_in
from passmuster.errors import PassmusterError, UsageError
from passmuster.model.keeping import DutyRole, EventKind, ItemKind, ItemStatus, ReviewStatus
from passmuster.model.words import Severity
from passmuster.records.models import Evidence, Person, Platform, Review, ReviewItem, Work
from passmuster.report.text import counted
from passmuster.web.filters import Choice, Field, chosen, one_of, values_of
from passmuster.web.form_fields import picked, word
from passmuster.web.lists import page_of
from passmuster.web.needs import needs
from passmuster.web.review_stages import stages_of
from passmuster.web.seeing_work import followed
from passmuster.web.submitting import nothing_chosen, submit_and_return
from passmuster.web.whose import key_of, waits_for, whose

_LINES_A_PAGE = 100
# Filters that have a name of their own.
_SHOWN = {(("status", "open"),): "waiting", (("status", "open"), ("who", "me")): "mine"}
_FILES = {"report.html": "text/html", "findings.csv": "text/csv", "evaluation.json": "application/json"}


def _seen_by(actor: Actor) -> QuerySet[Review]:
    rows = Review.objects.select_related("platform", "collection", "evaluation", "previous")
    where = platforms_for(actor, Action.VIEW)
    return rows if where is None else rows.filter(platform_id__in=where)


@needs(Action.VIEW)
def reviews_page(request: HttpRequest, actor: Actor) -> HttpResponse:
    """All reviews one may see, the newest first."""
    fields = chosen(
        [one_of("status", "Status", ReviewStatus), whose("who", "Lines wait for", request.GET)], request.GET
    )
    given = values_of(fields)
    rows, who = _seen_by(actor), given.get("who", "")
    if "status" in given:
        rows = rows.filter(status=given["status"])
    if who:
        rows = rows.filter(waits_for(key_of(who, actor)))
    waiting = Q(items__status=ItemStatus.OPEN) & (Q(items__assignee=key_of(who, actor)) if who else Q())
    rows = rows.annotate(waiting=Count("items", filter=waiting), lines=Count("items"))
    where = platforms_for(actor, Action.OPEN_REVIEW)
    platforms = Platform.objects.filter(is_active=True).order_by("name")
    told = {
        "page": page_of(rows, ("-id",), request.GET),
        "fields": fields,
        "is_filtered": bool(given),
        "who": who,
        "today": actor.now.date(),
        "platforms": platforms if where is None else platforms.filter(pk__in=where),
        "events": [(event.value, event.label) for event in EventKind],
        **followed(actor, ("review",)),
    }
    return render(request, "reviews/list.html", told)


@needs(Action.OPEN_REVIEW)
@require_POST
def start(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Have a review opened now, because of something, and follow it on the list."""
    platform = get_object_or_404(Platform, slug=word(request, "platform"))
    because = word(request, "because") or f"asked for by {actor.name}"
    occurrence, event = f"asked:{actor.now:%Y-%m-%dT%H:%M}", word(request, "event")

    def call() -> Work:
        if event and event not in tuple(EventKind):
            raise UsageError("choose what the checklist is to hold")
        return ask_for_review(actor, platform, occurrence, because=because, event=EventKind(event) if event else None)

    return submit_and_return(
        request,
        call,
        "Asked for; follow it here.",
        "reviews",
    )


@needs(Action.VIEW)
def review_page(request: HttpRequest, actor: Actor, pk: int) -> HttpResponse:
    """One review: how far it is, its lines, what changed since the last one, signatures."""
    review = get_object_or_404(_seen_by(actor), pk=pk)
    signatures = list(review.sign_offs.select_related("person").order_by("at"))
    is_open, is_sealed = review.status == ReviewStatus.OPEN, review.status == ReviewStatus.SEALED
    missing = missing_signatures(review) if is_open else []
    counts = _counts(review, actor)
    told: dict[str, Any] = {
        "review": review,
        **_checklist(actor, review, request.GET),
        "counts": counts,
        "stages": stages_of(review, counts, [str(each.person) for each in signatures], missing),
        "signatures": signatures,
        "missing": missing,
        "is_open": is_open,
        **_open_steps(actor, review, is_signed=bool(signatures)),
        **_sealing(actor, review),
        "is_sealed": is_sealed,
        "broken": _broken(review) if is_sealed else [],
        "files": list(_FILES),
        "says": [(value, value.replace("_", " ")) for value in SAYS],
        "people": Person.objects.filter(is_active=True, vendor=None).order_by("name")[:500],
        "today": actor.now.date(),
    }
    return render(request, "reviews/page.html", told)


def _checklist(actor: Actor, review: Review, asked: Mapping[str, str]) -> dict[str, Any]:
    """The lines that the address asks for, with what was handed in about each, and the filter over them."""
    fields = chosen(_fields(review, asked), asked)
    given = values_of(fields)
    page = page_of(_lines(review, actor, given), ("id",), asked, size=_LINES_A_PAGE)
    return {
        "fields": fields,
        "is_filtered": bool(given),
        "shows": _SHOWN.get(tuple(sorted(given.items())), ""),
        "page": page,
        "rows": _with_evidence(actor, review, page.rows),
        "with_guests": lines_with_guests(review).count() if review.status == ReviewStatus.OPEN else 0,
    }


def _open_steps(actor: Actor, review: Review, *, is_signed: bool) -> dict[str, Any]:
    """Which steps are open to the person who looks; the use cases check again."""
    platform, is_open = review.platform_id, review.status == ReviewStatus.OPEN
    may_sign = may(actor, Action.SIGN_REVIEW, platform)
    may_read = may(actor, Action.READ_EVIDENCE, platform)
    return {
        "may_work": is_open and not is_signed and may(actor, Action.WORK_REVIEW, platform),
        "may_sign": is_open and may_sign,
        "may_cancel": may_cancel(actor, review),
        "may_reopen": is_signed and may_sign and (is_open or review.status == ReviewStatus.SIGNED),
        "may_bundle": may_read and Evidence.objects.filter(reviews=review).exists(),
        "contacts": _contacts() if is_open and may(actor, Action.ASK_VENDOR, platform) else (),
    }


def _counts(review: Review, actor: Actor) -> dict[str, int]:
    return review.items.aggregate(
        waiting=Count("pk", filter=Q(status=ItemStatus.OPEN)),
        done=Count("pk", filter=~Q(status=ItemStatus.OPEN)),
        mine=Count("pk", filter=Q(status=ItemStatus.OPEN, assignee_id=actor.person_id)),
        lines=Count("pk"),
    )


def _with_evidence(
    actor: Actor, review: Review, rows: Sequence[ReviewItem]
) -> list[tuple[ReviewItem, tuple[Fit, ...]]]:
    """Each line, and the evidence that waits at it or falls short."""
    found = handed_in(actor, review, rows)
    return [(row, found.get(row.pk, ())) for row in rows]


def _sealing(actor: Actor, review: Review) -> dict[str, Any]:
    """How far sealing is, and whether it may be asked for: not while it is under way, but again where it went wrong."""
    if review.status != ReviewStatus.SIGNED:
        return {"may_seal": False}
    told = followed(actor, (SEAL,), review.platform, seal_of(review))
    is_idle = all(may_be_hastened(each.work) for each in told["followed"])
    return {**told, "may_seal": is_idle and may(actor, Action.SEAL_REVIEW, review.platform_id)}


def _contacts() -> QuerySet[Person]:
    """Contacts of vendors: who is handed a line is asked about it, and sees nothing else."""
    guests = Person.objects.filter(is_active=True, duties__role=DutyRole.VENDOR_CONTACT).exclude(vendor=None)
    return guests.select_related("vendor").order_by("vendor__name", "name").distinct()[:200]


def _broken(review: Review) -> list[str]:
    """What of the seal does not hold, or why it cannot be looked at now."""
    try:
        return verify_seal(review)
    except PassmusterError as error:
        return [str(error)]


def _fields(review: Review, given: Mapping[str, str]) -> list[Field]:
    counted = dict(review.items.values_list("kind").annotate(Count("pk")))
    kinds = tuple(Choice(str(kind), str(kind), counted[kind]) for kind in ItemKind if kind in counted)
    return [
        Field("kind", "Kind", kinds),
        one_of("status", "Status", ItemStatus),
        one_of("outcome", "Outcome", ("fail", "unknown", "manual", "error", "pass", "not_applicable")),
        one_of("severity", "Severity", Severity),
        whose("who", "Who", given),
    ]


def _lines(review: Review, actor: Actor, given: dict[str, str]) -> QuerySet[ReviewItem]:
    columns = {name: value for name, value in given.items() if name != "who"}
    lines = review.items.select_related("assignee", "done_by").filter(**columns)
    return lines.filter(assignee_id=key_of(given["who"], actor)) if "who" in given else lines


@needs(Action.WORK_REVIEW)
@require_POST
def answer(request: HttpRequest, actor: Actor, pk: int) -> HttpResponse:
    """One answer for the chosen lines; or hand them to somebody."""
    review, lines, decision = get_object_or_404(_seen_by(actor), pk=pk), picked(request), word(request, "decision")
    reason = word(request, "reason")

    def call() -> int:
        if not lines:
            raise UsageError("choose at least one line")
        if decision == "assign":
            key = word(request, "person")
            person = Person.objects.filter(pk=int(key)).first() if key.isascii() and key.isdigit() else None
            if person is None:
                raise UsageError("choose the person to hand them to")
            return assign_items(actor, review, lines, person, why=reason)
        if decision not in (*SAYS, "done", "open"):
            raise UsageError("choose what the answer is")
        says = decision if decision in SAYS else ""
        status = {"open": ItemStatus.OPEN, "not_applicable": ItemStatus.NOT_APPLICABLE}.get(decision, ItemStatus.DONE)
        return answer_items(actor, review, lines, answer=reason, seen=word(request, "seen"), says=says, status=status)

    return submit_and_return(request, call, lambda n: f"{counted(n, 'line')} changed.", "review", pk)


@needs(Action.WORK_REVIEW)
@require_POST
def accept(request: HttpRequest, actor: Actor, pk: int) -> HttpResponse:
    """Settle a line by the evidence that waits there: `accept` is the line's key and the evidence's."""
    review = get_object_or_404(_seen_by(actor), pk=pk)
    line, _, piece = word(request, "accept").partition(":")

    def call() -> ReviewItem:
        if not (line.isdecimal() and piece.isdecimal() and max(len(line), len(piece)) < 18):
            raise UsageError("choose the evidence to accept")
        is_asked = review.items.filter(pk=int(line), kind=ItemKind.QUESTION).exists()
        return accept_evidence(actor, review, int(line), int(piece), says="met" if is_asked else "")

    return submit_and_return(request, call, "Accepted; the line is settled.", "review", pk)


@needs(Action.ASK_VENDOR)
@require_POST
def ask_instead(request: HttpRequest, actor: Actor, pk: int) -> HttpResponse:
    """Ask the vendor about lines that were given to a contact who does not see them."""
    review = get_object_or_404(_seen_by(actor), pk=pk)
    return submit_and_return(
        request,
        lambda: ask_instead_of_guests(actor, review),
        lambda n: f"Asked the vendor about {counted(n, 'line')}, yours now; you are told when the vendor answers.",
        "review",
        pk,
    )


@needs(Action.SIGN_REVIEW)
@require_POST
def sign(request: HttpRequest, actor: Actor, pk: int) -> HttpResponse:
    """Sign, take signatures back, or cancel."""
    review, words = get_object_or_404(_seen_by(actor), pk=pk), word(request, "reason")
    steps = {
        "sign": (lambda: sign_review(actor, review, statement=words), "Signed."),
        "reopen": (lambda: reopen_review(actor, review, why=words), "Open again; the signatures fell."),
        "cancel": (lambda: cancel_review(actor, review, why=words), "Cancelled."),
    }
    call, done = steps.get(word(request, "decision"), (nothing_chosen, ""))
    return submit_and_return(request, call, done, "review", pk)


@needs(Action.SEAL_REVIEW)
@require_POST
def seal(request: HttpRequest, actor: Actor, pk: int) -> HttpResponse:
    """Have a signed review sealed, and follow it on its page."""
    review = get_object_or_404(_seen_by(actor), pk=pk)
    return submit_and_return(
        request,
        lambda: ask_for_seal(actor, review),
        "Asked for; follow it here.",
        "review",
        pk,
    )


@needs(Action.VIEW)
@require_POST
def make_again(request: HttpRequest, actor: Actor, pk: int) -> HttpResponse:
    """Make the sealed report again from what the seal keeps, and say whether it is the same."""
    review = get_object_or_404(_seen_by(actor), pk=pk)

    def call() -> None:
        if differing := reproduce_report(review):
            raise UsageError(f"The report that was made again differs in: {', '.join(differing)}")

    return submit_and_return(
        request,
        call,
        "The report was made again from what the seal keeps; it is the same, byte for byte.",
        "review",
        pk,
    )


@needs(Action.WORK_REVIEW)
@require_POST
def scope(request: HttpRequest, actor: Actor, pk: int) -> HttpResponse:
    """Say what is left out, a line each as `what: why`."""
    review = get_object_or_404(_seen_by(actor), pk=pk)
    pairs = [line.partition(":") for line in word(request, "out").splitlines() if line.strip()]
    return submit_and_return(
        request,
        lambda: set_scope(actor, review, out=[(what, why) for what, _, why in pairs]),
        "The scope is written down.",
        "review",
        pk,
    )


@needs(Action.WORK_REVIEW)
@require_POST
def take_in_topics(request: HttpRequest, actor: Actor, pk: int) -> HttpResponse:
    """Lay out the lines of chosen topics that the review left out, or of all (`all`)."""
    review = get_object_or_404(_seen_by(actor), pk=pk)
    topics = [each["topic"] for each in review.left] if "all" in request.POST else request.POST.getlist("topic")
    return submit_and_return(
        request,
        lambda: take_in(actor, review, topics, why=word(request, "why")),
        lambda n: f"{counted(n, 'line')} more; whoever owes them is told.",
        "review",
        pk,
    )


@needs(Action.VIEW)
def report(request: HttpRequest, actor: Actor, pk: int, name: str) -> HttpResponse:
    """A file of the sealed report; always to be saved, never shown inside these pages."""
    review = get_object_or_404(_seen_by(actor), pk=pk)
    try:
        content = report_of(actor, review, name) if name in _FILES else None
    except NotAllowed:
        raise
    except PassmusterError as error:
        messages.error(request, str(error))
        return redirect("review", pk=pk)
    if content is None:
        raise Http404
    response = HttpResponse(content, content_type=_FILES[name])
    response.headers["Content-Disposition"] = f'attachment; filename="review-{pk}-{name}"'
    return response
