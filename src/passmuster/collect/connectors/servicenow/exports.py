"""A folder of exported tables, or a single file: each table from all the files that hold part of it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from passmuster.collect.connectors.servicenow.estate import Read
from passmuster.collect.connectors.servicenow.export_file import SUFFIXES, Part, read_export_file
from passmuster.collect.connectors.servicenow.records import Record
from passmuster.collect.statuses import OK, Verdict, worst
from passmuster.errors import UnreadableInput
from passmuster.model.words import CollectionStatus

_HAND_OVER = "hand over a folder of exported tables (JSON, XML or CSV lists, such as sys_user.xml), or one such file"
_CSV_TIMES = (
    "times in CSV lists are in the time zone of whoever exported them and were read as UTC, so they may be off by "
    "some hours; times in another form than 2026-05-31 17:04:05 were left out; export JSON or XML to be exact"
)


@dataclass(frozen=True)
class Exports:
    """The tables found, a digest over the files, and what the reader should know beside the tables."""

    reads: dict[str, Read]
    sha256: str
    warnings: tuple[str, ...] = ()
    is_foreign: bool = False


def read_exports(path: Path, progress: Callable[[str], None]) -> Exports:
    """The tables at `path`; raises UnreadableInput with every reason where not one file could be read."""
    files = _files(path)
    parts: list[Part] = []
    digest = hashlib.sha256()
    for file in files:
        progress(f"reading {file.name}")
        digest.update(f"{file.name}\0{_sha256(file)}\n".encode())
        parts += read_export_file(file)
    _refuse_unreadable(path, parts)
    return Exports(_reads(parts), digest.hexdigest(), _warnings(parts), not any(part.table for part in parts))


def _files(path: Path) -> list[Path]:
    if path.is_file():
        if path.suffix.lower() not in SUFFIXES:
            raise UnreadableInput(f"{path}: is none of {', '.join(SUFFIXES)}; {_HAND_OVER}")
        return [path]
    if not path.is_dir():
        raise UnreadableInput(f"{path}: there is no such file or folder; {_HAND_OVER}")
    try:
        found = sorted(file for file in path.iterdir() if file.is_file() and file.suffix.lower() in SUFFIXES)
    except OSError as error:
        raise UnreadableInput(f"{path}: cannot be listed: {error.strerror}") from None
    if not found:
        raise UnreadableInput(f"{path}: holds no export; {_HAND_OVER}")
    return found


def _sha256(file: Path) -> str:
    try:
        with file.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return "unreadable"


def _refuse_unreadable(path: Path, parts: list[Part]) -> None:
    """Where no file could be read at all, that is the user's to mend: raises UnreadableInput with every reason."""
    if all(part.is_unreadable for part in parts):
        told = "\n".join(dict.fromkeys(part.verdict.reason for part in parts))
        raise UnreadableInput(f"{path.name}: no file of it could be read\n{told}")


def _reads(parts: list[Part]) -> dict[str, Read]:
    by_table: dict[str, list[Part]] = {}
    for part in parts:
        if part.table is not None:
            by_table.setdefault(part.table, []).append(part)
    strangers = _strangers(parts)
    return {table: _read(table, found, strangers) for table, found in sorted(by_table.items())}


def _read(table: str, parts: list[Part], strangers: Verdict) -> Read:
    """One table from its parts: broken parts beside good ones make it partial, the same record twice counts once."""
    good = [part for part in parts if part.verdict.status in (CollectionStatus.OK, CollectionStatus.PARTIAL)]
    verdict = worst(strangers, *(part.verdict for part in parts))
    if good and len(good) < len(parts) and strangers.is_ok:
        verdict = Verdict(CollectionStatus.PARTIAL, verdict.reason, verdict.unlock)
    if verdict.status not in (CollectionStatus.OK, CollectionStatus.PARTIAL):
        return Read(verdict)
    records: dict[object, Record] = {}
    for part in good:
        for record in part.records:
            records.setdefault(record.values.get("sys_id") or tuple(sorted(record.values.items())), record)
    # A field that one of several files lacks is not known for its records: it counts as read where any has it.
    fields = frozenset(name for part in good for name in part.fields)
    return Read(verdict, tuple(records.values()), fields, any(part.is_csv for part in good))


def _strangers(parts: list[Part]) -> Verdict:
    """Links of records name their instance: exports of two instances are not to be mixed."""
    hosts = sorted({host for part in parts for host in part.hosts})
    if len(hosts) < 2:
        return OK
    reason = f"the files are of several instances ({', '.join(hosts[:5])}), and cannot be told apart"
    return Verdict(CollectionStatus.ERROR, reason, "hand over the exports of one instance at a time")


def _warnings(parts: list[Part]) -> tuple[str, ...]:
    told = [note for part in parts for note in part.notes]
    told += [part.verdict.reason for part in parts if part.table is None]
    if any(part.is_csv and part.records for part in parts):
        told.append(_CSV_TIMES)
    return tuple(dict.fromkeys(told))
