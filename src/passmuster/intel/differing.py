"""What of a reading is new to the store, and the rows that say so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime

import pyarrow as pa

from passmuster.intel.feeds.interface import ImportProblem, Reading, ScoreTable, Whole
from passmuster.intel.record_json import from_text
from passmuster.intel.revisions import Held, Revisions, rank_of
from passmuster.intel.score_days import NewDay, compare_scores, make_day, table_before
from passmuster.intel.store.folder import Listing
from passmuster.intel.store.reading import Known, Store
from passmuster.intel.store.rows import Rows, Version, version_of
from passmuster.intel.store.tables import PRESENT, ROWS_OF_A_BATCH, WITHDRAWN
from passmuster.intel.store.writing import BatchWriter
from passmuster.intel.tally import Tally

_ROWS_AT_ONCE = 20_000


@dataclass
class _Pending:
    """What one file would bring, until it is known to be valid to its end."""

    latest: dict[str, Known] = field(default_factory=dict)
    tables: list[dict[str, pa.Table]] = field(default_factory=list)
    listings: list[Listing] = field(default_factory=list)
    days: list[NewDay] = field(default_factory=list)
    versions: dict[str, Version] = field(default_factory=dict)
    documents: list[tuple[Whole, dict[str, Version], list[str]]] = field(default_factory=list)
    tally: Tally = field(default_factory=Tally)


class Taker:
    """Holds what is known while the files of one import are taken in, one after another."""

    def __init__(self, store: Store, writer: BatchWriter, number: int, seen_at: datetime) -> None:
        self.store = store
        self.seen_at = seen_at
        self.tally = Tally()
        self.latest = store.known()
        self.rows = Rows(number * ROWS_OF_A_BATCH)
        self.listings: list[Listing] = []
        self.days: list[NewDay] = []
        self.versions: dict[str, Version] = {}
        self.revisions = Revisions(store)
        self.writer = writer

    @contextmanager
    def file(self) -> Iterator[FileSink]:
        """A sink for one file; what it took counts when the block ends without an error."""
        sink = FileSink(self)
        try:
            yield sink
        except BaseException:
            self.rows.cut(sink.start)
            raise
        for tables in sink.pending.tables:
            self.writer.add_tables(tables)
        if self.rows.lengths()["records"] >= _ROWS_AT_ONCE:
            self.writer.add_tables(self.rows.take())
        for listing in sink.pending.listings:
            self.writer.add_listing(listing)
        for day in sink.pending.days:
            self.writer.add_scores(day)
        self.listings += sink.pending.listings
        self.days += sink.pending.days
        self.versions.update(sink.pending.versions)
        for whole, versions, gone in sink.pending.documents:
            self.revisions.note(whole, versions, gone)
        self.latest.update(sink.pending.latest)
        self.tally = self.tally.plus(sink.pending.tally)

    def finish(self) -> None:
        """Write what is still held."""
        if self.rows.lengths()["records"]:
            self.writer.add_tables(self.rows.take())


class FileSink:
    """Takes the readings of one file."""

    def __init__(self, taker: Taker) -> None:
        self.pending = _Pending()
        self.start = taker.rows.lengths()
        self._taker = taker

    def _known(self, key: str) -> Known | None:
        return self.pending.latest.get(key) or self._taker.latest.get(key)

    def take(self, reading: Reading) -> list[ImportProblem]:
        """What of a reading is news; problems where it is older than what is known."""
        if reading.scores is not None:
            return self._take_scores(reading.scores)
        if reading.is_whole_list:
            return self._take_list(reading)
        if reading.whole is not None:
            return self._take_document(reading, reading.whole)
        for record in reading.records:
            self._take_version(version_of(record))
        if self._taker.rows.lengths()["records"] >= _ROWS_AT_ONCE:
            self._set_aside()
        return []

    def _take_document(self, reading: Reading, whole: Whole) -> list[ImportProblem]:
        """Every record of a document, and the withdrawal of those that a revision before it had beside them."""
        held = self._held(whole)
        if any(rank_of(whole) < each.rank for each in held.values()):
            text = f"a newer revision of {whole.document} is known; left out"
            return [ImportProblem("older_than_known", text, whole.document)]
        versions = {version.key: version for version in map(version_of, reading.records)}
        gone = [key for key, each in held.items() if each.is_present and key not in versions]
        for version in versions.values():
            self._take_version(version)
        self._withdraw(gone)
        later = self._taker.revisions.next_after(whole)
        if later is not None:
            # This revision is put in before one that was seen later, which lacked some of it then as now.
            seen_at, told = later
            spoken_for = self._taker.store.touched_between(self._taker.seen_at, seen_at)
            for key in sorted(versions.keys() - told - spoken_for):
                self._add(versions[key], state=WITHDRAWN, seen_at=seen_at)
        self.pending.documents.append((whole, versions, gone))
        if self._taker.rows.lengths()["records"] >= _ROWS_AT_ONCE:
            self._set_aside()
        return []

    def _held(self, whole: Whole) -> dict[str, Held]:
        """What is known of the document's records, with what this file told before."""
        held = dict(self._taker.revisions.held(whole))
        for before, versions, gone in self.pending.documents:
            if before.name == whole.name:
                held |= {key: replace(held[key], is_present=False) for key in gone}
                held |= {key: Held(rank_of(before), is_present=True) for key in versions}
        return held

    def _set_aside(self) -> None:
        """Rows as compact tables: those of files before this one can be written, its own must wait for its end."""
        tables = self._taker.rows.take()
        if self.start["records"]:
            self._taker.writer.add_tables({name: table.slice(0, self.start[name]) for name, table in tables.items()})
        self.pending.tables.append({name: table.slice(self.start[name]) for name, table in tables.items()})
        self.start = self._taker.rows.lengths()

    def _take_version(self, version: Version) -> bool:
        """Add the version where it is news; returns whether it was."""
        known = self._known(version.key)
        if known is not None and known.state == PRESENT:
            if known.digest == version.digest or _is_stale(version, known):
                return False
            is_taken_back = version.is_withdrawn and not known.is_withdrawn
            self.pending.tally.withdrawn += is_taken_back
            self.pending.tally.changed += not is_taken_back
        else:
            self.pending.tally.added += 1
        self._add(version)
        return True

    def _add(self, version: Version, *, state: str = PRESENT, seen_at: datetime | None = None) -> None:
        self._taker.rows.add(version, seen_at=seen_at or self._taker.seen_at, state=state)
        if seen_at is None:
            modified = version.record.modified_at
            self.pending.latest[version.key] = Known(0, version.digest, state, version.is_withdrawn, modified)

    # Whole lists

    def _take_list(self, reading: Reading) -> list[ImportProblem]:
        """Every entry, and the withdrawal of those the list lacks; an older list than one known is passed over."""
        if not reading.records:
            return []
        kind, feed = str(reading.records[0].kind), reading.records[0].feed
        listings = [*self._taker.store.listings(kind, feed), *self._taker.listings, *self.pending.listings]
        own = [each for each in listings if (each.kind, each.feed) == (kind, feed)]
        newest = max(
            (each.listed_at for each in own if each.listed_at and each.seen_at <= self._taker.seen_at), default=None
        )
        if newest is not None and reading.listed_at is not None and reading.listed_at < newest:
            text = (
                f"the list is of {reading.listed_at:%Y-%m-%d %H:%M}, one of {newest:%Y-%m-%d %H:%M} is known; left out"
            )
            return [ImportProblem("older_than_known", text)]
        self._replace_list(kind, feed, reading, later=_first_after(self._taker.seen_at, own))
        listing = Listing(kind, feed, self._taker.seen_at, reading.listed_at)
        if listing not in own:
            self.pending.listings.append(listing)
        return []

    def _replace_list(self, kind: str, feed: str, reading: Reading, *, later: datetime | None) -> None:
        versions = {version.key: version for version in map(version_of, reading.records)}
        gone = [key for key in self._listed_keys(kind, feed) if key not in versions]
        known = {key: each for key in (*versions, *gone) if (each := self._known(key)) is not None}
        before = self._versions_before(list(known)) if later else {}
        touched = {key for key, version in versions.items() if self._take_version(version)} | set(gone)
        self._withdraw(gone)
        self.pending.versions.update(versions)
        if later is not None:
            # This list is put in before one that was seen later, and that one still says what it said.
            spoken_for = self._taker.store.touched_between(self._taker.seen_at, later)
            for key in sorted(touched - spoken_for):
                state = known[key].state if key in before else WITHDRAWN
                self._add(before.get(key) or versions[key], state=state, seen_at=later)

    def _listed_keys(self, kind: str, feed: str) -> list[str]:
        """Entries of the list that stand on it so far."""
        new = [
            key
            for key, version in {**self._taker.versions, **self.pending.versions}.items()
            if (version.record.kind, version.record.feed) == (kind, feed)
        ]
        found = dict.fromkeys([*self._taker.store.keys_of_list(kind, feed), *new])
        return [key for key in found if (known := self._known(key)) is not None and known.state == PRESENT]

    def _withdraw(self, keys: Sequence[str]) -> None:
        for version in self._versions_before(keys).values():
            self._add(version, state=WITHDRAWN)
            self.pending.tally.withdrawn += 1

    def _versions_before(self, keys: Sequence[str]) -> dict[str, Version]:
        """The latest versions of some entries: those of this import, else as they were stored."""
        new = {**self._taker.versions, **self.pending.versions}
        new |= {key: each for _, versions, _ in self.pending.documents for key, each in versions.items()}
        for key in keys:
            version = None if key in new else self._taker.revisions.version(key)
            new |= {key: version} if version is not None else {}
        rows = {known.row: key for key in keys if key not in new and (known := self._taker.latest.get(key)) is not None}
        texts = self._taker.store.texts(rows)
        stored = {rows[row]: version_of(from_text(text)) for row, text in texts.items()}
        return {**stored, **{key: new[key] for key in keys if key in new}}

    # Exploit predictions

    def _take_scores(self, scores: ScoreTable) -> list[ImportProblem]:
        """The day as a table of its own, where it is not known already."""
        day = make_day(scores, self._taker.seen_at.date())
        stored = self._taker.store.days_of_scores()
        held = [*self._taker.days, *self.pending.days]
        if day.digest in {each.digest for each in stored} | {each.digest for each in held}:
            return []
        self.pending.tally = self.pending.tally.plus(compare_scores(table_before(day, stored, held), day.table))
        self.pending.days.append(day)
        return []


def _first_after(moment: datetime, listings: Sequence[Listing]) -> datetime | None:
    return min((each.seen_at for each in listings if each.seen_at > moment), default=None)


def _is_stale(version: Version, known: Known) -> bool:
    """Whether this is an older state of the record, which a copy somewhere still shows."""
    modified = version.record.modified_at
    return modified is not None and known.modified_at is not None and modified < known.modified_at
