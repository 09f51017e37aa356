from __future__ import annotations

from pathlib import Path

import pytest

from passmuster.model.keeping import DataClass, Tier
from passmuster.model.usage import Usage, propose_tier
from passmuster.pipeline.usage import usages
from tests.making import make_snapshot


def _usage(people: int | None = 0, data: str = "", connectors: str = "") -> Usage:
    return Usage(people, frozenset(map(DataClass, data.split())), frozenset(connectors.split()))


@pytest.mark.parametrize(
    ("tier", "before", "after", "proposed"),
    [
        ("low", _usage(40), _usage(60), "middle"),
        ("low", _usage(40), _usage(59), None),
        ("low", _usage(1), _usage(3), None),
        ("low", _usage(100), _usage(120), None),
        ("middle", _usage(0), _usage(20), "high"),
        ("high", _usage(40), _usage(400), None),
        ("low", _usage(connectors="mail"), _usage(connectors="mail sql"), "middle"),
        ("low", _usage(connectors="mail sql"), _usage(connectors="mail"), None),
        ("low", _usage(data="internal"), _usage(data="internal restricted"), "high"),
        ("low", _usage(data="public"), _usage(data="confidential"), "middle"),
        ("middle", _usage(data="public"), _usage(data="confidential"), None),
        ("low", _usage(data="public"), _usage(data="internal"), None),
        ("low", _usage(40), _usage(10), None),
        ("low", Usage(), _usage(900, "restricted", "sql"), None),
        ("low", _usage(900, "restricted", "sql"), Usage(), None),
        ("high", _usage(), _usage(900, "restricted", "sql"), None),
    ],
)
def test_a_tier_is_proposed_where_usage_grew(tier: str, before: Usage, after: Usage, proposed: str | None) -> None:
    other = propose_tier(Tier(tier), before, after)
    assert (other.tier if other else None) == proposed


def test_all_reasons_are_told() -> None:
    other = propose_tier(Tier.LOW, _usage(10), _usage(50, "restricted", "a b c d e f g"))
    assert other is not None
    assert other.reasons == (
        "50 people may sign in, 10 could before",
        "new kinds of connectors: a, b, c, d, e and 2 more",
        "it holds restricted data now",
    )


def test_usage_is_counted_in_a_snapshot_and_what_was_not_read_is_not_known(tmp_path: Path) -> None:
    people = [
        {"principal_id": "1", "kind": "human", "is_enabled": True},
        {"principal_id": "2", "kind": "guest", "is_enabled": None},
        {"principal_id": "3", "kind": "human", "is_enabled": False},
        {"principal_id": "4", "kind": "service", "is_enabled": True},
        {"principal_id": "5", "kind": None, "is_enabled": True},
    ]
    stores = [{"data_store_id": "s", "classification": "confidential"}, {"data_store_id": "t", "classification": None}]
    connections = [
        {"connection_id": name, "connector_id": connector} for name, connector in (("a", "mail"), ("b", "mail"))
    ]
    make_snapshot(tmp_path / "full", {"principals": people, "data_stores": stores, "connections": connections})
    make_snapshot(
        tmp_path / "part",
        {},
        {"principals": "denied", "connections": "partial", "data_stores": "error"},
    )
    full, part = usages(tmp_path / "full", tmp_path / "part")
    assert full == Usage(2, frozenset({DataClass.CONFIDENTIAL}), frozenset({"mail"}))
    assert part == Usage(None, None, None)


def test_a_table_the_platform_does_not_have_hides_nothing(tmp_path: Path) -> None:
    flows = [{"flow_id": "f", "max_classification": "internal"}]
    make_snapshot(tmp_path / "a", {"data_flows": flows}, {"data_stores": "unsupported", "connections": "unsupported"})
    assert usages(tmp_path / "a", tmp_path / "a")[0] == Usage(0, frozenset({DataClass.INTERNAL}), None)
