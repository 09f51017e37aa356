"""Which advisories of a store speak of a component, without reading those that do not."""

from __future__ import annotations

from collections.abc import Sequence

from passmuster.intel.matching.naming import Asked, is_real, mention_of
from passmuster.intel.store.reading import Store
from passmuster.model.advisory import Advisory, AffectedProduct

_COLUMNS = ("vendor", "product", "package", "collection", "purl")


def advisories_of(store: Store, asked: Asked) -> list[Advisory]:
    """Advisories that may concern what was asked for, in order of id; more may be among them, none is missing."""
    return store.advisories(advisory_ids(store, [asked])[0])


def advisory_ids(store: Store, asked: Sequence[Asked]) -> list[set[str]]:
    """For each component the ids of advisories that name it, were withdrawn, or name no product at all."""
    table = store.range_table().select(["advisory", *_COLUMNS])
    named: dict[tuple[str, ...], set[str]] = {}
    for row in table.group_by(["advisory", *_COLUMNS]).aggregate([]).to_pylist():
        named.setdefault(tuple(row[name] or "" for name in _COLUMNS), set()).add(row["advisory"])
    entries = [(_entry(*key), ids) for key, ids in named.items()]
    nameless = {each for entry, ids in entries if not is_real(entry) for each in ids}
    real = [(entry, ids) for entry, ids in entries if is_real(entry)]
    return [_ids(store, each, real, nameless) for each in asked]


def _entry(vendor: str, product: str, package: str, collection: str, purl: str) -> AffectedProduct:
    return AffectedProduct(vendor=vendor, product=product, package=package, collection=collection, purl=purl)


def _ids(store: Store, asked: Asked, real: Sequence[tuple[AffectedProduct, set[str]]], nameless: set[str]) -> set[str]:
    found = {each for entry, ids in real if mention_of(entry, asked) is not None for each in ids}
    found |= set(store.candidates(names=sorted(asked.words), purls=[asked.purl] if asked.purl else []))
    # Only of products in the catalogue is a sentence trusted to speak.
    return found | nameless if asked.is_known else found
