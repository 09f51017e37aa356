"""Walking a CSAF document that has its proper shape: what it defines, what it refers to, and where."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from passmuster.intel.feeds.formats import parse_time

Found = tuple[str, Any]
"""A path in the document, and what stands there."""
Complaint = tuple[str, str]
"""A path in the document, and what is wrong there with its mend."""

_LISTS_OF_PRODUCTS = frozenset({"product_ids", "products"})
_SINGLE_PRODUCTS = frozenset(
    {
        "product_reference",
        "relates_to_product_reference",
        "beginning_product_reference",
        "next_product_reference",
    }
)
_AFFECTED = ("first_affected", "known_affected", "last_affected")
STATUS_GROUPS = {
    "affected": _AFFECTED,
    "not affected": ("known_not_affected",),
    "fixed": ("first_fixed", "fixed"),
    "under investigation": ("under_investigation",),
    "unknown": ("unknown",),
}
_STATUSES = frozenset(status for statuses in STATUS_GROUPS.values() for status in statuses) | {"recommended"}
_NO_TIME = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Csaf:
    """A document whose shape was checked. `version` is `2.0` or `2.1`."""

    value: dict[str, Any]
    version: str

    @property
    def document(self) -> dict[str, Any]:
        """The part about the document itself."""
        part: dict[str, Any] = self.value["document"]
        return part

    @property
    def category(self) -> str:
        """The profile it claims, or a free category."""
        return str(self.document["category"])

    @property
    def tracking(self) -> dict[str, Any]:
        """Identifier, versions and dates."""
        part: dict[str, Any] = self.document["tracking"]
        return part

    @property
    def tree(self) -> dict[str, Any]:
        """The product tree, empty where there is none."""
        part: dict[str, Any] = self.value.get("product_tree", {})
        return part

    @property
    def is_released(self) -> bool:
        """Whether its status is final or interim."""
        return self.tracking["status"] in ("final", "interim")

    @property
    def is_english(self) -> bool:
        """Whether titles can be held against the standard's English ones: its language is English or not told."""
        return str(self.document.get("lang", "en")).lower().split("-")[0] == "en"

    @cached_property
    def vulnerabilities(self) -> list[Found]:
        """Each vulnerability."""
        return list(items(self.value, "vulnerabilities", ""))

    @cached_property
    def products(self) -> list[Found]:
        """Every definition of a product: in branches, lists, relationships and paths."""
        found = list(_branch_products(self.tree, "product_tree"))
        found += items(self.tree, "full_product_names", "product_tree")
        for key in ("relationships", "product_paths"):
            found += [
                (f"{path}.full_product_name", each["full_product_name"])
                for path, each in items(self.tree, key, "product_tree")
            ]
        return found

    @cached_property
    def groups(self) -> dict[str, frozenset[str]]:
        """The products of each product group."""
        return {each["group_id"]: frozenset(each["product_ids"]) for each in self.tree.get("product_groups", [])}

    @cached_property
    def revisions(self) -> list[tuple[datetime, Found]]:
        """The revision history with times, in the order given."""
        return [
            (time_of(each["date"]), (path, each))
            for path, each in items(self.tracking, "revision_history", "document.tracking")
        ]

    def members(self, part: dict[str, Any]) -> frozenset[str]:
        """The products that a part names, by themselves or by their groups."""
        groups = [self.groups.get(group, frozenset()) for group in part.get("group_ids", [])]
        return frozenset(part.get("product_ids", [])).union(*groups)


def items(part: dict[str, Any], key: str, path: str) -> Iterator[Found]:
    """The elements of a list under `key`, none where it is absent."""
    prefix = f"{path}." if path else ""
    for number, item in enumerate(part.get(key, [])):
        yield f"{prefix}{key}.{number}", item


def time_of(text: str | None) -> datetime:
    """A time whose format was checked; the least time where it is absent."""
    return (parse_time(text) if text else None) or _NO_TIME


def walk_branches(
    tree: dict[str, Any], path: str = "product_tree", above: tuple[dict[str, Any], ...] = ()
) -> Iterator[tuple[str, tuple[dict[str, Any], ...]]]:
    """Each branch with its path and the branches from the root down to it."""
    for place, branch in items(tree, "branches", path):
        line = (*above, branch)
        yield place, line
        yield from walk_branches(branch, place, line)


def _branch_products(tree: dict[str, Any], path: str) -> Iterator[Found]:
    for place, line in walk_branches(tree, path):
        if "product" in line[-1]:
            yield f"{place}.product", line[-1]["product"]


def product_references(value: Any, path: str = "") -> Iterator[Found]:
    """Every place that refers to a product by its id."""
    yield from _references(value, path, lists=_LISTS_OF_PRODUCTS, singles=_SINGLE_PRODUCTS, has_statuses=True)


def group_references(value: Any, path: str = "") -> Iterator[Found]:
    """Every place that refers to a product group by its id."""
    yield from _references(value, path, lists=frozenset({"group_ids"}), singles=frozenset(), has_statuses=False)


def _references(
    value: Any, path: str, *, lists: frozenset[str], singles: frozenset[str], has_statuses: bool
) -> Iterator[Found]:
    if isinstance(value, list):
        for number, item in enumerate(value):
            yield from _references(item, f"{path}.{number}", lists=lists, singles=singles, has_statuses=has_statuses)
    if not isinstance(value, dict):
        return
    for key, item in value.items():
        place = f"{path}.{key}" if path else key
        # 2.0 lets unknown keys pass, so that one of these names may hold anything where the schema does not look.
        if key in singles and isinstance(item, str):
            yield place, item
        elif key in lists and isinstance(item, list):
            yield from ((f"{place}.{number}", each) for number, each in enumerate(item) if isinstance(each, str))
        elif key == "product_status" and has_statuses and isinstance(item, dict):
            for status in _STATUSES & set(item):
                yield from items(item, status, place)
        elif key != "x_extensions":
            yield from _references(item, place, lists=lists, singles=singles, has_statuses=has_statuses)


def scores_of(vulnerability: dict[str, Any], path: str) -> Iterator[tuple[str, str, dict[str, Any], list[str], str]]:
    """Each CVSS score: path, key such as `cvss_v3`, the score, its products, and the source that stated it.

    Of `scores` (2.0) version 4 is not among them: 2.0 knows no such key, and says nothing of what stands there.
    """
    for place, each in items(vulnerability, "scores", path):
        for name in ("cvss_v2", "cvss_v3"):
            if name in each:
                yield f"{place}.{name}", name, each[name], each["products"], ""
    for place, each in items(vulnerability, "metrics", path):
        for name in ("cvss_v2", "cvss_v3", "cvss_v4"):
            if name in each["content"]:
                source = each.get("source", "")
                yield f"{place}.content.{name}", name, each["content"][name], each["products"], source
