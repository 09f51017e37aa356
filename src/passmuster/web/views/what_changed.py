"""What changed between two looks: the page behind every count of drift."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from passmuster.application.access import Action, Actor
from passmuster.application.storage.storing import drift_file, snapshot_folder
from passmuster.errors import PassmusterError
from passmuster.pipeline.what_changed import WhatChanged, read_changes
from passmuster.records.models import Collection
from passmuster.web.needs import needs
from passmuster.web.views.platforms import looks_seen_by

AGAINST = {"last": "the look before", "baseline": "the approved baseline", "review": "the review before"}


@needs(Action.VIEW)
def what_changed_page(request: HttpRequest, actor: Actor, pk: int, against: str) -> HttpResponse:
    """What a look found otherwise than the look before, the approved baseline or the review before, thing by thing."""
    look = get_object_or_404(looks_seen_by(actor), pk=pk)
    if against not in AGAINST or not look.store_key:
        raise Http404
    changes, trouble = _changes(look, against)
    told = {"look": look, "against": against, "other": AGAINST[against], "changes": changes, "trouble": trouble}
    return render(request, "platforms/what_changed.html", told)


def _changes(look: Collection, against: str) -> tuple[WhatChanged | None, str]:
    try:
        return read_changes(drift_file(look, against), snapshot_folder(look)), ""
    except PassmusterError as error:
        return None, str(error)
