"""Tests of 2.1 on extensions (6.1.60)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from jsonschema import Draft202012Validator

from passmuster.documents.schema_words import complaints_of
from passmuster.intel.feeds.csaf.extensions import known_extension
from passmuster.intel.feeds.csaf.pieces import URI, Schema, word
from passmuster.intel.feeds.csaf.walk import Complaint, Csaf, Found
from passmuster.intel.feeds.formats import FORMATS

# The second half are the words of the second draft.
_CATEGORIES = "essential significant supplementary critical high_value informational"
_WEIGHTY = ("essential", "critical")
_SHAPE: Schema = {
    "type": "object",
    "required": ["$schema", "category", "content", "critical"],
    "properties": {
        "$schema": URI,
        "category": word(_CATEGORIES),
        "content": {"type": "object", "minProperties": 1},
        "critical": {"type": "boolean"},
    },
    "additionalProperties": False,
}


def odd_extensions(csaf: Csaf) -> Iterator[Complaint]:
    """6.1.60.1 and 2: an extension of the wrong shape, or against its own schema where that is known."""
    for place, extension in extensions(csaf.value):
        complaints = _held_to(_SHAPE, extension, place)
        known = None if complaints else known_extension(extension["$schema"])
        yield from _held_to(known[1].content, extension["content"], f"{place}.content") if known else complaints


def unfitting_extensions(csaf: Csaf) -> Iterator[Complaint]:
    """6.1.60.3: a known extension that stands at a place too often, or beside one that it does not go with."""
    told = [
        (place, known)
        for place, each in extensions(csaf.value)
        if isinstance(each, dict) and (known := known_extension(str(each.get("$schema", ""))))
    ]
    names = {name for _, (name, _) in told}
    counted = Counter((place.rpartition(".")[0], name) for place, (name, _) in told)
    for place, (name, rules) in told:
        if rules.excludes in names:
            yield place, f"{name} does not go with {rules.excludes}; keep one of them"
        where = place.rpartition(".")[0]
        most = next((most for key, most in rules.most_at.items() if f".{key}." in where), rules.most)
        if counted[where, name] > most:
            yield place, f"{name} may stand here {most} times, not {counted[where, name]}; remove some"


def weighty_unknown_extensions(csaf: Csaf) -> Iterator[Complaint]:
    """Extensions (of a proper shape) that this program does not know, though they say that they matter."""
    for place, extension in extensions(csaf.value):
        is_weighty = extension["critical"] or extension["category"] in _WEIGHTY
        if is_weighty and not known_extension(extension["$schema"]):
            yield place, f"the extension {extension['$schema']} is not known here; read the document itself"


def extensions(value: Any, path: str = "") -> Iterator[Found]:
    """Each extension in the document with its path."""
    for key, item in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        place = f"{path}.{key}" if path else str(key)
        if key == "x_extensions" and isinstance(item, list):
            yield from ((f"{place}.{number}", each) for number, each in enumerate(item))
        else:
            yield from extensions(item, place)


def _held_to(schema: Schema, value: Any, place: str) -> list[Complaint]:
    validator = Draft202012Validator(schema, format_checker=FORMATS)
    return [(place, text.removeprefix(": ")) for text in complaints_of(validator, value, "")]
