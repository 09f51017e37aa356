"""Rows of any origin into typed columns; what does not fit is left out and told, never bent."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa

from passmuster.documents.secrets import mask_secrets
from passmuster.snapshot.columns import Column, Table

_INT64 = 2**63


@dataclass(frozen=True)
class Typed:
    """A table as Arrow, sorted by its key, and complaints about rows and values that did not fit."""

    table: pa.Table
    complaints: tuple[str, ...]


def to_arrow(table: Table, rows: Sequence[Mapping[str, Any]], *, platform_id: str, origin: str) -> Typed:
    """Rows as the declared columns; rows without a key and doubled keys are dropped with a complaint."""
    complaints: list[str] = []
    keyed = [row for row in rows if all(row.get(name) is not None for name in _required(table))]
    if len(keyed) < len(rows):
        complaints.append(f"{len(rows) - len(keyed)} row(s) without {' and '.join(_required(table))}")
    filled = ({"platform_id": platform_id, "origin": origin, **row} for row in keyed)
    arrow = columns_to_arrow(table, list(filled), complaints)
    return Typed(_without_doubles(table, arrow, complaints), tuple(complaints))


def columns_to_arrow(table: Table, rows: Sequence[Mapping[str, Any]], complaints: list[str]) -> pa.Table:
    """Each declared column coerced by its type; complaints are appended."""
    arrays = []
    for column in table.columns:
        values, bad = _coerce_column(column, (row.get(column.name) for row in rows))
        arrays.append(pa.array(values, type=column.arrow_type))
        if bad:
            complaints.append(f"{len(bad)} value(s) of {column.name} not readable, such as {bad[0]!r:.60}")
    return pa.Table.from_arrays(arrays, schema=table.schema)


def _required(table: Table) -> list[str]:
    # An id that is part of a composite key may be absent (a permission on everything); the first one may not.
    return [name for name in table.key if name != "platform_id"][:1]


def _coerce_column(column: Column, values: Iterable[Any]) -> tuple[list[Any], list[Any]]:
    coerce = _COERCERS[column.type]
    allowed = frozenset(column.values)
    good: list[Any] = []
    bad: list[Any] = []
    for value in values:
        if value is None:
            good.append(None)
            continue
        try:
            converted = coerce(value)
            if allowed and converted not in allowed:
                raise ValueError(value)
        except (ValueError, TypeError, OverflowError):
            bad.append(mask_secrets(str(value)))
            converted = None
        good.append(converted)
    return good, bad


def storable(text: str) -> str:
    """The text as files can hold it: `?` for half a character (a lone surrogate), and no NUL."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\x00", "")


def _text(value: Any) -> str:
    if isinstance(value, str):
        clean = storable(value)
        return mask_secrets(clean) if len(clean) >= 8 else clean
    if isinstance(value, bool | dict | list):
        raise TypeError(value)
    return str(value)


def _json(value: Any) -> str:
    if isinstance(value, str):
        return _text(value)
    return _text(json.dumps(value, ensure_ascii=False, sort_keys=True, default=str))


def _boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    raise TypeError(value)


def _integer(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value) or abs(value) >= _INT64:
        raise TypeError(value)
    return int(value)


def _timestamp(value: Any) -> datetime:
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    if isinstance(moment, date) and not isinstance(moment, datetime):
        moment = datetime(moment.year, moment.month, moment.day, tzinfo=UTC)
    if not isinstance(moment, datetime):
        raise TypeError(value)
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.astimezone(UTC).replace(tzinfo=None)


def _date(value: Any) -> date:
    if isinstance(value, str):
        return date.fromisoformat(value[:10])
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    raise TypeError(value)


_COERCERS: dict[str, Callable[[Any], Any]] = {
    "TEXT": _text,
    "JSON": _json,
    "BOOLEAN": _boolean,
    "INTEGER": _integer,
    "TIMESTAMP": _timestamp,
    "DATE": _date,
}


def _without_doubles(table: Table, arrow: pa.Table, complaints: list[str]) -> pa.Table:
    # Sorting by every column makes the result independent of the order in which a platform answered.
    order = [*table.key, *(name for name in table.column_names if name not in table.key)]
    arrow = arrow.sort_by([(name, "ascending") for name in order])
    distinct = arrow.group_by(list(table.key), use_threads=False).aggregate([]).num_rows
    if distinct == arrow.num_rows:
        return arrow
    keys = list(zip(*(arrow[name].to_pylist() for name in table.key), strict=True))
    rows = arrow.to_pylist()
    keep = [0] + [index for index in range(1, len(keys)) if keys[index] != keys[index - 1]]
    clashes = {
        keys[index]
        for index in range(1, len(keys))
        if keys[index] == keys[index - 1] and rows[index] != rows[index - 1]
    }
    if clashes:
        example = " / ".join(str(part) for part in next(iter(sorted(clashes, key=str))))
        complaints.append(f"{len(clashes)} key(s) given twice with different facts, such as {example}")
    return arrow.take(keep)
