"""What is done with reviews: opened, worked, signed, sealed."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from pydantic import Field

from passmuster.application.access import Action
from passmuster.application.asking import ask_for_review, ask_for_seal
from passmuster.application.reviews import accepting, review_work, reviewing
from passmuster.application.reviews.sealing import report_of, reproduce_report, verify_seal
from passmuster.application.reviews.taking_in import take_in
from passmuster.model.keeping import EventKind, ItemStatus
from passmuster.records.models import Person, Review
from passmuster.web.api.auth import ApiRequest, sight
from passmuster.web.api.downloads import BYTES, as_download
from passmuster.web.api.messages import WorkTold
from passmuster.web.api.programme import platform_shown
from passmuster.web.api.reviews import ItemTold, ReviewTold, visible_reviews
from passmuster.web.api.topic import Topic
from passmuster.web.api.values import Asked, Day, Id, Reason, Said, Slug, Text, Told, Word

reviews = Topic("reviews")
TOPICS = (reviews,)
Ids = Annotated[list[Id], Field(min_length=1, max_length=5_000)]


class ReviewAsked(Asked):
    """An occasion: the same `occurrence` opens no second review; with `event` its checklist is what that touches."""

    occurrence: Annotated[Said, Field(max_length=100)]
    because: Annotated[Said, Field(max_length=300)]
    due_on: Day | None = None
    event: EventKind | None = None


class AnswersAsked(Asked):
    """Lines, what was decided and what was looked at; `says` answers a question about a control."""

    items: Ids
    answer: Text = ""
    seen: Text = ""
    says: Word = ""
    status: ItemStatus = ItemStatus.DONE


class AcceptAsked(Asked):
    """The evidence that settles a line; `says` as in answers, for a question about a control."""

    evidence: Id
    answer: Text = ""
    says: Word = ""


class HandingAsked(Asked):
    """Lines, and the person who is to answer them."""

    items: Ids
    person: Id
    why: Text = ""


class StatementAsked(Asked):
    """What is signed for."""

    statement: Said


class LeftOut(Asked):
    """What is left out of a review, and why."""

    what: Said
    why: Said


class ScopeAsked(Asked):
    """All that is left out."""

    out: Annotated[list[LeftOut], Field(max_length=200)]


class TakeInAsked(Asked):
    """Topics that were left out and are to be looked at after all."""

    topics: Annotated[list[Annotated[Said, Field(max_length=60)]], Field(min_length=1, max_length=200)]
    why: Text = ""


class ReportFile(StrEnum):
    """What a sealed report consists of."""

    PAGE = "report.html"
    FINDINGS = "findings.csv"
    EVALUATION = "evaluation.json"


class Count(Told):
    """How many records changed."""

    changed: int


class SealTold(Told):
    """Whether all is as it was sealed, and what is not."""

    holds: bool
    complaints: list[str]


def _review(request: ApiRequest, pk: int) -> Review:
    return get_object_or_404(visible_reviews(sight(request)), pk=pk)


@reviews.does("/platforms/{slug}/reviews", Action.OPEN_REVIEW, WorkTold, status=202)
def open_one(request: ApiRequest, slug: Slug, asked: ReviewAsked) -> Any:
    """Have a review opened, in the background: looks, judges, lays out the checklist. The same one opens once."""
    platform = platform_shown(sight(request), slug)
    told = asked.model_dump(exclude={"occurrence"})
    return ask_for_review(request.auth, platform, asked.occurrence, **told)


@reviews.does("/reviews/{pk}/answers", Action.WORK_REVIEW, Count)
def answer(request: ApiRequest, pk: Id, asked: AnswersAsked) -> Any:
    """Answer lines, one or many; status `open` takes answers back."""
    told = asked.model_dump(exclude={"items"})
    return {"changed": review_work.answer_items(request.auth, _review(request, pk), asked.items, **told)}


@reviews.does("/reviews/{pk}/items/{item}/accept", Action.WORK_REVIEW, ItemTold)
def accept(request: ApiRequest, pk: Id, item: Id, asked: AcceptAsked) -> Any:
    """Settle a line by the evidence that waits there (`handed_in` of the line)."""
    told = asked.model_dump(exclude={"evidence"})
    return accepting.accept_evidence(request.auth, _review(request, pk), item, asked.evidence, **told)


@reviews.does("/reviews/{pk}/ask-vendors", Action.ASK_VENDOR, Count)
def ask_instead(request: ApiRequest, pk: Id) -> Any:
    """Ask vendors about the lines that were given to their contacts, who see none (`is_with_guest`)."""
    return {"changed": review_work.ask_instead_of_guests(request.auth, _review(request, pk))}


@reviews.does("/reviews/{pk}/assignments", Action.WORK_REVIEW, Count)
def hand_over(request: ApiRequest, pk: Id, asked: HandingAsked) -> Any:
    """Hand lines to somebody, who is told."""
    review, person = _review(request, pk), get_object_or_404(Person, pk=asked.person)
    return {"changed": review_work.assign_items(request.auth, review, asked.items, person, why=asked.why)}


@reviews.does("/reviews/{pk}/scope", Action.WORK_REVIEW, ReviewTold, method="PUT")
def put_scope(request: ApiRequest, pk: Id, asked: ScopeAsked) -> Any:
    """Say what is left out of a review, each with why."""
    review = _review(request, pk)
    reviewing.set_scope(request.auth, review, out=[(each.what, each.why) for each in asked.out])
    return review


@reviews.does("/reviews/{pk}/take-in", Action.WORK_REVIEW, Count)
def take_in_topics(request: ApiRequest, pk: Id, asked: TakeInAsked) -> Any:
    """Lay out the lines of topics that were left out (`left` of the review's scope); returns how many."""
    return {"changed": take_in(request.auth, _review(request, pk), asked.topics, why=asked.why)}


@reviews.does("/reviews/{pk}/sign", Action.SIGN_REVIEW, ReviewTold)
def sign(request: ApiRequest, pk: Id, asked: StatementAsked) -> Any:
    """Sign by the right one has."""
    return review_work.sign_review(request.auth, _review(request, pk), statement=asked.statement)


@reviews.does("/reviews/{pk}/reopen", Action.SIGN_REVIEW, ReviewTold)
def reopen(request: ApiRequest, pk: Id, asked: Reason) -> Any:
    """Take a signed review back to work; its signatures fall."""
    return review_work.reopen_review(request.auth, _review(request, pk), why=asked.why)


@reviews.does("/reviews/{pk}/cancel", Action.SIGN_REVIEW, ReviewTold)
def cancel(request: ApiRequest, pk: Id, asked: Reason) -> Any:
    """End a review that will not be finished."""
    return reviewing.cancel_review(request.auth, _review(request, pk), why=asked.why)


@reviews.does("/reviews/{pk}/seal", Action.SEAL_REVIEW, WorkTold, status=202)
def seal(request: ApiRequest, pk: Id) -> Any:
    """Have a signed review sealed, in the background, once; from then on whatever changes is found."""
    return ask_for_seal(request.auth, _review(request, pk))


@reviews.reads("/reviews/{pk}/seal", Action.VIEW, SealTold)
def check_seal(request: ApiRequest, pk: Id) -> Any:
    """Whether everything is as it was sealed."""
    complaints = verify_seal(get_object_or_404(visible_reviews(request.auth), pk=pk))
    return {"holds": not complaints, "complaints": complaints}


@reviews.reads("/reviews/{pk}/reproduction", Action.VIEW, SealTold)
def make_again(request: ApiRequest, pk: Id) -> Any:
    """Make the sealed report again from what the seal keeps, and hold the two against each other byte for byte."""
    review = get_object_or_404(visible_reviews(request.auth), pk=pk)
    complaints = reproduce_report(review) if review.seal else ["the review is not sealed"]
    return {"holds": not complaints, "complaints": complaints}


@reviews.sends_file("/reviews/{pk}/report/{name}", Action.VIEW)
def read_report(request: ApiRequest, pk: Id, name: ReportFile) -> Any:
    """A file of the sealed report, always as a download."""
    review = get_object_or_404(visible_reviews(request.auth), pk=pk)
    content = report_of(request.auth, review, name.value)
    if content is None:
        raise Http404
    return as_download(HttpResponse(content, content_type=BYTES), f"review-{pk}-{name.value}")
