"""What is handed on to others and verifies without a keeper: a review's evidence, and the record."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET

from passmuster.application.access import Action, Actor, NotAllowed, may, platforms_for
from passmuster.application.evidence.bundling import bundle_review
from passmuster.application.record.auditing import keeper_signer
from passmuster.application.record.exporting import export_record
from passmuster.errors import PassmusterError
from passmuster.records.models import Review
from passmuster.web.needs import needs
from passmuster.web.serving_files import written


@require_GET
@needs(Action.READ_EVIDENCE)
def evidence_bundle(request: HttpRequest, actor: Actor, pk: int) -> HttpResponse:
    """The evidence of a review as one signed file."""
    review = Review.objects.filter(pk=pk).first() if pk < 2**63 else None
    seen = platforms_for(actor, Action.VIEW)
    is_seen = review is not None and (seen is None or review.platform_id in seen)
    if review is None or not is_seen or not may(actor, Action.READ_EVIDENCE, review.platform_id):
        raise Http404("no such review")
    try:
        name = f"review-{pk}-evidence.tar"
        return written(name, lambda path: bundle_review(actor, pk, path, keeper_signer()))
    except NotAllowed:
        raise
    except PassmusterError as error:
        messages.error(request, str(error))
        return redirect("review", pk)


@require_GET
@needs(Action.EXPORT_RECORD)
def record_export(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The whole record as JSON lines."""
    key = keeper_signer().public_key
    return written("record.jsonl", lambda path: export_record(actor, path, public_key=key))
