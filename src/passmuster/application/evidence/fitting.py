"""Whether a piece of evidence answers a line of a review's checklist, and what stands against it. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Holds(StrEnum):
    """What a piece does for a line: it settles it, waits for a person's word, or falls short of what is asked."""

    SETTLES = "settles"
    WAITS = "waits"
    FALLS_SHORT = "falls_short"


@dataclass(frozen=True)
class Wanted:
    """What a line asks for: evidence of a kind, or (without one) about a control, of a platform or its vendor.

    It must count beyond `until` and tell of the time from `since` on, the review before by the calendar; None: there
    was none. `line` is the line's key, None where it is not written yet; `review` likewise.
    """

    platform: int
    vendor: int | None
    until: date
    since: date | None = None
    kind: str = ""
    control: str = ""
    review: int | None = None
    line: int | None = None


@dataclass(frozen=True)
class Piece:
    """A piece of evidence that nothing superseded. Keys are those of records.

    `line` is the line it was asked of a vendor for. `is_looked_at`: one of ours handed it in, or accepted it;
    `is_sent_back`: the vendor was told that it will not do.
    """

    number: int
    title: str
    kind: str
    by: str
    handed_in_on: date
    platform: int | None = None
    vendor: int | None = None
    controls: frozenset[str] = frozenset()
    reviews: frozenset[int] = frozenset()
    period_from: date | None = None
    period_to: date | None = None
    expires_on: date | None = None
    line: int | None = None
    is_looked_at: bool = True
    is_sent_back: bool = False

    @property
    def told(self) -> str:
        """What it is and how long it counts, in words."""
        until = f", counts until {self.expires_on}" if self.expires_on else ""
        return f"{self.title} (evidence {self.number}), handed in by {self.by} on {self.handed_in_on}{until}"


@dataclass(frozen=True)
class Fit:
    """What a piece does for a line, and why it does not settle it; empty where it does."""

    piece: Piece
    holds: Holds
    why: str = ""


def fit_of(wanted: Wanted, piece: Piece) -> Fit | None:
    """What the piece does for the line; None where it is about something else."""
    if not _is_about(wanted, piece):
        return None
    if short := _shortfalls(wanted, piece):
        return Fit(piece, Holds.FALLS_SHORT, "; ".join(short))
    if asks := _judgements(wanted, piece):
        return Fit(piece, Holds.WAITS, "; ".join(asks))
    return Fit(piece, Holds.SETTLES)


def fits_of(wanted: Wanted, pieces: Iterable[Piece]) -> tuple[Fit, ...]:
    """What each piece about the line does for it: those that do most first, of these the newest."""
    found = [fit for piece in pieces if (fit := fit_of(wanted, piece)) is not None]
    order = list(Holds)
    return tuple(sorted(found, key=lambda fit: (order.index(fit.holds), -fit.piece.number)))


def _is_about(wanted: Wanted, piece: Piece) -> bool:
    if wanted.line is not None and piece.line == wanted.line:
        return True
    is_of_vendor = piece.platform is None and piece.vendor is not None and piece.vendor == wanted.vendor
    if not (piece.platform == wanted.platform or is_of_vendor or wanted.review in piece.reviews):
        return False
    return piece.kind == wanted.kind if wanted.kind else wanted.control in piece.controls


def _shortfalls(wanted: Wanted, piece: Piece) -> list[str]:
    """What of its days does not fit, and whether it was found wanting already."""
    found = []
    # On the day it expires it counts no longer.
    if piece.expires_on is not None and piece.expires_on <= wanted.until:
        found.append(f"counts only until {piece.expires_on}, and is needed beyond {wanted.until}")
    if piece.period_from is not None and piece.period_from > wanted.until:
        found.append(f"covers only what is from {piece.period_from} on, after this review")
    if wanted.since is not None:
        if piece.period_to is not None and piece.period_to < wanted.since:
            found.append(f"covers only until {piece.period_to}, before the last review ({wanted.since})")
        says_days = piece.period_from or piece.period_to or piece.expires_on
        if not says_days and piece.handed_in_on < wanted.since:
            found.append(f"says no days, and was handed in before the last review ({wanted.since})")
    if piece.is_sent_back:
        found.append("was sent back to the vendor")
    return found


def _judgements(wanted: Wanted, piece: Piece) -> list[str]:
    """What only a person can say of it."""
    found = []
    if not piece.is_looked_at:
        found.append("comes from the vendor, and nobody has accepted it yet")
    if wanted.kind and piece.kind != wanted.kind:
        found.append(f"was handed in as {_words(piece.kind)}, not as {_words(wanted.kind)}")
    if not wanted.kind:
        found.append("whether it shows what is asked is for a person to say")
    return found


def _words(kind: str) -> str:
    return kind.replace("_", " ")
