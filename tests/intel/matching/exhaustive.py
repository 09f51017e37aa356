"""The slow way to find what concerns a component: every product of every record, every advisory judged."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from passmuster.intel.catalogue.entry import Catalogue
from passmuster.intel.matching.match import match_asked
from passmuster.intel.matching.naming import Asked, asked_for, is_real, mention_of
from passmuster.intel.store.reading import Store
from passmuster.model.advisory import AffectedProduct
from passmuster.model.component import Component
from passmuster.pipeline.triaging import Matching

_COLUMNS = ("vendor", "product", "package", "collection", "purl")


def match_everything(store: Store, catalogue: Catalogue, components: Sequence[Component]) -> Matching:
    """Every advisory that names a component is a candidate, whatever its versions; nothing is looked up in bulk."""
    named: dict[tuple[str, ...], set[str]] = {}
    for row in store.range_table().to_pylist():
        named.setdefault(tuple(row[name] or "" for name in _COLUMNS), set()).add(row["advisory"])
    entries = [(AffectedProduct(**dict(zip(_COLUMNS, key, strict=True))), ids) for key, ids in named.items()]
    asked = {each: asked_for(each, catalogue) for each in map(plain, components)}
    candidates = {each: _candidates(store, entries, about) for each, about in asked.items()}
    return Matching(
        {advisory.id: advisory for advisory in store.advisories()},
        lambda component: sorted(candidates[plain(component)]),
        lambda advisory, component: match_asked(advisory, component, asked[plain(component)], as_of=store.as_of),
    )


def plain(component: Component) -> Component:
    """A component without its place."""
    return replace(component, id="", environment_id="", platform_id="")


def _candidates(store: Store, entries: Sequence[tuple[AffectedProduct, set[str]]], asked: Asked) -> set[str]:
    is_worth: Callable[[AffectedProduct], bool] = lambda entry: (  # noqa: E731 - one rule in one place
        mention_of(entry, asked) is not None or (asked.is_known and not is_real(entry))
    )
    found = {each for entry, ids in entries if is_worth(entry) for each in ids}
    names = sorted({*asked.words, asked.package_name} - {""})
    return found | set(store.candidates(names, [asked.purl] if asked.purl else []))
