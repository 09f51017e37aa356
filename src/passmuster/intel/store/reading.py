"""Reading the store as it stood at an instant, whatever was imported when."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from passmuster.intel.grouping import Named, advisory_ids, is_cve
from passmuster.intel.merge import Seen, merge
from passmuster.intel.record_json import from_text
from passmuster.intel.store.folder import Batch, DayOfScores, Listing, read_batches
from passmuster.intel.store.rows import naive, plain_purl
from passmuster.intel.store.tables import PRESENT, SCHEMAS
from passmuster.model.advisory import Advisory, Epss, Record, RecordKind

_GLOB = re.compile(r"([*?\[])")
_LATEST = """
    CREATE OR REPLACE TEMP TABLE latest AS
    SELECT row, key, kind, feed, id, seen_at, digest, state, is_withdrawn, modified_at, published_at, first_seen_at
    FROM (
        SELECT *, row_number() OVER newest AS place, min(seen_at) OVER (PARTITION BY key) AS first_seen_at
        FROM (SELECT * EXCLUDE (document) FROM records) WHERE seen_at <= $as_of
        WINDOW newest AS (PARTITION BY key ORDER BY seen_at DESC, row DESC)
    ) WHERE place = 1
"""


@dataclass(frozen=True)
class Known:
    """What an importer must know of a record: its latest version, and when the record itself was changed."""

    row: int
    digest: str
    state: str
    is_withdrawn: bool
    modified_at: datetime | None


@dataclass(frozen=True)
class DocumentPart:
    """One version of a record that came from a document with others; `revision` "" where the document counts none."""

    key: str
    kind: str
    feed: str
    document: str
    revision: str
    state: str
    seen_at: datetime
    modified_at: datetime | None


class Store:
    """The store, opened for one instant: `as_of` is aware; nothing seen later exists."""

    def __init__(self, folder: Path, *, as_of: datetime) -> None:
        """Open and verify; raises UnreadableInput where it is no store or a batch was altered."""
        self.folder = folder
        self.as_of = as_of
        self.batches: tuple[Batch, ...] = read_batches(folder)
        self._connection = duckdb.connect(":memory:")
        self._connection.execute("SET enable_progress_bar = false")
        for name, schema in SCHEMAS.items():
            self._view(name, schema)
        self._connection.execute(_LATEST, {"as_of": naive(as_of)})
        self._advisories: pa.Table | None = None

    def close(self) -> None:
        """Give the memory back."""
        self._connection.close()

    def _view(self, name: str, schema: pa.Schema) -> None:
        files = [_GLOB.sub(r"[\1]", str(batch.file(name))) for batch in self.batches if batch.has_records]
        if files:
            # A folder called `kind=x` is a name, not a column.
            spelled = ", ".join("'" + file.replace("'", "''") + "'" for file in files)
            self._connection.execute(f"CREATE VIEW {name} AS FROM read_parquet([{spelled}], hive_partitioning = false)")
        else:
            empty = schema.empty_table()
            self._connection.register(name, empty)

    def _rows(self, query: str, **values: Any) -> list[tuple[Any, ...]]:
        return self._connection.execute(query, values).fetchall()

    # What is known

    def known(self) -> dict[str, Known]:
        """The latest version of every record by key, withdrawn ones included."""
        query = "SELECT key, row, digest, state, is_withdrawn, modified_at FROM latest"
        return {
            key: Known(row, digest, state, is_withdrawn, _aware(modified))
            for key, row, digest, state, is_withdrawn, modified in self._rows(query)
        }

    def keys_of_list(self, kind: str, feed: str) -> list[str]:
        """Records of a feed that were not withdrawn, by key."""
        query = "SELECT key FROM latest WHERE kind = $kind AND feed = $feed AND state = $present ORDER BY key"
        return [key for (key,) in self._rows(query, kind=kind, feed=feed, present=PRESENT)]

    def texts(self, rows: Collection[int]) -> dict[int, str]:
        """The documents of some versions."""
        query = "SELECT row, document FROM records WHERE list_contains($rows, row)"
        return dict(self._rows(query, rows=list(rows))) if rows else {}

    def document_parts(self) -> list[DocumentPart]:
        """The latest version of every record that names the document it came from."""
        return self._parts("SELECT row FROM latest")

    def later_document_parts(self) -> list[DocumentPart]:
        """Versions of such records that were seen after `as_of`, in order of sight."""
        return self._parts("SELECT row FROM records WHERE seen_at > $as_of", as_of=naive(self.as_of))

    def _parts(self, rows: str, **values: Any) -> list[DocumentPart]:
        query = f"""
            SELECT key, kind, feed, document ->> '$.extra.document' AS name, document ->> '$.extra.revision',
                state, seen_at, modified_at
            FROM records SEMI JOIN ({rows}) AS wanted USING (row)
            WHERE kind IN ('csaf', 'cyclonedx') AND name IS NOT NULL ORDER BY seen_at, row
        """  # noqa: S608 - two fixed texts
        return [
            DocumentPart(key, kind, feed, name, revision or "", state, _aware_at(seen), _aware(modified))
            for key, kind, feed, name, revision, state, seen, modified in self._rows(query, **values)
        ]

    def touched_between(self, after: datetime, until: datetime) -> set[str]:
        """Keys with a version seen after one instant and up to another, also beyond `as_of`."""
        query = "SELECT DISTINCT key FROM records WHERE seen_at > $after AND seen_at <= $until"
        return {key for (key,) in self._rows(query, after=naive(after), until=naive(until))}

    def listings(self, kind: str, feed: str) -> list[Listing]:
        """Whole lists of a feed ever seen, also after `as_of`, in order of sight."""
        found = [each for batch in self.batches for each in batch.listings if (each.kind, each.feed) == (kind, feed)]
        return sorted(found, key=lambda each: each.seen_at)

    # Advisories

    def advisory_table(self) -> pa.Table:
        """Columns `row`, `advisory`: to which advisories each present version belongs; one may belong to several."""
        if self._advisories is None:
            self._advisories = self._group()
        return self._advisories

    def _group(self) -> pa.Table:
        query = """
            SELECT latest.row, latest.id, latest.kind, latest.first_seen_at, list(DISTINCT names.name) AS names
            FROM latest JOIN names USING (row) GROUP BY ALL ORDER BY latest.first_seen_at, latest.row
        """
        named = [Named(row, id_, kind, tuple(names)) for row, id_, kind, _, names in self._rows(query)]
        pairs = [(name.row, advisory) for name, ids in zip(named, advisory_ids(named), strict=True) for advisory in ids]
        return pa.table(
            {
                "row": pa.array([row for row, _ in pairs], pa.int64()),
                "advisory": pa.array([advisory for _, advisory in pairs], pa.string()),
            }
        )

    def range_table(self, only: Collection[str] | None = None) -> pa.Table:
        """All ranges of versions that hold at `as_of`, flat: columns of `tables.RANGES`, `advisory` and its `kind`.

        Of these advisories alone, where `only` names some.
        """
        self._connection.register("belongs", self.advisory_table())
        self._connection.register("chosen", pa.table({"advisory": pa.array(list(only or ()), pa.string())}))
        query = f"""
            SELECT belongs.advisory, latest.kind, ranges.* FROM ranges JOIN belongs USING (row)
            JOIN latest USING (row) {"" if only is None else "SEMI JOIN chosen USING (advisory)"}
            WHERE latest.state = $present AND NOT latest.is_withdrawn
        """  # noqa: S608 - one of two fixed texts
        return self._connection.sql(query, params={"present": PRESENT}).to_arrow_table()

    def withdrawn_range_table(self) -> pa.Table:
        """As `range_table`, of the records that hold no longer: what each told last while it held."""
        self._connection.register("belongs", self.advisory_table())
        query = """
            WITH gone AS (
                SELECT records.row AS last_row, latest.row AS row, latest.kind AS kind
                FROM records JOIN latest USING (key)
                WHERE (latest.state <> $present OR latest.is_withdrawn) AND records.seen_at <= $as_of
                    AND records.state = $present AND NOT records.is_withdrawn
                QUALIFY row_number() OVER (PARTITION BY key ORDER BY records.seen_at DESC, records.row DESC) = 1
            )
            SELECT belongs.advisory, gone.kind, ranges.* FROM ranges JOIN gone ON ranges.row = gone.last_row
            JOIN belongs ON belongs.row = gone.row
        """
        return self._connection.sql(query, params={"present": PRESENT, "as_of": naive(self.as_of)}).to_arrow_table()

    def advisory_states(self) -> dict[str, str]:
        """For every advisory a digest of the records it is made of: while that is the same, nothing of it changed."""
        self._connection.register("belongs", self.advisory_table())
        query = """
            SELECT advisory, sha256(string_agg(concat_ws(chr(31), key, digest, state, is_withdrawn), chr(30)
                ORDER BY key)) FROM belongs JOIN latest USING (row) GROUP BY advisory
        """
        return dict(self._rows(query))

    def seen(self, names: Collection[str] | None = None) -> list[Seen]:
        """The latest version of every record, or of those that share a name (any case) with one of `names`."""
        condition = ""
        if names is not None:
            self._connection.register("asked", pa.table({"name": pa.array([n.lower() for n in names], pa.string())}))
            condition = "WHERE latest.row IN (SELECT row FROM names SEMI JOIN asked USING (name))"
        query = f"""
            SELECT latest.row, latest.seen_at, latest.first_seen_at, latest.state, records.document
            FROM latest JOIN records USING (row) {condition} ORDER BY latest.first_seen_at, latest.row
        """  # noqa: S608 - one of two fixed texts
        return [
            Seen(from_text(text), _aware_at(seen), _aware_at(first), is_listed=state == PRESENT, row=row)
            for row, seen, first, state, text in self._rows(query)
        ]

    def related(self, names: Iterable[str]) -> list[Seen]:
        """Records that bear one of the names, and those that speak of the same through another name, to the end.

        A record of several CVEs leads no further than to those that were asked for.
        """
        asked = {name.lower() for name in names}
        while True:
            found = self.seen(asked)
            more = asked.union(*(_leading_on(each.record, asked) for each in found))
            if more == asked:
                return found
            asked = more

    def advisories(self, names: Collection[str] | None = None) -> list[Advisory]:
        """All advisories, or those that bear one of `names` (a CVE or another id, any case); in order of id."""
        if names is not None and not names:
            return []
        grouped = group(self.seen() if names is None else self.related(names))
        if names is not None:
            wanted = {name.lower() for name in names}
            grouped = {key: seen for key, seen in grouped.items() if _is_asked(key, seen, wanted)}
        scores = self.epss(grouped)
        return [merge(key, grouped[key], scores.get(key)) for key in sorted(grouped)]

    def candidates(self, names: Collection[str] = (), purls: Collection[str] = ()) -> list[str]:
        """Ids of advisories that speak of a product by one of these names (or `vendor:product` of a CPE) or purls."""
        return sorted({advisory for _, advisory in self.speaking_of([(0, name) for name in (*names, *purls)])})

    def speaking_of(
        self, asked: Collection[tuple[int, str]], *, kind: RecordKind | None = None
    ) -> list[tuple[int, str]]:
        """(number, advisory) for each (number, name or purl) of which a record, or one of that kind, speaks."""
        wanted = pa.table(
            {
                "number": pa.array([number for number, _ in asked], pa.int64()),
                "name": pa.array([_plain_name(name) for _, name in asked], pa.string()),
            }
        )
        self._connection.register("asked", wanted)
        self._connection.register("belongs", self.advisory_table())
        query = """
            SELECT DISTINCT asked.number, belongs.advisory FROM products JOIN asked USING (name)
            JOIN belongs USING (row) JOIN latest USING (row) WHERE $kind IS NULL OR latest.kind = $kind
        """
        return self._rows(query, kind=kind and str(kind))

    def holding(self, texts: Collection[str], *, rows: Collection[int] | None = None) -> set[str]:
        """Ids of advisories of which a record (one of `rows`) holds one of the texts, spelled as JSON, in any case."""
        self._connection.register("belongs", self.advisory_table())
        self._connection.register("chosen", pa.table({"row": pa.array(list(rows or ()), pa.int64())}))
        only = "" if rows is None else "SEMI JOIN chosen USING (row)"
        query = f"""
            SELECT DISTINCT belongs.advisory FROM records JOIN belongs USING (row) {only}
            WHERE list_bool_or(list_transform($texts, lambda text: contains(lower(document), text)))
        """  # noqa: S608 - one of two fixed texts
        return {advisory for (advisory,) in self._rows(query, texts=[text.lower() for text in texts])}

    # Exploit predictions

    def days_of_scores(self) -> list[DayOfScores]:
        """The days whose predictions had been seen by `as_of`."""
        return [day for batch in self.batches for day in batch.scores if day.seen_at <= self.as_of]

    def latest_scores(self) -> DayOfScores | None:
        """The newest day of exploit predictions seen by `as_of`."""
        return max(self.days_of_scores(), key=lambda day: (day.scored_on, day.seen_at), default=None)

    def epss(self, ids: Collection[str]) -> dict[str, Epss]:
        """The newest prediction for each CVE."""
        day = self.latest_scores()
        if day is None or not ids:
            return {}
        self._connection.register("asked", pa.table({"cve": pa.array(list(ids), pa.string())}))
        query = "SELECT cve, probability, percentile FROM read_parquet($path) SEMI JOIN asked USING (cve)"
        path = _GLOB.sub(r"[\1]", str(day.path))
        return {
            cve: Epss(probability, percentile, day.scored_on, day.model)
            for cve, probability, percentile in self._rows(query, path=path)
        }

    def keys_named(self, names: Collection[str]) -> set[str]:
        """Keys of all records that ever bore one of these names up to `as_of`."""
        self._connection.register("asked", pa.table({"name": pa.array([n.lower() for n in names], pa.string())}))
        query = """
            SELECT DISTINCT records.key FROM records JOIN names USING (row) SEMI JOIN asked USING (name)
            WHERE records.seen_at <= $as_of
        """
        return {key for (key,) in self._rows(query, as_of=naive(self.as_of))}

    def versions(self, keys: Collection[str]) -> list[tuple[str, datetime, str, str, str]]:
        """Every version of some records up to `as_of`: key, seen at, state, digest, document; in order of sight."""
        query = """
            SELECT key, seen_at, state, digest, document FROM records
            WHERE list_contains($keys, key) AND seen_at <= $as_of ORDER BY key, seen_at, row
        """
        rows = self._rows(query, keys=list(keys), as_of=naive(self.as_of))
        return [(key, _aware_at(seen), state, digest, text) for key, seen, state, digest, text in rows]


def _plain_name(name: str) -> str:
    return plain_purl(name) if name.startswith("pkg:") else name.lower()


def group(seen: Sequence[Seen]) -> dict[str, list[Seen]]:
    """Records by the advisories they belong to."""
    named = [Named(each.row, each.record.id, each.record.kind, each.record.names) for each in seen]
    grouped: dict[str, list[Seen]] = {}
    for each, ids in zip(seen, advisory_ids(named), strict=True):
        for advisory in ids:
            grouped.setdefault(advisory, []).append(each)
    return grouped


def _leading_on(record: Record, asked: set[str]) -> set[str]:
    """Names under which other records may speak of the same thing."""
    names = {name.lower() for name in record.names}
    cves = {name for name in names if is_cve(name)}
    others = set() if record.kind is RecordKind.NOTICE else names - cves
    return others if cves & asked else others | cves


def _is_asked(advisory: str, seen: Sequence[Seen], wanted: set[str]) -> bool:
    """Whether an advisory bears a wanted name; a CVE is the name of one advisory alone."""
    names = {name.lower() for each in seen for name in each.record.names if not is_cve(name)}
    return advisory.lower() in wanted or bool(names & wanted)


def _aware(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.replace(tzinfo=UTC)


def _aware_at(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC)
