"""Work about platforms: looks, reviews, changes, plans, feeds, tickets."""

from __future__ import annotations

import os
from datetime import date, timedelta

from passmuster.application.asking import ask_for_occasions
from passmuster.application.changes.checking_changes import check_changes
from passmuster.application.changes.planning import outcome_of, propose_plan
from passmuster.application.findings.ticket_sending import send_tickets
from passmuster.application.findings.ticketing import raise_tickets
from passmuster.application.looking.looking import collect_once
from passmuster.application.messages.telling import tell
from passmuster.application.reviews.event_reviews import event_occasions
from passmuster.application.reviews.reviewing import Occasion, due_occasions, open_occasion
from passmuster.application.storage.feeds_file import feeds_file
from passmuster.application.working.working import ask_for
from passmuster.errors import IncompleteRead, UsageError
from passmuster.model.keeping import EventKind
from passmuster.pipeline.intelligence import sync_feeds
from passmuster.records import settings
from passmuster.records.models import Person, Platform
from passmuster.worker.performing import Doing, Result

# A look that runs when a review is to open is waited for that long; then the review opens on what is there.
_PATIENCE = timedelta(minutes=55)


def collect(doing: Doing) -> Result | None:
    """Look at the platform, unless the look that this work asked for was taken before its worker was lost."""
    platform, because = doing.work.platform, f"{doing.work.arguments.get('because', '')} ({doing.work.key})"[:200]
    if platform is None or not platform.is_active:
        return None
    look = collect_once(doing.actor, platform, because, progress=doing.progress)
    return {
        "collection": look.pk,
        "state": look.state,
        "tables_read": look.tables_read,
        "tables_total": look.tables_total,
        "error": look.error[:1000],
    }


def open_one_review(doing: Doing) -> Result | None:
    """Open the review that was asked for, or whose day has come."""
    platform, asked = doing.work.platform, doing.work.arguments
    if platform is None or not platform.is_active:
        return None
    doing.progress("Looking at the platform, judging, laying out the checklist")
    review = open_occasion(
        doing.actor,
        Occasion(
            platform, str(asked["occurrence"]), str(asked["because"]), tuple(map(EventKind, asked.get("events", ())))
        ),
        due_on=date.fromisoformat(str(asked["due_on"])) if asked.get("due_on") else None,
        is_patient=doing.actor.now - doing.work.created_at < _PATIENCE,
    )
    return {"review": review.pk, "status": review.status, "shortfall": review.shortfall[:1000]}


def open_reviews(doing: Doing) -> None:
    """Ask for the reviews whose day has come."""
    count = ask_for_occasions(doing.actor, due_occasions(doing.actor))
    doing.progress(f"{count} asked for")


def heed_events(doing: Doing) -> None:
    """Ask for the reviews that are called for by what happened."""
    called_for, troubles = event_occasions(doing.actor)
    doing.progress(f"{ask_for_occasions(doing.actor, called_for)} asked for")
    if troubles:
        raise IncompleteRead("\n".join(troubles))


def follow_changes(doing: Doing) -> None:
    """Take the steps of changes that looks prove, and tell what must be heard."""
    told = check_changes(doing.actor)
    people = Person.objects.in_bulk({each.person_id for each in told})
    for each in told:
        tell(
            people[each.person_id],
            key=each.key,
            kind=each.kind,
            text=each.text,
            link=each.link,
            due_at=each.due_at,
            now=doing.actor.now,
        )


def plan(doing: Doing) -> Result | None:
    """Decide about what the feeds told, and propose a plan; adopting it is for people."""
    if doing.work.result:
        return dict(doing.work.result)
    try:
        return outcome_of(propose_plan(doing.actor))
    except UsageError as nothing_to_plan:
        doing.progress(str(nothing_to_plan))
        return None


def sync(doing: Doing) -> None:
    """Fetch the feeds the administrator named; what is new is heeded and planned for."""
    # Triage looks at whole seconds: what a plan of this very second is made for must have been seen by then.
    seen_at = doing.actor.now.replace(microsecond=0)
    result = sync_feeds(feeds_file(os.environ), settings.HOME / "intel", as_of=seen_at, progress=doing.progress)
    news = result.imported.tally
    if news.added or news.changed or news.withdrawn:
        now = doing.actor.now
        ask_for("events", key=f"events/{doing.work.key}", title="Open reviews after new advisories", now=now)
        ask_for("plan", key=f"plan/{doing.work.key}", title="Plan again after new advisories", now=now)
    if not result.is_reached:
        failed = [f"{feed.name}: {feed.problem}" for feed in result.feeds if feed.state == "failed"]
        raise IncompleteRead("\n".join(failed))


def tickets(doing: Doing) -> None:
    """Make tickets of open findings that are critical or high, and tell the ticket system of those it does not know."""
    made = sum(len(raise_tickets(doing.actor, each)) for each in Platform.objects.filter(is_active=True).order_by("pk"))
    troubles = send_tickets(doing.actor)
    doing.progress(f"{made} new")
    if troubles:
        raise IncompleteRead("\n".join(troubles))
