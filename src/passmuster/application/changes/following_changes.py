"""What the newest look shows of changes: fixed, still there, there again, or done without anybody saying so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F

from passmuster.application.access import Action, Actor
from passmuster.application.changes.change_facts import open_gates
from passmuster.application.changes.change_steps import become, changing, store_gates
from passmuster.application.changes.changes import record_regression, verify_by_version
from passmuster.application.changes.places import planned_of
from passmuster.application.changes.plan_inputs import takers
from passmuster.application.storage.newest import last_look
from passmuster.application.storage.storing import advisory_store, snapshot_folder
from passmuster.errors import PassmusterError
from passmuster.model.keeping import ChangeStatus
from passmuster.pipeline.triage_documents import triage_documents
from passmuster.pipeline.triaging import prepare_triaging
from passmuster.records.models import Change, Collection, Platform

_GONE = frozenset({"fixed", "not_affected"})
_SHOWN_BY_VERSION = frozenset({"patch", "migrate"})
_FOLLOWED = (ChangeStatus.PLANNED, ChangeStatus.APPROVED, ChangeStatus.DEPLOYED, ChangeStatus.VERIFIED)


@dataclass(frozen=True)
class Seen:
    """What the look shows of one advisory and one component in one environment."""

    verdict: str
    version: str


@dataclass(frozen=True)
class _Look:
    """A look and what it shows, by environment, component and advisory."""

    collection: Collection
    seen: Mapping[tuple[int, str, str], Seen]

    @property
    def at(self) -> datetime:
        return self.collection.started_at

    def about(self, change: Change) -> list[Seen | None]:
        place = change.environment_id or 0
        return [self.seen.get((place, change.component, advisory)) for advisory in change.advisories]


def follow_platform(actor: Actor, platform: Platform) -> tuple[Change, ...]:
    """Take every step that the newest look proves; returns the changes that took one. Repeating it changes nothing."""
    followed = Change.objects.filter(platform=platform, status__in=_FOLLOWED).order_by("pk")
    followed = followed.select_related("platform", "environment").annotate(planned_at=F("plan__made_at"))
    changes = [change for change in followed if _can_show(change)]
    collection = last_look(platform)
    if not changes or collection is None:
        return ()
    if all((since := _since(change)) is not None and collection.started_at <= since for change in changes):
        return ()
    try:
        look = _Look(collection, _seen(platform, collection, actor.now))
    except (PassmusterError, OSError):
        # What cannot be read proves nothing.
        return ()
    return tuple(change for change in changes if _follow(actor, change, look))


def _can_show(change: Change) -> bool:
    """Whether a look can tell: a test or a setting is not proved by a version."""
    return bool(change.advisories) and (change.by_vendor or change.action in _SHOWN_BY_VERSION)


def _since(change: Change) -> datetime | None:
    """Only a look after this tells something new: the plan was made of those before it."""
    planned_at: datetime | None = getattr(change, "planned_at", None)
    return change.verified_at or change.deployed_at or planned_at


def _seen(platform: Platform, collection: Collection, now: datetime) -> dict[tuple[int, str, str], Seen]:
    found = triage_documents(
        advisory_store(), prepare_triaging(as_of=now, with_closed=True), snapshot_folder(collection)
    )
    inputs = planned_of(platform, found)
    seen: dict[tuple[int, str, str], Seen] = {}
    for each in found.documents:
        for place in takers(each, inputs):
            key = (place.key, (each["component"] or "")[:300], each["advisory"] or "")
            told = Seen(each["verdict"] or "", each["version"] or "")
            # Several instances of one component: one that is not fixed outweighs all that are.
            if key not in seen or seen[key].verdict in _GONE:
                seen[key] = told
    return seen


def _follow(actor: Actor, change: Change, look: _Look) -> bool:
    status, since = ChangeStatus(change.status), _since(change)
    if since is not None and look.at <= since:
        return False
    about = look.about(change)
    is_gone = all(each is not None and each.verdict in _GONE for each in about)
    is_there = any(each is not None and each.verdict == "affected" for each in about)
    if change.by_vendor:
        return _follow_vendor(actor, change, look, about)
    if status is ChangeStatus.VERIFIED:
        return is_there and bool(record_regression(actor, change, why=_words(change, look, about, "shows it again:")))
    if status is ChangeStatus.DEPLOYED and is_gone:
        return bool(verify_by_version(actor, change, seen=_words(change, look, about, "shows"), at=look.at))
    if status is ChangeStatus.DEPLOYED:
        return is_there and _note(actor, change, _words(change, look, about, "still shows"))
    return is_gone and bool(_found_done(actor, change, look, about))


def _follow_vendor(actor: Actor, change: Change, look: _Look, about: Iterable[Seen | None]) -> bool:
    """What the vendor applies is verified by a version where there is one, else by what the vendor states."""
    verdicts = {each.verdict if each is not None else "" for each in about}
    if change.status == ChangeStatus.VERIFIED or not verdicts or not verdicts <= _GONE | {"vendor_fixed"}:
        return False
    by = "version" if verdicts <= _GONE else "vendor_statement"
    words = _words(change, look, about, "shows") if by == "version" else "the advisory states that the vendor fixed it"
    with changing(actor, Action.WORK_CHANGE, change, verb="verify_change", why=words) as (_event, locked):
        if locked.status != ChangeStatus.DEPLOYED:
            become(locked, ChangeStatus.DEPLOYED)
            locked.deployed_at = locked.deployed_at or locked.vendor_fixed_at or look.at
            locked.deployed_noted_at = actor.now
        become(locked, ChangeStatus.VERIFIED)
        locked.verified_by, locked.verified_note, locked.verified_at = by, words, look.at
        locked.save()
    return True


def _found_done(actor: Actor, change: Change, look: _Look, about: Iterable[Seen | None]) -> Change:
    """It is in place though nobody said so; with gates open that is an emergency nobody named, to be justified."""
    words = _words(change, look, about, "shows")
    with changing(actor, Action.WORK_CHANGE, change, verb="find_change_done", why=words) as (event, locked):
        missing = open_gates(store_gates(locked, actor))
        become(locked, ChangeStatus.DEPLOYED)
        become(locked, ChangeStatus.VERIFIED)
        locked.deployed_at = locked.verified_at = look.at
        locked.deployed_noted_at = actor.now
        locked.verified_by, locked.verified_note = "version", words
        if missing and not locked.is_emergency:
            locked.is_emergency, locked.emergency_at, locked.justify_by_at = True, actor.now, actor.now
            locked.emergency_reason = f"found in place by a look, with open gates; {words}"
        locked.save()
        event.after = {"open_gates": [each.gate.kind for each in missing]}
    return change


def _note(actor: Actor, change: Change, words: str) -> bool:
    if change.outcome_note == words:
        return False
    with changing(actor, Action.WORK_CHANGE, change, verb="note_look", why=words) as (_event, locked):
        locked.outcome_note = words
        locked.save(update_fields=["outcome_note"])
    return True


def _words(change: Change, look: _Look, about: Iterable[Seen | None], verb: str) -> str:
    versions = sorted({each.version for each in about if each is not None and each.version})
    what = " ".join([change.component or change.title, *versions])
    return f"the look of {look.at:%Y-%m-%d %H:%M} UTC {verb} {what}"[:500]
