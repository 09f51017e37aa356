"""Records as JSON and back: one spelling, so that the same record has the same digest everywhere."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import types
import typing
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from enum import Enum
from functools import cache
from typing import Any

from passmuster.model.advisory import Record

_DIGEST_DIGITS = 32
_AS_THEY_ARE = frozenset({str, int, float, bool})


def to_plain(value: Any) -> Any:
    """A value of the model as JSON types; fields that hold their default are left out."""
    kind: Any = type(value)
    if value is None or kind in _AS_THEY_ARE:
        return value
    if kind is tuple or kind is list:
        return [to_plain(item) for item in value]
    if kind is dict:
        return {str(name): to_plain(item) for name, item in value.items()}
    if not hasattr(kind, "__dataclass_fields__"):
        return _scalar(value)
    plain = {}
    for name, default in _defaults(kind):
        item = getattr(value, name)
        if item is not default and item != default:
            plain[name] = to_plain(item)
    return plain


def _scalar(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return spell_time(value)
    if isinstance(value, Mapping):
        return {str(name): to_plain(item) for name, item in value.items()}
    return value.isoformat() if isinstance(value, date) else value


def spell_time(moment: datetime) -> str:
    """An aware instant as RFC 3339 in UTC, ending in Z."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def to_text(record: Record) -> str:
    """The record as one line of JSON."""
    return _ENCODER.encode(to_plain(record))


def from_text(text: str) -> Record:
    """The record that `to_text` wrote."""
    record = _reader(Record)(json.loads(text))
    assert isinstance(record, Record)
    return record


def spell_for_digest(record: Record, text: str) -> str:
    """The text whose digest changes with the record: without the version of the catalogue it was listed in."""
    if record.kev is None or not record.kev.catalogue_version:
        return text
    return to_text(dataclasses.replace(record, kev=dataclasses.replace(record.kev, catalogue_version="")))


def digest_of(record: Record) -> str:
    """32 hexadecimal digits that change with the record."""
    return digest_of_text(spell_for_digest(record, to_text(record)))


def digest_of_text(text: str) -> str:
    """32 hexadecimal digits of a text."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGEST_DIGITS]


_ENCODER = json.JSONEncoder(separators=(",", ":"), sort_keys=True)


@cache
def _defaults(kind: type) -> tuple[tuple[str, Any], ...]:
    found = []
    for each in dataclasses.fields(kind):
        default: Any = dataclasses.MISSING
        if each.default is not dataclasses.MISSING:
            default = each.default
        elif each.default_factory is not dataclasses.MISSING:
            default = each.default_factory()
        found.append((each.name, default))
    return tuple(found)


@cache
def _reader(kind: Any) -> Callable[[Any], Any]:
    """What turns JSON back into a value of this type."""
    arguments = typing.get_args(kind)
    if typing.get_origin(kind) in {typing.Union, types.UnionType}:
        (inner,) = [_reader(each) for each in arguments if each is not types.NoneType]
        return lambda value: None if value is None else inner(value)
    if typing.get_origin(kind) is tuple:
        item = _reader(arguments[0])
        return lambda value: tuple(map(item, value))
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        return _dataclass_reader(kind)
    return _scalar_reader(kind)


def _scalar_reader(kind: Any) -> Callable[[Any], Any]:
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind
    parsers: dict[Any, Callable[[Any], Any]] = {datetime: datetime.fromisoformat, date: date.fromisoformat}
    return parsers.get(kind, lambda value: value)


def _dataclass_reader(kind: type) -> Callable[[Any], Any]:
    hints = typing.get_type_hints(kind)
    readers = {each.name: _reader(hints[each.name]) for each in dataclasses.fields(kind)}
    # A field that a later version wrote is passed over.
    return lambda value: kind(**{name: readers[name](item) for name, item in value.items() if name in readers})
