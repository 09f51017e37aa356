"""The reader of notices written as YAML, JSON or CSV."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from passmuster.documents.csv_file import parse_csv
from passmuster.documents.yaml_file import parse_yaml
from passmuster.errors import UnreadableInput
from passmuster.intel.feeds.interface import Document, Reading
from passmuster.intel.feeds.notices.notice import REQUIRED, SCHEMA, newest_revisions, read_notice
from passmuster.intel.feeds.notices.values import read_kind

_MOST_TOLD = 100


class NoticeFeed:
    """Notices by `passmuster/notice@1`: one, a list, or a list under `notices`."""

    kind = "notice"

    def recognises(self, document: Document) -> bool:
        """Whether it names the schema, lists notices, or is a table with a notice's columns."""
        value = document.value
        if isinstance(value, dict):
            return (
                str(value.get("schema", "")).startswith("passmuster/notice@") or "notices" in value or _is_like(value)
            )
        if isinstance(value, list):
            return bool(value) and all(isinstance(item, dict) for item in value) and _is_like(value[0])
        return _is_table(document.text)

    def read(self, document: Document) -> Reading:
        """One record a notice, of several revisions the highest; raises UnreadableInput with all complaints."""
        complaints: list[str] = []
        found = []
        for place, values in _notices(document, complaints):
            record = read_notice(values, f"{document.where}: {place}", complaints)
            if record is not None:
                found.append((f"{document.where}: {place}", record))
        records = newest_revisions(found, complaints)
        if not records and not complaints:
            complaints.append(f"{document.where}: holds no notice; write at least one")
        refuse(complaints)
        return Reading(records)


def refuse(complaints: list[str]) -> None:
    """Raise UnreadableInput with all complaints where there are any."""
    if complaints:
        more = len(complaints) - _MOST_TOLD
        raise UnreadableInput("\n".join([*complaints[:_MOST_TOLD], *([f"and {more} more"] if more > 0 else [])]))


def _is_like(value: Mapping[str, Any]) -> bool:
    """Whether a mapping without a schema is a notice: a vendor, and a kind of notice."""
    try:
        return "vendor" in value and read_kind(value.get("kind")) is not None
    except ValueError:
        return False


def _is_table(text: str) -> bool:
    header = [
        name.strip().strip('"').lower() for name in text[:4096].lstrip("\ufeff\r\n").partition("\n")[0].split(",")
    ]
    return set(REQUIRED) <= set(header)


def _notices(document: Document, complaints: list[str]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Places (`notices.2.`, `line 3, column `) and values."""
    value = document.value
    if value is None and _is_table(document.text):
        yield from _rows(document)
        return
    if value is None:
        value = parse_yaml(document.text, document.where)
    schema = value.get("schema") if isinstance(value, dict) else None
    if schema is not None and schema != SCHEMA:
        complaints.append(f"{document.where}: schema: {schema!r} is not known; write {SCHEMA}")
        return
    if isinstance(value, dict) and "notices" not in value:
        yield "", value
        return
    items = value["notices"] if isinstance(value, dict) else value
    prefix = "notices." if isinstance(value, dict) else ""
    if not isinstance(items, list):
        complaints.append(f"{document.where}: notices: is no list; begin each notice with a dash")
        return
    for number, item in enumerate(items):
        if isinstance(item, dict):
            yield f"{prefix}{number}.", item
        else:
            complaints.append(f"{document.where}: {prefix}{number}: is no notice; write field: value")


def _rows(document: Document) -> Iterator[tuple[str, Mapping[str, Any]]]:
    header, rows = parse_csv(document.text.lstrip("\ufeff"), document.where)
    named = {name: name.lower() for name in header}
    for line, row in rows:
        # An apostrophe is how a spreadsheet keeps a cell from being a formula.
        cells = {named[name]: _cell(cell) for name, cell in row.items()}
        yield f"line {line}, column ", {name: cell for name, cell in cells.items() if cell != ""}


def _cell(text: str) -> str:
    text = text.strip()
    return text[1:] if text[:1] == "'" and text[1:2] in "=+-@" else text
