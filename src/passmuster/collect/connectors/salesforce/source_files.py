"""Finds the files of components in a folder of metadata: source format or metadata format, one package or several."""

from __future__ import annotations

import hashlib
import os
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote

from passmuster.collect.connectors.salesforce.kinds import BY_LOWER, IN_PIECES, Kind
from passmuster.documents.json_file import read_json
from passmuster.documents.secrets import mask_secrets
from passmuster.errors import UnreadableInput

_META = "-meta.xml"
_NOT_ENTERED = frozenset({"node_modules", "__macosx"})
_MOST_FILES = 2_000_000
_PROJECT = "sfdx-project.json"
_PROJECT_BYTES = 4 * 2**20


@dataclass(frozen=True)
class SourceFile:
    """One file of a component: `shown` is its path within the folder, for people."""

    path: Path
    shown: str
    is_in_package: bool


@dataclass(frozen=True)
class Found:
    """The components of a folder by kind and name; `superseded` files lie outside the packages that hold the same."""

    folder: Path
    components: Mapping[str, Mapping[str, tuple[SourceFile, ...]]]
    manifests: tuple[Path, ...] = ()
    project_name: str = ""
    superseded: int = 0
    outside: int = 0
    warnings: tuple[str, ...] = ()

    def of(self, suffix: str) -> Mapping[str, tuple[SourceFile, ...]]:
        """The files of each component of a kind, sorted by name."""
        return self.components.get(suffix, {})

    @property
    def count(self) -> int:
        """How many files of components there are."""
        return sum(len(files) for named in self.components.values() for files in named.values())


@dataclass
class _Gathering:
    found: dict[str, dict[str, list[SourceFile]]] = field(default_factory=dict)
    manifests: list[Path] = field(default_factory=list)


def find_components(folder: Path) -> Found:
    """All components below `folder`; raises UnreadableInput where it is no folder that can be listed."""
    if not folder.exists():
        raise UnreadableInput(f"{folder}: there is no such folder; check the path")
    if not folder.is_dir():
        raise UnreadableInput(
            f"{folder}: is not a folder; name the folder that holds the metadata (unpack a retrieved zip first)"
        )
    project, warnings = _read_project(folder)
    packages = _packages(project)
    gathering = _Gathering()
    for path, relative in _walk(folder):
        _sort_in(gathering, path, relative, is_in_package=_is_below(relative, packages))
    components, superseded, outside = _settle(gathering.found, has_packages=bool(packages))
    name = project.get("name")
    return Found(
        folder=folder,
        components=components,
        manifests=tuple(gathering.manifests),
        project_name=mask_secrets(name)[:80] if isinstance(name, str) else "",
        superseded=superseded,
        outside=outside,
        warnings=warnings,
    )


def digest_of(found: Found) -> str:
    """One digest over the names and contents of all files of components."""
    digest = hashlib.sha256()
    files = [file for named in found.components.values() for group in named.values() for file in group]
    for file in sorted(files, key=lambda file: file.shown):
        try:
            content = hashlib.sha256(file.path.read_bytes()).hexdigest()
        except OSError:
            content = "unreadable"
        digest.update(f"{file.shown}\0{content}\n".encode("utf-8", "replace"))
    return digest.hexdigest() if files else ""


def _read_project(folder: Path) -> tuple[Mapping[str, Any], tuple[str, ...]]:
    path = folder / _PROJECT
    if not path.is_file():
        return {}, ()
    try:
        project = read_json(path, max_bytes=_PROJECT_BYTES)
    except UnreadableInput as error:
        told = str(error).replace(str(path), _PROJECT)
        return {}, (f"{told}; every folder is read as if no packages were named",)
    return (project, ()) if isinstance(project, dict) else ({}, (f"{_PROJECT}: is no object; it was passed over",))


def _packages(project: Mapping[str, Any]) -> tuple[tuple[str, ...], ...]:
    """The package directories as path parts; those that lead out of the folder are no packages of it."""
    entries = project.get("packageDirectories")
    found = []
    for entry in entries if isinstance(entries, list) else []:
        path = entry.get("path") if isinstance(entry, dict) else None
        if isinstance(path, str):
            parts = tuple(part for part in PurePosixPath(path.replace("\\", "/")).parts if part not in (".", "/"))
            if ".." not in parts:
                found.append(parts)
    return tuple(found)


def _is_below(relative: PurePosixPath, packages: tuple[tuple[str, ...], ...]) -> bool:
    return any(relative.parts[: len(parts)] == parts for parts in packages)


def _walk(folder: Path) -> Iterator[tuple[Path, PurePosixPath]]:
    """Every plain file below, in a fixed order; hidden folders, installed modules and links are left alone."""
    count = 0
    for current, folders, files in os.walk(folder, onerror=_refuse):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name.lower() not in _NOT_ENTERED)
        base = PurePosixPath(Path(current).relative_to(folder).as_posix())
        for name in sorted(files):
            count += 1
            if count > _MOST_FILES:
                raise UnreadableInput(f"{folder}: holds more than {_MOST_FILES} files; name the folder of one project")
            path = Path(current) / name
            if not name.startswith(".") and not path.is_symlink():
                yield path, base / name


def _refuse(error: OSError) -> None:
    raise UnreadableInput(f"{error.filename}: cannot be listed: {error.strerror}; give yourself the right to read it")


def _sort_in(gathering: _Gathering, path: Path, relative: PurePosixPath, *, is_in_package: bool) -> None:
    if relative.name.lower() == "package.xml":
        gathering.manifests.append(path)
        return
    told = _kind_and_name(relative)
    if told is not None:
        kind, name = told
        file = SourceFile(path, str(relative), is_in_package)
        gathering.found.setdefault(kind.suffix, {}).setdefault(name, []).append(file)


def _kind_and_name(relative: PurePosixPath) -> tuple[Kind, str] | None:
    """Which component a file belongs to; None where it belongs to none that is read."""
    is_meta = relative.name.endswith(_META)
    stem, _, suffix = relative.name.removesuffix(_META).rpartition(".")
    folders = [part.lower() for part in relative.parts[:-1]]
    kind = BY_LOWER.get(suffix.lower()) if stem else None
    piece = _piece_of(relative) if is_meta or relative.suffix == ".xml" else None
    if kind is None:
        return piece
    is_at_home = kind.folder.lower() in folders
    if kind.suffix in ("cls", "trigger", "crt") and not is_meta:
        return None  # the content beside its own -meta.xml
    if not is_at_home and (not is_meta or kind.suffix == "site"):
        return None  # an ending as common as this is Salesforce's only in Salesforce's folder
    if kind.suffix == "field":
        return kind, f"{_object_of(relative)}.{_plain(stem)}"
    if kind.suffix == "flow":
        stem = _without_version(stem)
    return kind, _plain(stem)


def _piece_of(relative: PurePosixPath) -> tuple[Kind, str] | None:
    """A file of a component that was taken apart lies in a folder named after it: permissionsets/NAME/..."""
    parts = relative.parts
    for position, part in enumerate(parts[:-2]):
        kind = IN_PIECES.get(part) or IN_PIECES.get(part[:1].lower() + part[1:])
        if kind is not None:
            return kind, _plain(parts[position + 1])
    return None


def _object_of(relative: PurePosixPath) -> str:
    parts = relative.parts
    return _plain(parts[-3]) if len(parts) >= 3 and parts[-2].lower() == "fields" else _plain(parts[-2])


def _without_version(stem: str) -> str:
    """Folders of an older format hold one file a version: `Approve-3`."""
    name, dash, version = stem.rpartition("-")
    return name if dash and version.isdigit() else stem


def _plain(name: str) -> str:
    """A name as people know it: `%2E` is a dot again, and letters with accents are spelled one way."""
    return unicodedata.normalize("NFC", unquote(name))


def _settle(
    found: Mapping[str, Mapping[str, list[SourceFile]]], *, has_packages: bool
) -> tuple[dict[str, dict[str, tuple[SourceFile, ...]]], int, int]:
    """What the packages hold counts; files elsewhere count only for what no package holds."""
    settled: dict[str, dict[str, tuple[SourceFile, ...]]] = {}
    superseded = outside = 0
    for suffix in sorted(found):
        for name in sorted(found[suffix]):
            files = found[suffix][name]
            inside = [file for file in files if file.is_in_package]
            if has_packages and inside:
                superseded += len(files) - len(inside)
                files = inside
            elif has_packages:
                outside += len(files)
            settled.setdefault(suffix, {})[name] = tuple(files)
    return settled, superseded, outside
