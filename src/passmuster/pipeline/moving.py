"""What people bring from other tools, joined into the registers without changing a word that stands there."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from passmuster.collect.movers.brought import Asked, Remark
from passmuster.collect.movers.formats import FORMATS, read_movers_file
from passmuster.controls.catalogue import find_pack
from passmuster.documents.atomic import write_text
from passmuster.documents.csv_file import read_csv
from passmuster.documents.limits import read_text
from passmuster.documents.secrets import mask_secrets
from passmuster.errors import UsageError
from passmuster.pipeline.joining import Row, join_rows
from passmuster.report.csv_writer import safe_cell
from passmuster.report.text import one_line, shorten
from passmuster.snapshot.register_tables import REGISTERS
from passmuster.snapshot.registers import read_registers

KINDS = tuple(FORMATS)
_CISA_PACK = "scuba-power-platform"
_PROSE_LIMIT = 2000


@dataclass(frozen=True)
class Moving:
    """What to bring: the file, into which folder, of which kind (None: its content tells), and what the file lacks.

    `by` answers for exceptions ("" nobody does yet), `platform` is what it is about ("" not told), `day_first` how
    3/4/2026 is meant (None: not told).
    """

    path: Path
    registers: Path
    today: date
    kind: str | None = None
    by: str = ""
    platform: str = ""
    day_first: bool | None = None
    is_dry: bool = False


@dataclass(frozen=True)
class Moved:
    """What became of a file: its kind, the register, entries read, rows added, completed and as they were, remarks."""

    title: str
    register: Path
    entries: int
    added: int
    completed: int
    kept: int
    remarks: Mapping[str, Sequence[str]]


def move_in(job: Moving) -> Moved:
    """Join the file into its register; raises UnreadableInput with every mistake, and then nothing is changed."""
    asked = Asked(job.today, by=job.by, platform=job.platform, day_first=job.day_first)
    kind, brought = read_movers_file(read_text(job.path), str(job.path), asked, kind=job.kind)
    if job.registers.exists():
        if not job.registers.is_dir():
            raise UsageError(f"{job.registers}: is a file; name the folder of the registers")
        read_registers(job.registers)
    table = REGISTERS[brought.register]
    path = job.registers / f"{brought.register}.csv"
    header, lines = read_csv(path) if path.exists() else ([], [])
    rows = [{name: _cell(name, text) for name, text in row.items()} for row in brought.rows]
    joined = join_rows(brought.register, [row for _, row in lines], rows)
    if joined.has_changes and not job.is_dry:
        columns = [*header, *(name for name in table.column_names if name not in header)]
        write_text(path, _mark_of(path) + _spell(columns, joined.rows))
    remarks = [*brought.remarks, *_not_judged(brought.register, rows), *joined.remarks]
    counts = (joined.added, joined.completed, len(rows) - joined.added - joined.completed)
    return Moved(FORMATS[kind].title, path, brought.entries, *counts, _grouped(remarks))


def _mark_of(path: Path) -> str:
    """The byte order mark where a spreadsheet left one: without it, it would garble names the next time."""
    if not path.exists():
        return ""
    with path.open("rb") as stream:
        return codecs.BOM_UTF8.decode() if stream.read(3) == codecs.BOM_UTF8 else ""


def _cell(name: str, text: str) -> str:
    """A cell of ours: one line, without secrets, harmless in a spreadsheet."""
    if name in ("statement", "title"):
        text = shorten(mask_secrets(text), _PROSE_LIMIT)
    return safe_cell(one_line(text))


def _not_judged(register: str, rows: Sequence[Row]) -> list[Remark]:
    if register != "attestations":
        return []
    known: Collection[str] = {control.id for control in find_pack(_CISA_PACK).controls}
    text = f"is of no control in the pack {_CISA_PACK}: kept, and without effect there"
    return [Remark(text, row["control_id"]) for row in rows if row["control_id"] not in known]


def _grouped(remarks: Sequence[Remark]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for remark in remarks:
        places = found.setdefault(remark.text, [])
        if remark.place:
            places.append(remark.place)
    return found


def _spell(columns: Sequence[str], rows: Sequence[Row]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([row.get(name, "") for name in columns] for row in rows)
    return text.getvalue()
