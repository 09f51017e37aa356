"""Whether a record's product is the component that was asked for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from packageurl import PackageURL

from passmuster.intel.catalogue.entry import Catalogue, Platform, Product, Role
from passmuster.intel.matching.spans import Line
from passmuster.intel.versions.wording import tells_nothing
from passmuster.model.advisory import AffectedProduct
from passmuster.model.component import Component

_LINE = re.compile(r"^(?P<stem>.+?)[\s(]+(?:v|version\s+)?(?P<line>\d{1,3}(?:\.\d{1,3})*)\)?$", re.IGNORECASE)
_BETWEEN = re.compile(r"[\s-]+")
_COLLECTIONS = (
    ("npm", "npm"),
    ("pypi", "pypi"),
    ("maven", "maven"),
    ("nuget", "nuget"),
    ("rubygems", "gem"),
    ("packagist", "composer"),
    ("crates", "cargo"),
    ("wordpress", "wordpress"),
    ("docker", "docker"),
    ("bitnami", "bitnami"),
    ("proxy.golang", "golang"),
    ("go", "golang"),
    ("debian", "deb"),
    ("ubuntu", "deb"),
    ("alpine", "apk"),
)

_NOTHING = Catalogue()

Place = tuple[str, str, str]
"""Type, namespace and name of a package URL, lower case."""


@dataclass(frozen=True)
class Asked:
    """A component as it can be looked for in records."""

    words: frozenset[str]
    products: tuple[Product, ...] = ()
    package: Place | None = None
    purl: str = ""
    package_name: str = ""
    """A package's bare name, if it is no plain word: it speaks for the package where a record names no package."""
    catalogue: tuple[Product, ...] = ()
    """All products known: a record may name one of them in a way that the catalogue does not list."""

    @property
    def is_known(self) -> bool:
        """Whether the catalogue knows it."""
        return bool(self.products)

    @property
    def packages(self) -> frozenset[Place]:
        """The packages under which records may name it."""
        known = {_package_of(purl) for product in self.products for purl in product.purls}
        return frozenset(each for each in (self.package, *known) if each is not None)


@dataclass(frozen=True)
class Mention:
    """A record's product that is the component; `line` where its name ends with one."""

    entry: AffectedProduct
    product: Product | None
    line: Line = ()
    is_exact: bool = False


class Asking:
    """Looks up many components in a catalogue: like ones once, and those it cannot know without going through it."""

    def __init__(self, catalogue: Catalogue) -> None:
        """Gather what the names of known things look like."""
        products = catalogue.products
        names = [name for each in products for name in (each.id, each.name, *each.names)]
        names += [name for each in catalogue.platforms for name in (each.name, each.id)]
        owners = [name.split("/")[0].lstrip("@") for name in names if "/" in name]
        vendors = [*(each for product in products for each in product.vendors), *owners]
        vendors += [each.vendor for each in catalogue.platforms]
        self._catalogue = catalogue
        self._squeezed = frozenset(_squeezed(plain(name)) for name in names)
        self._prefixes = tuple({prefix for each in products for prefix in prefixes_of(each)})
        self._lines = frozenset(name for each in products if each.has_lines for name in terms_of(each))
        self._vendors = tuple({f"{plain(each)} " for each in vendors if plain(each)})
        self._packages = frozenset(_package_of(purl) for each in products for purl in each.purls)
        self._words = frozenset(word for each in catalogue.platforms for word in each.product_words)
        self._known: dict[tuple[str, str, str], Asked] = {}

    def __call__(self, component: Component) -> Asked:
        """As `asked_for`; the version in the package URL of one of like components stands for that of all."""
        key = (component.name, _unversioned(component.purl), component.product)
        if key not in self._known:
            self._known[key] = asked_for(component, self._catalogue if self._may_know(component) else _NOTHING)
            self._known[key] = replace(self._known[key], catalogue=self._catalogue.products)
        return self._known[key]

    def _may_know(self, component: Component) -> bool:
        package = _package_of(component.purl)
        return (
            component.product in self._words
            or (package is not None and package in self._packages)
            or any(map(self._may_mean, _words(component, package)))
        )

    def _may_mean(self, word: str) -> bool:
        names = [word, *(word.removeprefix(each) for each in self._vendors if word.startswith(each))]
        return any(
            _squeezed(name) in self._squeezed
            or name.startswith(self._prefixes)
            or not self._lines.isdisjoint(stems_of(name))
            for name in names
        )


def _unversioned(purl: str) -> str:
    """A package URL without version, qualifiers and subpath, cut by hand: parsing takes far longer."""
    path = purl.partition("#")[0].partition("?")[0]
    head, _, tail = path.rpartition("@")
    return path if not head or head.endswith("/") or "/" in tail else head


def asked_for(component: Component, catalogue: Catalogue) -> Asked:
    """What to look for when advisories of `component` are wanted."""
    package = _package_of(component.purl)
    words = _words(component, package)
    found = [
        product
        for platform in catalogue.platforms
        for product in platform.products
        if (product.role is Role.PART and _means_platform(component, words, platform))
        or any(_is_meant(product, name) for word in words for name in (word, *_without_vendor(word, product, platform)))
        or (package is not None and package in {_package_of(purl) for purl in product.purls})
    ]
    name = plain(package[2]) if package and not package[1] else ""
    # One plain word (`core`, `flow`) is the name of many things.
    name = "" if name.isalpha() else name
    return Asked(words, tuple(found), package, component.purl, package_name=name, catalogue=catalogue.products)


def mention_of(entry: AffectedProduct, asked: Asked) -> Mention | None:
    """The mention of what was asked for in a record's product; None where it is something else."""
    names = names_of(entry)
    if asked.words & names:
        product = next((each for each in asked.products or asked.catalogue if _is_product(each, entry, names)), None)
        if product is None and asked.products:
            product = None if _is_foreign(entry, asked.products) else asked.products[0]
            if product is None:
                return None
        return Mention(entry, product, _line_of(entry.product) if product and product.has_lines else (), is_exact=True)
    for product in asked.products:
        if _is_product(product, entry, names):
            return Mention(entry, product, _line_of(entry.product) if product.has_lines else ())
    if asked.package is not None and asked.package == package_of_entry(entry):
        return Mention(entry, None, is_exact=True)
    if asked.package_name in names and not asked.products and package_of_entry(entry) is None:
        return Mention(entry, None, is_exact=True)
    return None


def names_of(entry: AffectedProduct) -> frozenset[str]:
    """Every name under which a record speaks of its product, plain."""
    vendor, product, package = plain(entry.vendor), plain(entry.product), plain(entry.package)
    names = {product, package, product.rsplit("/", 1)[-1]}
    if vendor and product and not tells_nothing(vendor):
        names |= {f"{vendor} {product}", f"{vendor}/{product}", product.removeprefix(f"{vendor} ")}
    return frozenset(name for name in names if not tells_nothing(name))


def terms_of(product: Product) -> frozenset[str]:
    """The names by which the catalogue knows a product, plain."""
    return _plain_names(product.name, *product.names)


def prefixes_of(product: Product) -> tuple[str, ...]:
    """What names of a product may begin with, where the catalogue leaves their end open."""
    return tuple(name[:-1] for name in terms_of(product) if name.endswith("*"))


@lru_cache(maxsize=4096)
def _plain_names(*names: str) -> frozenset[str]:
    return frozenset(map(plain, names))


def stems_of(name: str) -> tuple[str, ...]:
    """A name without the line of releases it ends with, and that without another; empty where it ends with none."""
    match = _LINE.match(name)
    if match is None:
        return ()
    shorter = _LINE.match(match["stem"])
    return (match["stem"].strip(), *((shorter["stem"].strip(),) if shorter else ()))


def is_real(entry: AffectedProduct) -> bool:
    """Whether the record names a product at all."""
    return bool(names_of(entry) or entry.purl or _cpes(entry))


@lru_cache(maxsize=65_536)
def plain(name: str) -> str:
    """A name to compare by: lower case, one space between words."""
    return " ".join(name.casefold().replace("_", " ").split())


def _words(component: Component, package: Place | None) -> frozenset[str]:
    """The names it goes by; of a package those with its namespace (`@strapi/admin`, `n8n-io/n8n`)."""
    if package is None:
        return frozenset({plain(component.name)} - {""})
    kind, namespace, name = package
    if kind == "generic":
        return frozenset({plain(component.name), plain(name)} - {""})
    return frozenset({plain(f"{namespace}/{name}")}) if namespace else frozenset()


def _is_meant(product: Product, word: str) -> bool:
    """Whether a user means the product: however it is spaced (`power-apps`, `PowerApps`), or by its id."""
    known = (product.id, product.name, *product.names)
    return _is_named(product, word) or _squeezed(word) in {_squeezed(plain(name)) for name in known}


def _squeezed(name: str) -> str:
    return _BETWEEN.sub("", name)


def _without_vendor(word: str, product: Product, platform: Platform) -> Iterator[str]:
    """What is left of a name where one of the product's vendors stands before it (`n8n-io n8n`)."""
    owners = (name.split("/")[0].lstrip("@") for name in product.names if "/" in name)
    vendors = {plain(each) for each in (*product.vendors, *owners, platform.vendor)}
    return (word.removeprefix(f"{vendor} ") for vendor in sorted(vendors) if word.startswith(f"{vendor} "))


def _means_platform(component: Component, words: Iterable[str], platform: Platform) -> bool:
    names = {plain(platform.name), platform.id.replace("-", " ")}
    return component.product in platform.product_words or any(
        word in names or word.replace("-", " ") in names for word in words
    )


def _is_product(product: Product, entry: AffectedProduct, names: frozenset[str]) -> bool:
    package = package_of_entry(entry)
    if package is not None and package in {_package_of(purl) for purl in product.purls}:
        return True
    if not names:
        return any(f"{vendor}:{name}" in product.cpes for vendor, name in _cpes(entry))
    return not _is_foreign(entry, (product,)) and any(_is_named(product, name) for name in names)


def _cpes(entry: AffectedProduct) -> list[tuple[str, str]]:
    """Vendor and product of the CPE names, lower case."""
    parts = [cpe.casefold().split(":") for cpe in entry.cpes]
    return [(each[3], each[4]) for each in parts if len(each) > 4]


def _is_foreign(entry: AffectedProduct, products: Iterable[Product]) -> bool:
    """Whether the record's vendor is none of those under whom these products are known."""
    vendor = plain(entry.vendor)
    if tells_nothing(vendor):
        return False
    return all(product.vendors and vendor not in _plain_names(*product.vendors) for product in products)


def _is_named(product: Product, name: str) -> bool:
    known = terms_of(product)
    if name in known or name.startswith(prefixes_of(product)):
        return True
    return product.has_lines and not known.isdisjoint(stems_of(name))


def _line_of(name: str) -> Line:
    match = _LINE.match(name.strip())
    return tuple(int(part) for part in match["line"].split(".")) if match else ()


def package_of_entry(entry: AffectedProduct) -> Place | None:
    """The package a record names, as a package URL would; None where it names none of a known collection."""
    if entry.purl:
        return _package_of(entry.purl)
    if not entry.package or not entry.collection:
        return None
    where = entry.collection.casefold()
    kind = next((kind for word, kind in _COLLECTIONS if word in where), None)
    if kind is None:
        return None
    namespace, _, name = entry.package.casefold().rpartition(":" if kind == "maven" else "/")
    return (kind, namespace, name)


@lru_cache(maxsize=65_536)
def _package_of(purl: str) -> Place | None:
    if not purl:
        return None
    try:
        parsed = PackageURL.from_string(purl)
    except ValueError:
        return None
    return (parsed.type.casefold(), (parsed.namespace or "").casefold(), parsed.name.casefold())
