"""The bound holds at any prices, and options are dropped only where no better plan needs them."""

from __future__ import annotations

import random
import time

import numpy as np
import pytest

from passmuster.plan.compact import compact
from passmuster.plan.effort import Effort, Limits
from passmuster.plan.first_prices import first_prices
from passmuster.plan.greedy import best_by_rules
from passmuster.plan.instance import Floats
from passmuster.plan.packing import raise_by_packing
from passmuster.plan.prices import find_prices
from passmuster.plan.problem import read_problem
from passmuster.plan.reduce import pieces
from passmuster.plan.relaxation import Forest
from passmuster.plan.state import Rows
from passmuster.plan.views import plain_view
from passmuster.plan.windows import expand
from tests.plan.brute_force import least_cost
from tests.plan.checker import Doc, complaints
from tests.plan.planning import plan
from tests.plan.random_problems import random_problem


def forest_of(problem: Doc) -> Forest:
    return Forest(compact(read_problem(problem, "problem.json", expand).problem, {}))


def no_prices(forest: Forest) -> Floats:
    return np.zeros(len(forest.capacity))


@pytest.mark.parametrize("block", range(4))
def test_no_prices_lift_the_bound_above_the_least_cost(block: int) -> None:
    for seed in range(block * 50, block * 50 + 50):
        problem = random_problem(seed, jobs=5)
        least = least_cost(problem)
        forest = forest_of(problem)
        chance = np.random.default_rng(seed)
        for size in (0.0, 0.01, 0.3, 5.0):
            prices = chance.random(len(forest.capacity)) * size * (chance.random(len(forest.capacity)) < 0.5)
            prices[0] = 0.0
            assert forest.solve(forest.charges(prices)).bound <= least + 1e-9


def test_packing_raises_the_bound_and_never_above_the_least_cost() -> None:
    raised = 0
    for seed in range(500, 560):
        problem = random_problem(seed, jobs=6)
        least = least_cost(problem)
        forest = forest_of(problem)
        effort = Effort(Limits(work=9), time.monotonic)
        pricing = find_prices(forest, least * 1.1, effort, 0.2, no_prices(forest))
        packed = raise_by_packing(forest, pricing.prices, least * 1.1, effort, 0.2)
        assert pricing.bound - 1e-9 <= packed.bound <= least + 1e-9 * max(1.0, least)
        assert (packed.charges.by_limit <= 0).all()
        raised += packed.bound > pricing.bound + 1e-6 * least
    assert raised > 3


def test_first_prices_raise_the_bound_and_never_above_the_least_cost() -> None:
    raised = 0
    for seed in range(700, 760):
        problem = random_problem(seed, jobs=6)
        least, forest = least_cost(problem), forest_of(problem)
        rows = Rows(forest.instance)
        placed = best_by_rules(plain_view(rows, [1.0] * forest.instance.size), rows)
        pricing = first_prices(forest, placed, Effort(Limits(), time.monotonic))
        bare = forest.solve(forest.charges(no_prices(forest))).bound
        assert (pricing.prices >= 0).all()
        assert bare <= pricing.bound <= least + 1e-9 * max(1.0, least)
        raised += pricing.bound > bare + 1e-6 * least
    assert raised


def test_no_plan_with_an_option_costs_less_than_its_marginal() -> None:
    """So an option whose marginal is above the cost of a known plan can be dropped."""
    dear = 0
    for seed in range(300, 340):
        problem = random_problem(seed, jobs=5)
        least = least_cost(problem)
        reading = read_problem(problem, "problem.json", expand).problem
        forest = Forest(compact(reading, {}))
        prices = find_prices(forest, least, Effort(Limits(work=1), time.monotonic), 0.2, no_prices(forest)).prices
        options = zip(forest.instance.option_job.tolist(), forest.instance.window.tolist(), strict=True)
        for (job, window), marginal in zip(options, forest.marginals(forest.charges(prices)).tolist(), strict=True):
            name = reading.windows[window].id if window >= 0 else None
            with_it = least_cost(problem, only=(forest.instance.job_ids[job], name))
            assert marginal <= with_it + 1e-9 * max(1.0, abs(with_it))
            dear += least + 1e-6 < marginal < float("inf")
    assert dear > 5


def test_pieces_share_no_job_limit_or_predecessor_and_their_bounds_add_up() -> None:
    chance = random.Random(1)
    for seed in range(40):
        problem = random_problem(seed, jobs=30)
        forest = forest_of(problem)
        instance = forest.instance
        of_job, of_limit = pieces(instance)
        for job, links in enumerate(instance.before):
            assert all(of_job[link.before] == of_job[job] for link in links)
        for option in range(len(instance.cost)):
            for limit in (instance.window_limit[option], instance.owner_limit[option]):
                assert of_limit[limit] in (-1, of_job[instance.option_job[option]])
        prices = np.array([chance.random() if label >= 0 else 0.0 for label in of_limit.tolist()])
        charges = forest.charges(prices)
        whole = forest.solve(charges).bound
        assert forest.bounds_by_piece(charges, of_job, of_limit).sum() == pytest.approx(whole, rel=1e-6)


def test_larger_problems_keep_every_rule_and_their_bound_holds() -> None:
    for seed in range(4):
        problem = random_problem(seed, jobs=70, days=60)
        short, long = plan(problem, work=0.3), plan(problem, work=3)
        assert not complaints(problem, short)
        assert not complaints(problem, long)
        assert short["lower_bound"] <= long["cost"] * (1 + 1e-9)
        assert long["lower_bound"] <= short["cost"] * (1 + 1e-9)
        assert long["cost"] <= short["cost"] * (1 + 1e-9)
