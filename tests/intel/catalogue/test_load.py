"""The catalogue that ships, and the folder of a user."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from passmuster.errors import UnreadableInput
from passmuster.intel.catalogue.entry import Role
from passmuster.intel.catalogue.load import load_catalogue
from passmuster.intel.matching.naming import plain
from passmuster.model.words import Hosting

OURS = """
schema: passmuster/platform@1
id: acme-flow
name: Acme Flow
vendor: Acme
products:
  - id: acme-flow
    name: Acme Flow
    role: part
    names: [acmeflow]
    purls: ["pkg:npm/acme-flow"]
    versions: semver
    hosting: [self]
    who_patches: {self: customer}
    source: https://acme.example/security
    checked_on: 2026-01-31
"""


def test_some_twenty_platforms_ship() -> None:
    platforms = load_catalogue().platforms
    assert len(platforms) >= 25
    assert {"n8n", "power-platform", "salesforce", "servicenow", "mendix", "node-red"} <= {
        each.id for each in platforms
    }


def test_every_fact_has_a_source_and_a_day_or_reads_as_not_checked() -> None:
    facts = [
        fact
        for each in load_catalogue().platforms
        for fact in (each.release_cadence, each.patch_cadence, *each.announcements, *each.embedded)
        if fact is not None
    ]
    for origin in (*(product.origin for product in load_catalogue().products), *(fact.origin for fact in facts)):
        assert origin.is_checked == (origin.checked_on is not None)
        if origin.checked_on is not None:
            assert origin.source.startswith("http"), origin
            assert date(2026, 1, 1) <= origin.checked_on, origin


def test_what_a_source_does_not_tell_reads_as_not_checked() -> None:
    products = {each.id: each for each in load_catalogue().products}
    assert not products["tableau-server"].is_checked("hosting")
    assert products["power-apps"].is_checked("who_patches")
    assert products["n8n"].is_checked("hosting")
    assert not products["make"].is_checked("who_patches")
    for product in products.values():
        assert {name for name in product.not_checked if not getattr(product, name)} == set(), product.id


def test_a_day_without_a_source_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(OURS.replace("    source: https://acme.example/security\n", ""), encoding="utf-8")
    with pytest.raises(UnreadableInput, match="source"):
        load_catalogue(tmp_path)


def test_every_product_has_an_order_and_somebody_who_patches_it() -> None:
    for product in load_catalogue().products:
        assert set(product.hosting) <= set(product.who_patches), product.id
        assert product.scheme is not None, product.id


def test_a_vendor_only_product_is_patched_by_the_vendor_or_together() -> None:
    wrong = [
        product.id
        for product in load_catalogue().products
        if product.hosting == (Hosting.VENDOR,) and product.who_patches[Hosting.VENDOR] == "customer"
    ]
    assert wrong == []


def test_no_name_and_no_package_means_two_products() -> None:
    seen: dict[str, str] = {}
    twice = []
    for product in load_catalogue().products:
        for name in {*(plain(each) for each in (product.name, *product.names)), *product.purls}:
            if seen.setdefault(name, product.id) != product.id:
                twice.append((name, seen[name], product.id))
    assert twice == []


def test_every_platform_has_a_part_that_its_name_means() -> None:
    assert [each.id for each in load_catalogue().platforms if all(p.role is not Role.PART for p in each.products)] == []


def test_a_user_adds_a_platform_and_replaces_one_of_ours(tmp_path: Path) -> None:
    (tmp_path / "acme.yaml").write_text(OURS, encoding="utf-8")
    (tmp_path / "n8n.yaml").write_text(OURS.replace("id: acme-flow\nname", "id: n8n\nname"), encoding="utf-8")
    catalogue = load_catalogue(tmp_path)
    names = {each.id: each.name for each in catalogue.platforms}
    assert (names["acme-flow"], names["n8n"], names["directus"]) == ("Acme Flow", "Acme Flow", "Directus")
    assert {each.id: each.name for each in load_catalogue().platforms}["n8n"] == "n8n"


def test_all_mistakes_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(OURS.replace("role: part", "role: king").replace("self: customer", "self: us"))
    (tmp_path / "b.yaml").write_text(OURS.replace("2026-01-31", "'2026-13-31'"))
    (tmp_path / "c.yaml").write_text("a: &x 1\nb: *x\n")
    with pytest.raises(UnreadableInput) as told:
        load_catalogue(tmp_path)
    text = str(told.value)
    assert "'king'" in text
    assert "'us'" in text
    assert "2026-13-31" in text
    assert "aliases are not accepted" in text
    assert "a.yaml" in text
    assert "b.yaml" in text


@pytest.mark.parametrize("make", [False, True])
def test_a_folder_without_platforms_is_refused(tmp_path: Path, make: bool) -> None:
    folder = tmp_path / "none"
    if make:
        folder.mkdir()
    with pytest.raises(UnreadableInput, match="none"):
        load_catalogue(folder)
