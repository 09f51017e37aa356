"""Pages of long lists by key: the next page starts after a row, so the millionth costs as much as the first."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from heapq import merge
from operator import attrgetter
from typing import Any, Generic, TypeVar

from django.core.exceptions import SuspiciousOperation, ValidationError
from django.db.models import BooleanField, F, Field, Func, Model, QuerySet, Value, prefetch_related_objects
from django.db.models.lookups import GreaterThan, LessThan

PAGE_SIZE = 50
_LONGEST_CURSOR = 1000
M = TypeVar("M", bound=Model)


class BrokenCursor(SuspiciousOperation):
    """The address names a place in the list that this list never gave out; Django answers 400."""


@dataclass(frozen=True)
class Page(Generic[M]):
    """Rows, and the cursors of the pages after and before; an empty cursor: there is none."""

    rows: tuple[M, ...]
    after: str
    before: str


class _Row(Func):
    """Several columns compared as one value, which an index on them answers directly."""

    template = "(%(expressions)s)"
    arg_joiner = ", "


def page_of(
    rows: QuerySet[M] | Sequence[QuerySet[M]],
    order: Sequence[str],
    given: Mapping[str, str],
    *,
    size: int = PAGE_SIZE,
    beside: Sequence[str] = (),
) -> Page[M]:
    """A page of `rows` in that order, from `given["after"]` or `given["before"]` (a request's GET).

    The columns of `order` are never null, all rise or all (spelled `-name`) fall, and the last one is unique. Where an
    index starts with the filtered columns and goes on with these, a page is one descent of it. Several `rows` have
    nothing in common, such as two states: each is one descent, and they are shown as one list; their order's columns
    are numbers or dates. What stands `beside` each row shown (names of keys to other tables) is read by key afterwards:
    a join would leave it to what the database believes of small tables which way it goes. Raises BrokenCursor.
    """
    parts = (rows,) if isinstance(rows, QuerySet) else tuple(rows)
    names, falls = _named(order)
    after, before = given.get("after", ""), given.get("before", "")
    backwards = bool(before) and not after
    cursor = _decode(parts[0], names, before if backwards else after)
    is_down = falls != backwards
    read = [_read(part, names, is_down, cursor)[: size + 1] for part in parts]
    found = list(read[0]) if len(read) == 1 else list(merge(*read, key=attrgetter(*names), reverse=is_down))
    more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    prefetch_related_objects(found, *beside)
    has_after = bool(found) and (more or backwards)
    has_before = bool(found) and (more if backwards else cursor is not None)
    return Page(
        tuple(found),
        _encode(found[-1], names) if has_after else "",
        _encode(found[0], names) if has_before else "",
    )


def _read(rows: QuerySet[M], names: Sequence[str], is_down: bool, cursor: Sequence[Any] | None) -> QuerySet[M]:
    """The rows from the cursor's place on, in that order."""
    shown = rows.order_by(*(f"-{name}" if is_down else name for name in names))
    if cursor is None:
        return shown
    place = (_Row(*(F(name) for name in names), output_field=BooleanField()), _as_row(rows, names, cursor))
    return shown.filter(LessThan(*place) if is_down else GreaterThan(*place))


def cursor_of(row: Model, order: Sequence[str]) -> str:
    """The cursor of a row's place in that order: `after` it comes the next row, `before` it the one before."""
    return _encode(row, _named(order)[0])


def _named(order: Sequence[str]) -> tuple[tuple[str, ...], bool]:
    falling = {name.startswith("-") for name in order}
    if len(falling) != 1:
        raise ValueError("a list's order rises in all columns or falls in all")
    return tuple(name.removeprefix("-") for name in order), falling.pop()


def _field(model: type[Model], name: str) -> Field[Any, Any]:
    field = model._meta.pk if name == "pk" else model._meta.get_field(name)
    assert isinstance(field, Field)
    return field


def _as_row(rows: QuerySet[M], names: Sequence[str], cursor: Sequence[Any]) -> _Row:
    values = (Value(value, output_field=_field(rows.model, name)) for name, value in zip(names, cursor, strict=True))
    return _Row(*values, output_field=BooleanField())


def _encode(row: Model, names: Sequence[str]) -> str:
    values = [_field(type(row), name).value_to_string(row) for name in names]
    return urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


def _decode(rows: QuerySet[M], names: Sequence[str], text: str) -> list[Any] | None:
    if not text:
        return None
    try:
        if len(text) > _LONGEST_CURSOR:
            raise ValueError
        values = json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
            raise ValueError
        pairs = zip(names, values, strict=True)
        return [_field(rows.model, name).clean(value, None) for name, value in pairs]
    except (ValueError, ValidationError, RecursionError):
        raise BrokenCursor("the address names no place in this list") from None
