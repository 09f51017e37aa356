"""Work in the background as pages and the API show it: who sees it, how far it is, what came of it and where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from passmuster.application.access import Action, Actor, platforms_for
from passmuster.application.behalf import is_for_somebody
from passmuster.application.working.scheduling import CHORES
from passmuster.application.working.workers_seen import workers_seen
from passmuster.application.working.working import UNDER_WAY
from passmuster.model.keeping import CollectionState, ReviewStatus, WorkState
from passmuster.records.models import Platform, Work


def visible_work(actor: Actor) -> QuerySet[Work]:
    """The work the actor may see: of their platforms, all where it is of several; the rest for those who see all."""
    where = platforms_for(actor, Action.VIEW)
    found = Work.objects.select_related("platform")
    if where is None:
        return found
    return found.filter(Q(platform__in=where) | Q(platform=None, arguments__platforms__contained_by=sorted(where)))


@dataclass(frozen=True)
class ShownWork:
    """One piece of work; `told` says what came of it, `link` leads there, `is_bad` where it is not as it should be."""

    work: Work
    told: str = ""
    link: str = ""
    is_bad: bool = False

    @property
    def is_under_way(self) -> bool:
        """Whether it waits or runs, so that it is worth asking again."""
        return self.work.state in UNDER_WAY

    @property
    def asked_at(self) -> str:
        """The page where it is asked for again, should it have failed; empty where it is tried again as it is."""
        return asked_at(self.work)


def shown(work: Work) -> ShownWork:
    """The work with what came of it in words."""
    result: Mapping[str, Any] = work.result if isinstance(work.result, dict) else {}
    if work.state != WorkState.DONE or not result:
        return ShownWork(work)
    if "collection" in result:
        is_failed = result.get("state") == CollectionState.FAILED
        read = f"{result.get('tables_read')} of {result.get('tables_total')} tables were read"
        told = f"the look failed: {result.get('error')}" if is_failed else f"the look is {result.get('state')}: {read}"
        return ShownWork(work, told, f"/collections/{result['collection']}/", is_failed)
    if "plan" in result:
        told = f"{result.get('placed')} placed, {result.get('unplaced')} without a window"
        return ShownWork(work, f"plan {result['plan']} is proposed: {told}", f"/plans/{result['plan']}/")
    if "review" in result:
        became = "sealed" if result.get("status") == ReviewStatus.SEALED else "open"
        told = "; ".join(filter(None, (f"the review is {became}", str(result.get("shortfall", "")))))
        return ShownWork(work, told, f"/reviews/{result['review']}/")
    if "holds" in result:
        return _verified(work, result)
    return ShownWork(work, ", ".join(f"{value} {name}" for name, value in result.items()))


def _verified(work: Work, result: Mapping[str, Any]) -> ShownWork:
    if not result["holds"]:
        return ShownWork(work, f"the record does not hold: {result.get('broken')}", "/record/", is_bad=True)
    told = f"{result.get('events')} events, {result.get('checkpoints')} signatures and {result.get('evidence')} pieces"
    but = "".join(f"; note: {each}" for each in result.get("warnings", ()))
    return ShownWork(work, f"the record holds: {told} of evidence{but}", "/record/")


def asked_at(work: Work) -> str:
    """The page where work in somebody's name is asked for; empty where it is in nobody's."""
    if not is_for_somebody(work):
        return ""
    return f"/reviews/{work.arguments['review']}/" if "review" in work.arguments else "/patches/"


def followed(
    actor: Actor,
    kinds: tuple[str, ...],
    platform: Platform | None = None,
    about: Mapping[str, Any] | None = None,
    since: datetime | None = None,
) -> dict[str, Any]:
    """The part of a page that follows such work: what is under way, else what ended last; and whether anybody works.

    `about` is what the work's arguments must hold; what ended before `since` is no longer told.
    """
    found = visible_work(actor).filter(kind__in=kinds)
    if about is not None:
        found = found.filter(arguments__contains=about)
    if platform is not None:
        found = found.filter(platform=platform)
    going = list(found.filter(state__in=UNDER_WAY).order_by("pk")[:10])
    ended = found.exclude(state__in=UNDER_WAY)
    last = (ended.filter(ended_at__gte=since) if since is not None else ended).order_by("-ended_at").first()
    chosen = going or ([last] if last is not None else [])
    return {"followed": [shown(work) for work in chosen], "is_under_way": bool(going), **worker_told(chosen)}


def chores_without_news() -> Q:
    """Chores of the clock that ended and told nothing: no result, no words, or that there were none."""
    kinds = [chore.kind for chore in CHORES]
    told_nothing = Q(progress="") | Q(progress__startswith="0 ")
    return Q(kind__in=kinds, platform=None, state=WorkState.DONE, result={}) & told_nothing


def worker_told(works: list[Work]) -> dict[str, Any]:
    """Whether a worker runs, asked only where something waits for one."""
    waits = any(work.state in UNDER_WAY for work in works)
    return whether_worked() if waits else {"no_worker": False, "worker_seen_at": None}


def whether_worked() -> dict[str, Any]:
    """Whether a worker runs: without one nothing comes by itself, so nothing waits for one either."""
    seen = workers_seen()
    return {"no_worker": not seen.is_running, "worker_seen_at": seen.last_seen_at}
