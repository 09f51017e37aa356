from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from passmuster.measure.patch_times import PatchRun, patch_figures, quantile

T0 = datetime(2026, 6, 1, tzinfo=UTC)


def _run(days: float | None, *, due: float | None = None, went_wrong: bool = False, platform: str = "a") -> PatchRun:
    verified = T0 + timedelta(days=days) if days is not None else None
    return PatchRun(platform, T0, verified, T0 + timedelta(days=due) if due is not None else None, went_wrong)


@given(st.lists(st.floats(0, 1e4), min_size=1, max_size=60), st.sampled_from([0.5, 0.9, 0.0, 1.0]))
def test_quantiles_are_those_of_numpy(values: list[float], share: float) -> None:
    found = quantile(sorted(values), share)
    assert found is not None
    assert np.isclose(found, np.quantile(values, share))


def test_each_platform_has_its_own_figures() -> None:
    runs = [
        *(_run(days, due=10) for days in (2, 4, 30)),
        _run(6, went_wrong=True),
        _run(None, went_wrong=True),
        _run(None),
        _run(1, platform="b"),
    ]
    first, second = patch_figures(runs)
    assert (first.verified, first.unfinished, first.median_days) == (4, 2, 5)
    # Five were tried to an end, three held at the first try; of three with a date two met it.
    assert (first.efficacy, first.in_time) == (3 / 5, 2 / 3)
    assert (second.platform, second.p90_days, second.in_time) == ("b", 1, None)


def test_where_nothing_was_verified_nothing_is_claimed() -> None:
    (found,) = patch_figures([_run(None)])
    assert (found.median_days, found.p90_days, found.efficacy, found.in_time) == (None, None, None, None)
