"""Which advisories of a store speak of which components, without reading those that speak of none."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from passmuster.intel.matching.naming import Asked, is_real, mention_of, names_of, package_of_entry
from passmuster.intel.store.reading import Store
from passmuster.model.advisory import Advisory, AffectedProduct

_COLUMNS = ("vendor", "product", "package", "collection", "purl")


class Names:
    """The products that the records of a store name, by name and by package."""

    def __init__(self, store: Store) -> None:
        """Read the names, once for any number of components."""
        self._store = store
        named: dict[tuple[str, ...], set[str]] = {}
        table = store.range_table().select(["advisory", *_COLUMNS]).group_by(["advisory", *_COLUMNS]).aggregate([])
        for row in table.to_pylist():
            named.setdefault(tuple(row[name] or "" for name in _COLUMNS), set()).add(row["advisory"])
        self._entries = [(_entry(*key), ids) for key, ids in named.items()]
        self._nameless = {each for entry, ids in self._entries if not is_real(entry) for each in ids}
        self._by_key: dict[object, list[int]] = {}
        for place, (entry, _) in enumerate(self._entries):
            for key in (*names_of(entry), package_of_entry(entry)):
                if key is not None:
                    self._by_key.setdefault(key, []).append(place)

    def advisory_ids(self, asked: Asked) -> set[str]:
        """Ids of advisories that name it; for what the catalogue knows also of those that name no product at all."""
        if asked.is_known:
            # Its names may end in a wildcard or in a line of releases: every product is looked at.
            places: Iterable[int] = range(len(self._entries))
        else:
            places = sorted(
                {
                    place
                    for key in (*asked.words, asked.package, asked.package_name)
                    for place in self._by_key.get(key, ())
                }
            )
        found = {
            each
            for place in places
            if mention_of(self._entries[place][0], asked) is not None
            for each in self._entries[place][1]
        }
        # Withdrawn records have no ranges in the table, but are told of.
        found |= set(
            self._store.candidates(
                names=sorted({*asked.words, asked.package_name} - {""}), purls=[asked.purl] if asked.purl else []
            )
        )
        return found | self._nameless if asked.is_known else found


def advisory_ids(store: Store, asked: Sequence[Asked]) -> list[set[str]]:
    """For each component the ids of advisories that may concern it; the names of the store are read once."""
    names = Names(store)
    return [names.advisory_ids(each) for each in asked]


def advisories_of(store: Store, asked: Asked) -> list[Advisory]:
    """Advisories that may concern what was asked for, in order of id; more may be among them, none is missing."""
    return store.advisories(Names(store).advisory_ids(asked))


def _entry(vendor: str, product: str, package: str, collection: str, purl: str) -> AffectedProduct:
    return AffectedProduct(vendor=vendor, product=product, package=package, collection=collection, purl=purl)
