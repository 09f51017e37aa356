"""Whether an advisory concerns a component, and whose job it is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from passmuster.model.component import Component
from passmuster.model.words import Responsibility


class Verdict(StrEnum):
    """What is known of one advisory and one component.

    `vendor_pending` and `vendor_fixed` are of what the vendor alone can patch. `needs_review`: a person must look, as
    a version cannot be ordered, is not known, or the record contradicts itself; never a guess.
    """

    AFFECTED = "affected"
    FIXED = "fixed"
    NOT_AFFECTED = "not_affected"
    VENDOR_PENDING = "vendor_pending"
    VENDOR_FIXED = "vendor_fixed"
    NEEDS_REVIEW = "needs_review"

    @property
    def is_open(self) -> bool:
        """Whether somebody still has something to do."""
        return self in (Verdict.AFFECTED, Verdict.VENDOR_PENDING, Verdict.NEEDS_REVIEW)


@dataclass(frozen=True)
class Match:
    """One advisory held against one component. `reason` is a sentence with the versions compared."""

    advisory: str
    component: Component
    verdict: Verdict
    reason: str
    who_patches: Responsibility
    fixed_versions: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
