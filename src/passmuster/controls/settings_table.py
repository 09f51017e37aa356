"""Controls that only compare settings, a line each in a pack's settings.csv, as what control.yaml holds."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from passmuster.documents.csv_file import read_csv
from passmuster.documents.json_file import parse_json
from passmuster.errors import UnreadableInput

FILE_NAME = "settings.csv"
_OF_RULE = ("key", "operator", "value", "unit", "when_missing", "text")
_OF_CONTROL = ("title", "severity", "responsibility", "hosting", "kind", "rationale", "remediation", "note")
_LISTS = ("platforms", "supersedes", "references")
_COLUMNS = ("id", *_OF_CONTROL, *_OF_RULE, *_LISTS)
_DEFAULTED = ("responsibility", "hosting", "rationale", "remediation", "platforms", "maps", "references")
_SPELLED = {
    "equals": "", "not_equals": "not ", "at_least": "at least ", "at_most": "at most ", "in": "one of ",
    "not_in": "none of ", "contains": "with ", "not_contains": "without ", "contains_all": "with all of ",
    "only_from": "nothing but ", "is_set": "set",
}  # fmt: skip


@dataclass(frozen=True)
class Tabled:
    """One control as a document fit for the schema of control.yaml, and the place it stands at."""

    document: dict[str, Any]
    where: str


def read_settings_table(folder: Path, defaults: Mapping[str, Any], complaints: list[str]) -> list[Tabled]:
    """The controls of a pack's table, none without the file; appends a complaint for every line that does not fit.

    A line that repeats an id adds a setting to that control. `defaults` fill the cells that are left empty.
    """
    path = folder / FILE_NAME
    if not path.is_file():
        return []
    if not path.resolve().is_relative_to(folder.resolve()):
        complaints.append(f"{FILE_NAME}: leads out of the pack")
        return []
    try:
        header, rows = read_csv(path)
    except UnreadableInput as error:
        complaints += str(error).replace(str(path), FILE_NAME).splitlines()
        return []
    found = list(_header_complaints(header))
    if found:
        complaints += found
        return []
    return _controls([(line, _trimmed(row)) for line, row in rows], defaults, complaints)


def _header_complaints(header: list[str]) -> Iterator[str]:
    known = ", ".join(_COLUMNS)
    yield from (f"{FILE_NAME}: line 1: unknown column {n!r}; known are {known}" for n in header if n not in _COLUMNS)
    yield from (f"{FILE_NAME}: line 1: the column {n} is missing" for n in ("id", "title", "key") if n not in header)


def _trimmed(row: Mapping[str, str]) -> dict[str, str]:
    return {name: cell.strip() for name, cell in row.items() if cell.strip()}


def _controls(
    rows: list[tuple[int, dict[str, str]]], defaults: Mapping[str, Any], complaints: list[str]
) -> list[Tabled]:
    found: dict[str, Tabled] = {}
    for line, row in rows:
        where = f"{FILE_NAME}: line {line}"
        name = row.get("id", "")
        if not name:
            complaints.append(f"{where}: has no id")
        elif name not in found:
            found[name] = Tabled(_document(row, defaults, where, complaints), f"{where} ({name})")
        else:
            _add(found[name].document, row, where, complaints)
    for tabled in found.values():
        _finish(tabled.document, defaults.get("key_prefix", ""))
    return list(found.values())


def _document(row: Mapping[str, str], defaults: Mapping[str, Any], where: str, complaints: list[str]) -> dict[str, Any]:
    document: dict[str, Any] = {name: defaults[name] for name in _DEFAULTED if name in defaults}
    document |= {name: row[name] for name in ("id", *_OF_CONTROL) if name in row and name != "kind"}
    document |= {name: row[name].split() for name in _LISTS if name in row}
    kind = row.get("kind", "setting" if "key" in row else "attest")
    document["check"] = {"kind": kind}
    if kind != "attest":
        document["check"]["settings"] = [_rule(row, defaults, where, complaints)]
    elif "key" in row:
        complaints.append(f"{where}: a control of kind attest has no key")
    return document


def _add(document: dict[str, Any], row: Mapping[str, str], where: str, complaints: list[str]) -> None:
    again = [name for name in (*_OF_CONTROL, *_LISTS) if name in row]
    if again:
        named = f"{', '.join(again)} of {row['id']}"
        complaints.append(f"{where}: {named} belong into its first line; leave them empty here")
    if "settings" not in document["check"]:
        complaints.append(f"{where}: {row['id']} asks for a statement alone and has no settings")
        return
    rules = document["check"]["settings"]
    rules.append(_rule(row, {"when_missing": rules[0].get("when_missing")}, where, complaints))


def _rule(row: Mapping[str, str], defaults: Mapping[str, Any], where: str, complaints: list[str]) -> dict[str, Any]:
    rule: dict[str, Any] = {name: row[name] for name in _OF_RULE if name in row and name != "value"}
    if "when_missing" not in rule and defaults.get("when_missing"):
        rule["when_missing"] = defaults["when_missing"]
    if "value" in row:
        rule["value"] = _value(row["value"], where, complaints)
    return rule


def _value(cell: str, where: str, complaints: list[str]) -> Any:
    """A value as JSON writes it (`true`, `30`, `"30"`, `["a"]`, `{"param": "days"}`); anything else is text."""
    if cell[0] not in '["{' and cell not in ("true", "false") and not cell.lstrip("-").replace(".", "", 1).isdigit():
        return cell
    try:
        return parse_json(cell, f"{where}: value")
    except UnreadableInput as error:
        complaints.append(str(error))
        return cell


def _finish(document: dict[str, Any], prefix: str) -> None:
    """Write the settings into the remediation, where it has a place for them."""
    if "remediation" in document:
        wanted = "; ".join(_spelled(rule, prefix) for rule in document["check"].get("settings", ()))
        document["remediation"] = document["remediation"].replace("{settings}", wanted)


def _spelled(rule: Mapping[str, Any], prefix: str) -> str:
    value = rule.get("value", "")
    told = value if isinstance(value, str) and value else json.dumps(value, ensure_ascii=False)
    words = _SPELLED.get(rule.get("operator", ""), "")
    key = rule.get("key", "").removeprefix(prefix)
    return f"{key}: {words}{told if 'value' in rule else ''}".strip()
