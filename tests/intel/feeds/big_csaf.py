"""Large CSAF documents in the shape of real ones: deep branches, groups, products on platforms."""

from __future__ import annotations

import random
from typing import Any

from tests.intel.feeds.csaf_documents import advisory


def big_advisory(*, products: int, depth: int, vulnerabilities: int, seed: int) -> dict[str, Any]:
    """A valid advisory of so many products, half of them told as ranges; the same for the same seed.

    `depth` counts branches from vendor to version. Product `n` is called `P<n>` and its fix `F<n>`.
    """
    chance = random.Random(seed)
    value = advisory()
    leaves = [_product(number, depth - 1) for number in range(products // 2)]
    vendors = [leaves[start : start + 50] for start in range(0, len(leaves), 50)]
    names = [f"P{number}" for number in range(products // 2)]
    platforms = [{"name": f"Platform {n}", "product_id": f"OS{n}"} for n in range(5)]
    value["product_tree"] = {
        "branches": [
            {"category": "vendor", "name": f"Vendor {number}", "branches": each} for number, each in enumerate(vendors)
        ],
        "full_product_names": platforms,
        "product_groups": [
            {"group_id": f"G{number}", "product_ids": chance.sample(names, min(20, len(names)))} for number in range(50)
        ],
        "relationships": [
            {
                "category": "installed_on",
                "full_product_name": {"name": f"{name} on platform {n % 5}", "product_id": f"R{n}"},
                "product_reference": name,
                "relates_to_product_reference": f"OS{n % 5}",
            }
            for n, name in enumerate(chance.sample(names, min(200, len(names))))
        ],
    }
    pattern = value["vulnerabilities"][0]
    value["vulnerabilities"] = [
        _vulnerability(pattern, number, sorted(chance.sample(range(products // 2), min(300, products // 2))))
        for number in range(vulnerabilities)
    ]
    return value


def _product(number: int, depth: int) -> dict[str, Any]:
    """A line of branches with the range that is affected and the version that is fixed at its end."""
    ends = [
        {
            "category": "product_version_range",
            "name": f"vers:semver/>=1.0.0|<2.{number}.0",
            "product": {"name": f"Product {number} before 2.{number}.0", "product_id": f"P{number}"},
        },
        {
            "category": "product_version",
            "name": f"2.{number}.0",
            "product": {"name": f"Product {number} 2.{number}.0", "product_id": f"F{number}"},
        },
    ]
    line: dict[str, Any] = {"category": "product_name", "name": f"Product {number}", "branches": ends}
    for level in range(depth - 2):
        line = {"category": "product_family", "name": f"Family {level} of {number}", "branches": [line]}
    return line


def _vulnerability(pattern: dict[str, Any], number: int, chosen: list[int]) -> dict[str, Any]:
    affected, fixed = [f"P{each}" for each in chosen], [f"F{each}" for each in chosen]
    return {
        **pattern,
        "cve": f"CVE-2026-{20000 + number}",
        "product_status": {"known_affected": affected, "fixed": fixed},
        "remediations": [
            {"category": "vendor_fix", "details": f"Update product {each} to 2.{each}.0.", "product_ids": [f"P{each}"]}
            for each in chosen
        ],
        "scores": [{**pattern["scores"][0], "products": affected}],
    }
