"""Which rows of a register an import adds, completes or leaves: what people wrote stays, cell by cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from passmuster.collect.movers.brought import Remark
from passmuster.report.csv_writer import safe_cell
from passmuster.report.text import one_line
from passmuster.snapshot.register_tables import REGISTERS

Row = Mapping[str, str]
_TOLD_WHERE_DIFFERENT = ("severity", "status")


@dataclass(frozen=True)
class Joined:
    """The register afterwards, how many rows were added and completed, and what stayed though the file differs."""

    rows: tuple[Row, ...]
    added: int
    completed: int
    remarks: tuple[Remark, ...]

    @property
    def has_changes(self) -> bool:
        """Whether the register differs from what it was."""
        return bool(self.added or self.completed)


def join_rows(register: str, held: Sequence[Row], brought: Sequence[Row]) -> Joined:
    """Join rows of a register, all cells as text; every row of `held` stays, with empty cells filled at most."""
    key = REGISTERS[register].key[0]
    rows: dict[str, Row] = {_id(row, key): row for row in held}
    added = completed = 0
    remarks: list[Remark] = []
    for new in brought:
        name = _id(new, key)
        if name not in rows:
            rows[name] = new
            added += 1
            continue
        before = rows[name]
        fill = _fill_exception if register == "attestations" else _fill_finding
        after = fill(before, new, name, remarks)
        completed += after != before
        rows[name] = after
    return Joined(tuple(rows.values()), added, completed, tuple(remarks))


def _id(row: Row, key: str) -> str:
    return safe_cell(one_line(row.get(key, "")))


def _fill_finding(held: Row, new: Row, name: str, remarks: list[Remark]) -> Row:
    for column in _TOLD_WHERE_DIFFERENT:
        here, there = _word(held, column), _word(new, column)
        if here and there and here != there:
            remarks.append(Remark(f"{column}: the register says {here}, the file {there}: the register stays", name))
    # Who accepted belongs to the status it came with.
    taken = {column: text for column, text in new.items() if column != "accepted_by" or not _word(held, "status")}
    return _filled(held, taken)


def _fill_exception(held: Row, new: Row, name: str, remarks: list[Remark]) -> Row:
    """An approval approves what the file says; where the register says something else it is not taken over."""
    different = [
        column for column, text in new.items() if text and held.get(column, "").strip() and not _same(held, new, column)
    ]
    if different:
        what = ", ".join(different)
        remarks.append(Remark(f"{what}: the register says something else than the file: the register stays", name))
        return held
    # Who took the end out of an approved exception has ended it.
    return held if held.get("made_by", "").strip() else _filled(held, new)


def _filled(held: Row, new: Row) -> Row:
    gained = {column: text for column, text in new.items() if text and not held.get(column, "").strip()}
    return {**held, **gained} if gained else held


def _same(held: Row, new: Row, column: str) -> bool:
    # When it was approved is of the first import; a later one says the same of another day.
    return column == "made_at" or one_line(held[column]) == new[column]


def _word(row: Row, column: str) -> str:
    return row.get(column, "").strip().lower().replace("-", "_").replace(" ", "_")
