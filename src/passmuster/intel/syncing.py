"""Keeping a store up to date: fetch what changed, import it, and remember what the servers said of it."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from passmuster.documents.atomic import write_text
from passmuster.documents.json_file import read_json
from passmuster.documents.secrets import strip_url
from passmuster.errors import OutputRefused
from passmuster.intel.feeds.fetching import Clock, Fetched, Fetcher, Validators
from passmuster.intel.feeds.sources import Source
from passmuster.intel.importing import Importing, ImportResult, Named, import_files
from passmuster.intel.store.folder import create_store

STATE = "sync.json"


@dataclass(frozen=True)
class Synced:
    """What became of one feed: `fetched`, `unchanged`, `read` (from a folder) or `failed` with the problem."""

    name: str
    state: str
    problem: str = ""


@dataclass(frozen=True)
class SyncResult:
    """What became of all feeds, and of the files they gave."""

    feeds: tuple[Synced, ...]
    imported: ImportResult

    @property
    def is_reached(self) -> bool:
        """Whether every feed could be fetched."""
        return all(feed.state != "failed" for feed in self.feeds)


def sync(
    sources: Sequence[Source],
    store: Path,
    how: Importing,
    walk: Callable[[Path], Iterator[Named]],
    clock: Clock | None = None,
) -> SyncResult:
    """Fetch, import, remember. `walk` gives the files of a folder. What was refused is fetched anew the next time."""
    create_store(store)
    known = _read_state(store)
    with _scratch(store) as folder, closing(Fetcher(clock or Clock())) as fetcher:
        answers = {source.name: _fetch(source, fetcher, folder, known, how) for source in sources if source.url}
        named = [each for source in sources for each in _files(source, answers, walk)]
        imported = import_files(named, store, how)
        accepted = {file.path for file in imported.files if file.accepted}
        for source in sources:
            answer = answers.get(source.name)
            if answer is not None and answer.path is not None and strip_url(source.url) in accepted:
                known[_key(source)] = answer.validators
        _write_state(store, known)
    return SyncResult(tuple(_synced(source, answers.get(source.name)) for source in sources), imported)


def _fetch(source: Source, fetcher: Fetcher, folder: Path, known: dict[str, Validators], how: Importing) -> Fetched:
    how.progress(f"fetching {source.name}")
    return fetcher.fetch(source, folder, known.get(_key(source), Validators()))


def _files(source: Source, answers: dict[str, Fetched], walk: Callable[[Path], Iterator[Named]]) -> Iterator[Named]:
    if source.path is not None:
        if source.path.is_dir():
            yield from walk(source.path)
        elif source.path.is_file():
            yield Named(source.path)
    else:
        path = answers[source.name].path
        if path is not None:
            yield Named(path, called=strip_url(source.url))


def _synced(source: Source, answer: Fetched | None) -> Synced:
    if answer is None:
        is_there = source.path is not None and source.path.exists()
        return (
            Synced(source.name, "read") if is_there else Synced(source.name, "failed", f"{source.path}: is not there")
        )
    if answer.problem:
        return Synced(source.name, "failed", answer.problem)
    return Synced(source.name, "unchanged" if answer.is_unchanged else "fetched")


def _key(source: Source) -> str:
    """A digest of the address: its query may hold a token, which is not kept."""
    return hashlib.sha256(source.url.encode()).hexdigest()


def _read_state(store: Path) -> dict[str, Validators]:
    if not (store / STATE).is_file():
        return {}
    value = read_json(store / STATE)
    if not isinstance(value, dict):
        return {}
    return {
        key: Validators(str(each.get("etag", "")), str(each.get("last_modified", "")))
        for key, each in value.items()
        if isinstance(each, dict)
    }


def _write_state(store: Path, known: dict[str, Validators]) -> None:
    plain = {key: {"etag": each.etag, "last_modified": each.last_modified} for key, each in sorted(known.items())}
    write_text(store / STATE, json.dumps(plain, indent=1) + "\n")


@contextmanager
def _scratch(store: Path) -> Iterator[Path]:
    try:
        folder = Path(tempfile.mkdtemp(prefix=".sync.", suffix=".partial", dir=store))
    except OSError as error:
        raise OutputRefused(f"{store}: cannot be written: {error.strerror}; make room or name another folder") from None
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
