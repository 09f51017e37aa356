"""The workbook an owner fills in, written and read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from passmuster.collect.connectors.declared.checking import Given, GivenRow, GivenTable, check_declaration
from passmuster.collect.connectors.declared.declaration import (
    KNOWN_HELP,
    Declaration,
    DeclaredTable,
    Known,
    asked_tables,
    columns_of,
)
from passmuster.collect.connectors.declared.sheets import (
    OVERVIEW,
    OVERVIEW_HEADINGS,
    READ_ME,
    cell_of,
    columns_by_heading,
    given_of,
    heading_of,
    help_of,
    tables_by_title,
    title_of,
)
from passmuster.documents.workbook_in import Cell, Sheet, read_workbook
from passmuster.documents.workbook_out import Column as FormColumn
from passmuster.documents.workbook_out import Form, write_workbook
from passmuster.snapshot.columns import Column, Table

_SPARE_ROWS = 200
_SAID_AT = Column("said_at", "TIMESTAMP")
_INTRODUCTION = (
    "This workbook tells Passmuster what no interface can: fill in what you know and leave the rest empty.",
    "1. Start with the sheet Overview: one line a sheet, how much is known, who said so, when, from where.",
    "2. An empty cell means that nobody knows. It never means no.",
    "3. Names tie the sheets together: the owner of an app is the login of a row of Principals.",
    "4. Never write a password, key or token into any cell. Say only that there is one, and where it is kept.",
    "5. No formulas, no merged cells, no new columns. Rows may be sorted and filtered.",
    "Known is one of:",
)


def write_declaration(declaration: Declaration, target: Path) -> None:
    """Write the workbook whole; raises OutputRefused."""
    notes = (*_INTRODUCTION, *(f"    {word!s}: {text}" for word, text in KNOWN_HELP.items()))
    forms = [Form(READ_ME, (FormColumn("How to fill this in", width=110),), [(note,) for note in notes])]
    forms.append(_overview(declaration))
    forms += [_form(table, declaration.tables.get(table.name, DeclaredTable())) for table in asked_tables()]
    write_workbook(target, forms)


def _overview(declaration: Declaration) -> Form:
    columns = (
        FormColumn("Sheet", width=20, is_open=False),
        FormColumn("What it holds", width=50, is_open=False),
        FormColumn("Known", "How much of that sheet is known", tuple(str(word) for word in Known), 16),
        FormColumn("Said by", "The person who answers for it"),
        FormColumn("Said on", "The day it was said, such as 2026-11-23", width=14),
        FormColumn("Source", "Where it can be looked up", width=30),
        FormColumn("Note", width=30),
    )
    rows = []
    for table in asked_tables():
        told = declaration.tables.get(table.name, DeclaredTable())
        said = (str(told.known), told.said_by, told.said_at, told.source, told.note)
        rows.append((title_of(table), table.text, *said))
    return Form(OVERVIEW, columns, rows, is_locked=True)


def _form(table: Table, declared: DeclaredTable) -> Form:
    columns = [
        FormColumn(
            heading_of(table, column),
            help_of(table, column),
            ("yes", "no") if column.type == "BOOLEAN" else column.values,
            max(14, len(column.name) + 4),
        )
        for column in columns_of(table)
    ]
    rows = [
        tuple(cell_of(column, row.get(column.name)) if column.name in row else None for column in columns_of(table))
        for row in declared.rows
    ]
    return Form(title_of(table), tuple(columns), rows, spare_rows=1 if table.name == "platforms" else _SPARE_ROWS)


def read_declaration(path: Path, *, is_draft: bool = False) -> Declaration:
    """The declaration of a filled workbook; raises UnreadableInput that names sheet and cell of every mistake."""
    book = read_workbook(path)
    titles = tables_by_title()
    complaints = [
        f"sheet {name!r}: is hidden; show it, or nobody knows whether it counts"
        for name in book.hidden
        if name.casefold() in (*titles, OVERVIEW.casefold())
    ]
    heads: Mapping[str, Mapping[str, Given]] = {}
    tables: dict[str, GivenTable] = {}
    for sheet in book.sheets:
        if sheet.title.casefold() == OVERVIEW.casefold():
            heads = _heads(sheet, complaints)
        elif (table := titles.get(sheet.title.casefold())) is not None:
            tables[table.name] = _given(table, sheet, complaints)
        elif sheet.title.casefold() != READ_ME.casefold():
            complaints.append(
                f"sheet {sheet.title!r}: is not known; move its rows to one of the sheets of the template"
            )
    if not heads:
        complaints.append(f"sheet {OVERVIEW!r}: is missing or empty; start from `passmuster template`")
    names = dict.fromkeys((*heads, *tables))
    given = (
        GivenTable(name, f"sheet {OVERVIEW!r}", heads.get(name, {}), tables[name].rows if name in tables else ())
        for name in names
    )
    return check_declaration(str(path), tuple(given), complaints, is_draft=is_draft)


def _heads(sheet: Sheet, complaints: list[str]) -> dict[str, dict[str, Given]]:
    """By table what the overview says of it."""
    titles, found = tables_by_title(), {}
    headings = {heading.casefold(): name for heading, name in OVERVIEW_HEADINGS.items()}
    for cells in _records(sheet, headings, complaints):
        title = cells["table"].value if "table" in cells else None
        table = titles.get(str(title).casefold())
        if table is None:
            first = next(iter(cells.values()))
            complaints.append(f"{_at(sheet, first)}: {str(title)[:60]!r} is no sheet of the template")
            continue
        said = {name: cell for name, cell in cells.items() if name not in ("table", "text")}
        found[table.name] = {
            name: _plain(name, cell, _at(sheet, cell)) for name, cell in said.items() if cell.value is not None
        }
    return found


def _plain(name: str, cell: Cell, place: str) -> Given:
    value: Any = cell.value
    if name == "said_at":
        return given_of(_SAID_AT, cell, place)
    return Given(place, value if isinstance(value, str) else str(value))


def _given(table: Table, sheet: Sheet, complaints: list[str]) -> GivenTable:
    columns = columns_by_heading(table)
    rows = []
    for cells in _records(sheet, {heading: column.name for heading, column in columns.items()}, complaints):
        told = {name: cell for name, cell in cells.items() if cell.value is not None}
        place = f"sheet {sheet.title!r}, row {''.join(filter(str.isdigit, next(iter(cells.values())).at))}"
        rows.append(
            GivenRow(place, {name: given_of(table.column(name), cell, _at(sheet, cell)) for name, cell in told.items()})
        )
    return GivenTable(table.name, f"sheet {sheet.title!r}", {}, tuple(rows))


def _records(sheet: Sheet, headings: Mapping[str, str], complaints: list[str]) -> Iterator[dict[str, Cell]]:
    """Rows that hold something, by the names behind the headings of the first row."""
    if not sheet.rows:
        complaints.append(f"sheet {sheet.title!r}: has no headings; start from `passmuster template`")
        return
    names = _names(sheet, sheet.rows[0], headings, complaints)
    for row in sheet.rows[1:]:
        if all(cell.value is None for cell in row):
            continue
        for place, cell in enumerate(row):
            if (
                cell.value is not None
                and (place >= len(names) or names[place] is None)
                and not _is_headed(sheet, place)
            ):
                complaints.append(f"{_at(sheet, cell)}: stands in a column without a heading; move or delete it")
        yield {name: cell for name, cell in zip(names, row, strict=False) if name is not None}


def _is_headed(sheet: Sheet, place: int) -> bool:
    return place < len(sheet.rows[0]) and sheet.rows[0][place].value is not None


def _names(sheet: Sheet, row: Sequence[Cell], headings: Mapping[str, str], complaints: list[str]) -> list[str | None]:
    names: list[str | None] = []
    for cell in row:
        name = headings.get(str(cell.value).strip().casefold()) if cell.value is not None else None
        if cell.value is not None and name is None:
            known = ", ".join(headings)
            complaints.append(
                f"{_at(sheet, cell)}: {str(cell.value)[:60]!r} is no heading of this sheet; one of {known}"
            )
        elif name is not None and name in names:
            complaints.append(f"{_at(sheet, cell)}: the heading {str(cell.value)!r} is given twice; remove one")
        names.append(name)
    return names


def _at(sheet: Sheet, cell: Cell) -> str:
    return f"sheet {sheet.title!r}, cell {cell.at}"
