"""Who answers for what: each control under customer, vendor or both, with its verdict. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from passmuster.model.register_view import Sheet
from passmuster.model.results import ControlResult
from passmuster.model.words import Outcome, Responsibility

PARTIES = (Responsibility.CUSTOMER, Responsibility.VENDOR, Responsibility.SHARED)
VERDICTS = {
    Outcome.PASS: "Pass",
    Outcome.FAIL: "Fail",
    Outcome.UNKNOWN: "Unknown",
    Outcome.ERROR: "Error",
    Outcome.MANUAL: "Needs a person",
    Outcome.NOT_APPLICABLE: "Does not apply",
}
_BAD = (Outcome.FAIL, Outcome.ERROR)
_OPEN = (Outcome.UNKNOWN, Outcome.MANUAL)
_MOST_SHOWN = 400


def responsibility_sheet(results: Sequence[ControlResult]) -> Sheet:
    """One row a control: its verdict stands in the column of whoever mends it, the other two are empty."""
    rows = tuple(
        (
            result.control,
            result.title,
            result.domain,
            *(VERDICTS[result.outcome] if result.responsibility is party else "" for party in PARTIES),
            result.reason,
        )
        for result in results
    )
    return Sheet(
        key="responsibilities",
        title="Who answers for which control",
        intro="The verdict stands under whoever has to mend what fails: the customer, the vendor, or both together.",
        columns=("Control", "Title", "Domain", "Customer", "Vendor", "Shared", "Why"),
        rows=rows,
        marks=tuple(_mark(result.outcome) for result in results),
        count=len(rows),
        shown=_MOST_SHOWN,
    )


def responsibility_counts(results: Sequence[ControlResult]) -> tuple[tuple[str, tuple[int, ...]], ...]:
    """For each party the number of controls by verdict, in the order of VERDICTS; unknown and error apart."""
    counted = Counter((result.responsibility, result.outcome) for result in results)
    return tuple((str(party), tuple(counted[party, outcome] for outcome in VERDICTS)) for party in PARTIES)


def _mark(outcome: Outcome) -> str:
    return "bad" if outcome in _BAD else "open" if outcome in _OPEN else ""
