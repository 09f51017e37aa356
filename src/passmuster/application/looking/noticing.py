"""One message to each owner for what changed on a platform, and that it cannot be looked at."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from passmuster.application.access import Actor
from passmuster.application.looking.failing import FailedLooks
from passmuster.application.messages.telling import tell
from passmuster.application.programme.owners import answerable_for, people_of
from passmuster.model.keeping import DutyRole
from passmuster.records.models import Collection, Platform
from passmuster.snapshot.noticing import Notice

# More than these of one kind are told as a number: the page lists them all.
_MOST_A_KIND = 20
_MOST_NAMES = 3
_WORDS = {
    "new_item": "new items",
    "new_administrator": "new administrators",
    "lost_logging": "changes that lose logging",
    "changed_sharing": "changes of sharing",
}


def tell_notices(actor: Actor, collection: Collection, notices: Sequence[Notice]) -> None:
    """Tell the platform's owner of each; the same change seen twice is one message."""
    platform = collection.platform
    for person in answerable_for(platform):
        for kind, words in _WORDS.items():
            mine = [notice for notice in notices if notice.kind == kind]
            for notice in mine[:_MOST_A_KIND]:
                tell(
                    person,
                    key=f"drift:{platform.pk}:{collection.pk}:{_short(notice)}",
                    kind=f"drift_{kind}",
                    text=_message(platform, notice)[:1000],
                    link=f"/collections/{collection.pk}/",
                    now=actor.now,
                )
            if len(mine) > _MOST_A_KIND:
                tell(
                    person,
                    key=f"drift:{platform.pk}:{collection.pk}:{kind}",
                    kind=f"drift_{kind}",
                    text=f"{platform}: {len(mine) - _MOST_A_KIND} more {words}. Look through them.",
                    link=f"/collections/{collection.pk}/",
                    now=actor.now,
                )


def _message(platform: Platform, notice: Notice) -> str:
    return f"{platform}: {notice.text}{_who(notice)}. Check that it was meant; approve it or have it undone."


def _who(notice: Notice) -> str:
    """Who did it, when and by which entry of the platform's log; why nobody is named, where that is known."""
    if not notice.by:
        return f"; who did it is not known: {notice.unknown}" if notice.unknown else ""
    if notice.at is None:
        return f", by {notice.by}"
    told = f" on {notice.at:%Y-%m-%d %H:%M} UTC (entry {notice.entry} of the platform's log)"
    if not notice.others:
        return f", by {notice.by}{told}"
    others = ", ".join(notice.others[:_MOST_NAMES]) + (" and more" if len(notice.others) > _MOST_NAMES else "")
    return f", last changed by {notice.by}{told}; since the look before also by {others}"


def tell_baseline_drift(actor: Actor, collection: Collection) -> None:
    """Tell the platform's owner that a look differs from the approved baseline: at first, and when more has moved."""
    drift = dict(collection.drift_from_baseline)
    baseline = drift.pop("baseline", None)
    drift.pop("not_comparable", None)
    if not drift:
        return
    has_moved = any(name != "not_comparable" for name in collection.drift)
    tables = ", ".join(f"{table} ({sum(counts.values())})" for table, counts in sorted(drift.items()))
    for person in answerable_for(collection.platform):
        tell(
            person,
            key=f"drift:{collection.platform.pk}:baseline:{baseline}:{collection.pk if has_moved else 'first'}",
            kind="drift_baseline",
            text=f"{collection.platform}: it differs from the approved baseline: {tables}. Look through it; have it "
            "undone, or let an approver approve the new state.",
            link=f"/collections/{collection.pk}/",
            now=actor.now,
        )


def tell_failed_look(actor: Actor, collection: Collection, failed: FailedLooks) -> None:
    """Tell its owners and the administrators that a platform cannot be looked at: at once, then once a week."""
    platform = collection.platform
    week = (collection.started_at - failed.since).days // 7
    last = f"the last look that worked began on {failed.last_good:%Y-%m-%d}" if failed.last_good else "none worked yet"
    people = {each.pk: each for each in (*answerable_for(platform), *people_of(None, DutyRole.ADMINISTRATOR))}
    for person in people.values():
        tell(
            person,
            key=f"look-failed:{platform.pk}:{failed.since.isoformat()}:{week}",
            kind="look_failed",
            text=f"{platform} could not be looked at: {collection.error[:600]}. {last.capitalize()}; what the "
            "pages tell of it is from then. Mend the cause; it is tried again.",
            link=f"/collections/{collection.pk}/",
            now=actor.now,
        )


def _short(notice: Notice) -> str:
    text = "\x1f".join((notice.kind, notice.table, notice.resource, notice.text))
    return hashlib.sha256(text.encode()).hexdigest()[:32]
