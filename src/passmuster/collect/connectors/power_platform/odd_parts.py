"""What in an export is not as it should be: parts that make a table partial, and remarks that only warn."""

from __future__ import annotations

from dataclasses import dataclass, field

from passmuster.model.words import CollectionStatus
from passmuster.snapshot.gathered import Gap, Gathered

_MOST_TOLD = 5


@dataclass
class OddParts:
    """What is odd in one part of an export: `gaps` could change a verdict, `remarks` could not."""

    gaps: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def gap(self, text: str) -> None:
        """Something was not understood that a control may turn on."""
        self.gaps.append(text)

    def remark(self, text: str) -> None:
        """Something was not understood that no control turns on."""
        self.remarks.append(text)

    def told(self) -> tuple[str, ...]:
        """The remarks, the first few in full."""
        return _shortened(self.remarks)


def gathered(
    rows: list[dict[str, object]], odd: OddParts, *, source: str, unlock: str = "", gaps: tuple[Gap, ...] = ()
) -> Gathered:
    """The table: read in full, or partial where a part was not understood."""
    if not odd.gaps:
        return Gathered.of(rows, source=source, gaps=gaps)
    reason = "; ".join(_shortened(odd.gaps))
    return Gathered(CollectionStatus.PARTIAL, rows, reason, unlock, source, gaps)


def _shortened(texts: list[str]) -> tuple[str, ...]:
    distinct = list(dict.fromkeys(texts))
    more = len(distinct) - _MOST_TOLD
    return (*distinct[:_MOST_TOLD], *([f"and {more} more of the kind"] if more > 0 else []))
