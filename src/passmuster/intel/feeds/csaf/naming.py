"""Which product each id of a document stands for."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from packageurl import PackageURL

from passmuster.intel.feeds.csaf.version_text import is_vers
from passmuster.intel.feeds.csaf.walk import Csaf, items, walk_branches


@dataclass(frozen=True)
class NamedProduct:
    """What an id stands for. `version` is the record's text, None where none is told; `is_range`: it tells a range."""

    name: str
    vendor: str = ""
    product: str = ""
    version: str | None = None
    is_range: bool = False
    purl: str = ""
    package: str = ""
    cpes: tuple[str, ...] = ()
    platforms: tuple[str, ...] = field(default=())

    @property
    def family(self) -> tuple[Any, ...]:
        """What is the same for all versions of one product on the same platforms."""
        return (self.vendor, self.product, self.purl, self.package, self.platforms)


def named_products(csaf: Csaf) -> dict[str, NamedProduct]:
    """Every product id of a valid document with what it stands for."""
    found: dict[str, NamedProduct] = {}
    for _, line in walk_branches(csaf.tree):
        if "product" in line[-1]:
            found[line[-1]["product"]["product_id"]] = _with_helper(_of_branches(line), line[-1]["product"])
    for _, product in items(csaf.tree, "full_product_names", ""):
        found[product["product_id"]] = _with_helper(NamedProduct(name=product["name"]), product)
    for _, each in items(csaf.tree, "relationships", ""):
        parts = [each["product_reference"], each["relates_to_product_reference"]]
        found[each["full_product_name"]["product_id"]] = _combined(each["full_product_name"], parts, found)
    for _, each in items(csaf.tree, "product_paths", ""):
        parts = [each["beginning_product_reference"], *(step["next_product_reference"] for step in each["subpaths"])]
        found[each["full_product_name"]["product_id"]] = _combined(each["full_product_name"], parts, found)
    return found


def _of_branches(line: tuple[dict[str, Any], ...]) -> NamedProduct:
    """The last branch of each category counts; architecture, language and the like become platforms."""
    told: dict[str, str] = {branch["category"]: branch["name"] for branch in line}
    version = told.get("product_version_range", told.get("product_version"))
    patched = [told[key] for key in ("service_pack", "patch_level") if key in told]
    if version is not None and patched and "product_version_range" not in told:
        version = " ".join([version, *patched])
    platforms = tuple(told[key] for key in ("platform", "architecture", "specification", "host_name") if key in told)
    return NamedProduct(
        name=line[-1]["product"]["name"],
        vendor=told.get("vendor", ""),
        product=told.get("product_name", told.get("product_family", "")),
        version=version,
        is_range="product_version_range" in told or is_vers(version or ""),
        platforms=platforms,
    )


def _with_helper(named: NamedProduct, product: dict[str, Any]) -> NamedProduct:
    """The product with what its identification helper adds; what the branches say goes before it."""
    helper = product.get("product_identification_helper", {})
    if "cpe" in helper:
        vendor, name, version = _of_cpe(helper["cpe"])
        named = replace(
            named,
            cpes=(helper["cpe"],),
            vendor=named.vendor or vendor,
            product=named.product or name,
            version=named.version or version,
        )
    texts = [helper["purl"]] if "purl" in helper else helper.get("purls", [])
    if texts:
        purl = PackageURL.from_string(texts[0])
        without = PackageURL(purl.type, purl.namespace, purl.name)
        package = "/".join(part for part in (purl.namespace, purl.name) if part)
        version = _of_both(named, purl.name, purl.version or "")
        named = replace(named, purl=without.to_string(), package=package, version=version)
    return replace(named, product=named.product or named.name)


def _of_both(named: NamedProduct, package: str, version: str) -> str | None:
    """The version told by branches and by a package URL: the latter's, where the branch names the whole package."""
    told = named.version
    is_whole_package = told is not None and not named.is_range and package in told and bool(version) and version in told
    return version if is_whole_package else told or version or None


def _of_cpe(text: str) -> tuple[str, str, str | None]:
    """Vendor, product and version of a CPE name, in either binding; wildcards are no version."""
    separated = text.replace("\\:", "\0").split(":")
    parts = separated[3:6] if text.startswith("cpe:2.3") else separated[2:5]
    vendor, product, version = ([part.replace("\0", ":").replace("\\", "") for part in parts] + ["", "", ""])[:3]
    is_told = version not in ("", "*", "-")
    return vendor.replace("_", " "), product.replace("_", " "), version if is_told else None


def _combined(product: dict[str, Any], parts: list[str], found: dict[str, NamedProduct]) -> NamedProduct:
    """A product in or on another: the first is what it is, the others are where."""
    first = found.get(parts[0], NamedProduct(name=product["name"], product=product["name"]))
    where = tuple(found[part].name for part in parts[1:] if part in found)
    combined = replace(first, name=product["name"], platforms=(*first.platforms, *where))
    return _with_helper(combined, product) if "product_identification_helper" in product else combined
