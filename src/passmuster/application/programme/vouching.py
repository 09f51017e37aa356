"""Whose word a register's row is: people speak for themselves, and no file grants what is decided on here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from passmuster.documents.csv_file import parse_csv, read_csv
from passmuster.documents.limits import decode
from passmuster.errors import UnreadableInput
from passmuster.snapshot.register_tables import FROM_CSV
from passmuster.snapshot.registers import parse_cell, plain_cell

Cells = Mapping[str, str]
# By register: the column that says who answers for the row.
_WHO = {"attestations": "made_by", "allow_lists": "approved_by"}
# By register and column: the words that would let a violation pass.
_DECIDED = {"attestations": ("kind", ("exception", "approval")), "updates": ("decision", ("exception",))}
# Statements under these names are the keeper's own: a row of the same name would stand in their place.
_OURS = ("deviation/", "review/")
ASK = "ask for an exception under Exceptions (/deviations/), where somebody else decides"


def complaints_about(files: Mapping[str, bytes], folder: Path, speaker: str) -> list[str]:
    """What `speaker` (an address) may not say in these registers, by file and line; rows kept in `folder` may stay.

    A file that cannot be read has no complaint here: whoever reads it says what is wrong.
    """
    found = []
    for register in sorted(name for name in FROM_CSV if f"{name}.csv" in files):
        file, content = f"{register}.csv", files[f"{register}.csv"]
        kept = {_plain(cells) for _, cells in _kept_rows(folder / file)}
        for line, cells in _given_rows(file, content):
            words = why_not_taken(register, cells) or (
                "" if _plain(cells) in kept else _not_the_speakers(register, cells, speaker)
            )
            found += [f"{file}: line {line}: {words}"] if words else []
    return found


def why_not_taken(register: str, cells: Cells) -> str:
    """Why no file may say this in the keeper, with the mend; empty where it may."""
    if register == "baselines":
        return "is a baseline, which no file can approve; approve the look itself (/collections/)"
    column, words = _DECIDED.get(register, ("", ()))
    said = _word(register, column, cells) if column else None
    if said in words:
        return f"is an {said}, which no file can grant; {ASK}"
    if register == "attestations" and plain_cell(cells.get("attestation_id", "")).strip().startswith(_OURS):
        return f"attestation_id: names that begin with {' or '.join(_OURS)} are the keeper's own; choose another"
    return ""


def without_what_is_decided_here(register: str, rows: Iterable[tuple[int, Cells]]) -> tuple[list[Cells], list[str]]:
    """The rows that may be handed on, and a line for each that was left out or whose decision was."""
    passed: list[Cells] = []
    remarks = []
    for line, cells in rows:
        words = why_not_taken(register, cells)
        if words:
            remarks.append(f"{register}.csv: line {line}: left out: it {words}")
        if not words:
            passed.append(cells)
        elif register == "updates":
            # The patch is there all the same; only its exception is not.
            passed.append({**cells, "decision": ""})
    return passed, remarks


def _not_the_speakers(register: str, cells: Cells, speaker: str) -> str:
    column = _WHO.get(register, "")
    named = plain_cell(cells.get(column, "")).strip() if column else ""
    if not named or named.lower() == speaker.lower():
        return ""
    return f"{column}: {named} has to say so themselves; put {speaker} there, or let {named} hand the row in"


def _word(register: str, column: str, cells: Cells) -> object:
    try:
        return parse_cell(FROM_CSV[register].column(column), cells.get(column, ""))
    except ValueError:
        return None


def _plain(cells: Cells) -> frozenset[tuple[str, str]]:
    return frozenset((name, plain_cell(cell).strip()) for name, cell in cells.items() if plain_cell(cell).strip())


def _given_rows(file: str, content: bytes) -> list[tuple[int, dict[str, str]]]:
    try:
        return parse_csv(decode(content, file), file)[1]
    except UnreadableInput:
        return []


def _kept_rows(path: Path) -> list[tuple[int, dict[str, str]]]:
    try:
        return read_csv(path)[1] if path.is_file() else []
    except UnreadableInput:
        return []
