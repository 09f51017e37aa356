"""Whether the contract with a vendor is touched: by papers that end or changed. What is kept of them is evidence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q

from passmuster.model.evidence import EvidenceKind
from passmuster.model.keeping import AskedStatus
from passmuster.records.models import Evidence, Platform

RECENTLY = timedelta(days=90)
_WORDS = {
    EvidenceKind.CONTRACT: "contract",
    EvidenceKind.DATA_PROCESSING_TERMS: "agreement on data processing",
    EvidenceKind.SUBPROCESSORS: "list of subprocessors",
}
# A list of subprocessors is out of date one day; nothing ends with it.
_BINDING = (EvidenceKind.CONTRACT, EvidenceKind.DATA_PROCESSING_TERMS)


@dataclass(frozen=True)
class Paper:
    """A contract, an agreement on data processing or a list of subprocessors that nothing superseded.

    `ends_on` is the first day on which it counts no longer; `changed_on` is when it took the place of another text.
    """

    kind: EvidenceKind
    title: str
    ends_on: date | None = None
    changed_on: date | None = None


def contract_reasons(papers: Sequence[Paper], *, today: date, ends_by: date, changed_since: date) -> tuple[str, ...]:
    """What of the contract is touched, in words; empty where nothing is.

    Of several papers of a kind the one that lasts longest says whether it ends by `ends_by`.
    """
    found = []
    for kind in _BINDING:
        there = [paper for paper in papers if paper.kind is kind]
        last = max(there, key=lambda paper: paper.ends_on or date.max, default=None)
        if last is not None and last.ends_on is not None and last.ends_on <= ends_by:
            verb = "ended" if last.ends_on <= today else "ends"
            found.append(f"the {_WORDS[kind]} ({last.title}) {verb} on {last.ends_on}")
    found += [
        f"the {_WORDS[paper.kind]} ({paper.title}) changed on {paper.changed_on}"
        for paper in papers
        if paper.changed_on is not None and paper.changed_on >= changed_since
    ]
    return tuple(found)


def vendors_duty(control: str, responsibilities: Iterable[str]) -> str:
    """Why an exception from a control touches the contract; empty where meeting it is not the vendor's alone."""
    # Of what both sides do, an exception mostly excuses our part.
    return f"meeting {control} is the vendor's duty" if "vendor" in responsibilities else ""


def papers_of(platform: Platform) -> tuple[Paper, ...]:
    """The papers that are kept for a platform and its vendor."""
    of = Q(platform=platform)
    if platform.vendor_id:
        of |= Q(platform=None, vendor_id=platform.vendor_id)
    # What a vendor sent says nothing before somebody of ours accepted it.
    is_ours = Q(request=None) | Q(request__status=AskedStatus.ACCEPTED)
    kept = Evidence.objects.filter(of, is_ours, superseded_by=None, kind__in=list(_WORDS))
    return tuple(
        Paper(EvidenceKind(each.kind), each.title[:80], each.expires_on, _changed_on(each))
        for each in kept.select_related("supersedes").order_by("pk")
    )


def _changed_on(evidence: Evidence) -> date | None:
    before = getattr(evidence, "supersedes", None)
    return evidence.uploaded_at.date() if before is not None and before.sha256 != evidence.sha256 else None
