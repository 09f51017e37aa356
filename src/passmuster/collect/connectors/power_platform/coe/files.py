"""Exported tables in a folder: CSV, or JSON as the Web API answers; told by their key column, else by their name."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from passmuster.collect.connectors.power_platform.coe.kit_tables import ALL, KitTable
from passmuster.collect.connectors.power_platform.powershell import as_text, as_time
from passmuster.collect.connectors.power_platform.purview.files import is_audit_export
from passmuster.documents.csv_file import read_csv
from passmuster.documents.json_file import read_json
from passmuster.errors import UnreadableInput

_SHOWN = "@odata.community.display.v1.formattedvalue"
_TRUE, _FALSE = frozenset({"true", "yes", "1"}), frozenset({"false", "no", "0"})
_SUFFIXES = (".csv", ".json")
_SCUBAGEAR = ("ProviderSettingsExport*.json", "ScubaResults*.json")
# What a run of ScubaGear writes beside its documents.
_OF_SCUBAGEAR = ("scubaresults", "actionplan")


@dataclass(frozen=True)
class Exported:
    """The rows of one table as exported, deleted ones left out. `problem` says why it is not understood or whole."""

    table: KitTable
    file: str
    rows: tuple[Mapping[str, Any], ...]
    problem: str = ""
    is_cut: bool = False

    def value(self, row: Mapping[str, Any], word: str) -> Any:
        """What a row holds under our word for a column; of a link to another table its id."""
        for name in self.table.columns[word]:
            for spelled in (name, f"_{name}_value"):
                if row.get(spelled) not in (None, ""):
                    return row[spelled]
        return None

    def text(self, row: Mapping[str, Any], word: str) -> str | None:
        """The same as text."""
        return as_text(self.value(row, word))

    def shown(self, row: Mapping[str, Any], word: str) -> str | None:
        """What people see there: the name behind a link, the word behind a number."""
        for name in self.table.columns[word]:
            for spelled in (f"_{name}_value{_SHOWN}", f"{name}{_SHOWN}", f"{name}name"):
                if as_text(row.get(spelled)):
                    return as_text(row[spelled])
        return self.text(row, word)

    def time(self, row: Mapping[str, Any], word: str) -> Any:
        """A time; None where it is written in another way than ISO 8601."""
        value = self.value(row, word)
        return as_time(value) if isinstance(value, str) else None

    def truth(self, row: Mapping[str, Any], word: str) -> bool | None:
        """True or false, also as the words and digits exports write."""
        return as_flag(self.value(row, word))


def as_flag(value: Any) -> bool | None:
    """True or false, also as yes, no, 1, 0; None for anything else."""
    word = str(value).strip().lower()
    return True if word in _TRUE else False if word in _FALSE else None


def looks_like_kit(path: Path) -> bool:
    """Whether a path is a table of the kit or a folder with any, by names alone."""
    if path.is_dir():
        return any(_is_candidate(each) for each in path.iterdir())
    return _is_candidate(path)


def _is_candidate(path: Path) -> bool:
    name = path.name.lower()
    is_named_so = name.endswith(".csv") or (name.endswith(".json") and name.startswith("admin_"))
    is_other = name.startswith(_OF_SCUBAGEAR) or is_audit_export(path)
    return path.is_file() and is_named_so and not is_other


def read_tables(path: Path) -> tuple[dict[str, Exported], list[str], str]:
    """Tables by logical name, remarks, and a digest over the files; raises UnreadableInput with every mistake."""
    files = [path] if path.is_file() else sorted(each for each in path.iterdir() if each.suffix.lower() in _SUFFIXES)
    files = [each for each in files if not is_audit_export(each)]
    _refuse_mixture(path)
    found: dict[str, Exported] = {}
    remarks: list[str] = []
    mistakes: list[str] = []
    digest = hashlib.sha256()
    for file in files:
        try:
            exported = _read(file)
        except UnreadableInput as error:
            mistakes.append(str(error))
            continue
        digest.update(f"{file.name}\0{hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode())
        if exported is None:
            remarks.append(f"{file.name} is no table of the kit that is read here")
        elif exported.table.name in found:
            other = found[exported.table.name].file
            mistakes.append(f"{path}: {other} and {file.name} are both the table {exported.table.name}; keep one")
        else:
            found[exported.table.name] = exported
    if mistakes:
        raise UnreadableInput("\n".join(mistakes))
    return found, remarks, digest.hexdigest()


def _refuse_mixture(path: Path) -> None:
    if path.is_dir():
        others = sorted(each.name for pattern in _SCUBAGEAR for each in path.glob(pattern))
        if others:
            raise UnreadableInput(
                f"{path}: holds tables of the CoE kit and a ScubaGear export ({others[0]}); name one with --from"
            )


def _read(file: Path) -> Exported | None:
    found = _rows(file)
    if found is None:
        return None
    header, rows, is_cut = found
    table = _recognise(file, header)
    if table is None:
        return None
    problem = _problem(table, header) if header else ""
    kept = tuple(row for row in rows if not any(as_flag(row.get(name)) for name in table.deleted))
    return Exported(table, file.name, () if problem else kept, problem, is_cut)


def _rows(file: Path) -> tuple[set[str], list[Mapping[str, Any]], bool] | None:
    """Names of columns in lower case, rows by them, and whether more pages exist; None where it is no list of rows."""
    if file.suffix.lower() == ".csv":
        header, lines = read_csv(file)
        lowered = [name.lower() for name in header]
        return set(lowered), [dict(zip(lowered, row.values(), strict=True)) for _, row in lines], False
    document = read_json(file)
    is_cut = isinstance(document, dict) and bool(document.get("@odata.nextLink"))
    records = document.get("value") if isinstance(document, dict) else document
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        return None
    rows: list[Mapping[str, Any]] = [{str(name).lower(): value for name, value in record.items()} for record in records]
    return {name for row in rows for name in row}, rows, is_cut


def _recognise(file: Path, header: set[str]) -> KitTable | None:
    name = file.stem.lower().removeprefix("admin_").strip()
    by_name = next((table for table in ALL if name in table.files or file.stem.lower() == table.name), None)
    by_key = [table for table in ALL if table.key in header]
    if len(by_key) == 1 and "admin_auditlogid" not in header:
        return by_key[0]
    return by_name


def _problem(table: KitTable, header: set[str]) -> str:
    for word in table.required:
        names = table.columns[word]
        if not any(name in header for name in names):
            return f"has none of the columns {', '.join(names)}; export it with logical column names"
    return ""
