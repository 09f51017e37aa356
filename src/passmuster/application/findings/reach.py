"""How far an exception reaches, for whoever decides on it: in words, and what it would cover if it were granted now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min, QuerySet

from passmuster.application.access import Action, Actor, platforms_for
from passmuster.application.findings.covering import would_cover
from passmuster.model.keeping import DeviationStatus
from passmuster.records.models import Deviation, Finding
from passmuster.records.models.findings import SEVERITY_RANKS

_WORDS = {rank: word for word, rank in SEVERITY_RANKS.items()}


@dataclass(frozen=True)
class Reach:
    """How many findings, the worst severity of them (empty: none) and since when the oldest counts."""

    count: int
    worst: str
    oldest: datetime | None


def would_cover_seen_by(actor: Actor, deviation: Deviation) -> QuerySet[Finding]:
    """What a request would cover if it were granted now, on the platforms the actor sees; of any other, nothing."""
    if deviation.status != DeviationStatus.REQUESTED:
        return Finding.objects.none()
    found = would_cover(deviation).select_related("platform", "owner")
    where = platforms_for(actor, Action.VIEW)
    return found if where is None else found.filter(platform_id__in=where)


def reach_of(findings: QuerySet[Finding]) -> Reach:
    """How many and how bad these findings are."""
    told = findings.aggregate(n=Count("pk"), rank=Min("severity_rank"), oldest=Min("age_from"))
    return Reach(told["n"], _WORDS.get(told["rank"], ""), told["oldest"])


def scope_in_words(deviation: Deviation) -> str:
    """What it is for, with findings that are not there yet: `everything of IAM-01 on n8n, also what comes later`."""
    where = f"on {deviation.platform.name}" if deviation.platform else "on every platform"
    if deviation.resource_id:
        return f"what {deviation.control} finds of {deviation.resource_id} {where}"
    rule = "; ".join(f"{name}: {', '.join(map(str, words))}" for name, words in sorted(deviation.rule.items()))
    return f"everything of {deviation.control} {where}{f' ({rule})' if rule else ''}, also what comes later"
