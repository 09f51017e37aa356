"""Small problems of every shape: the cost is that of trying everything, and every rule of the contract is kept."""

from __future__ import annotations

import pytest

from tests.plan.brute_force import least_cost
from tests.plan.checker import complaints
from tests.plan.planning import plan
from tests.plan.random_problems import random_kept, random_problem


@pytest.mark.parametrize("block", range(10))
def test_the_plan_costs_what_trying_everything_finds(block: int) -> None:
    for seed in range(block * 20, block * 20 + 20):
        problem = random_problem(seed)
        kept = random_kept(problem, seed) if seed % 3 == 0 else None
        found = plan(problem, kept=kept)
        assert not complaints(problem, found, kept), seed
        assert found["status"] == "optimal", seed
        assert found["cost"] == pytest.approx(least_cost(problem, kept), rel=1e-6, abs=1e-9), seed
