"""Registers of a platform, handed over as files and handed out again."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path

from passmuster.application.access import Action, Actor, require
from passmuster.application.acting import acting
from passmuster.application.programme.register_sheets import read_handed_in, write_register_workbook
from passmuster.application.programme.vouching import complaints_about
from passmuster.errors import UnreadableInput, UsageError
from passmuster.pipeline.register_files import take_in_registers
from passmuster.records.home import home_of
from passmuster.records.models import Platform


def put_registers(actor: Actor, platform: Platform, files: Mapping[str, bytes], *, why: str = "") -> dict[str, int]:
    """Take registers (`allow_lists.csv` and the like) in, beside those that are there; returns rows a register.

    Nobody speaks for another there, and no row grants an exception. Raises UnreadableInput with all mistakes; then
    nothing has changed.
    """
    with acting(actor, Action.MANAGE_PLATFORM, "registers", platform=platform, why=why, verb="put_registers") as event:
        folder = registers_of(platform)
        rows = take_in_registers(files, folder, complaints=complaints_about(files, folder, actor.name))
        digests = {name: sha256(content).hexdigest() for name, content in files.items()}
        event.subject_id, event.after = platform.slug, {"files": digests, "rows": rows}
    return rows


def take_in_registers_from(
    actor: Actor, platform: Platform, files: Iterable[tuple[str, Path]], *, why: str = ""
) -> dict[str, int]:
    """The same of CSV files and workbooks (a sheet a register), by the names they were handed over under."""
    require(actor, Action.MANAGE_PLATFORM, platform.pk)
    handed_in = read_handed_in(files)
    try:
        return put_registers(actor, platform, handed_in.files, why=why)
    except UnreadableInput as error:
        raise UnreadableInput(handed_in.in_their_words(str(error))) from None


def kept_registers(actor: Actor, platform: Platform) -> tuple[str, ...]:
    """The names of the registers that are kept of a platform, in order."""
    require(actor, Action.VIEW, platform.pk)
    return tuple(sorted(path.stem for path in registers_of(platform).glob("*.csv")))


def write_registers_to(actor: Actor, platform: Platform, target: Path) -> None:
    """All registers of a platform as one workbook, a sheet each; raises UsageError where there is none."""
    names = kept_registers(actor, platform)
    if not names:
        raise UsageError("no register was handed in for this platform yet")
    write_register_workbook([registers_of(platform) / f"{name}.csv" for name in names], target)


def read_register(actor: Actor, platform: Platform, name: str) -> bytes | None:
    """One register's file as it is kept, None where there is none."""
    require(actor, Action.VIEW, platform.pk)
    path = registers_of(platform) / f"{Path(name).stem}.csv"
    return path.read_bytes() if path.is_file() else None


def registers_of(platform: Platform) -> Path:
    """The folder they lie in."""
    return home_of(os.environ) / "registers" / platform.slug
