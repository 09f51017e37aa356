"""Registers and matrices as a reader is shown them: lists of things with what is due, and who answers for what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from passmuster.model.assurance import VendorGaps
from passmuster.model.words import CollectionStatus

Cell = str | int | float | bool | datetime | date | None


@dataclass(frozen=True)
class Sheet:
    """One register as a list. `count` is how many there are, None where that is not known; `rows` may be fewer.

    `marks` has a word for each row: `bad` where it falls short, `open` where something is not known, else empty. None
    in a cell means not known. `status` and `reason` are those of the table it is made from.
    """

    key: str
    title: str
    intro: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    marks: tuple[str, ...]
    count: int | None
    status: CollectionStatus = CollectionStatus.OK
    reason: str = ""
    shown: int = 25


@dataclass(frozen=True)
class EventCell:
    """What is known of one class of event in one environment; None means not known, everywhere.

    `is_kept`, `is_delivered` and `is_fresh` hold the house limits against the sources that log the class.
    """

    event_class: str
    is_logged: bool | None
    kept_days: int | None = None
    is_kept: bool | None = None
    delivered_to: str = ""
    is_delivered: bool | None = None
    is_fresh: bool | None = None
    last_seen_at: datetime | None = None

    @property
    def state(self) -> str:
        """`whole`, `partly` (something falls short), `open` (logged, the rest not known), `missing` or `unknown`."""
        if self.is_logged is None:
            return "unknown"
        if not self.is_logged:
            return "missing"
        rest = (self.is_kept, self.is_delivered, self.is_fresh if self.is_delivered else True)
        if False in rest:
            return "partly"
        return "open" if None in rest else "whole"


@dataclass(frozen=True)
class EventRow:
    """One environment with a cell for each class."""

    environment: str
    kind: str
    cells: tuple[EventCell, ...]


@dataclass(frozen=True)
class EventMatrix:
    """Classes of event by environment. `classes` are the required ones first; `required` says how many these are."""

    classes: tuple[str, ...]
    required: int
    rows: tuple[EventRow, ...]
    retention_days: int | None
    freshness_hours: int | None
    status: CollectionStatus = CollectionStatus.OK
    reason: str = ""


@dataclass(frozen=True)
class RegisterView:
    """All registers and matrices of one platform on one day."""

    sheets: tuple[Sheet, ...]
    events: EventMatrix
    vendors: tuple[VendorGaps, ...] = ()
