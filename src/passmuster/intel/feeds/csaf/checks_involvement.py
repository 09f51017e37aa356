"""Tests of 2.1 on who did what (6.1.24, 6.1.64, 6.1.65)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from passmuster.intel.feeds.csaf.checks_products import circles
from passmuster.intel.feeds.csaf.walk import Complaint, Csaf, Found, items

_PLACE = "document.involvement"
_ANSWERS = ("confirmation", "dispute")


def _part(csaf: Csaf) -> dict[str, Any]:
    part: dict[str, Any] = csaf.document.get("involvement", {})
    return part


def _actions(csaf: Csaf) -> list[Found]:
    return list(items(_part(csaf), "actions", _PLACE))


def _groups(csaf: Csaf) -> dict[str, frozenset[str]]:
    return {each["entity_group_id"]: frozenset(each["entity_ids"]) for each in _part(csaf).get("entity_groups", [])}


def _members(refs: list[str], groups: dict[str, frozenset[str]]) -> frozenset[str]:
    """The single entities that references stand for."""
    return frozenset[str]().union(*(groups.get(ref, frozenset({ref})) for ref in refs))


def repeated_actions(csaf: Csaf) -> Iterator[Complaint]:
    """6.1.24 and 6.1.64.2: the same people did the same thing at the same time, twice."""
    groups = _groups(csaf)
    seen: dict[tuple[Any, ...], str] = {}
    for path, action in _actions(csaf):
        key = (
            _members(action["acting_entity_refs"], groups),
            _members(action.get("receiving_entity_refs", []), groups),
            action["category"],
            action["date"],
            frozenset(action.get("dl_vuln_ids", [])),
            csaf.members(action),
        )
        if key in seen:
            yield path, f"is the action of {seen[key]} again; tell it once"
        seen.setdefault(key, path)


def recipients(csaf: Csaf) -> Iterator[Complaint]:
    """6.1.64.1, 3, 4: a notification nobody receives, or one to oneself."""
    groups = _groups(csaf)
    for path, action in _actions(csaf):
        receiving = action.get("receiving_entity_refs", [])
        if not receiving and (action["category"] in ("notification", *_ANSWERS) or action["status"] == "attempted"):
            yield path, f"a {action['category']} is made to somebody; give receiving_entity_refs"
        both = _members(action["acting_entity_refs"], groups) & _members(receiving, groups)
        if both:
            yield path, f"{', '.join(sorted(both))} both acts and receives; name each on one side"


def undefined_names(csaf: Csaf) -> Iterator[Complaint]:
    """6.1.64.5, 7, 9 and 6.1.65.1: an id is used that nobody defines."""
    part = _part(csaf)
    entities = {each["entity_id"] for each in part.get("entities", [])}
    known = entities | set(_groups(csaf))
    actions = {action["action_id"] for _, action in _actions(csaf)}
    vulnerabilities = {vulnerability.get("dl_vuln_id") for _, vulnerability in csaf.vulnerabilities}
    for path, group in items(part, "entity_groups", _PLACE):
        yield from _missing(f"{path}.entity_ids", group["entity_ids"], entities)
    for path, action in _actions(csaf):
        for key in ("acting_entity_refs", "receiving_entity_refs"):
            yield from _missing(f"{path}.{key}", action.get(key, []), known)
        yield from _missing(f"{path}.referenced_action_ids", action.get("referenced_action_ids", []), actions)
        yield from _missing(f"{path}.dl_vuln_ids", action.get("dl_vuln_ids", []), vulnerabilities)


def _missing(path: str, used: list[str], known: set[Any]) -> Iterator[Complaint]:
    yield from ((path, f"nothing has the id {name!r}; define it or correct it") for name in used if name not in known)


def names_defined_twice(csaf: Csaf) -> Iterator[Complaint]:
    """6.1.64.6, 8, 10 and 6.1.65.2: two things have one id."""
    part = _part(csaf)
    told = [
        *((f"{path}.entity_id", each["entity_id"]) for path, each in items(part, "entities", _PLACE)),
        *((f"{path}.entity_group_id", each["entity_group_id"]) for path, each in items(part, "entity_groups", _PLACE)),
        *((f"{path}.action_id", each["action_id"]) for path, each in _actions(csaf)),
        *((f"{path}.dl_vuln_id", each["dl_vuln_id"]) for path, each in csaf.vulnerabilities if "dl_vuln_id" in each),
    ]
    seen: set[tuple[str, str]] = set()
    for path, name in told:
        key = (path.rpartition(".")[2], name)
        if key in seen:
            yield path, f"the id {name!r} is there already; give each its own"
        seen.add(key)


def circular_actions(csaf: Csaf) -> Iterator[Complaint]:
    """6.1.64.11: an action answers itself."""
    graph = {action["action_id"]: set(action.get("referenced_action_ids", [])) for _, action in _actions(csaf)}
    for name in circles(graph):
        yield f"{_PLACE}.actions", f"the action {name!r} refers to itself; break the circle"


def unasked_answers(csaf: Csaf) -> Iterator[Complaint]:
    """6.1.64.12 and 13: an answer to nothing, or by somebody who was not told."""
    groups = _groups(csaf)
    asked: dict[str, frozenset[str]] = {}
    for _, action in _actions(csaf):
        told = _members(action.get("receiving_entity_refs", []), groups)
        asked[action["action_id"]] = asked.get(action["action_id"], frozenset()) | told
    for path, action in _actions(csaf):
        if action["category"] not in _ANSWERS:
            continue
        referenced = action.get("referenced_action_ids", [])
        if not referenced:
            yield path, f"a {action['category']} answers an action; give referenced_action_ids"
            continue
        told = frozenset[str]().union(*(asked.get(name, frozenset()) for name in referenced))
        strangers = _members(action["acting_entity_refs"], groups) - told
        # Of an id that two actions share nobody can tell which is meant; that is another complaint.
        if strangers and action["action_id"] not in referenced:
            yield path, f"{', '.join(sorted(strangers))} answers without having been told; correct who acts"
