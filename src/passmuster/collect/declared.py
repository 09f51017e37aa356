"""Facts that no interface gives, said by a person: reading them. `declared_merge` puts them beside collected rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from passmuster.collect.declared_merge import DERIVED_IDS, PLATFORM_DEFAULTS, apply_declared
from passmuster.documents.secrets import count_secrets, mask_secrets
from passmuster.documents.yaml_file import read_yaml
from passmuster.errors import UnreadableInput
from passmuster.model.declared import DeclaredFact
from passmuster.snapshot.columns import Column, Table
from passmuster.snapshot.tables import TABLES

__all__ = ["SCHEMA", "apply_declared", "read_declared"]

SCHEMA = "passmuster/declared@1"
NEVER = "never"
_FACT_KEYS = ("table", "row", "said_by", "said_at", "source")
_FILLED_IN = ("platform_id", "origin")
# A moment that is given tells something about its companion: an end date means there is one.
_TELLS = {"expires_at": ("has_expiry", True), "last_sign_in_at": ("never_signed_in", False)}


class _MistakeError(ValueError):
    """What is wrong with one value and how to mend it."""


def read_declared(path: Path) -> tuple[DeclaredFact, ...]:
    """The facts of a `passmuster/declared@1` file; raises UnreadableInput that lists every mistake at once."""
    document = read_yaml(path)
    complaints = list(_document_mistakes(document))
    facts = document.get("facts") if isinstance(document, Mapping) else None
    read: list[DeclaredFact] = []
    for number, fact in enumerate(facts if isinstance(facts, list) else [], start=1):
        mistakes: list[str] = []
        parsed = _read_fact(fact, mistakes.append)
        complaints += [f"fact {number}: {mistake}" for mistake in mistakes]
        if parsed is not None:
            read.append(parsed)
    if complaints:
        lines = "\n".join(f"  - {complaint}" for complaint in complaints)
        raise UnreadableInput(f"{path}: {len(complaints)} mistake(s) in the declared facts\n{lines}")
    return tuple(read)


def _document_mistakes(document: Any) -> Iterator[str]:
    if not isinstance(document, Mapping):
        yield f"the file must be a mapping that begins with `schema: {SCHEMA}` and holds a list `facts`"
        return
    if document.get("schema") != SCHEMA:
        yield f"schema is {mask_secrets(repr(document.get('schema')))}; write `schema: {SCHEMA}`"
    if not isinstance(document.get("facts"), list):
        yield "facts: must be a list; each item has `table`, `row`, `said_by`, `said_at`, `source`"
    yield from (f"{_shown(key)}: is not known here; take it out" for key in document if key not in ("schema", "facts"))


def _read_fact(fact: Any, complain: Callable[[str], None]) -> DeclaredFact | None:
    if not isinstance(fact, Mapping):
        complain("must be a mapping with `table`, `row`, `said_by`, `said_at`, `source`")
        return None
    for key in fact:
        if key not in _FACT_KEYS:
            complain(f"{_shown(key)}: is not known here; a fact has {', '.join(_FACT_KEYS)}")
    said_by, source = (_words(fact.get(key), key, complain) for key in ("said_by", "source"))
    said_at = _said_at(fact.get("said_at"), complain)
    table = TABLES.get(fact["table"]) if isinstance(fact.get("table"), str) else None
    if table is None:
        complain(f"table: {_shown(fact.get('table'))} is no table of a snapshot; one of {', '.join(TABLES)}")
        return None
    row = _read_row(table, fact.get("row"), complain)
    return DeclaredFact(table.name, row, said_by, said_at, source)


def _words(value: Any, key: str, complain: Callable[[str], None]) -> str:
    if isinstance(value, str) and value.strip():
        return value.strip()
    what = {"said_by": "the person who answers for it", "source": "where it can be looked up"}[key]
    complain(f"{key}: is missing; name {what}")
    return ""


def _said_at(value: Any, complain: Callable[[str], None]) -> datetime:
    try:
        if value is None:
            raise _MistakeError("is missing; write the day it was said, such as 2026-11-23")
        return _moment(value)
    except _MistakeError as mistake:
        complain(f"said_at: {mistake}")
        return datetime.min.replace(tzinfo=UTC)


def _read_row(table: Table, given: Any, complain: Callable[[str], None]) -> dict[str, Any]:
    if not isinstance(given, Mapping) or not given:
        complain(f"row: must be a mapping of columns of {table.name} to values")
        return {}
    row: dict[str, Any] = {}
    for name, value in given.items():
        try:
            row.update(_read_value(table, name, value))
        except _MistakeError as mistake:
            complain(f"{table.name}.{_shown(name)}: {mistake}")
    _tell_companions(table, given, row, complain)
    _check_identity(table, given, complain)
    return row


def _tell_companions(
    table: Table, given: Mapping[Any, Any], row: dict[str, Any], complain: Callable[[str], None]
) -> None:
    for name, (companion, meaning) in _TELLS.items():
        if companion not in table.column_names or name not in given:
            continue
        if name in row:
            told: bool | None = meaning
        else:
            told = not meaning if name == "expires_at" else None
        if told is None:
            continue
        if given.get(companion) not in (None, told):
            complain(f"{table.name}.{companion}: contradicts {name}; give only one of the two")
        row[companion] = told


def _read_value(table: Table, name: Any, value: Any) -> dict[str, Any]:
    if name in _FILLED_IN:
        raise _MistakeError("is filled in by itself; take it out")
    if name not in table.column_names:
        offered = ", ".join(column for column in table.column_names if column not in _FILLED_IN)
        raise _MistakeError(f"is no column of {table.name}; one of {offered}")
    if name == "expires_at" and value == NEVER and "has_expiry" not in table.column_names:
        raise _MistakeError(f"{table.name} cannot say `never`; leave expires_at out")
    if value is None or (name == "expires_at" and value == NEVER):
        return {}
    converted = _convert(table.column(name), value)
    if count_secrets({name: value}):
        raise _MistakeError(
            "looks like a secret value; describe the secret, never write it down, and change it if it was real"
        )
    return {name: converted}


def _convert(column: Column, value: Any) -> Any:
    converted = _CONVERTERS[column.type](value)
    if column.values and converted not in column.values:
        raise _MistakeError(f"{_shown(value)} is not in its list; one of {', '.join(column.values)}")
    return converted


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise _MistakeError(f"must be text, not {_kind(value)}; put it in quotes")
    if not value.strip():
        raise _MistakeError("is empty; leave it out if it is not known")
    return value.strip()


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise _MistakeError(f"must be true or false, not {_kind(value)}")
    return value


def _integer(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) >= 2**63:
        raise _MistakeError(f"must be a whole number, not {_kind(value)}")
    return value


def _moment(value: Any) -> datetime:
    if isinstance(value, str):
        try:
            value = (
                datetime.fromisoformat(value.strip()) if len(value.strip()) > 10 else date.fromisoformat(value.strip())
            )
        except ValueError:
            raise _MistakeError(f"{_shown(value)} is no time; write 2026-11-23 or 2026-11-23T09:30:00Z") from None
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise _MistakeError("has no time zone; end it with Z (UTC) or an offset such as +01:00")
        return value.astimezone(UTC)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    raise _MistakeError(f"must be a time, not {_kind(value)}; write 2026-11-23 or 2026-11-23T09:30:00Z")


def _day(value: Any) -> date:
    return _moment(value).date()


def _json(value: Any) -> Any:
    if not isinstance(value, list | dict):
        raise _MistakeError(f"must be a list or a mapping, not {_kind(value)}")
    return value


_CONVERTERS: dict[str, Callable[[Any], Any]] = {
    "TEXT": _text,
    "BOOLEAN": _boolean,
    "INTEGER": _integer,
    "TIMESTAMP": _moment,
    "DATE": _day,
    "JSON": _json,
}


def _check_identity(table: Table, given: Mapping[Any, Any], complain: Callable[[str], None]) -> None:
    """A row must say which thing it is about: by its key, or by the columns a key can be made from."""
    defaults = PLATFORM_DEFAULTS.get(table.name, {})
    first = table.key[0]
    if first == "platform_id":
        return
    if table.name == "settings" and given.get("scope_kind") not in (None, "platform") and not given.get("scope_id"):
        complain("settings.scope_id: is missing; say which thing the setting is of")
    is_keyed = all(given.get(name) is not None or name in defaults for name in _needed(table))
    made_from = DERIVED_IDS.get(table.name, ())
    if is_keyed or (made_from and all(given.get(name) is not None for name in made_from)):
        return
    ways = [" and ".join(name for name in _needed(table) if name not in defaults)]
    if made_from:
        ways.append(" and ".join(made_from))
    complain(f"{table.name}: the row does not say what it is about; give {', or '.join(ways)}")


def _needed(table: Table) -> tuple[str, ...]:
    # The rest of these keys may be absent: a permission on everything names no resource.
    return table.key[:2] if table.name in ("role_permissions", "data_policy_rules") else table.key


def _kind(value: Any) -> str:
    names = {bool: "true/false", int: "a number", float: "a number", str: "text", list: "a list", dict: "a mapping"}
    return names.get(type(value), "a time" if isinstance(value, date) else type(value).__name__)


def _shown(value: Any) -> str:
    return mask_secrets(str(value))[:80]
