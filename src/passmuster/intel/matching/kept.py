"""Hits kept from one day to the next: only advisories that changed since are matched again.

For one inventory (what is asked for and its versions, under one catalogue) the store's folder keeps, a row an advisory,
the state of its records and the places it was found for. Whatever instant is asked about, an advisory in the same state
is found for the same versions; all others are matched anew. The file may be deleted at any time, and one that cannot
be read is made again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from passmuster.documents.atomic import new_file
from passmuster.errors import OutputRefused
from passmuster.intel.matching.finding import Finding, Version
from passmuster.intel.matching.naming import Asked
from passmuster.intel.store.reading import Store

# Rises when the same records would be found for other versions: with any change of naming, ranges or order.
FORMAT = 1
FOLDER = "kept"
_MOST_FILES = 16
_SCHEMA = pa.schema([("advisory", pa.string()), ("state", pa.string()), ("places", pa.list_(pa.int32()))])


@dataclass(frozen=True)
class Wanted:
    """What to find: products asked for; versions to hold ranges against; products whose every advisory is wanted.

    `wide` holds places in `asked`.
    """

    asked: Sequence[Asked]
    versions: Sequence[Version]
    wide: Sequence[int]

    @property
    def key(self) -> str:
        """The same for the same question, whatever the store holds."""
        digest = hashlib.sha256(f"{FORMAT}\n".encode())
        # Everybody is asked with the same products known: each is spelled once.
        products = {id(product): product for each in self.asked for product in (*each.products, *each.catalogue)}
        digest.update("\n".join(sorted(map(repr, products.values()))).encode())
        for each in self.asked:
            known = [product.id for product in each.products]
            told = (sorted(each.words), known, each.package, each.purl, each.package_name)
            digest.update(f"{told!r}\n".encode())
        for version in self.versions:
            digest.update(f"{version.asked} {version.text!r}\n".encode())
        digest.update(repr(list(self.wide)).encode())
        return digest.hexdigest()[:32]


@dataclass(frozen=True)
class Found:
    """For each version, and each wide product, the advisories to look at; how many advisories were matched for it."""

    of_versions: list[set[str]]
    of_wide: list[set[str]]
    matched: int


def find(store: Store, wanted: Wanted) -> Found:
    """As `Finding` does, matching only what changed since the same was last asked."""
    states = store.advisory_states()
    path = store.folder / FOLDER / f"{wanted.key}.parquet"
    kept = _read(path)
    same = {advisory for advisory, (state, _) in kept.items() if states.get(advisory) == state}
    changed = states.keys() - same
    finding = Finding(store, wanted.asked, only=changed if same else None)
    count = len(wanted.versions)
    places: dict[str, list[int]] = {advisory: kept[advisory][1] for advisory in same}
    fresh = (*finding.of_versions(wanted.versions), *finding.of_all(wanted.wide)) if changed else ()
    for place, advisories in enumerate(fresh):
        for advisory in advisories:
            places.setdefault(advisory, []).append(place)
    found: list[set[str]] = [set() for _ in range(count + len(wanted.wide))]
    for advisory, at in places.items():
        for place in at:
            found[place].add(advisory)
    if changed or len(same) < len(kept):
        _write(path, states, places)
    return Found(found[:count], found[count:], len(changed))


def _read(path: Path) -> dict[str, tuple[str, list[int]]]:
    try:
        table = pq.read_table(path, schema=_SCHEMA)
    except (OSError, ValueError, pa.ArrowException):
        return {}
    columns = (table[name].to_pylist() for name in _SCHEMA.names)
    return {advisory: (state, places or []) for advisory, state, places in zip(*columns, strict=True)}


def _write(path: Path, states: Mapping[str, str], places: Mapping[str, Sequence[int]]) -> None:
    names = sorted(states)
    rows = [names, [states[name] for name in names], [places.get(name, ()) for name in names]]
    table = pa.table([pa.array(row, field.type) for row, field in zip(rows, _SCHEMA, strict=True)], schema=_SCHEMA)
    # A store that may only be read is matched anew each time.
    with suppress(OutputRefused, OSError):
        with new_file(path) as scratch:
            pq.write_table(table, scratch)
        _forget_oldest(path.parent)


def _forget_oldest(folder: Path) -> None:
    files = sorted(folder.glob("*.parquet"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in files[_MOST_FILES:]:
        path.unlink(missing_ok=True)
