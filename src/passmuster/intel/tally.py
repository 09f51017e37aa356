"""How an import differs from what was known."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Tally:
    """How many records were new, differed from what was known at that instant, or were taken back."""

    added: int = 0
    changed: int = 0
    withdrawn: int = 0

    def plus(self, other: Tally) -> Tally:
        """Both together."""
        return Tally(self.added + other.added, self.changed + other.changed, self.withdrawn + other.withdrawn)
