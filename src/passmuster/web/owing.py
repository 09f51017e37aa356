"""Who owes what: late findings, lines of reviews and patches by the person who answers for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Aggregate, Count, QuerySet, Sum

from passmuster.application.access import Action, Actor, platforms_for
from passmuster.application.calendar.deadlines import UNDONE_CHANGES
from passmuster.records.models import Change, Person, ReviewItem
from passmuster.web.agenda.lines import seen
from passmuster.web.change_values import UNFINISHED
from passmuster.web.counting import OPEN_STATUSES, due_counts_seen_by
from passmuster.web.places import list_of
from passmuster.web.whose import NOBODY

MOST = 8


@dataclass(frozen=True)
class Owed:
    """What one person owes on the platforms the reader sees; `person` is None for what nobody answers for.

    `late` are open findings past their date, `lines` those of open reviews that wait, `patches` those not done.
    How many findings each has in all is not told: no bounded number of rows says it.
    """

    person: int | None
    name: str
    late: int
    lines: int
    patches: int

    @property
    def late_link(self) -> str:
        """The list of the late findings."""
        return list_of("finding", owner=self._key, late=1)

    @property
    def findings_link(self) -> str:
        """The list of all their open findings."""
        return list_of("finding", owner=self._key)

    @property
    def lines_link(self) -> str:
        """The open reviews in which lines wait for them, and how many in each."""
        return list_of("review", status="open", who=self._key)

    @property
    def patches_link(self) -> str:
        """The list of their patches that are not done."""
        return list_of("change", status=UNFINISHED, owner=self._key)

    @property
    def _key(self) -> object:
        return self.person or NOBODY


def owed(actor: Actor) -> tuple[Owed, ...]:
    """Everybody who owes something, whoever has most that is late first."""
    is_late = {"status__in": OPEN_STATUSES, "due_on__lt": actor.now.date()}
    lines = ReviewItem.objects.filter(status="open", review__status="open")
    where = platforms_for(actor, Action.VIEW)
    lines = lines if where is None else lines.filter(review__platform_id__in=where)
    held = (
        _n_by(due_counts_seen_by(actor).filter(**is_late), "owner_id", Sum("n")),
        _n_by(lines, "assignee_id", Count("pk")),
        _n_by(seen(Change.objects.filter(status__in=UNDONE_CHANGES), actor), "owner_id", Count("pk")),
    )
    owing = {key for each in held for key in each}
    names = dict(Person.objects.filter(pk__in=[key for key in owing if key]).values_list("pk", "name"))
    told = [Owed(key, names.get(key, "") if key else "nobody", *(each.get(key, 0) for each in held)) for key in owing]
    return tuple(sorted(told, key=lambda each: (-each.late, -each.lines, -each.patches, each.name)))


def _n_by(rows: QuerySet[Any], column: str, n: Aggregate) -> dict[int | None, int]:
    return dict(rows.order_by().values_list(column).annotate(total=n))
