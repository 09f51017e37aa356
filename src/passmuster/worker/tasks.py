"""Which work there is, and the one use case each calls."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

from passmuster.application.channels import read_channels
from passmuster.application.checking_changes import check_changes
from passmuster.application.checkpoints import make_checkpoint
from passmuster.application.delivering import lay_out_deliveries
from passmuster.application.deviations import expire_deviations, remind_of_ends
from passmuster.application.escalating import remind, tell_late
from passmuster.application.looking import collect_platform
from passmuster.application.planning import propose_plan
from passmuster.application.reviewing import open_due_reviews
from passmuster.application.scheduling import CHORES
from passmuster.application.sending import send_due
from passmuster.application.telling import people_with, tell
from passmuster.application.working import ask_for, forget_old_work
from passmuster.errors import IncompleteRead, UsageError
from passmuster.model.keeping import CollectionState, DutyRole
from passmuster.pipeline.intelligence import sync_feeds
from passmuster.records import settings
from passmuster.records.models import Collection, Person, Work
from passmuster.worker.performing import Doing, Task

CHECKPOINTS, CHECKPOINT_MAIL, FEEDS = "PASSMUSTER_CHECKPOINTS", "PASSMUSTER_CHECKPOINT_MAIL", "PASSMUSTER_FEEDS"


def collect(doing: Doing) -> None:
    """Look at the platform, unless the look that this work asked for was taken before its worker was lost."""
    platform, because = doing.work.platform, f"{doing.work.arguments.get('because', '')} ({doing.work.key})"[:200]
    if platform is None or not platform.is_active:
        return
    ended = (CollectionState.DONE, CollectionState.INCOMPLETE)
    if not Collection.objects.filter(platform=platform, because=because, state__in=ended).exists():
        collect_platform(doing.actor, platform, because=because, progress=doing.progress)


def open_reviews(doing: Doing) -> None:
    """Open the reviews whose day has come."""
    open_due_reviews(doing.actor)


def end_deviations(doing: Doing) -> None:
    """End deviations that are over, and tell owners of those that end soon."""
    expire_deviations(doing.actor)
    remind_of_ends(doing.actor)


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


def plan(doing: Doing) -> None:
    """Decide about what the feeds told, and propose a plan; adopting it is for people."""
    try:
        propose_plan(doing.actor)
    except UsageError as nothing_to_plan:
        doing.progress(str(nothing_to_plan))


def sync(doing: Doing) -> None:
    """Fetch the feeds the administrator named; what is new leads to a new plan."""
    result = sync_feeds(feeds_file(), settings.HOME / "intel", as_of=doing.actor.now, progress=doing.progress)
    news = result.imported.tally
    if news.added or news.changed or news.withdrawn:
        ask_for("plan", key=f"plan/{doing.work.key}", title="Plan again after new advisories", now=doing.actor.now)
    if not result.is_reached:
        failed = [f"{feed.name}: {feed.problem}" for feed in result.feeds if feed.state == "failed"]
        raise IncompleteRead("\n".join(failed))


def feeds_file() -> Path:
    """The list of feeds."""
    return Path(os.environ.get(FEEDS) or settings.HOME / "feeds.yaml")


def deliver(doing: Doing) -> None:
    """Lay out what goes out now, and send what waits."""
    channels, now = read_channels(os.environ), doing.actor.now
    lay_out_deliveries(now, channels.ways)
    send_due(now, channels, settings.BASE_URL, doing.progress)


def checkpoint(doing: Doing) -> None:
    """Sign the record so far, and put the signature where the administrator said."""
    folder, mail_to = os.environ.get(CHECKPOINTS), os.environ.get(CHECKPOINT_MAIL, "").strip()
    doing.progress(make_checkpoint(doing.actor.now, to=Path(folder) if folder else None, mail_to=mail_to))


def escalate(doing: Doing) -> None:
    """Tell about what is late."""
    tell_late(doing.actor.now)


def remind_owners(doing: Doing) -> None:
    """Remind of what is due or ends soon."""
    remind(doing.actor.now)


def tidy(doing: Doing) -> None:
    """Take away old work."""
    forget_old_work(doing.actor.now, [chore.kind for chore in CHORES])


_ALL: dict[str, Task] = {
    "collect": collect,
    "reviews": open_reviews,
    "deviations": end_deviations,
    "changes": follow_changes,
    "plan": plan,
    "sync": sync,
    "deliver": deliver,
    "checkpoint": checkpoint,
    "escalate": escalate,
    "remind": remind_owners,
    "tidy": tidy,
}


def tasks() -> dict[str, Task]:
    """The work this installation does; feeds only where there is a list of them."""
    return {kind: task for kind, task in _ALL.items() if kind != "sync" or feeds_file().is_file()}


def tell_failure(work: Work, now: datetime) -> None:
    """Tell the platform's owners, or the administrators, that work was given up."""
    role = DutyRole.PLATFORM_OWNER if work.platform else DutyRole.ADMINISTRATOR
    for person in people_with(role, work.platform) or people_with(DutyRole.ADMINISTRATOR, None):
        text = f"{work.title}: failed {work.attempts} times: {work.error[:600]}. Mend the cause, then try it again."
        tell(person, key=f"work/{work.pk}/{work.ended_at}", kind="work", text=text, link="/work/", now=now)
