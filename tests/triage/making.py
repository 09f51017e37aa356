"""Advisories, components and matches for tests of triage."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from passmuster.model.advisory import (
    Advisory,
    KevEntry,
    Notice,
    NoticeKind,
    Record,
    RecordKind,
    Remediation,
    RemediationKind,
    Score,
    SsvcPoint,
)
from passmuster.model.component import Component, ComponentKind
from passmuster.model.match import Match, Verdict
from passmuster.model.words import Hosting, Responsibility
from passmuster.triage.exposure import Exposure

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
LISTED = date(2026, 11, 20)
OPEN = Exposure(publicly_exposed=True, system_exposure="open", source="the snapshot: endpoints", at=NOW)
CLOSED = Exposure(publicly_exposed=False, system_exposure="controlled", source="the snapshot: endpoints", at=NOW)
WORST_VECTOR = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
MILD_VECTOR = "CVSS:3.1/AV:N/AC:L/PR:L/UI:R/S:C/C:L/I:L/A:N"


def at(text: str) -> datetime:
    """An instant, UTC unless it says otherwise."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def cve(name: str = "CVE-2026-1000", **more: Any) -> Advisory:
    """An advisory of a CVE that was disclosed, fixed and learned of on three days."""
    told = {
        "title": "A hole",
        "records": (Record(RecordKind.CVE, "cna", name),),
        "disclosed_at": at("2026-11-10T08:00:00"),
        "vendor_fixed_at": at("2026-11-12T00:00:00"),
        "learned_at": at("2026-11-22T06:00:00"),
    }
    return Advisory(name, **{**told, **more})


def judged(automatable: str = "yes", technical_impact: str = "total") -> tuple[SsvcPoint, ...]:
    """SSVC points as CISA gives them."""
    day = at("2026-11-11T00:00:00")
    return (
        SsvcPoint("automatable", automatable, "CISA ADP", day),
        SsvcPoint("exploitation", "none", "CISA ADP", day),
        SsvcPoint("technical_impact", technical_impact, "CISA ADP", day),
    )


def listed(due: date | None = None) -> KevEntry:
    """An entry of the catalogue of exploited vulnerabilities."""
    return KevEntry(LISTED, due)


def scored(*vectors: str) -> tuple[Score, ...]:
    """Scores that are their vectors alone."""
    return tuple(Score("3.1", vector) for vector in vectors)


def notice(kind: NoticeKind = NoticeKind.SECURITY_FIX, text: str = "A fix.", **more: Any) -> Advisory:
    """An advisory that is a vendor's notice and nothing else."""
    told = Notice(kind, "Acme", platforms=("n8n",), announced_at=at("2026-11-15T00:00:00"), text=text, **more)
    record = Record(RecordKind.NOTICE, "acme", "acme-1", notice=told)
    return Advisory("acme-1", title="From Acme", records=(record,), notice=told, learned_at=at("2026-11-16T00:00:00"))


def remedy(kind: RemediationKind) -> tuple[Remediation, ...]:
    """One remediation."""
    return (Remediation(kind, "as the publisher says"),)


def component(**more: Any) -> Component:
    """A platform that we run."""
    told = {"version": "1.0.0", "hosting": Hosting.SELF, "product": "n8n", "environment_id": "prod"}
    return Component("n8n-1", "n8n", ComponentKind.PLATFORM, **{**told, **more})


def matched(verdict: Verdict = Verdict.AFFECTED, fixed: tuple[str, ...] = ("1.2.3",), **more: Any) -> Match:
    """A match of the component with whatever advisory it is used for."""
    told = {"component": component(), "reason": "1.0.0 is before 1.2.3.", "who_patches": Responsibility.CUSTOMER}
    return Match("CVE-2026-1000", verdict=verdict, fixed_versions=fixed, **{**told, **more})
