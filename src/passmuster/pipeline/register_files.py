"""Registers of one platform, taken in whole or not at all."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from passmuster.documents.atomic import new_folder
from passmuster.errors import UnreadableInput
from passmuster.snapshot.register_tables import REGISTERS
from passmuster.snapshot.registers import read_registers


def take_in_registers(files: Mapping[str, bytes], folder: Path, *, complaints: Sequence[str] = ()) -> dict[str, int]:
    """Put these registers (by file name) beside those that are in `folder`; returns rows a register.

    `complaints` are what the caller found wrong. Raises UnreadableInput with all mistakes; then nothing has changed.
    """
    if unknown := sorted(set(files) - {f"{name}.csv" for name in REGISTERS}):
        raise UnreadableInput(f"{', '.join(unknown)}: is no register; known are {', '.join(sorted(REGISTERS))} (.csv)")
    fresh = folder.with_name(f"{folder.name}.new")
    old = folder.with_name(f"{folder.name}.old")
    for left in (fresh, old):
        shutil.rmtree(left, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with new_folder(fresh) as scratch:
        for path in sorted(folder.glob("*.csv")) if folder.is_dir() else ():
            shutil.copyfile(path, scratch / path.name)
        for name, content in files.items():
            (scratch / name).write_bytes(content)
        try:
            read = read_registers(scratch)
        except UnreadableInput as error:
            found = str(error).replace(f"{scratch}: ", "")
            raise UnreadableInput("\n".join([found, *(f"  - {each}" for each in complaints)])) from None
        if complaints:
            raise UnreadableInput("\n".join(complaints))
    if folder.is_dir():
        folder.rename(old)
    fresh.rename(folder)
    shutil.rmtree(old, ignore_errors=True)
    return {name: table.num_rows for name, table in read.tables.items()}
