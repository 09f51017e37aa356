"""Work about the whole house: messages, expiries, the record, the calendar."""

from __future__ import annotations

import os

from passmuster.application.calendar.calendar_feed import push_calendar
from passmuster.application.calendar.escalating import remind, tell_late
from passmuster.application.findings.deviations import expire_deviations, lapse_what_fits_no_more, remind_of_ends
from passmuster.application.messages.channels import read_channels
from passmuster.application.messages.delivering import lay_out_deliveries
from passmuster.application.messages.sending import send_due
from passmuster.application.people.refused_sign_ins import settle_refused
from passmuster.application.record.auditing import keeper_signer, verify_record
from passmuster.application.record.checkpoints import make_checkpoint
from passmuster.application.record.signing_soon import sign_decisions
from passmuster.application.reviews.review_work import remind_reviewers
from passmuster.application.storage.checkpoint_places import CHECKPOINT_MAIL, CHECKPOINTS, kept_elsewhere
from passmuster.application.working.keeping_days import read_keeping
from passmuster.application.working.scheduling import CHORES
from passmuster.application.working.tidying import tidy
from passmuster.errors import IncompleteRead
from passmuster.records import settings
from passmuster.worker.performing import Doing, Result


def end_deviations(doing: Doing) -> None:
    """End deviations that are over or fit no more, and tell owners of those that end soon."""
    expire_deviations(doing.actor)
    lapse_what_fits_no_more(doing.actor)
    remind_of_ends(doing.actor)


def deliver(doing: Doing) -> None:
    """Lay out what goes out now, and send what waits."""
    channels, now = read_channels(os.environ), doing.actor.now
    lay_out_deliveries(now, channels.ways)
    send_due(now, channels, settings.BASE_URL, doing.progress)


def checkpoint(doing: Doing) -> None:
    """Sign the record so far, and put the signature where the administrator said."""
    place, mail_to = (os.environ.get(name, "").strip() for name in (CHECKPOINTS, CHECKPOINT_MAIL))
    doing.progress(make_checkpoint(doing.actor, to=place, mail_to=mail_to))


def sign_what_was_decided(doing: Doing) -> None:
    """Sign the record where something was decided, and put the signature into the folder or bucket; mail is daily."""
    doing.progress(sign_decisions(doing.actor, to=os.environ.get(CHECKPOINTS, "").strip()))


def verify(doing: Doing) -> Result:
    """Recompute the whole record and hold it against its signatures, those kept elsewhere too, and its files.

    What does not hold is the result.
    """
    place = os.environ.get(CHECKPOINTS, "").strip()
    with kept_elsewhere([place] if place else []) as (paths, notes):
        verdict = verify_record(public_key=keeper_signer().public_key, kept=paths, progress=doing.aside)
    return {
        "holds": verdict.holds,
        "broken": verdict.broken,
        "events": verdict.events,
        "checkpoints": verdict.checkpoints,
        "evidence": verdict.evidence,
        "warnings": [*verdict.warnings, *notes],
    }


def push(doing: Doing) -> Result:
    """Make the calendar that is set up hold the programme's dates."""
    pushed = push_calendar(doing.actor, base_url=settings.BASE_URL)
    if pushed.problems:
        raise IncompleteRead("\n".join(pushed.problems))
    return {
        "added": len(pushed.added),
        "changed": len(pushed.changed),
        "cancelled": len(pushed.cancelled),
        "removed": len(pushed.removed),
        "unchanged": pushed.unchanged,
    }


def escalate(doing: Doing) -> None:
    """Tell about what is late."""
    tell_late(doing.actor.now)


def remind_owners(doing: Doing) -> None:
    """Remind of what is due or ends soon, and every week of lines of a review that is late."""
    remind(doing.actor.now)
    remind_reviewers(doing.actor)


def count_sign_ins(doing: Doing) -> None:
    """Write down how many sign-ins were refused."""
    settle_refused(doing.actor.now)


def take_away(doing: Doing) -> None:
    """Take away old work and old messages."""
    doing.progress(tidy(doing.actor.now, [chore.kind for chore in CHORES], read_keeping(os.environ)))
