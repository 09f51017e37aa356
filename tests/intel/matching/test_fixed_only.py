"""Records that only say what has the fix, as a distribution's statements of its packages do."""

from __future__ import annotations

import pytest

from passmuster.intel.feeds.csaf.feed import CsafFeed
from passmuster.intel.matching.judging import State, judge
from passmuster.intel.versions.order import key_of
from passmuster.intel.versions.scheme import Scheme
from tests.intel.feeds.csaf_documents import GONE, advisory, document
from tests.intel.matching.asking import alone, verdict
from tests.intel.matching.telling import told_of

_V = "vulnerabilities.0"
_BRANCHES = "product_tree.branches.0.branches.0.branches"


def _asked(version: str, *fixed: str, affected: str = "") -> str:
    """What is said of Flowmaker in a version, where these versions are said to be fixed, and one range affected."""
    named = {
        f"{_BRANCHES}.{place}": {
            "category": "product_version",
            "name": name,
            "product": {"name": f"Flowmaker {name}", "product_id": ("OLD", "NEW")[place]},
        }
        for place, name in enumerate(fixed)
    }
    statuses = {"fixed": ["OLD", "NEW"][: len(fixed)]}
    if affected:
        named[f"{_BRANCHES}.+"] = {
            "category": "product_version_range",
            "name": affected,
            "product": {"name": f"Flowmaker {affected}", "product_id": "BAD"},
        }
        statuses["known_affected"] = ["BAD"]
    changes = {**named, "document.category": "csaf_base", f"{_V}.product_status": statuses, f"{_V}.remediations": GONE}
    (record,) = CsafFeed().read(document(advisory(changes))).records
    return verdict(alone(record), "Acme Flowmaker", version)


@pytest.mark.parametrize(
    ("version", "fixed", "expected"),
    [
        ("2.4.0", ("2.4.1", "2.4.1"), "needs_review"),
        ("2.4.1", ("2.4.1", "2.4.1"), "not_affected"),
        ("2.4.2", ("2.4.1", "2.4.1"), "fixed"),
        ("2.9.0", ("2.4.1", "3.0.2"), "needs_review"),
        ("3.0.3", ("2.4.1", "3.0.2"), "fixed"),
    ],
)
def test_before_a_fix_nothing_is_known(version: str, fixed: tuple[str, ...], expected: str) -> None:
    assert _asked(version, *fixed) == expected


@pytest.mark.parametrize(
    ("version", "expected"), [("7.0.2 iFix036", "fixed"), ("7.0.2 iFix035", "needs_review"), ("7.0.2", "needs_review")]
)
def test_a_version_without_a_place_in_the_order_is_fixed_where_it_is_named_so(version: str, expected: str) -> None:
    assert _asked(version, "7.0.2 iFix036", "7.1.0 iFix005", affected=">=7.0.2|<7.0.2 iFix036") == expected


@pytest.mark.parametrize(("version", "is_hit"), [("2.4.0", True), ("2.4.1", False), ("2.4.2", False)])
def test_many_versions_at_once_are_judged_the_same(version: str, is_hit: bool) -> None:
    claims = [("semver", "unaffected", "unknown", None, None, None, "2.4.1")]
    state = judge(told_of(claims), version, key_of(version, Scheme("semver"))).state
    assert (state is State.UNCLEAR) is is_hit
