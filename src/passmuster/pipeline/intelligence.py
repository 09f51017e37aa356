"""Jobs on intelligence: take files in, fetch them, show what was known of one advisory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from passmuster.errors import UsageError
from passmuster.intel.feeds.registry import all_feeds
from passmuster.intel.feeds.sources import read_sources
from passmuster.intel.history import Change, history_of
from passmuster.intel.importing import (
    ImportedFile,
    Importing,
    ImportResult,
    Named,
    as_refused,
    import_files,
    with_files,
)
from passmuster.intel.store.reading import Store
from passmuster.intel.syncing import SyncResult, sync
from passmuster.model.advisory import Advisory

__all__ = ["ImportResult", "Shown", "SyncResult", "import_paths", "show", "sync_feeds"]
_HIDDEN = "."


@dataclass(frozen=True)
class Shown:
    """An advisory as it was known at an instant, with how it came to be so."""

    advisory: Advisory
    as_of: datetime
    history: tuple[Change, ...] = field(default=())


def import_paths(
    paths: Sequence[Path],
    store: Path,
    *,
    as_of: datetime | None = None,
    mail_templates: Path | None = None,
    progress: Callable[[str], None] = lambda _text: None,
) -> ImportResult:
    """Files, and all files in folders (sorted), into the store; what cannot be read is told and not taken in."""
    how = _how(as_of, mail_templates, progress)
    found, refused = _walk(paths, store)
    return with_files(import_files(found, store, how), refused)


def _how(as_of: datetime | None, mail_templates: Path | None, progress: Callable[[str], None]) -> Importing:
    now = datetime.now(UTC)
    seen_at = as_of or now
    return Importing(seen_at=seen_at, now=now, feeds=all_feeds(mail_templates, now=seen_at), progress=progress)


def _walk(paths: Sequence[Path], store: Path) -> tuple[list[Named], list[ImportedFile]]:
    """The files to read, each once, and what was named and is not there."""
    found: dict[Path, Named] = {}
    refused = []
    for path in paths:
        if path.is_dir():
            # A store kept beside the feeds is not one of them.
            inside = [each for each in _found_in(path) if not each.path.resolve().is_relative_to(store.resolve())]
            found = {**found, **{each.path: each for each in inside if each.path not in found}}
            if not inside:
                refused.append(as_refused(path, f"{path}: the folder has no files; check the path"))
        elif path.is_file():
            found[path] = Named(path)
        elif path.exists():
            refused.append(as_refused(path, f"{path}: is neither a file nor a folder; name one"))
        else:
            refused.append(as_refused(path, f"{path}: there is no such file or folder; check the path"))
    return list(found.values()), refused


def _files_in(folder: Path) -> Iterator[Path]:
    """Files below a folder in order of name; hidden ones are the system's or a tool's."""
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        if path.is_file() and not any(part.startswith(_HIDDEN) for part in parts):
            yield path


def sync_feeds(
    config: Path,
    store: Path,
    *,
    as_of: datetime | None = None,
    mail_templates: Path | None = None,
    progress: Callable[[str], None] = lambda _text: None,
) -> SyncResult:
    """Fetch the feeds a configuration names and import them; raises UnreadableInput for a bad configuration."""
    return sync(read_sources(config), store, _how(as_of, mail_templates, progress), _found_in)


def feeds_named(config: Path) -> tuple[str, ...]:
    """The names of the feeds of a configuration, as it lists them; raises UnreadableInput with every mistake."""
    return tuple(source.name for source in read_sources(config))


def _found_in(folder: Path) -> Iterator[Named]:
    yield from (Named(path, is_found=True) for path in _files_in(folder))


def show(name: str, store: Path, *, as_of: datetime | None = None) -> Shown:
    """What was known of an advisory; raises UsageError where nothing was."""
    moment = as_of or datetime.now(UTC)
    with closing(Store(store, as_of=moment)) as opened:
        found = opened.advisories([name.strip()])
        if not found:
            raise UsageError(_not_known(name, store, as_of))
        advisory = next((each for each in found if each.id.lower() == name.strip().lower()), found[0])
        return Shown(advisory, moment, tuple(history_of(opened, advisory)))


def _not_known(name: str, store: Path, as_of: datetime | None) -> str:
    when = f" at {as_of.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if as_of else ""
    return f"{store}: nothing was known of {name!r}{when}; check the id, or import a feed that has it"
