"""The components of a snapshot: the platform itself and what was added to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow.parquet as pq

from passmuster.intel.catalogue.entry import Catalogue
from passmuster.model.component import Component, ComponentKind, Site
from passmuster.model.words import Hosting
from passmuster.snapshot.read import Snapshot


def components_of(snapshot: Snapshot, catalogue: Catalogue) -> tuple[Component, ...]:
    """The platform and its add-ons, hosted as the platform is; a table that could not be read gives none."""
    table = snapshot.manifest.tables.get("environments")
    places = Places(
        _rows(snapshot, "platforms"),
        _rows(snapshot, "environments"),
        has_all=table is not None and table.status.is_readable,
    )
    found = [_platform(row, catalogue, places) for row in places.platforms]
    host = found[0] if found else None
    return (*found, *_add_ons(snapshot, host, places))


@dataclass(frozen=True)
class Places:
    """The rows of platforms and environments, which tell regions."""

    platforms: Sequence[Mapping[str, Any]]
    environments: Sequence[Mapping[str, Any]]
    has_all: bool = True
    """Whether no environment can be missing."""

    def regions(self, environment: str = "") -> tuple[str, ...]:
        """Where an environment runs ("": all of the platform); () where that of any one of them is not known."""
        whole = self._whole
        rows = [row for row in self.environments if environment in ("", row.get("environment_id"))]
        told = [row.get("region") or whole for row in rows] or [whole]
        told += [] if environment or self.has_all or whole else [None]
        return () if None in told else tuple(dict.fromkeys(str(region) for region in told))

    def sites(self) -> tuple[Site, ...]:
        """Each environment with its region, where they differ in it and none can be missing."""
        whole = self._whole
        told = [(row.get("environment_id"), row.get("region") or whole) for row in self.environments]
        found = tuple(Site(str(name), (str(region),) if region else ()) for name, region in told if name)
        return found if self.has_all and len({site.regions for site in found}) > 1 else ()

    @property
    def _whole(self) -> str | None:
        """The region of the platform, which is that of environments that tell none."""
        return next((row["region"] for row in self.platforms if row.get("region")), None)


def _platform(row: Mapping[str, Any], catalogue: Catalogue, places: Places) -> Component:
    word = row.get("product") or ""
    own = row.get("catalogue_id")
    known = next(
        (each for each in catalogue.platforms if (own and each.id == own) or (word and word in each.product_words)),
        None,
    )
    return Component(
        id=row["platform_id"],
        name=known.name if known else row.get("name") or word or row["platform_id"],
        kind=ComponentKind.PLATFORM,
        version=row.get("version"),
        vendor=row.get("vendor") or (known.vendor if known else ""),
        hosting=_hosting(row.get("hosting")),
        platform_id=row["platform_id"],
        product=word,
        regions=places.regions(),
        sites=places.sites(),
    )


def _add_ons(snapshot: Snapshot, host: Component | None, places: Places) -> Iterator[Component]:
    for row in _rows(snapshot, "add_ons"):
        name = row.get("name") or row.get("purl")
        if not name:
            continue
        yield Component(
            id=row["add_on_id"],
            name=name,
            kind=ComponentKind.ADD_ON,
            version=row.get("version"),
            purl=row.get("purl") or "",
            vendor=row.get("publisher") or "",
            hosting=host.hosting if host else None,
            platform_id=row.get("platform_id") or (host.platform_id if host else ""),
            environment_id=row.get("environment_id") or "",
            regions=places.regions(row.get("environment_id") or ""),
        )


def _rows(snapshot: Snapshot, table: str) -> list[dict[str, Any]]:
    entry = snapshot.manifest.tables.get(table)
    if entry is None or not snapshot.file(table).is_file():
        return []
    rows: list[dict[str, Any]] = pq.read_table(snapshot.file(table)).to_pylist()
    return rows


def _hosting(word: str | None) -> Hosting | None:
    return Hosting(word) if word in set(Hosting) else None
