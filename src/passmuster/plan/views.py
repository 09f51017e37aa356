"""Ways to look at options when jobs are put in one by one: by what they cost, or also by what they deny to others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from passmuster.plan.relaxation import Charges, Forest
from passmuster.plan.state import Row, Rows


@dataclass(frozen=True)
class View:
    """By job: its options with their score first, best first; the score of staying out; how urgent it is."""

    options: list[list[Row]]
    out: list[float]
    urgency: list[float]


def plain_view(rows: Rows, weights: Sequence[float]) -> View:
    """Scores are costs; urgent is what weighs much for its minutes, together with all that waits for it."""
    summed = chain_weights(rows, weights)
    urgency = [weight / max(minutes, 1) for weight, minutes in zip(summed, rows.minutes, strict=True)]
    return View(rows.options, rows.unplaced, urgency)


def charged_view(rows: Rows, forest: Forest, charges: Charges) -> View:
    """Scores add the charge for the minutes and the best that followers can do; staying out may score better.

    Where people have too little time, this leaves out what is long and weighs little.
    """
    value, best, out = forest.scores(charges)
    first = rows.instance.first_option.tolist()
    scores = value.tolist()
    flat = [(score, *row[1:]) for score, row in zip(scores, rows.option, strict=True)]
    gain = np.maximum(np.where(np.isfinite(best), out - best, 0.0), 0.0) / np.maximum(rows.instance.minutes, 1)
    return View(
        [sorted(flat[first[job] : first[job + 1]]) for job in range(rows.instance.size)],
        out.tolist(),
        np.nan_to_num(gain, posinf=1e30).tolist(),
    )


def chain_weights(rows: Rows, weights: Sequence[float]) -> list[float]:
    """Each job's weight with those of all that wait for it."""
    summed = list(weights)
    for job in range(len(summed) - 1, -1, -1):
        for before, _, _ in rows.before[job]:
            summed[before] += summed[job]
    return summed
