"""Deciding in bulk, held against deciding one by one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from passmuster.model.advisory import Advisory, KevEntry, SsvcPoint
from passmuster.model.decision import NEEDS_PERSON
from passmuster.triage.bulk import NEVER, AdvisoryColumns, Estate, columns_of, decide_in_bulk, micros_of
from passmuster.triage.decide import Context, decide
from passmuster.triage.exposure import Exposure
from passmuster.triage.policy_load import find_policy
from tests.triage.making import MILD_VECTOR, NOW, WORST_VECTOR, at, matched, scored

DAYS = st.integers(0, 300).map(lambda days: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=days))


def ssvc(name: str, *values: str) -> Any:
    return st.sampled_from([None, *values]).map(lambda value: SsvcPoint(name, value, "x") if value else None)


POINTS = st.tuples(
    ssvc("automatable", "no", "yes"),
    ssvc("technical_impact", "partial", "total"),
    ssvc("exploitation", "none", "active"),
).map(lambda points: tuple(point for point in points if point))
ADVISORIES = st.lists(
    st.builds(
        Advisory,
        id=st.sampled_from(["CVE-2026-1000", "CVE-2019-1000", "GHSA-x"]),
        ssvc=POINTS,
        kev=st.none()
        | st.builds(KevEntry, added_on=DAYS.map(datetime.date), due_on=st.none() | DAYS.map(datetime.date)),
        scores=st.sampled_from([(), scored(WORST_VECTOR), scored(MILD_VECTOR), scored("")]),
        learned_at=DAYS,
        disclosed_at=DAYS,
        vendor_fixed_at=st.none() | DAYS,
        severity=st.sampled_from(["", "low", "high", "critical"]),
    ),
    min_size=1,
    max_size=8,
)
_OF_CONTEXT = (
    "publicly_exposed",
    "internet_reachable",
    "system_exposure",
    "human_impact",
    "mission_and_well_being_impact",
)
WIDTHS = {"yes": ("open", True), "no": ("small", False)}


@settings(max_examples=150, deadline=None)
@given(
    policy=st.sampled_from(
        ["bod-26-04", "bod-22-01", "ssvc-deployer", "cisa-coordinator", "severity", "fedramp-vdr", "working-days"]
    ),
    advisories=ADVISORIES,
    data=st.data(),
)
def test_bulk_and_one_by_one_agree(policy: str, advisories: list[Advisory], data: st.DataObject) -> None:
    chosen = (
        replace(find_policy("severity"), counts_weekends=False) if policy == "working-days" else find_policy(policy)
    )
    width = st.sampled_from(sorted(WIDTHS))
    contexts = data.draw(st.lists(st.tuples(width, st.sampled_from(["low", "high"])), min_size=1, max_size=4))
    hits = sorted(data.draw(st.sets(st.tuples(st.integers(0, 4), st.integers(0, len(advisories) - 1)))))
    components = data.draw(st.lists(st.tuples(st.integers(0, 4), st.integers(0, len(contexts) - 1)), max_size=12))
    exposures = [Exposure(WIDTHS[w][1], WIDTHS[w][0], criticality, "x", NOW) for w, criticality in contexts]
    one_by_one = [
        [
            decide(chosen, advisories[advisory], matched(), Context(exposures[context]), as_of=NOW)
            for version, advisory in hits
            if version == asked
        ]
        for asked, context in components
    ]
    known = [
        {
            point.name: point.value
            for point in decide(chosen, advisories[0], matched(), Context(exposure), as_of=NOW).points
            if point.name in _OF_CONTEXT
        }
        for exposure in exposures
    ]
    starts = [decide(chosen, each, matched(), as_of=NOW).clock_started_at for each in advisories]
    columns = columns_of(chosen, advisories, starts, of_context=known[0])
    estate = Estate(
        np.array([version for version, _ in hits], np.int64),
        np.array([advisory for _, advisory in hits], np.int64),
        np.array([version for version, _ in components], np.int64),
        np.array([context for _, context in components], np.int64),
    )
    found = decide_in_bulk(chosen, columns, estate, known)
    for place, decisions in enumerate(one_by_one):
        names = [*chosen.outcomes, NEEDS_PERSON]
        worst = min((names.index(decision.outcome) for decision in decisions), default=-1)
        due = min((micros_of(decision.due_at) for decision in decisions if decision.due_at), default=NEVER)
        assert (found.worst[place], found.count[place], found.due_us[place]) == (worst, len(decisions), due)


def test_every_combination_of_the_default_policy_comes_out_of_the_bulk_as_in_its_table() -> None:
    policy = find_policy("bod-26-04")
    rows = list(product(range(2), range(2), range(2)))
    columns = {
        "in_kev": np.array([row[0] for row in rows], np.int8),
        "publicly_exposed": np.full(8, -1, np.int8),
        "automatable": np.array([row[1] for row in rows], np.int8),
        "technical_impact": np.array([row[2] for row in rows], np.int8),
    }
    advisories = AdvisoryColumns(columns, np.full(8, micros_of(NOW)), np.full(8, NEVER))
    numbers = np.arange(8)
    estate = Estate(numbers, numbers, np.tile(numbers, 2), np.repeat([0, 1], 8))
    found = decide_in_bulk(policy, advisories, estate, [{"publicly_exposed": "no"}, {"publicly_exposed": "yes"}])
    for place, (context, row) in enumerate(product(("no", "yes"), rows)):
        kev, automatable, impact = (policy.points[n].values[row[m]] for n, m in ((0, 0), (2, 1), (3, 2)))
        assert found.outcomes[found.worst[place]] == policy.table[kev, context, automatable, impact]


def test_a_component_that_nothing_concerns_has_no_outcome_and_no_deadline() -> None:
    policy = find_policy("severity")
    columns = columns_of(policy, [], [], of_context=())
    nothing = np.array([], np.int64)
    found = decide_in_bulk(policy, columns, Estate(nothing, nothing, np.array([0, 3]), np.array([0, 0])), [{}])
    assert (found.worst.tolist(), found.count.tolist(), found.due_us.tolist()) == ([-1, -1], [0, 0], [NEVER, NEVER])


def test_microseconds_count_from_1970_in_utc() -> None:
    assert micros_of(at("1970-01-01T01:00:00+01:00")) == 0
