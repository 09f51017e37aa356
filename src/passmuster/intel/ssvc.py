"""SSVC decision points: one spelling for all sources, and which of several values is the strongest."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime

from passmuster.intel.feeds.fields import Fields
from passmuster.model.advisory import SsvcPoint

_STRENGTH = {
    "exploitation": ("none", "public_poc", "active"),
    "automatable": ("no", "yes"),
    "technical_impact": ("partial", "total"),
    "value_density": ("diffuse", "concentrated"),
    "utility": ("laborious", "efficient", "super_effective"),
    "mission_impact": ("none", "degraded", "crippled", "mef_failure", "mission_failure"),
    "public_well_being_impact": ("minimal", "material", "irreversible"),
}
_SYNONYMS = {"poc": "public_poc", "proof_of_concept": "public_poc", "n": "no", "y": "yes", "false": "no", "true": "yes"}
_KEYS: dict[str, tuple[str, dict[str, str]]] = {
    "E": ("exploitation", {"N": "none", "P": "public_poc", "A": "active"}),
    "A": ("automatable", {"N": "no", "Y": "yes"}),
    "TI": ("technical_impact", {"P": "partial", "T": "total"}),
}
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def spell(word: str) -> str:
    """A name or value in lower snake case, as CERT/CC's tables are read here (`poc` is `public_poc`)."""
    snake = re.sub(r"[^a-z0-9]+", "_", word.strip().lower()).strip("_")
    return _SYNONYMS.get(snake, snake)


def read_ssvc(content: Fields, *, by: str) -> Iterator[SsvcPoint]:
    """The points of an SSVC block with when they were judged.

    Either `options`, a list of one-key mappings, or `selections`, where several values are those not yet ruled out.
    """
    judged_at = content.time("timestamp")
    judge = by or content.text("role")
    for option in content.mappings("options"):
        for name in option.values:
            value = option.text(name)
            if value:
                yield SsvcPoint(spell(name), spell(value), judge, judged_at)
    for selection in content.mappings("selections"):
        name, keys = _KEYS.get(selection.text("key"), ("", {}))
        name = spell(selection.text("name")) or name
        for value in _selected(selection, keys):
            if name and value:
                yield SsvcPoint(name, value, judge, judged_at)


def _selected(selection: Fields, keys: Mapping[str, str]) -> Iterator[str]:
    values = selection.list("values")
    if all(isinstance(value, str) for value in values):
        yield from (spell(value) for value in values)
        return
    for value in selection.mappings("values"):
        yield spell(value.text("name")) or keys.get(value.text("key"), "")


def strongest(points: Iterable[SsvcPoint]) -> tuple[SsvcPoint, ...]:
    """Of every point the strongest value, and of equals the first that was judged; in order of name."""
    best: dict[str, SsvcPoint] = {}
    for point in points:
        held = best.get(point.name)
        if held is None or _is_stronger(point, held):
            best[point.name] = point
    return tuple(best[name] for name in sorted(best))


def _is_stronger(point: SsvcPoint, held: SsvcPoint) -> bool:
    order = _STRENGTH.get(point.name, ())
    at, held_at = point.judged_at or _LONG_AGO, held.judged_at or _LONG_AGO
    if point.value in order and held.value in order:
        if point.value != held.value:
            return order.index(point.value) > order.index(held.value)
        # The first who knew is when it began; one who names no time says nothing of that.
        return point.judged_at is not None and (held.judged_at is None or at < held_at)
    if (point.value in order) != (held.value in order):
        return point.value in order
    return at > held_at
