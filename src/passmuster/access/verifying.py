"""Whether what was revoked is gone: a certification held against a later look. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from passmuster.access.campaign import Answer, Campaign, Item
from passmuster.access.form import Choice


class Outcome(StrEnum):
    """What became of one decided entitlement."""

    REVOKED = "revoked"
    STILL_THERE = "still there"
    UNCHANGED = "unchanged"
    CHANGED = "changed"
    CANNOT_TELL = "cannot tell"
    KEPT = "kept"
    GONE = "gone"
    UNDECIDED = "undecided"


OPEN = frozenset({Outcome.STILL_THERE, Outcome.UNCHANGED})
UNSETTLED = OPEN | {Outcome.CANNOT_TELL, Outcome.UNDECIDED}


@dataclass(frozen=True)
class Verified:
    """One frozen item, what was decided, and what a later look shows; `detail` says how it is still held."""

    item: Item
    decision: str
    reason: str
    signed_by: str
    outcome: Outcome | None = None
    detail: str = ""


def decided(campaign: Campaign, answers: Mapping[str, Answer]) -> list[Verified]:
    """Every item with its decision, before any later look."""
    found = []
    for item in campaign.items:
        answer = answers.get(item.reviewer)
        decision, reason = answer.decisions.get(item.item, ("", "")) if answer else ("", "")
        found.append(Verified(item, decision, reason, answer.signed_by if answer else ""))
    return found


def verify(lines: Sequence[Verified], now: Mapping[str, str], *, is_complete: bool) -> list[Verified]:
    """The same held against what is held now (item to path); a look that is not complete proves no absence."""
    return [_verified(line, now.get(line.item.item), is_complete=is_complete) for line in lines]


def _verified(line: Verified, path: str | None, *, is_complete: bool) -> Verified:
    outcome = _outcome(line.decision, is_held=path is not None, is_complete=is_complete)
    detail = f"still held, {path}" if outcome in OPEN and path else ""
    return Verified(line.item, line.decision, line.reason, line.signed_by, outcome, detail)


def _outcome(decision: str, *, is_held: bool, is_complete: bool) -> Outcome:
    if not decision:
        return Outcome.UNDECIDED
    if is_held:
        return {Choice.REVOKE: Outcome.STILL_THERE, Choice.CHANGE: Outcome.UNCHANGED}.get(
            Choice(decision), Outcome.KEPT
        )
    if not is_complete:
        return Outcome.CANNOT_TELL
    return {Choice.REVOKE: Outcome.REVOKED, Choice.CHANGE: Outcome.CHANGED}.get(Choice(decision), Outcome.GONE)
