"""One row of a table as a person wrote it: every value checked against its column, every mistake named."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from passmuster.collect.declared_merge import DERIVED_IDS, PLATFORM_DEFAULTS
from passmuster.documents.secrets import count_secrets, mask_secrets
from passmuster.snapshot.columns import Column, Table

NEVER = "never"
_FILLED_IN = ("platform_id", "origin")
# A moment that is given tells something about its companion: an end date means there is one.
_TELLS = {"expires_at": ("has_expiry", True), "last_sign_in_at": ("never_signed_in", False)}

Complain = Callable[[str, str], None]
"""Takes the column (empty: the row as a whole) and what is wrong, with the mend."""


class DeclaredMistake(ValueError):
    """What is wrong with one value and how to mend it."""


def read_row(table: Table, given: Any, complain: Complain) -> dict[str, Any]:
    """The row typed, with what a value tells beside itself; a value with a mistake is left out."""
    if not isinstance(given, Mapping) or not given:
        complain("", f"must be a mapping of columns of {table.name} to values")
        return {}
    row: dict[str, Any] = {}
    for name, value in given.items():
        try:
            row.update(_read_value(table, name, value))
        except DeclaredMistake as mistake:
            complain(shown(name), str(mistake))
    _tell_companions(table, given, row, complain)
    _check_identity(table, given, complain)
    return row


def _tell_companions(table: Table, given: Mapping[Any, Any], row: dict[str, Any], complain: Complain) -> None:
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
            complain(companion, f"contradicts {name}; give only one of the two")
        row[companion] = told


def _read_value(table: Table, name: Any, value: Any) -> dict[str, Any]:
    if name in _FILLED_IN:
        raise DeclaredMistake("is filled in by itself; take it out")
    if name not in table.column_names:
        offered = ", ".join(column for column in table.column_names if column not in _FILLED_IN)
        raise DeclaredMistake(f"is no column of {table.name}; one of {offered}")
    if name == "expires_at" and value == NEVER and "has_expiry" not in table.column_names:
        raise DeclaredMistake(f"{table.name} cannot say `never`; leave expires_at out")
    if value is None or (name == "expires_at" and value == NEVER):
        return {}
    converted = _convert(table.column(name), value)
    if count_secrets({name: value}):
        raise DeclaredMistake(
            "looks like a secret value; describe the secret, never write it down, and change it if it was real"
        )
    return {name: converted}


def _convert(column: Column, value: Any) -> Any:
    converted = _CONVERTERS[column.type](value)
    if column.values and converted not in column.values:
        raise DeclaredMistake(f"{shown(value)} is not in its list; one of {', '.join(column.values)}")
    return converted


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise DeclaredMistake(f"must be text, not {_kind(value)}; put it in quotes")
    if not value.strip():
        raise DeclaredMistake("is empty; leave it out if it is not known")
    return value.strip()


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise DeclaredMistake(f"must be true or false, not {_kind(value)}")
    return value


def _integer(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) >= 2**63:
        raise DeclaredMistake(f"must be a whole number, not {_kind(value)}")
    return value


def moment_of(value: Any) -> datetime:
    """A time with its zone, or a day (its start, UTC); raises DeclaredMistake."""
    if isinstance(value, str):
        try:
            value = (
                datetime.fromisoformat(value.strip()) if len(value.strip()) > 10 else date.fromisoformat(value.strip())
            )
        except ValueError:
            raise DeclaredMistake(f"{shown(value)} is no time; write 2026-11-23 or 2026-11-23T09:30:00Z") from None
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise DeclaredMistake("has no time zone; end it with Z (UTC) or an offset such as +01:00")
        return value.astimezone(UTC)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    raise DeclaredMistake(f"must be a time, not {_kind(value)}; write 2026-11-23 or 2026-11-23T09:30:00Z")


def _day(value: Any) -> date:
    return moment_of(value).date()


def _json(value: Any) -> Any:
    if not isinstance(value, list | dict):
        raise DeclaredMistake(f"must be a list or a mapping, not {_kind(value)}")
    return value


_CONVERTERS: dict[str, Callable[[Any], Any]] = {
    "TEXT": _text,
    "BOOLEAN": _boolean,
    "INTEGER": _integer,
    "TIMESTAMP": moment_of,
    "DATE": _day,
    "JSON": _json,
}


def _check_identity(table: Table, given: Mapping[Any, Any], complain: Complain) -> None:
    """A row must say which thing it is about: by its key, or by the columns a key can be made from."""
    defaults = PLATFORM_DEFAULTS.get(table.name, {})
    first = table.key[0]
    if first == "platform_id":
        return
    if table.name == "settings" and given.get("scope_kind") not in (None, "platform") and not given.get("scope_id"):
        complain("scope_id", "is missing; say which thing the setting is of")
    is_keyed = all(given.get(name) is not None or name in defaults for name in _needed(table))
    made_from = DERIVED_IDS.get(table.name, ())
    if is_keyed or (made_from and all(given.get(name) is not None for name in made_from)):
        return
    ways = [" and ".join(name for name in _needed(table) if name not in defaults)]
    if made_from:
        ways.append(" and ".join(made_from))
    complain("", f"the row does not say what it is about; give {', or '.join(ways)}")


def _needed(table: Table) -> tuple[str, ...]:
    # The rest of these keys may be absent: a permission on everything names no resource.
    return table.key[:2] if table.name in ("role_permissions", "data_policy_rules") else table.key


def _kind(value: Any) -> str:
    names = {bool: "true/false", int: "a number", float: "a number", str: "text", list: "a list", dict: "a mapping"}
    return names.get(type(value), "a time" if isinstance(value, date) else type(value).__name__)


def shown(value: Any) -> str:
    """A given value for an error: secrets masked, cut."""
    return mask_secrets(str(value))[:80]
