"""Tests of the product tree and of what refers to it (6.1.1 to 6.1.5, 13, 25, 31, 34, 42 to 44, 57 to 63)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from packageurl import PackageURL

from passmuster.intel.feeds.csaf.version_text import is_vers
from passmuster.intel.feeds.csaf.walk import (
    Complaint,
    Csaf,
    group_references,
    items,
    product_references,
    walk_branches,
)

_MOST_BRANCHES = 30
_RANGE_WORDS = re.compile(
    r"[<>]|(?<![^\s,;:()])(?:after|all|before|earlier|later|prior|versions)(?![^\s,;:.()])",
    re.IGNORECASE,
)


def undefined_products(csaf: Csaf) -> Iterator[Complaint]:
    """6.1.1: a product id is used that nobody defines."""
    defined = {product["product_id"] for _, product in csaf.products}
    for path, product in product_references(csaf.value):
        if product not in defined:
            yield path, f"no product has the id {product!r}; define it in the product tree"


def products_defined_twice(csaf: Csaf) -> Iterator[Complaint]:
    """6.1.2: two products have one id."""
    seen: dict[str, str] = {}
    for path, product in csaf.products:
        name = product["product_id"]
        if name in seen:
            yield path, f"the product id {name!r} is defined at {seen[name]} already; give each its own"
        seen.setdefault(name, path)


def circular_products(csaf: Csaf) -> Iterator[Complaint]:
    """6.1.3: a product is made of itself, directly or by others."""
    made_of: dict[str, set[str]] = {}
    places: dict[str, str] = {}
    for path, each in items(csaf.tree, "relationships", "product_tree"):
        name = each["full_product_name"]["product_id"]
        made_of.setdefault(name, set()).update((each["product_reference"], each["relates_to_product_reference"]))
        places.setdefault(name, path)
    for path, each in items(csaf.tree, "product_paths", "product_tree"):
        name = each["full_product_name"]["product_id"]
        parts = {subpath["next_product_reference"] for subpath in each["subpaths"]}
        made_of.setdefault(name, set()).update(parts | {each["beginning_product_reference"]})
        places.setdefault(name, path)
    for name in circles(made_of):
        yield places[name], f"the product {name!r} is defined by itself; break the circle"


def circles(graph: dict[str, set[str]]) -> list[str]:
    """The names of a graph that lead back to themselves."""
    left = {name: {each for each in targets if each in graph} for name, targets in graph.items()}
    # What leads nowhere is taken away until only circles, and what leads into them, remain; then the same backwards.
    while ends := [name for name, targets in left.items() if not targets]:
        gone = set(ends)
        left = {name: targets - gone for name, targets in left.items() if name not in gone}
    while starts := set(left) - {target for targets in left.values() for target in targets}:
        left = {name: targets for name, targets in left.items() if name not in starts}
    return sorted(left)


def undefined_groups(csaf: Csaf) -> Iterator[Complaint]:
    """6.1.4: a product group is used that nobody defines."""
    for path, group in group_references(csaf.value):
        if group not in csaf.groups:
            yield path, f"no product group has the id {group!r}; define it in product_tree.product_groups"


def groups_defined_twice(csaf: Csaf) -> Iterator[Complaint]:
    """6.1.5: two product groups have one id."""
    seen: dict[str, str] = {}
    for path, group in items(csaf.tree, "product_groups", "product_tree"):
        name = group["group_id"]
        if name in seen:
            yield path, f"the group id {name!r} is defined at {seen[name]} already; give each its own"
        seen.setdefault(name, path)


def invalid_purls(csaf: Csaf) -> Iterator[Complaint]:
    """6.1.13: what is given as package URL is none."""
    for path, text in _purls(csaf):
        try:
            PackageURL.from_string(text)
        except ValueError as error:
            yield path, f"{text!r} is no package URL ({error}); write pkg:TYPE/NAMESPACE/NAME@VERSION"


def _purls(csaf: Csaf) -> Iterator[tuple[str, str]]:
    for path, product in csaf.products:
        helper = product.get("product_identification_helper", {})
        place = f"{path}.product_identification_helper"
        if "purl" in helper:
            yield f"{place}.purl", helper["purl"]
        yield from items(helper, "purls", place)


def purl_families(csaf: Csaf) -> Iterator[Complaint]:
    """6.1.42: the package URLs of one product differ in more than their qualifiers."""
    for path, product in csaf.products:
        helper = product.get("product_identification_helper", {})
        families = set()
        for text in helper.get("purls", []):
            try:
                families.add(PackageURL.from_string(text)._replace(qualifiers=None))
            except ValueError:
                continue
        if len(families) > 1:
            yield path, "its package URLs differ in more than qualifiers; a product has one name, split it"


def repeated_hash_algorithms(csaf: Csaf) -> Iterator[Complaint]:
    """6.1.25: a file has two hashes of one algorithm."""
    for path, hashed in _hashes(csaf):
        names = [each["algorithm"] for each in hashed["file_hashes"]]
        for name in sorted({name for name in names if names.count(name) > 1}):
            yield path, f"the file has two hashes by {name}; keep one"


def _hashes(csaf: Csaf) -> Iterator[tuple[str, dict[str, list[dict[str, str]]]]]:
    for path, product in csaf.products:
        helper = product.get("product_identification_helper", {})
        yield from items(helper, "hashes", f"{path}.product_identification_helper")


def ranges_as_versions(csaf: Csaf) -> Iterator[Complaint]:
    """6.1.31: a branch that should name one version names a range.

    In 2.0 one written as `vers:` is let pass, as no version is called so: it is read as the range that it is.
    """
    for path, line in walk_branches(csaf.tree):
        category, name = line[-1]["category"], line[-1]["name"]
        if category != "product_version" or (csaf.version == "2.0" and is_vers(name)):
            continue
        if is_vers(name) or _RANGE_WORDS.search(name):
            yield f"{path}.name", f"{name!r} tells a range; make the category product_version_range"


def ranges_called_versions(csaf: Csaf) -> Iterator[Complaint]:
    """Ranges written as `vers:` in the place of one version, in 2.0."""
    for path, line in walk_branches(csaf.tree) if csaf.version == "2.0" else ():
        name = line[-1]["name"]
        if line[-1]["category"] == "product_version" and is_vers(name):
            yield f"{path}.name", f"{name!r} is a range where one version should stand; it is read as the range"


def deep_branches(csaf: Csaf) -> Iterator[Complaint]:
    """6.1.34: branches nest too deep."""
    for path, line in walk_branches(csaf.tree):
        if len(line) == _MOST_BRANCHES + 1:
            yield path, f"branches nest deeper than {_MOST_BRANCHES}; flatten the tree"


def stars(csaf: Csaf) -> Iterator[Complaint]:
    """6.1.43, 44, 61: more than one wildcard in a model, serial or stock number."""
    for path, product in csaf.products:
        helper = product.get("product_identification_helper", {})
        for key in ("model_numbers", "serial_numbers", "skus"):
            for place, text in items(helper, key, f"{path}.product_identification_helper"):
                if len(re.findall(r"(?<!\\)(?:\\\\)*\*", text)) > 1:
                    yield place, f"{text!r} has more than one star; write one, or escape the others"
