"""A platform of the catalogue and its products."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from passmuster.intel.versions.scheme import Scheme
from passmuster.model.words import Hosting, Responsibility


class Role(StrEnum):
    """What a product is to its platform. Only a `part` shares the platform's version and is meant by its name."""

    PART = "part"
    ADD_ON = "add_on"
    SEPARATE = "separate"


@dataclass(frozen=True)
class Origin:
    """Where a fact was read, and when; without a day it is from general knowledge and nobody looked it up."""

    source: str = ""
    checked_on: date | None = None

    @property
    def is_checked(self) -> bool:
        """Whether somebody looked it up."""
        return self.checked_on is not None


@dataclass(frozen=True)
class Product:
    """Something advisories speak of, under any of `names` (of `vendors`, where the names alone would not tell it)."""

    id: str
    name: str
    role: Role
    origin: Origin
    names: tuple[str, ...] = ()
    """Other names; a trailing `*` stands for the rest of the name."""
    vendors: tuple[str, ...] = ()
    """Vendors under which records name it; empty: any."""
    purls: tuple[str, ...] = ()
    cpes: tuple[str, ...] = ()
    """`vendor:product` of CPE names."""
    has_lines: bool = False
    """Whether records append a release line to the name (`Mendix Runtime V9`)."""
    scheme: Scheme | None = None
    hosting: tuple[Hosting, ...] = ()
    usual_hosting: Hosting | None = None
    who_patches: Mapping[Hosting, Responsibility] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)
    """Where what stands under a name was read, if not at the source of the whole."""
    not_checked: frozenset[str] = frozenset()
    """Which of these no source tells: they are from general knowledge (`names` of them in part)."""

    def is_checked(self, name: str) -> bool:
        """Whether what stands under `name` (`hosting`, `who_patches`, `purls`, ...) was looked up."""
        return self.origin.is_checked and name not in self.not_checked

    def source_of(self, name: str) -> str:
        """The address where what stands under `name` was read; empty where it was not."""
        return self.sources.get(name, self.origin.source) if self.is_checked(name) else ""


@dataclass(frozen=True)
class Fact:
    """A sentence about the platform, such as how often it is released, with where that was read."""

    text: str
    origin: Origin
    url: str = ""


class Placement(StrEnum):
    """Whether an embedded component is shipped in the platform's own package or runs next to it."""

    INSIDE = "inside"
    BESIDE = "beside"


@dataclass(frozen=True)
class Embedded:
    """Other software a self-hosted copy brings, under the names advisories use; which version is a matter of a BOM.

    `text` says when it is there and what was read of it. It never takes part in matching: without the version that
    really runs it would accuse everybody.
    """

    name: str
    text: str
    origin: Origin
    where: Placement | None = None
    purls: tuple[str, ...] = ()
    cpes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Platform:
    """A no-code platform. `product_words` are the words of a snapshot's `platforms.product`."""

    id: str
    name: str
    vendor: str
    product_words: tuple[str, ...] = ()
    products: tuple[Product, ...] = ()
    release_cadence: Fact | None = None
    patch_cadence: Fact | None = None
    announcements: tuple[Fact, ...] = ()
    embedded: tuple[Embedded, ...] = ()


@dataclass(frozen=True)
class Catalogue:
    """All platforms known, those of the user's folder in place of ours where the ids are the same."""

    platforms: tuple[Platform, ...] = ()

    @property
    def products(self) -> tuple[Product, ...]:
        """Every product of every platform."""
        return tuple(product for platform in self.platforms for product in platform.products)
