"""What the newest look shows of changes: fixed, still there, there again, or done without anybody saying so."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F

from passmuster.application.access import Action, Actor
from passmuster.application.changes.change_facts import open_gates
from passmuster.application.changes.change_moments import is_production, moment_of
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
_THERE = frozenset({"affected", "vendor_pending"})
_OF_A_LOOK = re.compile(r"^the look of [-0-9: ]+ UTC ")
_SHOWN_BY_VERSION = frozenset({"patch", "migrate"})
_FOLLOWED = (ChangeStatus.PLANNED, ChangeStatus.APPROVED, ChangeStatus.DEPLOYED, ChangeStatus.VERIFIED)


@dataclass(frozen=True)
class Seen:
    """What the look shows of one advisory and one component in one environment."""

    verdict: str
    version: str


@dataclass(frozen=True)
class _Look:
    """A look and what it shows, by environment, component and advisory; `remarks`: what it could not read."""

    collection: Collection
    seen: Mapping[tuple[int, str, str], Seen]
    remarks: Sequence[str] = ()

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
    if not any(_is_news(change, collection) for change in changes):
        return ()
    try:
        look = _look(platform, collection, actor.now)
    except (PassmusterError, OSError) as error:
        # What cannot be read proves nothing; whoever waits for it must hear that.
        words = f"the look of {collection.started_at:%Y-%m-%d %H:%M} UTC could not be read: {_first_line(error)}"[:500]
        waiting = [each for each in changes if each.status == ChangeStatus.DEPLOYED and _is_news(each, collection)]
        return tuple(change for change in waiting if _note(actor, change, words))
    return tuple(change for change in changes if _follow(actor, change, look))


def _can_show(change: Change) -> bool:
    """Whether a look can tell: a test or a setting is not proved by a version."""
    return bool(change.advisories) and (change.by_vendor or change.action in _SHOWN_BY_VERSION)


def _since(change: Change) -> datetime | None:
    """Only a look after this tells something new: the plan was made of those before it."""
    planned_at: datetime | None = getattr(change, "planned_at", None)
    return change.verified_at or change.deployed_at or planned_at


def _is_news(change: Change, collection: Collection) -> bool:
    since = _since(change)
    return since is None or collection.started_at > since


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)


def _look(platform: Platform, collection: Collection, now: datetime) -> _Look:
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
    return _Look(collection, seen, [each for each in found.warnings if each.startswith(f"of {found.platform_id} ")])


def _follow(actor: Actor, change: Change, look: _Look) -> bool:
    status = ChangeStatus(change.status)
    if not _is_news(change, look.collection):
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
        return _note(actor, change, _words(change, look, about, "still shows") if is_there else _untold(change, look))
    return is_gone and bool(_found_done(actor, change, look, about))


def _follow_vendor(actor: Actor, change: Change, look: _Look, about: Iterable[Seen | None]) -> bool:
    """What the vendor applies is verified by a version where there is one, else by what the vendor states."""
    verdicts = {each.verdict if each is not None else "" for each in about}
    if change.status == ChangeStatus.VERIFIED or not verdicts or not verdicts <= _GONE | {"vendor_fixed"}:
        is_open_question = change.status == ChangeStatus.DEPLOYED and not verdicts & _THERE
        return is_open_question and _note(actor, change, _untold(change, look))
    by = "version" if verdicts <= _GONE else "vendor_statement"
    words = _words(change, look, about, "shows") if by == "version" else "the advisory states that the vendor fixed it"
    with changing(actor, Action.WORK_CHANGE, change, verb="verify_change", why=words) as (_event, locked):
        if locked.status != ChangeStatus.DEPLOYED:
            store_gates(locked, actor)
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
        locked.outside_window = _before_its_time(locked, look)
        become(locked, ChangeStatus.DEPLOYED)
        become(locked, ChangeStatus.VERIFIED)
        locked.deployed_at = locked.verified_at = look.at
        locked.deployed_noted_at = actor.now
        locked.verified_by, locked.verified_note = "version", words
        if (missing or locked.outside_window) and not locked.is_emergency:
            locked.is_emergency, locked.emergency_at, locked.justify_by_at = True, actor.now, actor.now
            how = "with open gates" if missing else "before its window"
            locked.emergency_reason = f"found in place by a look, {how}; {words}"
        locked.save()
        event.after = {"open_gates": [each.gate.kind for each in missing]}
    return change


def _before_its_time(change: Change, look: _Look) -> str:
    """Why it was put in place outside its window, as far as a look tells: afterwards it may have been in it or not."""
    begins = change.window_start_at
    if begins is None or begins <= look.at or not is_production(change.environment):
        return ""
    return moment_of(change, look.at).words[:500]


def _note(actor: Actor, change: Change, words: str) -> bool:
    # The same said by one look after another is news once.
    if _without_time(change.outcome_note) == _without_time(words):
        return False
    with changing(actor, Action.WORK_CHANGE, change, verb="note_look", why=words) as (_event, locked):
        locked.outcome_note = words
        locked.save(update_fields=["outcome_note"])
    return True


def _without_time(words: str) -> str:
    return _OF_A_LOOK.sub("", words)


def _untold(change: Change, look: _Look) -> str:
    """Why the look neither proves the patch nor contradicts it: could not look is not fine."""
    what = change.component or change.title
    why = []
    for advisory, each in zip(change.advisories, look.about(change), strict=True):
        if each is None:
            why.append(f"{what} is not in what it shows of this environment")
        elif each.verdict not in _GONE and not each.version:
            why.append(f"it does not tell the version of {what}")
        elif each.verdict not in _GONE:
            why.append(f"whether {advisory} concerns {what} {each.version} is for a person to say")
    told = "; ".join(dict.fromkeys([*why, *look.remarks]))
    return f"the look of {look.at:%Y-%m-%d %H:%M} UTC cannot tell whether it is patched: {told}"[:500]


def _words(change: Change, look: _Look, about: Iterable[Seen | None], verb: str) -> str:
    versions = sorted({each.version for each in about if each is not None and each.version})
    what = " ".join([change.component or change.title, *versions])
    return f"the look of {look.at:%Y-%m-%d %H:%M} UTC {verb} {what}"[:500]
