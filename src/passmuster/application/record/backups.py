"""Backing up the database, the files and the signing key as one, and restoring them where nothing is yet."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

import passmuster
from passmuster.application.access import Action, Actor, require
from passmuster.application.acting import acting
from passmuster.application.readiness import steps_between, steps_known
from passmuster.application.record.backup_contents import files_of_record, left_out
from passmuster.application.storage.file_stores import FILES, files_bucket
from passmuster.documents.atomic import new_file
from passmuster.errors import OutputRefused, UsageError
from passmuster.records import archive
from passmuster.records.database import URL
from passmuster.records.dumping import dump_database, dump_program, load_database, refuse_tables
from passmuster.records.home import home_of
from passmuster.records.models import AuditHead
from passmuster.records.one_view import one_view

_OF_RUNS = {"postgres", "secret_key", "cache"}


def make_backup(actor: Actor, target: Path) -> dict[str, Any]:
    """Write one file with all of it, as it was at one moment; returns what it holds. Only its owner can read it.

    `left_out` names what the record speaks of and the file does not hold. Raises NotAllowed, OutputRefused where the
    file is there already, its folder is not, or a link of the home leads nowhere; UsageError where pg_dump is missing.
    """
    require(actor, Action.MANAGE_PROGRAMME)
    if target.exists():
        raise OutputRefused(f"{target}: is there already; name a new file")
    if not target.absolute().parent.is_dir():
        # It may be a disk that is not there today.
        raise OutputRefused(f"{target.absolute().parent}: is no folder; make it, or name another place")
    with acting(actor, Action.MANAGE_PROGRAMME, "backup", verb="make_backup") as event:
        event.after = {"file": target.name}
    home = home_of(os.environ)
    with new_file(target) as scratch, _workspace(target.absolute().parent) as folder:
        dump = folder / archive.DUMP
        with one_view():
            facts = _facts(actor.now)
            _dump(dump)
            wanted = list(files_of_record())
        scratch.touch(mode=0o600)
        held = archive.write_archive(scratch, facts, dump, home)
    return {**facts, "home_files": len(held), "left_out": left_out(wanted, held)}


def _dump(target: Path) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_export_snapshot()")
        snapshot = str(cursor.fetchone()[0])
    program = dump_program(connection.pg_version // 10_000)  # type: ignore[attr-defined]
    dump_database(os.environ[URL], target, program=program, snapshot=snapshot)


def _facts(now: datetime) -> dict[str, Any]:
    head = AuditHead.objects.filter(pk=1).values("number", "digest").first()
    return {
        "made_at": now.isoformat().replace("+00:00", "Z"),
        "passmuster": passmuster.__version__,
        "postgresql": connection.pg_version // 10_000,  # type: ignore[attr-defined]
        "migrations": sorted(f"{app}.{name}" for app, name in MigrationRecorder(connection).applied_migrations()),
        "record": head or {"number": 0, "digest": ""},
        # Files in a bucket stay there: they are never changed, and a lock may hold them longer than any backup.
        "files_in": os.environ.get(FILES, "").strip(),
    }


def restore_backup(path: Path) -> dict[str, Any]:
    """Restore into this home and its empty database, all or nothing; returns the backup's manifest.

    Raises UsageError where anything is there already or the backup is of a version this one cannot follow;
    UnreadableInput.
    """
    home = home_of(os.environ)
    _refuse_full(home)
    with _workspace(home) as folder:
        manifest = archive.unpack_archive(path, folder)
        _refuse_unfollowable(path, manifest)
        _refuse_without_files(path, manifest)
        placed: list[Path] = []
        try:
            for found in sorted((folder / archive.FILES).glob("*")):
                target = home / found.name
                shutil.rmtree(target) if target.is_dir() else target.unlink(missing_ok=True)
                found.rename(target)
                placed.append(target)
            # The database last: once it is there, all is.
            load_database(os.environ[URL], folder / archive.DUMP)
        except BaseException:
            for target in placed:
                shutil.rmtree(target) if target.is_dir() else target.unlink()
            raise
    return manifest


def _refuse_full(home: Path) -> None:
    connection.ensure_connection()
    refuse_tables(connection.connection)
    full = [
        path.name
        for path in sorted(home.iterdir())
        if path.name not in _OF_RUNS and not path.name.startswith(".") and _is_full(path)
    ]
    if full:
        raise UsageError(f"{home}: is not empty ({', '.join(full[:3])}); restore into a new home")


def _is_full(path: Path) -> bool:
    # What a link leads to is not ours to exchange.
    return path.is_symlink() or path.is_file() or any(path.iterdir())


def _refuse_unfollowable(path: Path, manifest: dict[str, Any]) -> None:
    steps = MigrationLoader(None).disk_migrations
    applied = {(app, name) for app, _, name in (each.partition(".") for each in manifest.get("migrations", []))}
    newer = sorted(f"{app}.{name}" for app, name in applied - steps_known(steps))
    if newer:
        raise UsageError(
            f"{path}: was made by a newer Passmuster ({manifest.get('passmuster')}: {newer[-1]}); upgrade this one"
        )
    missing = steps_between(steps, applied)
    if missing:
        raise UsageError(
            f"{path}: was made by an older Passmuster, before {missing[-1]}; restore it with the last version that has "
            "that step, and make a backup there"
        )


def _refuse_without_files(path: Path, manifest: dict[str, Any]) -> None:
    place = manifest.get("files_in", "")
    if place and files_bucket(os.environ) is None:
        raise UsageError(
            f"{path}: its evidence and sealed reviews lie in {place}; set {FILES} to that place or a copy of it, with "
            "the keys to it, and restore again"
        )


@contextmanager
def _workspace(parent: Path) -> Iterator[Path]:
    """A folder of our own on the same disk, gone afterwards."""
    try:
        parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=".passmuster-", dir=parent))
    except OSError as error:
        raise OutputRefused(f"{parent}: cannot be written: {error.strerror}") from None
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
