"""Which advisories of the store concern one component."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from packageurl import PackageURL

from passmuster.errors import UsageError
from passmuster.intel.catalogue.entry import Catalogue, Role
from passmuster.intel.catalogue.load import load_catalogue
from passmuster.intel.matching.looking import advisories_of, taken_back
from passmuster.intel.matching.match import match_asked, match_withdrawn
from passmuster.intel.matching.naming import Asked, asked_for
from passmuster.intel.store.reading import Store
from passmuster.model.component import Component
from passmuster.model.match import Match
from passmuster.model.words import Hosting

_VENDOR_ALONE = (Hosting.VENDOR,)


@dataclass(frozen=True)
class Affected:
    """The matches of one component by advisory; not `is_known`: neither the catalogue nor any record names it.

    `unsourced` are its products of the catalogue of which nobody looked up who patches them. `embedded` is other
    software that a self-hosted copy brings: its advisories are not among the matches, for its versions are not known.
    """

    component: Component
    matches: tuple[Match, ...]
    is_known: bool
    unsourced: tuple[str, ...] = ()
    embedded: tuple[str, ...] = ()


def affected_by(
    store: Path,
    component: Component,
    *,
    as_of: datetime,
    catalogue: Path | None = None,
) -> Affected:
    """Every advisory known at `as_of` that names the component; raises UnreadableInput for a store that is none."""
    known = load_catalogue(catalogue)
    asked = asked_for(component, known)
    with closing(Store(store, as_of=as_of)) as opened:
        # What is withdrawn may name nothing any more: what it named before counts.
        gone = {each.id: each for each in taken_back(opened, asked)}
        advisories = gone | {each.id: each for each in advisories_of(opened, asked)}
    found = [
        match_asked(each, component, asked, as_of=as_of)
        or (match_withdrawn(each, component, asked) if each.id in gone else None)
        for each in advisories.values()
    ]
    ordered = sorted((match for match in found if match is not None), key=lambda match: _natural(match.advisory))
    unsourced = tuple(product.name for product in asked.products if not product.is_checked("who_patches"))
    embedded = () if component.hosting is Hosting.VENDOR else _embedded(known, asked)
    return Affected(component, tuple(ordered), asked.is_known or bool(ordered), unsourced, embedded)


def _embedded(catalogue: Catalogue, asked: Asked) -> tuple[str, ...]:
    parts = {product.id for product in asked.products if product.role is Role.PART and product.hosting != _VENDOR_ALONE}
    return tuple(
        part.name
        for platform in catalogue.platforms
        if any(product.id in parts for product in platform.products)
        for part in platform.embedded
        if part.name
    )


def component_named(text: str, *, version: str | None = None, hosting: Hosting | None = None) -> Component:
    """A component by its name or package URL (whose version counts); raises UsageError with the mend."""
    name = text.strip()
    if not name:
        raise UsageError("--component: is empty; name a platform, a product or a package URL")
    component = Component(id=name, name=name, version=(version or "").strip() or None, hosting=hosting)
    if not name.lower().startswith("pkg:"):
        return component
    name = f"pkg:{name[4:]}"
    try:
        purl = PackageURL.from_string(name)
    except ValueError as error:
        raise UsageError(f"--component: {name!r} is no package URL: {error}; write pkg:npm/n8n@1.2.3") from None
    if purl.version and component.version and purl.version != component.version:
        raise UsageError(f"--component names version {purl.version} and --version {component.version}; give one")
    return replace(component, name=purl.name, purl=name, version=purl.version or component.version)


def _natural(name: str) -> tuple[tuple[int, int, str], ...]:
    """CVE-2024-9 before CVE-2024-10."""
    return tuple((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in name.split("-"))
