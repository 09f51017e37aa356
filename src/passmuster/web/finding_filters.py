"""The list of findings, narrowed: what can be chosen, which rows that leaves and how many, in all and by choice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet

from passmuster.application.access import Action, Actor, platforms_for
from passmuster.model.keeping import FindingStatus
from passmuster.model.words import Severity
from passmuster.records.models import Finding, FindingDueCount, FindingDueTotal, Platform, Ticket
from passmuster.records.models.findings import SEVERITY_RANKS
from passmuster.web.counting import (
    OPEN_STATUSES,
    counts_seen_by,
    due_counts_seen_by,
    due_totals_seen_by,
    facets,
    total,
    totals_seen_by,
)
from passmuster.web.filters import Choice, Field, chosen, values_of
from passmuster.web.finding_parts import parts_of
from passmuster.web.whose import ME, NOBODY, is_key, key_of, named_person

SOON = timedelta(days=14)
_WORST_FIRST = ("severity_rank", "id")
_SOONEST = ("due_on", "id")
ANY_STATUS = "any"
_MOST_CONTROLS = 200
# By the filter's parameter: the column of the counts.
_COLUMNS = {"platform": "platform_id", "severity": "severity_rank", "status": "status", "control": "control"}
_SOON_VALUE = "soon"
_CLOSED_LISTS = {
    "severity": tuple(word.value for word in sorted(Severity, key=lambda word: word.rank)),
    "status": tuple(word.value for word in FindingStatus),
}


@dataclass(frozen=True)
class Narrowed:
    """What a request chose of the findings an actor may see: by parameter, only what can be chosen."""

    actor: Actor
    given: Mapping[str, str]

    @property
    def statuses(self) -> tuple[str, ...]:
        """The states that are shown: unless one is chosen, those that are not settled."""
        status = self.given.get("status", "")
        return tuple(FindingStatus) if status == ANY_STATUS else (status,) if status else OPEN_STATUSES

    @property
    def days(self) -> dict[str, date]:
        """Between which days they are due, where that was chosen."""
        today = self.actor.now.date()
        if "late" in self.given:
            return {"due_on__lt": today}
        if (due := self.given.get("due", "")) == "":
            return {}
        first, last = (today, today + SOON) if due == _SOON_VALUE else (date.fromisoformat(due),) * 2
        return {"due_on__gte": first, "due_on__lte": last}

    @property
    def order(self) -> tuple[str, str]:
        """The order that an index gives together with the filter."""
        return _SOONEST if self.days else _WORST_FIRST


def narrow(actor: Actor, given: Mapping[str, str]) -> Narrowed:
    """What of the request can be chosen at all; the rest counts as not chosen."""
    named: dict[str, Mapping[str, str | None]] = {
        "platform": _platforms(actor),
        "owner": named_person(given.get("owner", "")),
        "ticket": _tickets(actor, given),
        "due": _days(given),
    }
    held = values_of(chosen(_fields(named, has_days=not named["ticket"]), given))
    control = given.get("control", "")
    if control and "\0" not in control and totals_seen_by(actor).filter(control=control).exists():
        held["control"] = control
    return Narrowed(actor, held)


def rows_of(narrowed: Narrowed) -> list[QuerySet[Finding]]:
    """The findings, apart by state and platform: with the order they are one descent of an index each."""
    rows = Finding.objects.filter(**_columns(narrowed.given), **narrowed.days, **_owner(narrowed))
    # A platform can only be chosen where it can be seen.
    where = None if "platform" in narrowed.given else platforms_for(narrowed.actor, Action.VIEW)
    return parts_of(rows, narrowed.statuses, where)


def fields_of(narrowed: Narrowed) -> tuple[Field, ...]:
    """The filters with what is chosen and, where that is kept, how many findings each choice leaves."""
    names = _platforms(narrowed.actor)
    found: dict[str, dict[str, int | None]] = {name: _by_value(narrowed, name) for name in _COLUMNS}
    platforms = {key: names[key] for key in found["platform"] if key in names}
    held: dict[str, Mapping[str, str | None]] = {
        "platform": platforms,
        "control": dict.fromkeys(found["control"]),
        "owner": named_person(narrowed.given.get("owner", "")),
        "ticket": _tickets(narrowed.actor, narrowed.given),
        "due": _days(narrowed.given),
    }
    return chosen(_fields(held, found, has_days=not held["ticket"]), narrowed.given)


def how_many(narrowed: Narrowed, *, most: int) -> int | None:
    """How many findings are left; where no count is kept they are counted, and more than `most` are None."""
    counts = _counts(narrowed)
    if counts is not None:
        return total(counts.filter(**_columns(narrowed.given), status__in=narrowed.statuses))
    n = 0
    for part in rows_of(narrowed):
        n += part.values("pk")[: most + 1].count()
    return None if n > most else n


def _platforms(actor: Actor) -> dict[str, str]:
    where = platforms_for(actor, Action.VIEW)
    seen = Platform.objects.order_by("name") if where is None else Platform.objects.filter(pk__in=where)
    return {str(key): name for key, name in seen.values_list("pk", "name")}


def _tickets(actor: Actor, given: Mapping[str, str]) -> dict[str, str | None]:
    """The ticket that is asked for, where it is about a platform one may see."""
    ticket = given.get("ticket", "")
    found = Ticket.objects.filter(pk=int(ticket)).first() if is_key(ticket) else None
    where = platforms_for(actor, Action.VIEW)
    if found is None or (where is not None and found.platform_id not in where):
        return {}
    return {str(found.pk): found.external_key or f"{found.control} {found.environment}".strip()}


def _days(given: Mapping[str, str]) -> dict[str, str | None]:
    """The day that is asked for, as the calendar's links do."""
    try:
        day = date.fromisoformat(given.get("due", "")).isoformat()
    except ValueError:
        return {}
    return {day: f"on {day}"} if day == given["due"] else {}


def _fields(
    held: Mapping[str, Mapping[str, str | None]],
    n: Mapping[str, Mapping[str, int | None]] | None = None,
    *,
    has_days: bool = True,
) -> list[Field]:
    """The filters; `held` has the values that are there with their words, `n` how many each leaves.

    Of a ticket no index gives the findings by their day, so that days cannot be chosen beside it.
    """

    def choices(name: str, values: Mapping[str, str | None]) -> tuple[Choice, ...]:
        counted = (n or {}).get(name, {})
        return tuple(
            Choice(value, label or value.replace("_", " "), counted.get(value)) for value, label in values.items()
        )

    severities, statuses = (dict.fromkeys(_CLOSED_LISTS[name]) for name in ("severity", "status"))
    return [
        Field("platform", "Platform", choices("platform", held["platform"])),
        Field("severity", "Severity", choices("severity", severities)),
        Field(
            "status",
            "Status",
            (*choices("status", statuses), Choice(ANY_STATUS, "whatever it is")),
            "open or in progress",
        ),
        Field("control", "Control", choices("control", held.get("control", {}))),
        Field(
            "owner",
            "Owner",
            (Choice(ME, "me"), Choice(NOBODY, "nobody"), *choices("owner", held.get("owner", {}))),
            "anybody",
        ),
        *([Field("ticket", "Ticket", choices("ticket", held["ticket"]))] if held.get("ticket") else []),
        *(_day_fields(choices("due", held.get("due", {}))) if has_days else ()),
    ]


def _day_fields(days: tuple[Choice, ...]) -> tuple[Field, Field]:
    return (
        Field("late", "Late", (Choice("1", "late only"),), "late or not"),
        Field("due", "Due", (Choice(_SOON_VALUE, "within two weeks"), *days), "any time"),
    )


def _by_value(narrowed: Narrowed, name: str) -> dict[str, int | None]:
    """The values of one filter with what each leaves beside everything else that is chosen; what is chosen is there."""
    others = Narrowed(narrowed.actor, {key: value for key, value in narrowed.given.items() if key != name})
    counts = _counts(others)
    value = narrowed.given.get(name, "")
    if counts is None or (name == "control" and counts.model in (FindingDueCount, FindingDueTotal)):
        # Nobody keeps these; the values alone are told.
        kept = facets(totals_seen_by(narrowed.actor), _COLUMNS[name], most=_MOST_CONTROLS)
        return dict.fromkeys([*([value] if value else []), *(each.value for each in kept)])
    counts = counts.filter(**_columns(others.given))
    if name != "status":
        counts = counts.filter(status__in=narrowed.statuses)
    found = {each.value: each.n for each in facets(counts, _COLUMNS[name], most=_MOST_CONTROLS)}
    none: dict[str, int | None] = dict.fromkeys([*_CLOSED_LISTS.get(name, ()), *([value] if value else [])], 0)
    return {**none, **found}


def _counts(narrowed: Narrowed) -> QuerySet[Any] | None:
    """The counts by control, or by day where days are chosen; None where nobody keeps them: both, a ticket."""
    actor, is_somebodys = narrowed.actor, "owner" in narrowed.given
    if "ticket" in narrowed.given:
        return None
    if not narrowed.days:
        return counts_seen_by(actor).filter(**_owner(narrowed)) if is_somebodys else totals_seen_by(actor)
    if "control" in narrowed.given:
        return None
    due = due_counts_seen_by(actor).filter(**_owner(narrowed)) if is_somebodys else due_totals_seen_by(actor)
    return due.filter(**narrowed.days)


def _columns(given: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if "platform" in given:
        found["platform_id"] = int(given["platform"])
    if "severity" in given:
        found["severity_rank"] = SEVERITY_RANKS[given["severity"]]
    if "control" in given:
        found["control"] = given["control"]
    if "ticket" in given:
        found["ticket_id"] = int(given["ticket"])
    return found


def _owner(narrowed: Narrowed) -> dict[str, Any]:
    owner = narrowed.given.get("owner")
    if owner is None:
        return {}
    return {"owner_id": key_of(owner, narrowed.actor)}
