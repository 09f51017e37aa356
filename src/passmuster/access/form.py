"""The workbook a reviewer fills in, and the words in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from passmuster.access.campaign import Campaign, Item
from passmuster.documents.workbook_out import Column, Form, write_workbook

SIGN, REVIEW = "Sign", "Review"
CAMPAIGN, REVIEWER, SIGNED_BY, SIGNED_ON = "Certification", "Reviewer", "Reviewed by", "Reviewed on"
DECISION, REASON = "Decision", "Reason"


class Choice(StrEnum):
    """What a reviewer may decide."""

    KEEP = "keep"
    REVOKE = "revoke"
    CHANGE = "change"


@dataclass(frozen=True)
class Shown:
    """A frozen column: its heading, the field of an item, its width."""

    heading: str
    field: str
    width: int


SHOWN = (
    Shown("Person", "person", 18),
    Shown("Login", "login", 22),
    Shown("Kind", "kind", 10),
    Shown("Role", "role", 18),
    Shown("What it allows", "allows", 22),
    Shown("On", "object", 16),
    Shown("Environment", "environment", 12),
    Shown("How", "path", 18),
    Shown("Last use", "last_use", 11),
    Shown("Ends", "ends", 11),
    Shown("Why it stands here", "risks", 32),
)
ITEM = Shown("Line", "item", 18)
_HOW = (
    "Please confirm who needs what, in the sheet Review: for every line keep, revoke or change.",
    "The riskiest lines come first; keeping one that is orphaned, toxic, lingering, dormant or external asks why.",
    "change needs a reason that says to what. Grey cells must stay as they are: they are compared on return.",
    "Then write your name and the day below, save as .xlsx and send it back whole. Lines may be sorted and filtered.",
)


def write_form(target: Path, campaign: Campaign, reviewer: str, items: Sequence[Item]) -> None:
    """Write the workbook of one reviewer; equal input gives equal bytes. Raises OutputRefused."""
    sign = Form(
        SIGN,
        (Column("What", width=22, is_open=False), Column("Answer", "Your name, and the day of your review", width=90)),
        [(CAMPAIGN, campaign.id), (REVIEWER, reviewer), (SIGNED_BY, None), (SIGNED_ON, None)],
        notes=_HOW,
    )
    columns = [Column(shown.heading, width=shown.width, is_open=False) for shown in SHOWN]
    columns.append(Column(DECISION, "keep, revoke or change", tuple(str(word) for word in Choice), 11))
    columns.append(Column(REASON, "Why it is kept although it is risky, or what it is to become", width=30))
    columns.append(Column(ITEM.heading, width=ITEM.width, is_open=False))
    rows = [(*(getattr(item, shown.field) for shown in SHOWN), None, None, item.item) for item in items]
    write_workbook(target, [sign, Form(REVIEW, tuple(columns), rows, is_locked=True)])
