"""Triaging what an organisation runs against the advisories of a store."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from passmuster.documents.json_file import parse_json
from passmuster.intel.boms import read_components
from passmuster.intel.catalogue.entry import Catalogue
from passmuster.intel.catalogue.load import load_catalogue
from passmuster.intel.components import components_of
from passmuster.intel.feeds.interface import Document
from passmuster.intel.feeds.opening import open_file
from passmuster.intel.matching.finding import Version
from passmuster.intel.matching.kept import Wanted, find
from passmuster.intel.matching.match import heard_of, match_heard
from passmuster.intel.matching.naming import Asking
from passmuster.intel.matching.sources import Source
from passmuster.intel.store.reading import Store
from passmuster.model.advisory import Advisory
from passmuster.model.component import Component
from passmuster.model.match import Match
from passmuster.model.words import Hosting
from passmuster.pipeline.evaluating import locate_snapshot
from passmuster.pipeline.triaging import Matching, Triage, Triaging, triage_all
from passmuster.snapshot.read import open_snapshot
from passmuster.triage.surroundings import Surroundings, read_surroundings


def triage_store(
    store: Path, by: Triaging, *, snapshot: Path | None = None, bom: Path | None = None, catalogue: Path | None = None
) -> Triage:
    """Decisions for the components of a snapshot or a BOM, as all was known at `by.as_of`; raises PassmusterError."""
    known = load_catalogue(catalogue)
    components, surroundings = _read(snapshot, bom, known, by)
    with closing(Store(store, as_of=by.as_of)) as opened:
        matching = match_in_bulk(opened, components, Asking(known), by)
        warnings = _store_warnings(opened)
    found = triage_all(matching, components, by, surroundings)
    if surroundings is None:
        return replace(found, warnings=(*found.warnings, *warnings))
    warnings += surroundings.warnings
    return replace(found, warnings=(*found.warnings, *warnings), environments=surroundings.environments)


def match_in_bulk(store: Store, components: Sequence[Component], asking: Asking, by: Triaging) -> Matching:
    """The advisories to hold against each component: those that may be open, or all that name it."""
    # Which advisories are worth a look does not depend on where a component runs, nor what is asked on its version.
    plain = list(dict.fromkeys(map(_plain, components)))
    asked = {each: asking(each) for each in plain}
    place = {id(each): number for number, each in enumerate({id(each): each for each in asked.values()}.values())}
    number = {each: place[id(about)] for each, about in asked.items()}
    narrow = [each for each in plain if not _is_wide(each, by)]
    wide = sorted({number[each] for each in plain if _is_wide(each, by)})
    products = list({id(each): each for each in asked.values()}.values())
    found = find(store, Wanted(products, [Version(number[each], each.version or "") for each in narrow], wide))
    named = dict(zip(wide, found.of_wide, strict=True))
    wanted = {each: named[number[each]] for each in plain if _is_wide(each, by)}
    wanted |= dict(zip(narrow, found.of_versions, strict=True))
    advisories = store.advisories(set().union(*wanted.values()))
    heard: dict[tuple[str, int, tuple[str, ...]], tuple[Source, ...]] = {}

    def match(advisory: Advisory, component: Component) -> Match | None:
        about = asking(component)
        # What an advisory says of a product is worked out once, not for each of its versions.
        key = (advisory.id, id(about), component.regions)
        if key not in heard:
            heard[key] = heard_of(advisory, about, component.regions)
        return match_heard(advisory, component, heard[key], as_of=by.as_of)

    return Matching(
        {advisory.id: advisory for advisory in advisories}, lambda component: sorted(wanted[_plain(component)]), match
    )


def _is_wide(component: Component, by: Triaging) -> bool:
    """Whether every advisory must be read that names it: of what a vendor hosts words decide as often as versions."""
    return by.with_closed or not component.version or component.hosting is Hosting.VENDOR


def _plain(component: Component) -> Component:
    return replace(component, id="", environment_id="", platform_id="")


def _read(
    snapshot: Path | None, bom: Path | None, catalogue: Catalogue, by: Triaging
) -> tuple[Sequence[Component], Surroundings | None]:
    if snapshot is None:
        return (_bom_components(bom) if bom else ()), None
    opened = open_snapshot(locate_snapshot(snapshot))
    surroundings = read_surroundings(opened, as_of=by.as_of)
    return [_placed(each, surroundings) for each in components_of(opened, catalogue)], surroundings


def _bom_components(path: Path) -> Sequence[Component]:
    opened = open_file(path)
    return read_components(Document(opened.where, opened.text, parse_json(opened.text, opened.where)))


def _placed(component: Component, surroundings: Surroundings) -> Component:
    """A component of a platform with a single environment is in that one."""
    only = surroundings.only_environment
    return component if component.environment_id or not only else replace(component, environment_id=only)


def _store_warnings(store: Store) -> tuple[str, ...]:
    listings = [listing for batch in store.batches for listing in batch.listings]
    if any(listing.kind == "kev" and listing.seen_at <= store.as_of for listing in listings):
        return ()
    text = "the store holds no catalogue of exploited vulnerabilities: only what other records say of it is known"
    return (f"{text}; import known_exploited_vulnerabilities.json",)
