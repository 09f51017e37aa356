"""Reading `passmuster/plan-problem@1`: every mistake at once, each with its place and mend."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from passmuster.controls.complaints import schema_complaints
from passmuster.errors import PassmusterError, UnreadableInput
from passmuster.model.schedule import (
    After,
    Binds,
    Freeze,
    Job,
    JobMode,
    Owner,
    Problem,
    RecurringWindow,
    Span,
    Window,
)
from passmuster.plan.cycles import find_cycles
from passmuster.plan.moments import Notes

Expand = Callable[[RecurringWindow, Span], tuple[Window, ...]]
_MOST_COMPLAINTS = 50


@dataclass(frozen=True)
class Reading:
    """A problem, and what is odd in its document without being wrong."""

    problem: Problem
    warnings: tuple[str, ...] = ()


def read_problem(document: Any, where: str, expand: Expand) -> Reading:
    """The problem of a parsed document; raises UnreadableInput with every mistake in it."""
    complaints = schema_complaints("plan-problem", document, where)
    if not isinstance(document, dict):
        raise UnreadableInput(_together(complaints))
    notes = Notes(where)
    horizon = notes.span(document.get("horizon"), "horizon")
    single = tuple(_windows(document, notes))
    expanded = tuple(_expanded(document, notes, horizon, expand))
    _check_expanded_names(single, expanded, notes)
    problem = Problem(
        horizon=horizon or _NEVER,
        jobs=tuple(_jobs(document, notes)),
        windows=(*single, *expanded),
        freezes=tuple(_freezes(document, notes)),
        owners=tuple(_owners(document, notes)),
        late_factor=_number(document.get("late_factor")),
        window_cost=_number(document.get("window_cost")),
        move_cost=_number(document.get("move_cost")),
    )
    _check_names(problem, document, notes)
    if complaints or notes.complaints:
        raise UnreadableInput(_together([*complaints, *notes.complaints]))
    return Reading(problem, tuple(_warnings(problem, document, where)))


_NEVER = Span(datetime.min, datetime.min)  # noqa: DTZ901 - stands in only until the complaint is raised


def _together(complaints: list[str]) -> str:
    complaints = list(dict.fromkeys(complaints))
    rest = len(complaints) - _MOST_COMPLAINTS
    return "\n".join([*complaints[:_MOST_COMPLAINTS], *([f"... and {rest} more mistakes"] if rest > 0 else [])])


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0.0


def _items(document: dict[str, Any], key: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The readable items of a list and their places; the schema tells of the others."""
    value = document.get(key)
    for index, item in enumerate(value if isinstance(value, list) else ()):
        if isinstance(item, dict) and isinstance(item.get("id", ""), str):
            # A line end in an id would look like a complaint of its own.
            name = f" ({' '.join(item['id'].split())[:80]})" if "id" in item else ""
            yield f"{key}.{index}{name}", item


def _text(item: dict[str, Any], key: str) -> str:
    value = item.get(key)
    return value if isinstance(value, str) else ""


def _minutes(item: dict[str, Any], key: str = "minutes") -> int:
    return int(_number(item.get(key)))


def _owners(document: dict[str, Any], notes: Notes) -> Iterator[Owner]:
    for _place, item in _items(document, "owners"):
        yield Owner(_text(item, "id"), _minutes(item, "minutes_per_week"))
    _refuse_twins(document, "owners", notes)


def _refuse_twins(document: dict[str, Any], key: str, notes: Notes) -> None:
    seen: dict[str, str] = {}
    for place, item in _items(document, key):
        name = _text(item, "id")
        if name and name in seen:
            notes.say(place, f"the id {name!r} is given twice, first at {seen[name]}; give each its own")
        seen.setdefault(name, place.split(" ", 1)[0])


def _windows(document: dict[str, Any], notes: Notes) -> Iterator[Window]:
    for place, item in _items(document, "windows"):
        span = notes.span(item, place)
        if span is None:
            continue
        length = int((span.end - span.start).total_seconds() // 60)
        minutes = _minutes(item) if "minutes" in item else length
        if minutes > length:
            notes.say(place, f"has {minutes} minutes but is only {length} long; lower minutes or move its end")
        yield Window(_text(item, "id"), _text(item, "environment"), span, minutes)
    _refuse_twins(document, "windows", notes)


def _expanded(document: dict[str, Any], notes: Notes, horizon: Span | None, expand: Expand) -> Iterator[Window]:
    for place, item in _items(document, "recurring_windows"):
        starts = _local(item.get("starts"), f"{place}.starts", notes)
        texts = [_text(item, key) for key in ("id", "environment", "rrule", "timezone")]
        if starts is None or horizon is None or not all(texts) or _minutes(item) < 1:
            continue
        name, environment, rrule, timezone = texts
        try:
            yield from expand(RecurringWindow(name, environment, rrule, starts, timezone, _minutes(item)), horizon)
        except PassmusterError as error:
            for line in str(error).splitlines():
                notes.say(place, line)
    _refuse_twins(document, "recurring_windows", notes)


def _local(value: Any, place: str, notes: Notes) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is not None:
        notes.say(place, f"{value!r} is no local time; write 2026-12-06T02:00:00, and the zone in timezone")
        return None
    return moment


def _freezes(document: dict[str, Any], notes: Notes) -> Iterator[Freeze]:
    for place, item in _items(document, "freezes"):
        span = notes.span(item, place)
        named = item.get("environments")
        # An empty list freezes nothing; only a list that is left out freezes everything.
        if span is None or named == []:
            continue
        environments = tuple(name for name in named if isinstance(name, str)) if isinstance(named, list) else ()
        yield Freeze(environments, span, _word(Binds, item.get("binds"), Binds.OURS), _text(item, "name"))


def _word(kind: Any, value: Any, default: Any) -> Any:
    return kind(value) if value in tuple(kind) else default


def _jobs(document: dict[str, Any], notes: Notes) -> Iterator[Job]:
    for place, item in _items(document, "jobs"):
        available = notes.moment(item.get("available_at"), f"{place}.available_at")
        due, must_end = (notes.moment(item.get(key), f"{place}.{key}") for key in ("due_at", "must_end_by"))
        mode = _word(JobMode, item.get("mode"), JobMode.OURS)
        vendor = _vendor(item, place, mode, notes)
        if available is None:
            continue
        owner = item.get("owner")
        yield Job(
            id=_text(item, "id"),
            environment=_text(item, "environment"),
            minutes=_minutes(item),
            available_at=available,
            weight=_number(item.get("weight")),
            patch=_text(item, "patch"),
            owner=owner if isinstance(owner, str) and owner else None,
            due_at=due,
            after=tuple(_after(item)),
            must_end_by=must_end,
            mode=mode,
            vendor=vendor,
        )
    _refuse_twins(document, "jobs", notes)


def _vendor(item: dict[str, Any], place: str, mode: JobMode, notes: Notes) -> Span | None:
    given = item.get("vendor")
    if mode is JobMode.OURS:
        return None
    if given is None:
        notes.say(f"{place}.vendor", f"must be given for mode {mode}; write when the vendor acts: earliest and latest")
    return notes.span(given, f"{place}.vendor", ("earliest", "latest"), may_be_empty=True)


def _after(item: dict[str, Any]) -> Iterator[After]:
    links = item.get("after")
    for link in links if isinstance(links, list) else ():
        if isinstance(link, dict) and isinstance(link.get("job"), str):
            within = link.get("within_hours")
            yield After(link["job"], _number(link.get("hours")), None if within is None else _number(within))


def _check_names(problem: Problem, document: dict[str, Any], notes: Notes) -> None:
    """Predecessors that are no jobs, or wait for each other."""
    places = {_text(item, "id"): place for place, item in _items(document, "jobs")}
    for job in problem.jobs:
        for link in job.after:
            place = f"{places.get(job.id, 'jobs')}.after"
            if link.job not in places:
                notes.say(place, f"{link.job!r} is no job of this problem; add it or take it out of after")
            if link.within_hours is not None and link.within_hours < link.hours:
                text = f"within_hours {link.within_hours:g} is less than hours {link.hours:g}; raise it or lower hours"
                notes.say(place, text)
    for cycle in find_cycles({job.id: [link.job for link in job.after] for job in problem.jobs}):
        said = " after ".join([*cycle, cycle[0]])
        notes.say(places.get(cycle[0], "jobs"), f"waits for itself: {said}; take one of these out of after")


def _check_expanded_names(single: tuple[Window, ...], expanded: tuple[Window, ...], notes: Notes) -> None:
    seen = {window.id for window in single}
    for window in expanded:
        if window.id in seen:
            notes.say("recurring_windows", f"two windows have the id {window.id!r} once expanded; rename one of them")
        seen.add(window.id)


def _warnings(problem: Problem, document: dict[str, Any], where: str) -> Iterator[str]:
    for key, known in _KNOWN.items():
        given: Iterable[dict[str, Any]] = [document] if key == "" else [item for _, item in _items(document, key)]
        for name in sorted({name for item in given for name in item} - known):
            yield f"{where}: {key or 'the problem'}: the key {name!r} is not known and has no effect"
    used = {job.owner for job in problem.jobs}
    for index, owner in enumerate(problem.owners):
        if owner.minutes_per_week == 0 and owner.id in used:
            yield f"{where}: owners.{index} ({owner.id}): has no minutes, so none of its jobs can be placed"
    for index, freeze in enumerate(document.get("freezes", [])):
        if freeze.get("environments") == []:
            yield f"{where}: freezes.{index}: names no environment and freezes nothing; leave the key out to freeze all"
    yield from _freezes_of_nowhere(problem, document, where)


def _freezes_of_nowhere(problem: Problem, document: dict[str, Any], where: str) -> Iterator[str]:
    """A misspelt freeze would let changes through on the very days they are forbidden."""
    known = {job.environment for job in problem.jobs} | {window.environment for window in problem.windows}
    known |= {_text(item, "environment") for _, item in _items(document, "recurring_windows")}
    for place, item in _items(document, "freezes"):
        for name in item.get("environments") or ():
            if name not in known:
                yield f"{where}: {place}: no job or window is in {name!r}, so nothing is frozen there; check the name"


_KNOWN = {
    # `plan-problem` notes beside the problem what each patch mends and which decisions take no window.
    "": set("schema late_factor window_cost move_cost horizon owners windows recurring_windows freezes jobs".split())
    | {"patches", "left_out"},
    "owners": {"id", "minutes_per_week"},
    "windows": {"id", "environment", "start", "end", "minutes"},
    "recurring_windows": {"id", "environment", "rrule", "starts", "timezone", "minutes"},
    "freezes": {"name", "environments", "start", "end", "binds"},
    "jobs": set("id patch environment owner minutes available_at due_at must_end_by weight after mode vendor".split()),
}
