"""A backup as one file: a tar of a manifest, the database's dump and the home's files, each with its digest."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import IO, Any

from passmuster.documents.json_file import parse_json
from passmuster.errors import OutputRefused, UnreadableInput
from passmuster.records.files import digest_of
from passmuster.records.own_checkpoints import is_later

SCHEMA = "passmuster/backup@1"
MANIFEST, DUMP, FILES = "manifest.json", "database.sql", "home/"
_MAX_MANIFEST_BYTES = 512 * 2**20
# Belongs to one machine and one run, or ends when it is left behind: sessions are signed with `secret_key`.
_LEFT = {"postgres", "secret_key", "cache"}


def home_files(home: Path) -> Iterator[Path]:
    """Every file of the home a backup holds, in order, also those that lie elsewhere and are linked to from there.

    Raises OutputRefused where a link leads nowhere, or back to a folder it lies in: something would be left out.
    """
    for top in sorted(home.iterdir()):
        if top.name not in _LEFT and not top.name.startswith("."):
            yield from _below(top, ())


def _below(path: Path, above: tuple[Path, ...]) -> Iterator[Path]:
    if path.is_dir():
        real = path.resolve()
        if real in above:
            raise OutputRefused(f"{path}: is a link back to a folder it lies in; remove it, and back up again")
        for each in _inside(path):
            yield from _below(each, (*above, real))
    elif path.is_file():
        if ".partial" not in path.name:
            yield path
    elif path.is_symlink():
        raise OutputRefused(f"{path}: is a link that leads nowhere; mend or remove it, and back up again")


def _inside(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except FileNotFoundError:
        # People work on meanwhile: it was for the time being.
        return []


def write_archive(target: Path, facts: Mapping[str, Any], dump: Path, home: Path) -> dict[str, str]:
    """Write the archive; returns the digests of the files it holds of the home, by their names in it.

    A file that goes away meanwhile is left out. So is the copy of a checkpoint that was signed since the dump, for the
    dump does not hold what it was signed over. Raises OutputRefused.
    """
    members = {DUMP: dump}
    found = (path for path in home_files(home) if not is_later(path, int(facts["record"]["number"])))
    members |= {f"{FILES}{path.relative_to(home).as_posix()}": path for path in found}
    listed: dict[str, dict[str, Any]] = {}
    for name, path in members.items():
        try:
            listed[name] = {"sha256": digest_of(path), "size_bytes": path.stat().st_size}
        except FileNotFoundError:
            continue
    manifest = json.dumps({"schema": SCHEMA, **facts, "files": listed}, indent=1).encode()
    with tarfile.open(target, "w:gz", compresslevel=3) as archive:
        _add(archive, MANIFEST, io.BytesIO(manifest), len(manifest))
        for name, told in listed.items():
            with members[name].open("rb") as stream:
                _add(archive, name, stream, told["size_bytes"])
    return {name: told["sha256"] for name, told in listed.items() if name != DUMP}


def _add(archive: tarfile.TarFile, name: str, stream: IO[bytes], size: int) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = size, 0o600
    archive.addfile(entry, stream)


def unpack_archive(path: Path, folder: Path) -> dict[str, Any]:
    """Unpack into an empty folder, holding every file against the manifest; returns that. Raises UnreadableInput."""
    try:
        with tarfile.open(path, "r|gz") as archive:
            return _unpack(archive, path, folder)
    except (tarfile.TarError, EOFError, OSError, ValueError) as error:
        raise UnreadableInput(f"{path}: cannot be read as a backup ({error}); take another copy of it") from None


def _unpack(archive: tarfile.TarFile, path: Path, folder: Path) -> dict[str, Any]:
    manifest: dict[str, Any] = {}
    seen = set()
    for entry in archive:
        stream = archive.extractfile(entry) if entry.isreg() else None
        if stream is None:
            raise UnreadableInput(f"{path}: {entry.name} is no plain file; this is no backup")
        if not manifest:
            manifest = _manifest(entry, stream, path)
            continue
        told = manifest["files"].get(entry.name)
        if told is None or entry.name in seen or entry.size != told["size_bytes"]:
            raise UnreadableInput(f"{path}: {entry.name} is not what the manifest says; take another copy of it")
        seen.add(entry.name)
        target = folder / entry.name
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _copy(stream, target)
        if digest_of(target) != told["sha256"]:
            raise UnreadableInput(f"{path}: {entry.name} was changed; take another copy of the backup")
    _complain(path, sorted(set(manifest.get("files", {})) - seen) or ([] if manifest else [MANIFEST]))
    return manifest


def _copy(stream: IO[bytes], target: Path) -> None:
    with target.open("xb") as written:
        target.chmod(0o600)
        while block := stream.read(1 << 20):
            written.write(block)


def _manifest(entry: tarfile.TarInfo, stream: IO[bytes], path: Path) -> dict[str, Any]:
    if entry.name != MANIFEST or entry.size > _MAX_MANIFEST_BYTES:
        raise UnreadableInput(f"{path}: does not begin with a manifest; this is no backup")
    found = parse_json(stream.read().decode(), f"{path}: {MANIFEST}")
    if not isinstance(found, dict) or found.get("schema") != SCHEMA or not isinstance(found.get("files"), dict):
        raise UnreadableInput(f"{path}: is no backup of this kind ({SCHEMA} is needed)")
    wrong = [name for name in found["files"] if not _is_place(name)]
    if wrong:
        raise UnreadableInput(f"{path}: {wrong[0]} is no place in a backup")
    return found


def _is_place(name: str) -> bool:
    if name == DUMP:
        return True
    parts = PurePosixPath(name).parts
    is_plain = name == "/".join(parts) and ".." not in parts and "\\" not in name and "\0" not in name
    return is_plain and len(parts) > 1 and name.startswith(FILES) and parts[1] not in _LEFT


def _complain(path: Path, missing: Iterable[str]) -> None:
    for name in missing:
        raise UnreadableInput(f"{path}: {name} is missing; take another copy of the backup")
