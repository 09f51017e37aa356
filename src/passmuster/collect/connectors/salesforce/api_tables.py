"""Tables from verdicts: only what was read in full is whole, and a refusal keeps nothing."""

from __future__ import annotations

from passmuster.collect.connectors.salesforce.access import Row
from passmuster.collect.statuses import Verdict
from passmuster.model.words import CollectionStatus
from passmuster.snapshot.gathered import Gap, Gathered


def gathered(
    rows: list[Row], verdict: Verdict, *, source: str = "", gaps: tuple[Gap, ...] = (), empty: str = ""
) -> Gathered:
    """A table by the verdict on what it was made from; `empty` says why a table that was looked at holds nothing."""
    if verdict.is_ok:
        whole = Gathered.of(rows, source=source, gaps=gaps)
        return whole if rows or not empty else Gathered(CollectionStatus.EMPTY, (), empty, "", source, gaps)
    kept = rows if verdict.status is CollectionStatus.PARTIAL else []
    return Gathered(verdict.status, kept, verdict.reason, verdict.unlock, source, gaps)
