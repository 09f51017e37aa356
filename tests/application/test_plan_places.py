"""Where a decision counts among the environments of a platform."""

from __future__ import annotations

from dataclasses import replace

import pytest

from passmuster.application.plan_inputs import Place, Planned, takers
from passmuster.model.keeping import Stage, Tier

PLACES = tuple(
    Place(number, f"flows/{name}", (name,), stage, "UTC")
    for number, (name, stage) in enumerate([("eu", Stage.PRODUCTION), ("us", Stage.PRODUCTION), ("trial", Stage.TEST)])
)
PLANNED = Planned(1, "flows", Tier.MIDDLE, "tenant", PLACES)


@pytest.mark.parametrize(
    ("environment", "component_id", "is_called_alike", "counts_in"),
    [
        ("tenant", "tenant", True, ["eu", "us"]),
        ("", "tenant", True, ["eu", "us"]),
        ("eu", "tenant", True, ["eu"]),
        ("trial", "tenant", True, ["trial"]),
        ("0c8f", "tenant", True, []),
        ("0c8f", "tenant", False, ["eu", "us"]),
        ("0c8f", "an add-on", False, []),
    ],
)
def test_a_decision_counts_where_it_is_named_or_else_in_production(
    environment: str, component_id: str, is_called_alike: bool, counts_in: list[str]
) -> None:
    decision = {"environment": environment, "component_id": component_id}
    found = takers(decision, replace(PLANNED, is_called_alike=is_called_alike))
    assert [place.names[0] for place in found] == counts_in
