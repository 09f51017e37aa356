"""Taking files into the store: each file whole or not at all, only what is new, with when it was seen."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from passmuster.errors import UnreadableInput
from passmuster.intel.differing import FileSink, Taker
from passmuster.intel.feeds.interface import Document, Feed, ImportProblem, Reading
from passmuster.intel.feeds.opening import MAX_FEED_BYTES, Opened, documents_of, open_file, why_no_yaml
from passmuster.intel.feeds.registry import find_feed
from passmuster.intel.store.folder import create_store, write_lock
from passmuster.intel.store.reading import Store
from passmuster.intel.store.writing import new_batch
from passmuster.intel.tally import Tally
from passmuster.model.advisory import Record, RecordKind

_MOST_TOLD = 20
_CLOCK_SKEW = timedelta(days=1)
_KNOWN = "known are the CISA KEV catalogue, CVE records (JSON 5.x), OSV, CSAF, CycloneDX, EPSS, notices, own advisories"


@dataclass(frozen=True)
class ImportedFile:
    """What became of one file; of a refused one the reason is among the problems. `kind` "" where it is not known."""

    path: str
    kind: str
    accepted: bool
    records: int = 0
    problems: tuple[ImportProblem, ...] = ()


@dataclass(frozen=True)
class Named:
    """A file to read. One that was only found in a folder may be something else: then it is passed over.

    `called` is what people know it by, where it is a copy of something else.
    """

    path: Path
    is_found: bool = False
    called: str = ""

    @property
    def label(self) -> str:
        """What to call it."""
        return self.called or str(self.path)


class UnknownFormat(UnreadableInput):
    """No feed recognises the content."""


@dataclass(frozen=True)
class ImportResult:
    """What became of all files, and how the store differs from what was known at that instant."""

    files: tuple[ImportedFile, ...]
    tally: Tally
    passed_over: tuple[str, ...] = ()

    @property
    def is_complete(self) -> bool:
        """Whether no file was refused."""
        return all(file.accepted for file in self.files)


@dataclass(frozen=True)
class Importing:
    """How to import: `seen_at` and `now` are aware; a date after both is in the future. No `feeds`: all that ship."""

    seen_at: datetime
    now: datetime
    feeds: Sequence[Feed] = ()
    max_bytes: int = MAX_FEED_BYTES
    progress: Callable[[str], None] = field(default=lambda _text: None)


def import_files(named: Sequence[Named], store: Path, how: Importing) -> ImportResult:
    """Read files in order into the store, which is made where there is none; raises PassmusterError for a bad store."""
    create_store(store)
    with write_lock(store), closing(Store(store, as_of=how.seen_at)) as known:
        number = known.batches[-1].number + 1 if known.batches else 1
        with new_batch(store, number, how.seen_at) as writer:
            taker = Taker(known, writer, number, how.seen_at)
            outcomes = {each.label: _import_file(each, taker, how) for each in named}
            taker.finish()
    passed_over = tuple(label for label, outcome in outcomes.items() if outcome is None)
    return ImportResult(tuple(filter(None, outcomes.values())), taker.tally, passed_over)


def _import_file(named: Named, taker: Taker, how: Importing) -> ImportedFile | None:
    """What became of the file; None where it is passed over."""
    path, kind = named.label, ""
    how.progress(named.path.name)
    try:
        opened = open_file(named.path, called=named.called, max_bytes=how.max_bytes)
        readings = _readings(opened, how)
        kind = next(readings).kind
        with taker.file() as sink:
            records, problems = _take_all(readings, sink, how)
    except UnreadableInput as error:
        if named.is_found and isinstance(error, UnknownFormat):
            return None
        return ImportedFile(path, kind, False, 0, (ImportProblem("invalid", str(error)),))
    return ImportedFile(path, kind, True, records, tuple(problems))


def _take_all(readings: Iterator[_Read], sink: FileSink, how: Importing) -> tuple[int, list[ImportProblem]]:
    records = 0
    problems: list[ImportProblem] = []
    for read in readings:
        reading = read.reading
        records += len(reading.records) + (reading.scores.table.num_rows if reading.scores else 0)
        problems += reading.problems
        problems += future_dates(reading, max(how.now, how.seen_at))
        problems += sink.take(reading)
    return records, problems


@dataclass(frozen=True)
class _Read:
    kind: str
    reading: Reading


def _readings(opened: Opened, how: Importing) -> Iterator[_Read]:
    """First an empty reading that tells the kind, then one for each document.

    Raises UnreadableInput with the complaints of all documents (the first twenty).
    """
    complaints: list[str] = []
    kind, feed = "", None
    for document in documents_of(opened, lambda each: find_feed(each, how.feeds) is not None):
        recognised = find_feed(document, how.feeds)
        if feed is None:
            feed = recognised or _refuse_unknown(opened, document)
            kind = feed.kind
            yield _Read(kind, Reading(()))
        if recognised is None or recognised.kind != kind:
            complaints.append(
                f"{document.where}: is no {kind} record as those before it; put it into a file of its own"
            )
        else:
            try:
                reading = feed.read(document)
            except UnreadableInput as error:
                complaints.append(str(error))
            else:
                if not complaints:
                    yield _Read(kind, reading)
        if len(complaints) >= _MOST_TOLD:
            break
    if feed is None:
        raise UnreadableInput(f"{opened.where}: is empty; fetch it again")
    if complaints:
        raise UnreadableInput("\n".join(complaints))


def _refuse_unknown(opened: Opened, document: Document) -> Feed:
    if not opened.text.strip():
        raise UnreadableInput(f"{opened.where}: is empty; fetch it again")
    trouble = why_no_yaml(opened) if document.value is None else ""
    if trouble and "passmuster/" in opened.text[:2000]:
        raise UnreadableInput(trouble)
    raise UnknownFormat(trouble or f"{document.where}: is of no format that is read; {_KNOWN}")


def future_dates(reading: Reading, now: datetime) -> Iterator[ImportProblem]:
    """A problem for each record with a date after now; clocks may differ by a day."""
    latest = now.astimezone(UTC) + _CLOCK_SKEW
    for record in reading.records:
        told = [f"{name} on {moment:%Y-%m-%d}" for name, moment in _dates(record) if moment > latest]
        if told:
            yield ImportProblem("future_date", f"lies in the future: {', '.join(told)}", record.id)
    scored_on = reading.scores.scored_on if reading.scores else None
    if scored_on is not None and scored_on > latest.date():
        yield ImportProblem("future_date", f"lies in the future: scored on {scored_on}")


def _dates(record: Record) -> Iterator[tuple[str, datetime]]:
    if record.kev is not None:
        yield "added to the catalogue", datetime.combine(record.kev.added_on, time(), UTC)
    # An entry of the catalogue itself is published by being added; a CVE record that tells of it is not.
    if record.published_at is not None and record.kind is not RecordKind.KEV:
        yield "published", record.published_at
    if record.modified_at is not None:
        yield "modified", record.modified_at
    if record.withdrawn_at is not None:
        yield "withdrawn", record.withdrawn_at


def as_refused(path: Path, reason: str) -> ImportedFile:
    """A file that was not even opened."""
    return ImportedFile(str(path), "", False, 0, (ImportProblem("invalid", reason),))


def with_files(result: ImportResult, more: Sequence[ImportedFile]) -> ImportResult:
    """The result with files that were refused before."""
    return replace(result, files=(*result.files, *more)) if more else result
