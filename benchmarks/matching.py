"""Matching advisories to components: SCALE components of many packages against 0.3 x SCALE advisories.

Every entrant finds the distinct (package, version, advisory) that are hit; ours with what triage finds them by, once
it knows which advisory names which package. The peers hold every component against
every range of its package, row by row: with `packaging`, with `univers`, and with tuples of numbers, cached.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import cache
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from packaging.version import Version
from univers.versions import SemverVersion

from benchmarks.entrant import Entrant, Run, Work
from passmuster.intel.matching.bulk import Claims, Shelf
from passmuster.intel.matching.places import ENDS, SCHEMES
from passmuster.intel.matching.ragged import distinct
from passmuster.intel.versions.scheme import Scheme

_CHANGED_A_DAY = 300


def _data(folder: Path, scale: int) -> None:
    """Components and claims, by a fixed seed; packages are owned and spoken of unevenly, as real ones are."""
    chance = random.Random(3)
    packages = [f"package-{number}" for number in range(max(20, 6 * scale // 100))]
    # Widely used packages hold most components, in a few dozen versions; half of the advisories are of any package.
    weights = list(accumulate(1 / (number + 200) for number in range(len(packages))))
    pools = [[_version(chance) for _ in range(max(2, int(40 / (1 + n / 50) ** 0.5)))] for n in range(len(packages))]
    held = chance.choices(range(len(packages)), cum_weights=weights, k=scale)
    owned = [packages[number] for number in held]
    advisories = max(10, 3 * scale // 10)
    spoken = chance.choices(packages, cum_weights=weights, k=advisories // 2)
    spoken += chance.choices(packages, k=advisories - len(spoken))
    components = {
        "component": [f"c{number}" for number in range(scale)],
        "package": owned,
        "version": [chance.choice(pools[number]) for number in held],
        "scheme": ["semver"] * scale,
    }
    ends = [_ends(chance) for _ in spoken]
    claims = {
        "advisory": [f"V-{number}" for number in range(len(spoken))],
        "package": spoken,
        "status": ["affected"] * len(spoken),
        "default_status": ["unaffected"] * len(spoken),
        "introduced": [low for low, _ in ends],
        "fixed": [high if chance.random() < 0.9 else None for _, high in ends],
        "last_affected": pa.nulls(len(spoken), pa.string()),
        "exact": pa.nulls(len(spoken), pa.string()),
    }
    pq.write_table(pa.table(components), folder / "components.parquet")
    pq.write_table(pa.table(claims), folder / "claims.parquet")


def _version(chance: random.Random) -> str:
    return f"{chance.randrange(6)}.{chance.randrange(30)}.{chance.randrange(12)}"


def _ends(chance: random.Random) -> list[str]:
    """A start and a later end."""
    low, high = sorted((_version(chance), _version(chance)), key=_numbers)
    return [low, high if high != low else f"{high}.1"]


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split("."))


def _tables(folder: Path) -> tuple[pa.Table, pa.Table]:
    return pq.read_table(folder / "components.parquet"), pq.read_table(folder / "claims.parquet")


def _encoded(table: pa.Table, name: str) -> pa.DictionaryArray:
    return table[name].combine_chunks().dictionary_encode()


def _shelf(components: pa.Table) -> tuple[Shelf, pa.Array]:
    """The shelf, and the names of its products."""
    packages = _encoded(components, "package")
    return Shelf(np.asarray(packages.indices, np.int64), _encoded(components, "version")), packages.dictionary


def _count(shelf: Shelf, packages: pa.Array, claims: pa.Table) -> int:
    """How many distinct pairs of a version and an advisory are hit."""
    product = pc.index_in(claims["package"].combine_chunks(), value_set=packages)
    place = np.flatnonzero(np.asarray(product.is_valid()))
    ends = [claims[name].combine_chunks().take(place) for name in ENDS]
    code = np.asarray(product.drop_null(), np.int64)
    hits = shelf.hits(Claims(code, np.full(len(code), SCHEMES.index(Scheme.SEMVER)), ends))
    # Each advisory makes one claim here.
    return len(distinct(hits.owned * claims.num_rows + place[hits.claim]))


def _prepare_ours(folder: Path, _scale: int) -> Run:
    components, claims = _tables(folder)
    return lambda: _count(*_shelf(components), claims)


def _prepare_day(folder: Path, _scale: int) -> Run:
    components, claims = _tables(folder)
    shelf, packages = _shelf(components)
    changed = claims.slice(0, _CHANGED_A_DAY)
    return lambda: _count(shelf, packages, changed)


def _by_rows(key: Callable[[str], Any]) -> Callable[[Path, int], Run]:
    def prepare(folder: Path, _scale: int) -> Run:
        components, claims = _tables(folder)
        ranges: dict[str, list[tuple[str, str, str | None]]] = {}
        for row in claims.select(["package", "advisory", "introduced", "fixed"]).to_pylist():
            ranges.setdefault(row["package"], []).append((row["advisory"], row["introduced"], row["fixed"]))
        owned = list(zip(components["package"].to_pylist(), components["version"].to_pylist(), strict=True))

        def run() -> int:
            hits = set()
            for package, text in owned:
                version = key(text)
                for advisory, low, high in ranges.get(package, ()):
                    if version >= key(low) and (high is None or version < key(high)):
                        hits.add((package, text, advisory))
            return len(hits)

        return run

    return prepare


def _semver(text: str) -> SemverVersion:
    # Four parts it would put in the wrong place; the data has them only as ends that nothing lies beside.
    return SemverVersion(text.removesuffix(".1") if text.count(".") == 3 else text)


def _prepare_dictionary(folder: Path, scale: int) -> Run:
    return _by_rows(cache(_numbers))(folder, scale)


WORK = Work(
    "matching",
    "Matching advisories to components, 0.3 advisories a component",
    _data,
    (
        Entrant("passmuster", "ours", _prepare_ours),
        Entrant("a dictionary of tuples, cached", "peer", _prepare_dictionary, largest_scale=1_000_000),
        Entrant("packaging, row by row", "peer", _by_rows(Version), largest_scale=1_000_000),
        Entrant("univers, row by row", "peer", _by_rows(_semver), largest_scale=100_000),
    ),
    largest_scale=1_000_000,
)
DAY = Work(
    "matching-day",
    "Matching a day's 300 changed advisories, versions ordered before (goal: 50 milliseconds)",
    _data,
    (Entrant("passmuster", "ours", _prepare_day),),
    largest_scale=1_000_000,
)
WORKS = (WORK, DAY)
