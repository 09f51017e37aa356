"""Reading a policy file: every complaint at once, or a Policy whose table is complete."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from math import prod
from pathlib import Path
from typing import Any

from passmuster.controls.complaints import schema_complaints
from passmuster.documents.limits import read_text
from passmuster.documents.yaml_file import parse_yaml, plain
from passmuster.errors import UnreadableInput
from passmuster.model.decision import Action
from passmuster.triage.points import READERS
from passmuster.triage.policy import (
    ClockRule,
    Deadline,
    Point,
    Policy,
    PolicyOutcome,
    Source,
    VectorRule,
    WhenUnknown,
)
from passmuster.triage.policy_table import read_table

_PACKAGE = "passmuster.triage.policies"
_MAX_BYTES = 1024 * 1024
_MAX_ROWS = 20_000
DEFAULT = "bod-26-04"


def shipped_names() -> tuple[str, ...]:
    """The names of the policies that ship, the default first."""
    names = sorted(path.name.removesuffix(".yaml") for path in files(_PACKAGE).iterdir() if path.name.endswith(".yaml"))
    return (DEFAULT, *(name for name in names if name != DEFAULT))


def find_policy(name_or_path: str) -> Policy:
    """A policy that ships, by name, else the one in that file; raises UnreadableInput with all mistakes."""
    if name_or_path in shipped_names():
        return _shipped(name_or_path)
    path = Path(name_or_path)
    if not path.exists():
        raise UnreadableInput(
            f"{name_or_path}: is neither a policy that ships ({', '.join(shipped_names())}) nor a file; "
            "`passmuster policies show bod-26-04` prints one to start from"
        )
    return parse_policy(read_text(path, max_bytes=_MAX_BYTES), str(path))


def shipped_text(name: str) -> str:
    """The file of a policy that ships, as it is."""
    return files(_PACKAGE).joinpath(f"{name}.yaml").read_text(encoding="utf-8")


@cache
def _shipped(name: str) -> Policy:
    return parse_policy(shipped_text(name), f"{name}.yaml")


def parse_policy(text: str, where: str) -> Policy:
    """The policy of a YAML text; raises UnreadableInput that lists every mistake with its place."""
    document = plain(parse_yaml(text, where))
    complaints = schema_complaints("policy", document, where, package=_PACKAGE)
    if complaints:
        raise UnreadableInput("\n".join(complaints))
    points = tuple(_point(name, entry) for name, entry in document["points"].items())
    outcomes = {name: _outcome(name, entry) for name, entry in document["outcomes"].items()}
    complaints = [f"{where}: {complaint}" for complaint in _complaints(document, points)]
    if complaints:
        raise UnreadableInput("\n".join(complaints))
    table, mistakes = read_table(document["table"], points, outcomes)
    if mistakes:
        raise UnreadableInput("\n".join(f"{where}: table: {mistake}" for mistake in mistakes))
    return _policy(document, points, outcomes, table)


def _policy(
    document: Mapping[str, Any],
    points: tuple[Point, ...],
    outcomes: Mapping[str, PolicyOutcome],
    table: Mapping[tuple[str, ...], str],
) -> Policy:
    source, clock = document["source"], document["clock"]
    return Policy(
        id=document["id"],
        version=document["version"],
        title=document["title"],
        source=Source(source["title"], date.fromisoformat(source["read_on"]), source.get("url", "")),
        valid_from=date.fromisoformat(document["valid_from"]),
        valid_until=_day(document.get("valid_until")),
        binding_from=_day(document.get("binding_from")),
        points=points,
        outcomes=outcomes,
        clock=ClockRule(clock["takes"], tuple(clock["of"]), clock["waits_for_fix"], clock["because"]),
        table=table,
        counts_weekends=document.get("weekends", "count") == "count",
        description=document.get("description", "").strip(),
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _point(name: str, entry: Mapping[str, Any]) -> Point:
    return Point(
        name=name,
        values=tuple(entry["values"]),
        unknown=_unknown(entry["unknown"]),
        reads=entry.get("reads", name),
        title=entry.get("title", ""),
        also_called=tuple(entry.get("also_called", ())),
        spellings=entry.get("spellings", {}),
    )


def _unknown(entry: Any) -> WhenUnknown:
    if entry == "needs_person":
        return WhenUnknown()
    if "assume" in entry:
        return WhenUnknown(assume=entry["assume"], because=entry["because"])
    rules = (
        VectorRule(
            tuple(rule["cvss"]), rule["value"], {key: tuple(values) for key, values in rule.get("when", {}).items()}
        )
        for rule in entry["estimate"]
    )
    return WhenUnknown(estimate=tuple(rules))


def _outcome(name: str, entry: Mapping[str, Any]) -> PolicyOutcome:
    deadline = entry["deadline"]
    return PolicyOutcome(
        name=name,
        deadline=Deadline() if deadline == "none" else Deadline(**deadline),
        action=Action(entry["action"]),
        says=entry["says"],
        forensics_first=entry.get("forensics_first", False),
        also_called=tuple(entry.get("also_called", ())),
    )


def _complaints(document: Mapping[str, Any], points: tuple[Point, ...]) -> Iterator[str]:
    yield from _date_complaints(document)
    yield from _point_complaints(points)
    for name, entry in document["outcomes"].items():
        deadline = {} if entry["deadline"] == "none" else entry["deadline"]
        units = sorted({"hours", "days", "months"} & set(deadline))
        if len(units) > 1 or (not units and deadline.get("catalogue_date") == "instead"):
            told = " and ".join(units) or "no length"
            yield f"outcomes.{name}.deadline: has {told}; give hours, days or months, or write `deadline: none`"
        if name == "needs_person":
            yield "outcomes.needs_person: is what every policy says where a point is unknown; choose another name"
    if prod(len(point.values) for point in points) > _MAX_ROWS:
        yield f"points: make more than {_MAX_ROWS} combinations; ask less"


def _date_complaints(document: Mapping[str, Any]) -> Iterator[str]:
    days = {}
    for key in ("valid_from", "valid_until", "binding_from", "source.read_on"):
        text = document["source"]["read_on"] if key == "source.read_on" else document.get(key)
        try:
            days[key] = _day(text)
        except ValueError:
            yield f"{key}: {text} is no day of the calendar"
    start, end = days.get("valid_from"), days.get("valid_until")
    if start and end and end <= start:
        yield f"valid_until: {end} is not after valid_from {start}"


def _point_complaints(points: tuple[Point, ...]) -> Iterator[str]:
    names = [name for point in points for name in (point.name, *point.also_called)]
    yield from (f"points: {name!r} names two points" for name in sorted({n for n in names if names.count(n) > 1}))
    for point in points:
        where = f"points.{point.name}"
        told = [rule.value for rule in point.unknown.estimate] + [point.unknown.assume or point.values[0]]
        told += list(point.spellings.values())
        yield from (
            f"{where}: {value!r} is none of its values ({', '.join(point.values)})"
            for value in dict.fromkeys(told)
            if value not in point.values
        )
        reader = READERS.get(point.reads)
        if point.reads != point.name and reader is None:
            yield f"{where}.reads: {point.reads!r} is nothing that can be looked up; known are {', '.join(READERS)}"
