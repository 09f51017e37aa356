"""Tests of 2.1 on decisions by SSVC (6.1.46 to 6.1.48)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from passmuster.intel.feeds.csaf.languages import is_known_language
from passmuster.intel.feeds.csaf.ssvc_points import Point, is_listed, is_newer, point
from passmuster.intel.feeds.csaf.walk import Complaint, Csaf, Found, items
from passmuster.intel.feeds.formats import FORMATS

_NEEDED = ("key", "namespace", "values", "version")
_FORBIDDEN = frozenset({"invalid", "x_invalid"})


def odd_selections(csaf: Csaf) -> Iterator[Complaint]:
    """6.1.46: selections that are not as SSVC writes them."""
    for path, _, told in _decisions(csaf):
        selections = told.get("selections")
        if not isinstance(selections, list) or not selections or not _is_time(told.get("timestamp")):
            yield path, "selections and timestamp (as 2026-12-31T17:00:00Z) must be given"
            continue
        targets = told.get("target_ids", [])
        if not isinstance(targets, list) or not all(isinstance(name, str) for name in targets):
            yield f"{path}.target_ids", "is no list of names"
        for place, selection in items(told, "selections", path):
            yield from ((place, complaint) for complaint in _about_selection(selection))


def strange_targets(csaf: Csaf) -> Iterator[Complaint]:
    """6.1.47: a decision about another vulnerability than the one it stands at."""
    identifiers = [_identifiers(vulnerability) for _, vulnerability in csaf.vulnerabilities]
    for path, number, told in _decisions(csaf):
        others = set[str]().union(*(names for place, names in enumerate(identifiers) if place != number))
        targets = told.get("target_ids", [])
        for name in targets if isinstance(targets, list) else ():
            if not isinstance(name, str) or name not in identifiers[number] or name in others:
                yield f"{path}.target_ids", f"{name!r} is not this vulnerability alone; name its cve or ids"


def unknown_points(csaf: Csaf) -> Iterator[Complaint]:
    """6.1.48: a decision point that its namespace does not have, or with other values, or in another order."""
    for place, selection in _sound_selections(csaf):
        namespace = selection["namespace"]
        base, *extensions = namespace.split("/")
        key, version = selection["key"], selection["version"]
        if base in _FORBIDDEN:
            yield f"{place}.namespace", f"{namespace!r} is kept for what is never valid; name the right one"
        if not is_listed(base) or is_newer(base, key, version):
            continue
        known = point(base, key, version)
        if known is None:
            yield place, f"SSVC has no decision point {key!r} of version {version} in {base!r}; correct it"
        else:
            yield from ((place, each) for each in _against(selection, known, may_rename=bool(extensions)))


def _is_time(value: Any) -> bool:
    return isinstance(value, str) and FORMATS.conforms(value, "date-time")


def _decisions(csaf: Csaf) -> Iterator[tuple[str, int, dict[str, Any]]]:
    """Each SSVC decision with its path and the number of its vulnerability."""
    for number, (path, vulnerability) in enumerate(csaf.vulnerabilities):
        for place, metric in items(vulnerability, "metrics", path):
            if "ssvc_v2" in metric["content"]:
                yield f"{place}.content.ssvc_v2", number, metric["content"]["ssvc_v2"]


def _identifiers(vulnerability: dict[str, Any]) -> set[str]:
    cve = {vulnerability["cve"]} if "cve" in vulnerability else set()
    return cve | {each["text"] for each in vulnerability.get("ids", [])}


def _sound_selections(csaf: Csaf) -> Iterator[Found]:
    for path, _, told in _decisions(csaf):
        if isinstance(told.get("selections"), list):
            yield from (found for found in items(told, "selections", path) if not any(_about_selection(found[1])))


def _about_selection(selection: Any) -> Iterator[str]:
    values = selection.get("values") if isinstance(selection, dict) else None
    if not isinstance(values, list) or not values or not all(key in selection for key in _NEEDED):
        yield f"a selection needs {', '.join(_NEEDED)}"
        return
    if not all(isinstance(value, dict) and isinstance(value.get("key"), str) for value in values):
        yield "each value of a selection needs a key"
    if not all(isinstance(selection[key], str) for key in ("key", "namespace")):
        yield "key and namespace are texts"
    elif odd := [tag for tag in _languages(selection["namespace"]) if not _is_language(tag)]:
        yield f"the namespace {selection['namespace']!r} names no language by {', '.join(odd)}; correct it"
    if not re.fullmatch(r"\d{1,9}\.\d{1,9}\.\d{1,9}", str(selection["version"]), re.ASCII):
        yield f"{selection['version']!r} is no version; write three numbers"


def _languages(namespace: str) -> list[str]:
    """The language tags of a namespace's extensions, each after a dollar sign."""
    return [part.partition("$")[2] for part in namespace.split("/")[1:] if "$" in part]


def _is_language(tag: str) -> bool:
    return FORMATS.conforms(tag, "language") and is_known_language(tag)


def _against(selection: dict[str, Any], known: Point, *, may_rename: bool) -> Iterator[str]:
    """What differs from the definition. An extension may leave values out and name things otherwise, no more."""
    names = dict(known.values)
    told = [value["key"] for value in selection["values"]]
    strange = [key for key in told if key not in names]
    if strange:
        yield f"{known.name} has no value {', '.join(map(repr, strange))}; it has {', '.join(names)}"
    elif told != [key for key in names if key in told]:
        yield f"the values of {known.name} stand in the order {', '.join(names)}, each once; sort them"
    if may_rename:
        return
    if selection.get("name", known.name) != known.name:
        yield f"the point {selection['key']} is named {known.name!r}, not {selection['name']!r}"
    for value in selection["values"]:
        right = names.get(value["key"])
        if right is not None and value.get("name", right) != right:
            yield f"the value {value['key']} of {known.name} is named {right!r}, not {value['name']!r}"
