"""How much of the catalogue was looked up: counts that may rise, and fall only with this file."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from passmuster.intel.catalogue.entry import Origin, Platform, Product, Role
from passmuster.intel.catalogue.load import load_catalogue
from passmuster.model.words import Hosting

MISSION = ("power-platform", "salesforce", "servicenow", "n8n", "directus", "mendix", "node-red", "nocodb")

AT_LEAST: dict[str, tuple[int, Callable[[Platform], object]]] = {
    "release or patch cadence": (30, lambda each: each.release_cadence or each.patch_cadence),
    "release cadence": (26, lambda each: each.release_cadence),
    "patch cadence": (26, lambda each: each.patch_cadence),
    "where the vendor announces": (26, lambda each: each.announcements),
    "embedded components": (20, lambda each: each.embedded),
    "who patches its first product": (28, lambda each: each.products[0].is_checked("who_patches")),
    "hosting of its first product": (31, lambda each: each.products[0].is_checked("hosting")),
}


@pytest.mark.parametrize("what", AT_LEAST)
def test_what_was_looked_up_of_platforms_does_not_fall(what: str) -> None:
    least, has = AT_LEAST[what]
    count = sum(bool(has(each)) for each in load_catalogue().platforms)
    assert count >= least, f"{what}: {count} platforms, {least} before"


@pytest.mark.parametrize(("name", "least"), [("hosting", 55), ("who_patches", 47), ("purls", 18), ("cpes", 27)])
def test_what_was_looked_up_of_products_does_not_fall(name: str, least: int) -> None:
    count = sum(bool(getattr(each, name)) and each.is_checked(name) for each in load_catalogue().products)
    assert count >= least, f"{name}: {count} products, {least} before"


@pytest.mark.parametrize("name", MISSION)
def test_of_the_first_platforms_all_is_looked_up_but_names(name: str) -> None:
    platform = next(each for each in load_catalogue().platforms if each.id == name)
    first = next(each for each in platform.products if each.role is Role.PART)
    assert {part for part in first.not_checked if part not in ("names", "vendors")} == set()
    assert platform.release_cadence or platform.patch_cadence
    assert platform.announcements


def test_what_can_be_self_hosted_names_what_it_brings_or_is_known_not_to_be_public() -> None:
    closed = {"appian", "dynamics-365", "outsystems", "power-bi", "power-platform", "salesforce", "servicenow"}
    silent = {each.id for each in load_catalogue().platforms if _is_self_hosted(each) and not each.embedded}
    assert silent <= closed


def test_a_source_of_its_own_is_of_something_that_is_there_and_counts_as_looked_up() -> None:
    for product in load_catalogue().products:
        for part, source in product.sources.items():
            assert getattr(product, part), (product.id, part)
            assert product.is_checked(part), (product.id, part)
            assert product.source_of(part) == source
        for part in product.not_checked:
            assert product.source_of(part) == "", (product.id, part)


def test_the_source_of_a_part_is_that_of_the_whole_where_it_has_none_of_its_own() -> None:
    origin = next(each.origin for each in load_catalogue().products if each.id == "n8n")
    product = Product("a", "A", Role.PART, origin, sources={"hosting": "https://a.example"})
    assert product.source_of("hosting") == "https://a.example"
    assert product.source_of("purls") == origin.source
    assert Product("a", "A", Role.PART, Origin()).source_of("purls") == ""


def _is_self_hosted(platform: Platform) -> bool:
    return any(set(product.hosting) - {Hosting.VENDOR} for product in platform.products)
