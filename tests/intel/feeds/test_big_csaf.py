"""A large advisory in the shape of real ones goes in whole, and each product has the versions it was given."""

from __future__ import annotations

import random
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from passmuster.intel.store.reading import Store
from passmuster.model.advisory import Advisory
from tests.intel.feeds.big_csaf import big_advisory
from tests.intel.making import NOW, take, write
from tests.intel.matching.asking import verdict

PRODUCTS, VULNERABILITIES = 3000, 6


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return big_advisory(products=PRODUCTS, depth=12, vulnerabilities=VULNERABILITIES, seed=26)


@pytest.fixture(scope="module")
def found(document: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Advisory]:
    folder = tmp_path_factory.mktemp("big")
    path = write(folder / "big.json", document)
    assert 1_000_000 < path.stat().st_size < 6_000_000
    result = take(folder / "store", path)
    assert [(file.accepted, file.records, file.problems) for file in result.files] == [(True, VULNERABILITIES, ())]
    with closing(Store(folder / "store", as_of=NOW)) as opened:
        return {each.id: each for each in opened.advisories()}


def test_it_has_as_many_products_and_levels_as_it_says(document: dict[str, Any]) -> None:
    def depth(branch: dict[str, Any]) -> int:
        return 1 + max((depth(each) for each in branch.get("branches", [])), default=0)

    branches = document["product_tree"]["branches"]
    assert {depth(each) for each in branches} == {12}
    assert str(branches).count("'product_id'") == PRODUCTS


def test_each_product_is_affected_before_its_fix_and_no_other_is(
    document: dict[str, Any], found: dict[str, Advisory]
) -> None:
    chance = random.Random(5)
    for vulnerability in document["vulnerabilities"]:
        named = {int(each[1:]) for each in vulnerability["product_status"]["known_affected"]}
        advisory = found[vulnerability["cve"]]
        for number in chance.sample(sorted(named), 5):
            name = f"Product {number}"
            versions = ["0.9.0", "1.0.0", f"1.{number}.7", f"2.{number}.0", f"2.{number}.1"]
            expected = ["not_affected", "affected", "affected", "fixed", "fixed"]
            assert [verdict(advisory, name, each) for each in versions] == expected
            assert verdict(advisory, f"Vendor {number // 50} {name}", "1.5.0") == "affected"
        for number in chance.sample(sorted(set(range(PRODUCTS // 2)) - named), 5):
            assert verdict(advisory, f"Product {number}", "1.5.0") == "-"


def test_branches_too_deep_for_any_reader_are_refused_and_not_a_crash(tmp_path: Path) -> None:
    value = big_advisory(products=2, depth=sys.getrecursionlimit() // 8, vulnerabilities=1, seed=1)
    (file,) = take(tmp_path / "store", write(tmp_path / "deep.json", value)).files
    assert not file.accepted
    assert "nests deeper than" in file.problems[0].text
