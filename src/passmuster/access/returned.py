"""A workbook that came back: whole, unaltered, signed by its reviewer, nobody confirming themselves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from passmuster.access.campaign import Campaign, Item
from passmuster.access.form import (
    CAMPAIGN,
    DECISION,
    ITEM,
    REASON,
    REVIEW,
    REVIEWER,
    SHOWN,
    SIGN,
    SIGNED_BY,
    SIGNED_ON,
    Choice,
)
from passmuster.documents.workbook_in import Cell, Sheet, Workbook
from passmuster.errors import UnreadableInput

_MANY = 20
_SAME_REASON = 5
_MOST_TOLD = 50


@dataclass(frozen=True)
class Returned:
    """What a workbook says: its reviewer, who signed it when, by item the decision and reason, and doubts about it."""

    reviewer: str
    signed_by: str
    signed_on: date
    decisions: Mapping[str, tuple[str, str]]
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Line:
    row: int
    cells: Mapping[str, Cell]

    def text(self, heading: str) -> str:
        cell = self.cells.get(heading)
        return "" if cell is None or cell.value is None else str(cell.value)

    def at(self, heading: str) -> str:
        cell = self.cells.get(heading)
        return f"sheet {REVIEW!r}, cell {cell.at}" if cell else f"sheet {REVIEW!r}, row {self.row}"


def read_returned(book: Workbook, campaign: Campaign, *, today: date) -> Returned:
    """What was decided; raises UnreadableInput that names sheet and cell of every mistake."""
    complaints: list[str] = []
    sign = _signature(book, campaign, complaints)
    reviewer = sign.get(REVIEWER, "")
    items = {item.item: item for item in campaign.items if item.reviewer == reviewer}
    if not items and not complaints:
        complaints.append(f"sheet {SIGN!r}: {reviewer!r} is no reviewer of this certification")
    if complaints:
        raise _refused(book.where, complaints)
    signed_by, signed_on = _signed(sign, reviewer, campaign, today, complaints)
    lines = list(_lines(book, complaints))
    complaints += _altered(lines, items)
    complaints += _undecided(lines, items)
    complaints += _confirming_themselves(lines, items, campaign, signed_by)
    if complaints:
        raise _refused(book.where, complaints)
    decisions = {line.text(ITEM.heading): (line.text(DECISION).casefold(), line.text(REASON)) for line in lines}
    return Returned(reviewer, signed_by, signed_on or today, decisions, tuple(_doubts(decisions, items)))


def _refused(where: str, complaints: Sequence[str]) -> UnreadableInput:
    shown = [f"  - {complaint}" for complaint in complaints[:_MOST_TOLD]]
    if len(complaints) > _MOST_TOLD:
        shown.append(f"  ... and {len(complaints) - _MOST_TOLD} more")
    return UnreadableInput(f"{where}: {len(complaints)} mistake(s), nothing was taken\n" + "\n".join(shown))


def _sheet(book: Workbook, title: str) -> Sheet | None:
    return next((sheet for sheet in book.sheets if sheet.title == title), None)


def _signature(book: Workbook, campaign: Campaign, complaints: list[str]) -> dict[str, Any]:
    sheet = _sheet(book, SIGN)
    if sheet is None or _sheet(book, REVIEW) is None:
        complaints.append(
            f"the sheets {SIGN} and {REVIEW} are not both there and visible; send back the whole workbook"
        )
        return {}
    found = {str(row[0].value): row[1].value for row in sheet.rows if len(row) > 1 and row[0].value is not None}
    if found.get(CAMPAIGN) != campaign.id:
        complaints.append(
            f"sheet {SIGN!r}: is of certification {str(found.get(CAMPAIGN))[:40]}, this is {campaign.id}; "
            "name the folder it was frozen into"
        )
    return found


def _signed(
    sign: Mapping[str, Any], reviewer: str, campaign: Campaign, today: date, complaints: list[str]
) -> tuple[str, date | None]:
    name, day = str(sign.get(SIGNED_BY) or "").strip(), sign.get(SIGNED_ON)
    if not name:
        complaints.append(f"sheet {SIGN!r}, {SIGNED_BY}: is empty; the reviewer writes their name there")
    elif name.casefold() != reviewer.strip().casefold():
        complaints.append(
            f"sheet {SIGN!r}, {SIGNED_BY}: {name[:60]!r} signed what was given to {reviewer!r}; "
            "only the reviewer may, written as it stands above"
        )
    if isinstance(day, str):
        try:
            day = date.fromisoformat(day[:10])
        except ValueError:
            day = None
    day = day.date() if isinstance(day, datetime) else day
    if not isinstance(day, date):
        complaints.append(f"sheet {SIGN!r}, {SIGNED_ON}: is no day; write it such as 2026-11-23")
        return name, None
    if not campaign.frozen_at.astimezone(UTC).date() <= day <= today:
        complaints.append(
            f"sheet {SIGN!r}, {SIGNED_ON}: {day} is not between the freeze ({campaign.frozen_at:%Y-%m-%d}) and today"
        )
    return name, day


def _lines(book: Workbook, complaints: list[str]) -> Iterator[_Line]:
    sheet = _sheet(book, REVIEW)
    rows = sheet.rows if sheet else ()
    headings = [str(cell.value) if cell.value is not None else "" for cell in rows[0]] if rows else []
    wanted = [*(shown.heading for shown in SHOWN), DECISION, REASON, ITEM.heading]
    if headings[: len(wanted)] != wanted or any(headings[len(wanted) :]):
        complaints.append(f"sheet {REVIEW!r}, row 1: the headings were changed; they must be {', '.join(wanted)}")
        return
    for number, row in enumerate(rows[1:], start=2):
        if any(cell.value is not None for cell in row):
            yield _Line(number, {heading: cell for heading, cell in zip(headings, row, strict=False) if heading})


def _altered(lines: Sequence[_Line], items: Mapping[str, Item]) -> Iterator[str]:
    """Every cell that is not as it was frozen, every line that is new, and every one that is gone or doubled."""
    seen = Counter(line.text(ITEM.heading) for line in lines)
    for line in lines:
        name = line.text(ITEM.heading)
        item = items.get(name)
        if item is None:
            yield f"{line.at(ITEM.heading)}: {name[:40]!r} is no line of this reviewer; restore or remove it"
            continue
        for shown in SHOWN:
            frozen, told = getattr(item, shown.field), line.text(shown.heading)
            if told != frozen.strip():
                yield f"{line.at(shown.heading)}: says {told[:80]!r}, was frozen as {frozen[:80]!r}; restore it"
    yield from (
        f"sheet {REVIEW!r}: the line {name} stands there {times} times" for name, times in seen.items() if times > 1
    )
    gone = [item for name, item in items.items() if name not in seen]
    if gone:
        such = f"{gone[0].item} ({gone[0].person}, {gone[0].role})"
        yield f"sheet {REVIEW!r}: {len(gone)} line(s) are missing, such as {such}; send back the whole list"


def _undecided(lines: Sequence[_Line], items: Mapping[str, Item]) -> Iterator[str]:
    words = {str(word) for word in Choice}
    for line in lines:
        item, decision, reason = items.get(line.text(ITEM.heading)), line.text(DECISION).casefold(), line.text(REASON)
        if not decision:
            yield f"{line.at(DECISION)}: is empty; decide keep, revoke or change"
        elif decision not in words:
            yield f"{line.at(DECISION)}: {line.text(DECISION)[:40]!r} is none of keep, revoke, change"
        elif not reason and decision == Choice.CHANGE:
            yield f"{line.at(REASON)}: is empty; say what it is to become"
        elif not reason and decision == Choice.KEEP and item is not None and item.needs_reason:
            yield f"{line.at(REASON)}: is empty; {item.risks.partition(';')[0]}: say why it is kept"


def _confirming_themselves(
    lines: Sequence[_Line], items: Mapping[str, Item], campaign: Campaign, signed_by: str
) -> Iterator[str]:
    own = {signed_by.casefold()} if signed_by else set()
    # The name a reviewer signs with may be one of several that the platform knows the person by.
    for each in campaign.items:
        names = _names(each)
        if own & names:
            own = own | names
    for line in lines:
        item = items.get(line.text(ITEM.heading))
        if item is not None and own & _names(item):
            yield f"{line.at('Person')}: {signed_by} would confirm their own access; it needs another reviewer"


def _names(item: Item) -> set[str]:
    return {text.casefold() for text in (item.holder_id, item.login, item.person) if text}


def _doubts(decisions: Mapping[str, tuple[str, str]], items: Mapping[str, Item]) -> Iterator[str]:
    """Signs that nobody looked: a long list all kept, or one reason for many risky lines."""
    risky = [name for name, item in items.items() if item.needs_reason]
    kept = [name for name, (decision, _) in decisions.items() if decision == Choice.KEEP]
    if len(decisions) >= _MANY and len(kept) == len(decisions):
        yield f"all {len(kept)} lines were kept, {len(risky)} of them risky"
    reasons = Counter(decisions[name][1].strip().casefold() for name in risky if decisions[name][0] == Choice.KEEP)
    for reason, times in reasons.most_common(3):
        if times >= _SAME_REASON and reason:
            yield f"one reason stands on {times} risky lines: {reason[:60]!r}"
