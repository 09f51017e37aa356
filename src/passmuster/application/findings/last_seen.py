"""When findings were last seen: by their own row where it says so, else by what their control last found."""

from __future__ import annotations

from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from passmuster.records.models import Finding, FollowedControl

_SAME = {name: OuterRef(name) for name in ("platform_id", "pack", "control")}


def with_last_seen(rows: QuerySet[Finding]) -> QuerySet[Finding]:
    """The findings, each with `seen_at`: the start of the last look that found it."""
    by_control = Subquery(FollowedControl.objects.filter(**_SAME).values("seen_at"))
    return rows.annotate(seen_at=Coalesce("last_seen_at", by_control, "first_seen_at"))
