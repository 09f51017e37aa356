"""What changed as people read it: yes and no, times, lists by what came and went, ids by their names."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from passmuster.pipeline.what_changed import Thing, Value
from passmuster.web.column_words import column_words

_LONGEST = 240
NOTHING, NOT_KNOWN = "nothing", "not known"


@dataclass(frozen=True)
class Fact:
    """One column of a thing. `now` alone stands for what is new, gone or unchanged; a list tells what came and went.

    `before` and `now` are words, or a time (UTC).
    """

    label: str
    now: str | datetime = ""
    before: str | datetime = ""
    came: str = ""
    went: str = ""
    has_before: bool = False


def facts_of(thing: Thing) -> list[Fact]:
    """What tells the thing from others of its id, then each column in words."""
    where = [Fact(column_words(each.column.name), said(each, each.after)) for each in thing.where]
    return [*where, *(_fact(value, thing.how) for value in thing.values)]


def _fact(value: Value, how: str) -> Fact:
    label = column_words(value.column.name)
    if how != "changed":
        return Fact(label, said(value, value.before if how == "removed" else value.after))
    if isinstance(value.before, list) and isinstance(value.after, list):
        came, went = _without(value.after, value.before), _without(value.before, value.after)
        if came or went:
            return Fact(label, came=_joined(value, came), went=_joined(value, went))
        return Fact(label, "the same in another order")
    return Fact(label, said(value, value.after), said(value, value.before), has_before=True)


def said(value: Value, side: Any) -> str | datetime:
    """One side of a value: what was not collected is not known, what is empty is nothing."""
    if side is None:
        return NOT_KNOWN
    if value.column.type == "TIMESTAMP" and (at := _time(side)) is not None:
        return at
    return _short(_said(value, side))


def _said(value: Value, side: Any) -> str:
    if isinstance(side, bool):
        return "yes" if side else "no"
    if side is None or side in ("", [], {}):
        return NOTHING
    if isinstance(side, list):
        return ", ".join(_said(value, each) for each in side)
    if isinstance(side, dict):
        return "; ".join(f"{column_words(str(name))}: {_said(value, each)}" for name, each in side.items())
    text = str(side)
    if text in value.names:
        return value.names[text]
    return text.replace("_", " ") if text in value.column.values else text


def _joined(value: Value, items: Sequence[Any]) -> str:
    return _short(", ".join(_said(value, each) for each in items))


def _without(items: Iterable[Any], others: Iterable[Any]) -> list[Any]:
    known = {json.dumps(each, sort_keys=True) for each in others}
    return [each for each in items if json.dumps(each, sort_keys=True) not in known]


def _time(side: Any) -> datetime | None:
    if isinstance(side, date):
        return None
    try:
        at = datetime.fromisoformat(str(side).replace("Z", "+00:00"))
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
