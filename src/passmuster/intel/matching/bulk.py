"""Matching at scale: many versions of many packages against many advisories, hits kept per (version, advisory).

Every distinct version text is ordered once and gets a number; ranges become intervals of these numbers, and one join
finds the hits. Claims that need judgement (contradictions, ends nobody can order, versions that are spared) are
few; they are judged one by one by the same function that judges a single component, so both ways agree.

Versions are a table `package`, `version`, `scheme`; claims a table `advisory`, `package`, `status`, `default_status`,
`introduced`, `fixed`, `last_affected`, `exact` (text; one row a range, `status` NULL where a product has no range).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import duckdb
import pyarrow as pa

from passmuster.intel.matching.judging import State, Told, judge
from passmuster.intel.matching.spans import span_of
from passmuster.intel.versions.key import Key
from passmuster.intel.versions.order import key_of
from passmuster.intel.versions.scheme import Scheme
from passmuster.model.advisory import RangeStatus, VersionRange

_VERDICTS = {
    State.AFFECTED: "affected",
    State.UNCLEAR: "needs_review",
    State.SILENT: "needs_review",
    State.VERSION_UNKNOWN: "needs_review",
}
_ENDS = ("introduced", "fixed", "last_affected", "exact")
HITS = pa.schema(
    [("package", pa.string()), ("version", pa.string()), ("advisory", pa.string()), ("verdict", pa.string())]
)

_CLAIMS = """
    CREATE OR REPLACE TEMP TABLE claim AS
    SELECT asked.advisory, asked.package, shelf.scheme, status, default_status, introduced, fixed, last_affected, exact
    FROM asked JOIN shelf USING (package)
"""
_TEXTS = " UNION ".join(f"SELECT scheme, {end} FROM claim WHERE {end} IS NOT NULL" for end in _ENDS)  # noqa: S608
_SPANS = """
    CREATE OR REPLACE TEMP TABLE span AS
    SELECT advisory, package,
        coalesce(e.family, l.family, f.family, a.family) AS family,
        CASE WHEN exact IS NOT NULL THEN e.place
             WHEN introduced IS NULL OR introduced = '0' THEN '-infinity'::DOUBLE ELSE l.place END AS low,
        CASE WHEN exact IS NOT NULL THEN e.place WHEN fixed IS NOT NULL THEN f.place
             WHEN last_affected IS NOT NULL THEN a.place ELSE 'infinity'::DOUBLE END AS high,
        exact IS NOT NULL OR (fixed IS NULL AND last_affected IS NOT NULL) AS is_high_in,
        exact IS NOT NULL AS is_single,
        status IS NULL OR status <> 'affected' OR default_status = 'affected'
            OR (l.family IS NOT NULL AND coalesce(f.family, a.family, l.family) <> l.family) AS is_odd
    FROM claim
    LEFT JOIN end_place l ON l.scheme = claim.scheme AND l.text = introduced
    LEFT JOIN end_place f ON f.scheme = claim.scheme AND f.text = fixed
    LEFT JOIN end_place a ON a.scheme = claim.scheme AND a.text = last_affected
    LEFT JOIN end_place e ON e.scheme = claim.scheme AND e.text = exact
"""
_ODD = """
    CREATE OR REPLACE TEMP TABLE odd AS
    SELECT DISTINCT advisory, package FROM span
    WHERE is_odd OR low IS NULL OR high IS NULL OR family IS NULL OR low > high OR (low = high AND NOT is_high_in)
    UNION
    SELECT advisory, package FROM span WHERE NOT is_single
    GROUP BY advisory, package, low HAVING count(DISTINCT (high, is_high_in)) > 1
    UNION
    SELECT advisory, package FROM span GROUP BY advisory, package HAVING count(DISTINCT family) > 1
"""
_HITS = """
    SELECT DISTINCT v.package, v.version, span.advisory, 'affected' AS verdict
    FROM span ANTI JOIN odd USING (advisory, package)
    JOIN shelf_version v ON v.package = span.package AND v.family = span.family
        AND v.place >= span.low AND v.place <= span.high
    WHERE v.place < span.high OR span.is_high_in
"""
# A version in another order than the range's is for the judge, like one without any order.
_ODD_PAIRS = """
    SELECT odd.advisory, v.package, v.version, v.scheme FROM odd JOIN shelf_version v USING (package)
    UNION
    SELECT span.advisory, v.package, v.version, v.scheme FROM span JOIN shelf_version v USING (package)
    WHERE v.family IS NULL OR v.family <> span.family
"""


class Shelf:
    """The distinct versions of an inventory, each ordered once; claims of any day are held against it."""

    def __init__(self, versions: pa.Table) -> None:
        """Order the versions; columns `package`, `version`, `scheme` (one scheme a package)."""
        self._connection = duckdb.connect(":memory:")
        self._connection.execute("SET enable_progress_bar = false")
        self._keys: dict[tuple[str, str], Key | None] = {}
        self._orders: dict[tuple[str, str], list[Any]] = {}
        self._connection.register("given", versions)
        self._connection.execute("CREATE TEMP TABLE owned AS SELECT DISTINCT package, version, scheme FROM given")
        self._connection.unregister("given")
        self._connection.execute(
            "CREATE TEMP TABLE shelf AS SELECT package, min(scheme) AS scheme FROM owned GROUP BY ALL"
        )
        texts = self._rows("SELECT DISTINCT scheme, version FROM owned")
        self._orders = {name: _in_order(orders) for name, orders in self._orders_of(texts).items()}
        self._put(texts, self._orders, "CREATE TEMP TABLE place AS SELECT * FROM placed")
        self._connection.execute(
            """CREATE TEMP TABLE shelf_version AS SELECT v.package, v.version, v.scheme, place.family, place.place
               FROM owned v JOIN place ON place.scheme = v.scheme AND place.text = v.version"""
        )

    def close(self) -> None:
        """Let go of the memory it holds."""
        self._connection.close()

    def hits(self, claims: pa.Table) -> pa.Table:
        """Which versions the claims concern: `affected` or `needs_review` (schema `HITS`), each pair once."""
        self._connection.register("asked", claims)
        self._connection.execute(_CLAIMS)
        self._connection.unregister("asked")
        texts = self._rows(_TEXTS)
        self._put(texts, self._orders_of(texts), "CREATE OR REPLACE TEMP TABLE end_place AS SELECT * FROM placed")
        self._connection.execute(_SPANS)
        self._connection.execute(_ODD)
        plain = self._connection.sql(_HITS).to_arrow_table()
        return pa.concat_tables([plain.cast(HITS), self._judged(self._rows(_ODD_PAIRS))]).combine_chunks()

    def _orders_of(self, texts: Iterable[tuple[str, str]]) -> dict[tuple[str, str], set[Any]]:
        """The distinct places in each order, by scheme and family, that these texts take."""
        found: dict[tuple[str, str], set[Any]] = {}
        for scheme, text in texts:
            key = self._key(scheme, text)
            if key is not None:
                found.setdefault((scheme, key.family), set()).add(key.order)
        return found

    def _key(self, scheme: str, text: str) -> Key | None:
        if (scheme, text) not in self._keys:
            self._keys[scheme, text] = key_of(text, Scheme(scheme))
        return self._keys[scheme, text]

    def _put(
        self, texts: Sequence[tuple[str, str]], orders: Mapping[tuple[str, str], Iterable[Any]], statement: str
    ) -> None:
        places = {name: self._places(name, sorted(each)) for name, each in orders.items()}
        keys = [self._keys[each] for each in texts]
        numbers = [
            places[scheme, key.family][key.order] if key is not None else None
            for (scheme, _), key in zip(texts, keys, strict=True)
        ]
        rows = {
            "scheme": pa.array([scheme for scheme, _ in texts], pa.string()),
            "text": pa.array([text for _, text in texts], pa.string()),
            "family": pa.array([key.family if key else None for key in keys], pa.string()),
            "place": pa.array(numbers, pa.float64()),
        }
        self._connection.register("placed", pa.table(rows))
        self._connection.execute(statement)
        self._connection.unregister("placed")

    def _places(self, name: tuple[str, str], orders: Sequence[Any]) -> dict[Any, float]:
        """Even numbers for the versions on the shelf; what lies between two of them keeps its order in the gap."""
        shelf = self._orders.get(name, [])
        found: dict[Any, float] = {}
        last: Any = None
        for number, order in enumerate(orders, start=1):
            if last is not None and not last < order:
                # Two ways to write one version.
                found[order] = found[last]
                continue
            at = bisect_left(shelf, order)
            is_owned = at < len(shelf) and not order < shelf[at]
            found[order] = 2.0 * at if is_owned else 2.0 * at - 1 + number / (len(orders) + 1)
            last = order
        return found

    def _judged(self, pairs: Sequence[tuple[str, str, str, str]]) -> pa.Table:
        told = self._told({(advisory, package) for advisory, package, _, _ in pairs}) if pairs else {}
        rows = []
        for advisory, package, version, scheme in pairs:
            said = judge(told[advisory, package], version, self._keys[scheme, version])
            if said.state in _VERDICTS:
                rows.append(
                    {"package": package, "version": version, "advisory": advisory, "verdict": _VERDICTS[said.state]}
                )
        return pa.Table.from_pylist(rows, schema=HITS)

    def _told(self, wanted: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Told]:
        names = list(wanted)
        self._connection.register(
            "wanted", pa.table({"advisory": [each[0] for each in names], "package": [each[1] for each in names]})
        )
        rows = self._rows("SELECT * FROM claim SEMI JOIN wanted USING (advisory, package)")
        grouped: dict[tuple[str, str], list[tuple[Any, ...]]] = {}
        for row in rows:
            grouped.setdefault((row[0], row[1]), []).append(row[2:])
        return {name: told_of(claims) for name, claims in grouped.items()}

    def _rows(self, query: str) -> list[tuple[Any, ...]]:
        return self._connection.execute(query).fetchall()


def _in_order(orders: Iterable[Any]) -> list[Any]:
    """In order, and of those that come at the same place one."""
    kept: list[Any] = []
    for order in sorted(orders):
        if not kept or kept[-1] < order:
            kept.append(order)
    return kept


def told_of(claims: Sequence[tuple[Any, ...]]) -> Told:
    """What rows of claims (scheme, status, default status, then the ends) say together of one package."""
    spans, rest = [], RangeStatus.UNKNOWN
    for scheme, status, default, introduced, fixed, last, exact in claims:
        if default and RangeStatus(default) is not RangeStatus.UNKNOWN:
            rest = RangeStatus(default)
        if status is None:
            continue
        told = VersionRange(RangeStatus(status), introduced, fixed, last, exact)
        span = span_of(told, Scheme(scheme))
        if span is not None:
            spans.append(span)
    fixes = tuple((span.told.fixed or "", span.fix) for span in spans if span.fix is not None)
    return Told(tuple(spans), fixes, rest=rest)
