"""Which work there is, and the one use case each calls."""

from __future__ import annotations

import os
from datetime import datetime

from passmuster.application.behalf import asker_of
from passmuster.application.calendar.calendar_settings import CALDAV_URL
from passmuster.application.findings.ticket_settings import URL as TICKET_URL
from passmuster.application.messages.telling import tell
from passmuster.application.programme.owners import people_of
from passmuster.application.storage.feeds_file import feeds_file
from passmuster.application.working.scheduling import CHORES
from passmuster.model.keeping import DutyRole
from passmuster.records.models import Work
from passmuster.worker import asked_tasks, house_tasks, platform_tasks
from passmuster.worker.performing import Task

_ALL: dict[str, Task] = {
    "collect": platform_tasks.collect,
    "review": platform_tasks.open_one_review,
    "reviews": platform_tasks.open_reviews,
    "events": platform_tasks.heed_events,
    "changes": platform_tasks.follow_changes,
    "plan": platform_tasks.plan,
    "propose": asked_tasks.propose,
    "seal": asked_tasks.seal,
    "sync": platform_tasks.sync,
    "tickets": platform_tasks.tickets,
    "deviations": house_tasks.end_deviations,
    "deliver": house_tasks.deliver,
    "checkpoint": house_tasks.checkpoint,
    "sign_decisions": house_tasks.sign_what_was_decided,
    "verify": house_tasks.verify,
    "calendar": house_tasks.push,
    "escalate": house_tasks.escalate,
    "remind": house_tasks.remind_owners,
    "sign_ins": house_tasks.count_sign_ins,
    "tidy": house_tasks.take_away,
}


def tasks() -> dict[str, Task]:
    """The work this installation does: feeds, tickets and a calendar elsewhere only where they are set up."""
    is_set_up = {
        "sync": feeds_file(os.environ).is_file(),
        "tickets": bool(os.environ.get(TICKET_URL, "").strip()),
        "calendar": bool(os.environ.get(CALDAV_URL, "").strip()),
    }
    return {kind: task for kind, task in _ALL.items() if is_set_up.get(kind, True)}


def tell_failure(work: Work, now: datetime) -> None:
    """Tell whoever asked in their own name, else the platform's owners or the administrators, that it was given up.

    Of a chore that fails again and again all day they hear once that day.
    """
    asker = asker_of(work)
    if asker is not None:
        text = f"{work.title}: was not done: {work.error[:600]}. Mend the cause, then ask for it again."
        tell(asker, key=f"work/{work.pk}/{work.ended_at}", kind="work", text=text, link=f"/work/{work.pk}/", now=now)
        return
    is_chore = work.platform is None and work.kind in {chore.kind for chore in CHORES}
    key = f"work/{work.kind}/{now:%Y-%m-%d}" if is_chore else f"work/{work.pk}/{work.ended_at}"
    role = DutyRole.PLATFORM_OWNER if work.platform else DutyRole.ADMINISTRATOR
    for person in people_of(work.platform, role) or people_of(None, DutyRole.ADMINISTRATOR):
        text = f"{work.title}: failed {work.attempts} times: {work.error[:600]}. Mend the cause, then try it again."
        tell(person, key=key, kind="work", text=text, link="/work/", now=now)
