"""What in an export is not as it should be: parts that make a source partial, and remarks that only warn."""

from __future__ import annotations

from dataclasses import dataclass, field

_MOST_TOLD = 5


@dataclass
class OddParts:
    """What is odd in one part of an export: `gaps` could change a verdict, `remarks` could not."""

    gaps: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def of_next_part(self) -> OddParts:
        """Gaps of their own, and the same remarks."""
        return OddParts(remarks=self.remarks)

    def gap(self, text: str) -> None:
        """Something was not understood that a control may turn on."""
        self.gaps.append(text)

    def remark(self, text: str) -> None:
        """Something was not understood that no control turns on."""
        self.remarks.append(text)

    def told(self) -> tuple[str, ...]:
        """The remarks, the first few in full."""
        return _shortened(self.remarks)

    def reason(self) -> str:
        """The gaps as one text, the first few in full; empty without any."""
        return "; ".join(_shortened(self.gaps))


def _shortened(texts: list[str]) -> tuple[str, ...]:
    distinct = list(dict.fromkeys(texts))
    more = len(distinct) - _MOST_TOLD
    return (*distinct[:_MOST_TOLD], *([f"and {more} more of the kind"] if more > 0 else []))
