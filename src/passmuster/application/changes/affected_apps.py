"""The apps a vendor's change affects: which the newest look knows, who owns them, and the owners told."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from passmuster.application.access import Action, Actor
from passmuster.application.changes.authorship import join
from passmuster.application.changes.change_facts import BEFORE
from passmuster.application.changes.change_steps import changing, gate_of, person_of, store_gates
from passmuster.application.changes.gate_times import NOTED, first_noted
from passmuster.application.messages.telling import tell
from passmuster.application.storage.newest import last_look
from passmuster.application.storage.storing import snapshot_folder
from passmuster.errors import PassmusterError, UsageError
from passmuster.model.keeping import GateKind
from passmuster.pipeline.apps_seen import AppSeen, read_apps
from passmuster.records.models import Change, Gate, Ownership, Person, Platform

NONE = "none"


def known_apps(platform: Platform) -> tuple[AppSeen, ...]:
    """The apps of the newest look, by name; none where there is no look that can be read."""
    look = last_look(platform)
    if look is None:
        return ()
    try:
        return read_apps(snapshot_folder(look))
    except (PassmusterError, OSError):
        return ()


def unknown_apps(platform: Platform, apps: Sequence[str]) -> list[str]:
    """Those of the named apps that the newest look does not show; a look without apps knows nothing and names none."""
    known = {text.casefold() for app in known_apps(platform) for text in (app.id, app.name)}
    return [app for app in apps if known and app.casefold() not in known | {NONE}]


def tell_owners(actor: Actor, change: Change) -> Gate:
    """Tell who owns the apps named at the gate that the vendor's change affects them, and write down when.

    Who was told of the same apps in this try hears nothing twice. Raises NotAllowed; UsageError where no app is named
    or nobody owns any of them.
    """
    person = person_of(actor, what="telling owners")
    with changing(actor, Action.WORK_CHANGE, change, verb="tell_app_owners") as (event, locked):
        gate = gate_of(locked, GateKind.APPS_NAMED)
        apps = [app for app in gate.stated.get("apps", ()) if app.casefold() != NONE]
        if not apps:
            raise UsageError("name the apps it affects first; then their owners can be told")
        owners = _owners(locked.platform, apps)
        if not owners:
            raise UsageError("nobody owns any of these apps here: name their owners, or tell them and write down when")
        has_told = [_tell(actor, locked, owner, named) for owner, named in _by_owner(owners)]
        told_at = gate.stated.get("told_at")
        told_now = actor.now.isoformat() if any(has_told) or not told_at else told_at
        gate.stated = {
            **gate.stated,
            "told_at": told_now,
            NOTED: first_noted(gate.stated, gate.decided_at, {"told_at": told_now}, actor.now),
            "told": sorted({owner.email for owner in owners.values()}),
            "without_owner": [app for app in apps if app not in owners],
        }
        gate.decided_by_id, gate.decided_at = person, actor.now
        gate.save(update_fields=["stated", "decided_by", "decided_at"])
        join(actor, locked, person)
        store_gates(locked, actor, None if locked.status in BEFORE else GateKind.APPS_NAMED)
        gate.refresh_from_db()
        event.after = {name: gate.stated[name] for name in ("told_at", "told", "without_owner")}
    return gate


def _owners(platform: Platform, apps: Sequence[str]) -> dict[str, Person]:
    """Who owns each app, found by its id or by its name in the newest look; the deputy of an owner who is gone."""
    ids: dict[str, list[str]] = {}
    for seen in known_apps(platform):
        ids.setdefault(seen.name.casefold(), []).append(seen.id)
    owned = Ownership.objects.filter(platform=platform, scope_kind="app").select_related("owner", "deputy")
    holders: dict[str, Person] = {}
    for each in owned:
        holder = next((who for who in (each.owner, each.deputy) if who is not None and who.is_active), None)
        if holder is not None:
            holders[each.scope_id.casefold()] = holder
    found = {}
    for app in apps:
        keys = [app.casefold(), *(each.casefold() for each in ids.get(app.casefold(), ()))]
        if holder := next((holders[key] for key in keys if key in holders), None):
            found[app] = holder
    return found


def _by_owner(owners: Mapping[str, Person]) -> list[tuple[Person, list[str]]]:
    people = {owner.pk: owner for owner in owners.values()}
    return [
        (person, sorted(app for app, owner in owners.items() if owner.pk == key))
        for key, person in sorted(people.items())
    ]


def _tell(actor: Actor, change: Change, owner: Person, apps: Sequence[str]) -> bool:
    of = hashlib.sha256("\n".join(apps).encode()).hexdigest()[:12]
    when = f" from {change.window_start_at:%Y-%m-%d}" if change.window_start_at else ""
    named = ", ".join(apps[:10]) + (f" and {len(apps) - 10} more" if apps[10:] else "")
    return tell(
        owner,
        key=f"change_apps:{change.pk}:{change.attempt}:{of}",
        kind="change_affects_app",
        text=f"{change.title}: the vendor changes {change.platform.name}{when}, which affects {named}. "
        "Try them, and say what breaks.",
        link=f"/changes/{change.pk}/",
        now=actor.now,
    )
