"""One thing to do or to know, and how the most pressing of many are chosen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TypeVar

from django.db.models import Model, Q, QuerySet

from passmuster.application.access import Action, Actor, platforms_for
from passmuster.records.models import Change, Deviation, Evidence, Review, TierProposal
from passmuster.web.places import page_of_record

M = TypeVar("M", bound=Model)
MOST = 7
UNDER_WAY = ("opening", "open", "signed")


@dataclass(frozen=True)
class Line:
    """One thing to do or to know: in words, where it leads, about what, and its date where it has one.

    `why` tells it from another of its kind about the same: two reviews of one platform are open for two reasons.
    """

    text: str
    link: str
    about: str
    on: date | None = None
    why: str = ""


@dataclass(frozen=True)
class Lines:
    """The most pressing lines, how many lines there are, and how many things they stand for."""

    shown: tuple[Line, ...]
    n: int
    things: int = 0

    @property
    def more(self) -> int:
        """How many are not shown."""
        return self.n - len(self.shown)


def seen(rows: QuerySet[M], actor: Actor) -> QuerySet[M]:
    """The rows of platforms the actor may view."""
    return where(rows, platforms_for(actor, Action.VIEW))


def where(rows: QuerySet[M], platforms: frozenset[int] | None) -> QuerySet[M]:
    """The rows of these platforms; None stands for all."""
    return rows if platforms is None else rows.filter(Q(platform_id__in=platforms))


def most_pressing(
    lines: Iterable[Line], *, first: Iterable[Line] = (), last: Iterable[Line] = (), at_least: int = 0
) -> Lines:
    """The soonest first, between what always stands first and last; `at_least` counts what was not even read."""
    held = sorted(lines, key=lambda line: (line.on is None, line.on or date.max))
    before, after = list(first), list(last)
    whole = [*before, *held, *after]
    return Lines(tuple(whole[:MOST]), max(len(whole), at_least + len(before) + len(after)))


def of_review(review: Review, verb: str) -> Line:
    """A review that is to be dealt with."""
    return Line(verb, page_of_record("review", review.pk), review.platform.name, review.due_on, review.because)


def of_change(change: Change, verb: str, *, on: date | None = None) -> Line:
    """A patch that is to be dealt with."""
    link = page_of_record("change", change.pk)
    return Line(f"{verb}: {change.title}", link, name_of(change), on or day_of(change.due_at))


def of_missed(change: Change) -> Line:
    """A patch whose window passed with nothing deployed; its date is when that was."""
    return of_change(change, "Window missed", on=day_of(change.window_end_at))


def name_of(thing: Change | Deviation | Evidence | TierProposal) -> str:
    """The name of the platform it is about; empty where it is about none."""
    return thing.platform.name if thing.platform is not None else ""


def day_of(at: datetime | None) -> date | None:
    """The day of a time, UTC."""
    return None if at is None else at.astimezone(UTC).date()


def things(n: int, word: str) -> str:
    """A number of things, in words."""
    return f"{n} {word}" + ("" if n == 1 else "s")
