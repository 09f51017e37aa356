"""Exit codes: where several apply the first of 4, 2, 1, 3 is given."""

from __future__ import annotations

from collections.abc import Iterable

from passmuster.model.results import Evaluation
from passmuster.model.words import CollectionStatus, Outcome, Severity

FOUND = 1
REFUSED = 2
INCOMPLETE = 3


def of_collection(statuses: Iterable[CollectionStatus]) -> int:
    """3 where the platform refused, failed or told only a part; else 0."""
    return INCOMPLETE if any(status.is_incomplete for status in statuses) else 0


def of_evaluation(evaluation: Evaluation, fail_on: str | None) -> int:
    """1 where an unexcepted violation is as bad as `fail_on`; 3 where something could not be looked at; else 0."""
    worst = [result.worst_open for result in evaluation.results]
    if fail_on and any(severity and severity.is_at_least(Severity(fail_on)) for severity in worst):
        return FOUND
    return INCOMPLETE if evaluation.count(Outcome.UNKNOWN) + evaluation.count(Outcome.ERROR) else 0
