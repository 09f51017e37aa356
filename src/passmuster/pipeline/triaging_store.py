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
from passmuster.intel.matching.looking import advisory_ids
from passmuster.intel.matching.match import match_asked
from passmuster.intel.matching.naming import asked_for
from passmuster.intel.store.reading import Store
from passmuster.model.component import Component
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
    # What is asked does not depend on where a component runs.
    asked = {plain: asked_for(plain, known) for plain in dict.fromkeys(map(_plain, components))}
    with closing(Store(store, as_of=by.as_of)) as opened:
        ids = advisory_ids(opened, list(asked.values()))
        advisories = opened.advisories(set().union(*ids)) if ids else []
        warnings = _store_warnings(opened)
    wanted = {component: sorted(each) for component, each in zip(asked, ids, strict=True)}
    matching = Matching(
        {advisory.id: advisory for advisory in advisories},
        lambda component: wanted[_plain(component)],
        lambda advisory, component: match_asked(advisory, component, asked[_plain(component)], as_of=by.as_of),
    )
    found = triage_all(matching, components, by, surroundings)
    return replace(found, warnings=(*found.warnings, *warnings, *(surroundings.warnings if surroundings else ())))


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
