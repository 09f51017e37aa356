"""Windows and freezes of an environment, one at a time: added, changed, taken away."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from passmuster.application.access import Action, Actor
from passmuster.application.acting import acting
from passmuster.errors import UnreadableInput, UsageError
from passmuster.pipeline.environment_times import check_environment_times
from passmuster.records.models import Environment

Items = list[dict[str, Any]]
WINDOWS, FREEZES = "windows", "freezes"
# What each is called by; a calendar file spells them so.
_NAMED_BY = {WINDOWS: "id", FREEZES: "name"}


def put_time(
    actor: Actor, environment: Environment, kind: str, item: Mapping[str, Any], *, instead_of: str = ""
) -> Environment:
    """Add a window or freeze, or put it in the place of the one of that name; raises UsageError with all that is wrong.

    `kind` is `windows` or `freezes`; the item is spelt as in `passmuster/calendar@1`, without `environments`.
    """
    key = _NAMED_BY[kind]
    name = str(item.get(key, ""))

    def put(items: Items) -> Items:
        others = [each for each in items if each.get(key) != instead_of] if instead_of else items
        if any(each.get(key) == name for each in others):
            raise UsageError(f"name: there is one called {name!r} already; choose another name, or change that one")
        places = [number for number, each in enumerate(items) if instead_of and each.get(key) == instead_of]
        place = places[0] if places else len(others)
        return [*others[:place], dict(item), *others[place:]]

    return _changed(actor, environment, kind, put, f"put_{kind.removesuffix('s')}")


def drop_time(actor: Actor, environment: Environment, kind: str, name: str) -> Environment:
    """Take the window or freeze of that name away; raises UsageError where there is none."""
    key = _NAMED_BY[kind]

    def drop(items: Items) -> Items:
        kept = [each for each in items if each.get(key) != name]
        if len(kept) == len(items):
            raise UsageError(f"there is none called {name!r} any more; load the page again")
        return kept

    return _changed(actor, environment, kind, drop, f"drop_{kind.removesuffix('s')}")


def named(environment: Environment, kind: str, name: str) -> dict[str, Any] | None:
    """The window or freeze of that name, as it is kept."""
    items: Items = getattr(environment, kind)
    return next((each for each in items if each.get(_NAMED_BY[kind]) == name), None)


def _changed(
    actor: Actor, environment: Environment, kind: str, change: Callable[[Items], Items], verb: str
) -> Environment:
    with acting(actor, Action.MANAGE_PLATFORM, environment, platform=environment.platform, verb=verb) as event:
        locked = Environment.objects.select_for_update(of=("self",)).select_related("platform").get(pk=environment.pk)
        before: Items = getattr(locked, kind)
        after = change(before)
        lists = {WINDOWS: locked.windows, FREEZES: locked.freezes, kind: after}
        try:
            check_environment_times(lists[WINDOWS], lists[FREEZES], time_zone=locked.time_zone, now=actor.now)
        except UnreadableInput as error:
            raise UsageError(str(error)) from None
        event.before, event.after, event.is_silent = {kind: before}, {kind: after}, before == after
        setattr(locked, kind, after)
        locked.save(update_fields=[kind])
    return locked
