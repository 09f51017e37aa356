"""How posture and patching went, month by month, as small tables that pages draw."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date

from django.db.models import Count
from django.db.models.functions import TruncMonth

from passmuster.application.access import Action, Actor, platforms_for
from passmuster.records.models import Change, Evaluation
from passmuster.web.change_dates import BY_KEPT, Kept, dates_come
from passmuster.web.places import list_of, page_of_record

MONTHS = 12
# More lines than this in one picture cannot be told apart.
_MOST_LINES = 6


@dataclass(frozen=True)
class Series:
    """A column of a picture: its name, where it leads, and a value a month (None: nothing known).

    `links` lead to what each month's value counts; empty where a month has no list of its own.
    """

    name: str
    link: str
    values: tuple[int | None, ...]
    links: tuple[str, ...] = ()


@dataclass(frozen=True)
class Cell:
    """A month's value and where it leads; the link is empty where there is nothing to list."""

    value: int | None
    link: str


@dataclass(frozen=True)
class Picture:
    """A table of months and series; `kind` is line or bar, `unit` stands behind each number."""

    title: str
    kind: str
    unit: str
    months: tuple[str, ...]
    series: tuple[Series, ...]

    @property
    def rows(self) -> tuple[tuple[str, tuple[int | None, ...]], ...]:
        """The table, a month a row."""
        return tuple((month, tuple(s.values[n] for s in self.series)) for n, month in enumerate(self.months))

    @property
    def cells(self) -> tuple[tuple[str, tuple[Cell, ...]], ...]:
        """The table with where each value leads."""
        return tuple((month, tuple(_cell(s, n) for s in self.series)) for n, month in enumerate(self.months))

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not any(value for series in self.series for value in series.values)


@dataclass(frozen=True)
class Shares:
    """The share of answered controls that pass, in whole percent by month, of one platform."""

    name: str
    slug: str
    by_month: Mapping[str, int | None]

    @property
    def newest(self) -> int | None:
        """That of the last month in which something could be answered."""
        known = [month for month in sorted(self.by_month) if self.by_month[month] is not None]
        return self.by_month[known[-1]] if known else None


def shares_passing(actor: Actor) -> tuple[Shares, ...]:
    """How each platform stood at the end of each of the last months in which somebody looked, by name."""
    months = last_months(actor.now.date())
    looks = Evaluation.objects.filter(as_of__gte=f"{months[0]}-01T00:00:00Z")
    allowed = platforms_for(actor, Action.VIEW)
    looks = looks if allowed is None else looks.filter(collection__platform_id__in=allowed)
    newest = (
        looks.annotate(month=TruncMonth("as_of", tzinfo=UTC))
        .order_by("collection__platform_id", "month", "-as_of", "-id")
        .distinct("collection__platform_id", "month")
        .values_list("collection__platform__name", "collection__platform__slug", "month", "summary")
    )
    found: dict[tuple[str, str], dict[str, int | None]] = {}
    for name, slug, month, summary in newest:
        found.setdefault((name, slug), {})[f"{month:%Y-%m}"] = share_passing(summary)
    return tuple(Shares(name, slug, by_month) for (name, slug), by_month in sorted(found.items()))


def mean_passing(shares: Iterable[Shares]) -> int | None:
    """The mean of how platforms stand now; None where nothing could be answered."""
    known = [each.newest for each in shares if each.newest is not None]
    return round(sum(known) / len(known)) if known else None


def posture(actor: Actor, shares: Iterable[Shares]) -> Picture:
    """The shares as a picture; of many platforms their mean."""
    months = last_months(actor.now.date())
    lines = [
        Series(each.name, page_of_record("platform", each.slug), tuple(each.by_month.get(month) for month in months))
        for each in shares
    ]
    if len(lines) > _MOST_LINES:
        lines = [Series("All platforms, on average", list_of("platform"), _means(lines, len(months)))]
    return Picture("Controls that pass, of those that could be answered", "line", "%", months, tuple(lines))


def patching(actor: Actor) -> Picture:
    """Patches by the month they were due: verified in time, verified late, not verified and late."""
    months = last_months(actor.now.date())
    changes = dates_come(Change.objects.filter(due_at__gte=f"{months[0]}-01T00:00:00Z"), actor.now)
    allowed = platforms_for(actor, Action.VIEW)
    changes = changes if allowed is None else changes.filter(platform_id__in=allowed)
    found = (
        changes.annotate(month=TruncMonth("due_at", tzinfo=UTC))
        .values("month")
        .annotate(**{word.value: Count("id", filter=meant) for word, meant in BY_KEPT.items()})
    )
    by_month = {f"{month:%Y-%m}": numbers for month, *numbers in found.values_list("month", *BY_KEPT)}
    names = {Kept.IN_TIME: "Verified in time", Kept.LATE: "Verified late", Kept.MISSED: "Late, not verified"}
    series = tuple(
        Series(
            names[word],
            list_of("change", verified=word),
            tuple(by_month[m][at] if m in by_month else 0 for m in months),
            tuple(list_of("change", verified=word, due_month=m) for m in months),
        )
        for at, word in enumerate(BY_KEPT)
    )
    return Picture("Patches by the month they were due", "bar", "", months, series)


def last_months(today: date, n: int = MONTHS) -> tuple[str, ...]:
    """The last months as `2026-06`, oldest first, this one last."""
    at = today.year * 12 + today.month - 1
    return tuple(f"{month // 12:04}-{month % 12 + 1:02}" for month in range(at - n + 1, at + 1))


def share_passing(summary: Mapping[str, object]) -> int | None:
    """Whole percent of controls that pass, of those that pass or fail; None where none could be answered."""
    passed, failed = (n if isinstance(n := summary.get(word), int) else 0 for word in ("pass", "fail"))
    return round(100 * passed / (passed + failed)) if passed + failed else None


def _cell(series: Series, at: int) -> Cell:
    value = series.values[at]
    return Cell(value, series.links[at] if value and series.links else "")


def _means(lines: Iterable[Series], months: int) -> tuple[int | None, ...]:
    held = [[series.values[n] for series in lines] for n in range(months)]
    known = [[value for value in month if value is not None] for month in held]
    return tuple(round(sum(month) / len(month)) if month else None for month in known)
