"""How often platforms are reviewed, what is asked, which evidence is obtained and who signs: by tier."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from passmuster.application.policies.reading import read_policy
from passmuster.errors import UnreadableInput
from passmuster.model.evidence import EvidenceKind
from passmuster.model.keeping import DataClass, DutyRole, Tier
from passmuster.pipeline.cadence import cadence_complaints

# For a house's own file that does not say: what a platform has that nobody set.
_USUAL_HOURS = 24


@dataclass(frozen=True)
class TierPolicy:
    """One tier: cadence (RFC 5545), days from opening until it is to be signed, who signs, evidence by type.

    `look_every_hours` is the longest time between looks that its platforms' owners choose.
    """

    cadence: str
    days_to_finish: int
    signatures: tuple[DutyRole, ...]
    evidence: tuple[str, ...]
    look_every_hours: int


@dataclass(frozen=True)
class Question:
    """Something only a person can answer, asked at every review of whoever has the role."""

    key: str
    title: str
    role: DutyRole


@dataclass(frozen=True)
class ReviewPolicy:
    """The whole policy. Legal and privacy are asked where data of that class or a more sensitive one is held."""

    tiers: Mapping[Tier, TierPolicy]
    legal_is_asked_from: DataClass
    questions: tuple[Question, ...]

    def asks_legal(self, data_class: DataClass, *, is_regulated: bool) -> bool:
        """Whether a platform with such data touches what legal and privacy answer for."""
        order = list(DataClass)
        return is_regulated or order.index(data_class) >= order.index(self.legal_is_asked_from)


def read_review_policy(home: Path) -> ReviewPolicy:
    """The house's policy, or the one that ships; raises UnreadableInput with every mistake."""
    document, where = read_policy("reviews.yaml", "review-policy", home)
    complaints = [
        f"{where}: tiers/{tier}/cadence: {complaint}"
        for tier, given in document["tiers"].items()
        for complaint in cadence_complaints(given["cadence"], "UTC")
    ]
    known = frozenset(EvidenceKind)
    complaints += [
        f"{where}: tiers/{tier}/evidence: {kind} is no kind of evidence; known are {', '.join(sorted(known))}"
        for tier, given in document["tiers"].items()
        for kind in given["evidence"]
        if kind not in known
    ]
    keys = [question["key"] for question in document["questions"]]
    complaints += [
        f"{where}: questions: {key} is there twice" for key in sorted({k for k in keys if keys.count(k) > 1})
    ]
    if complaints:
        raise UnreadableInput("\n".join(complaints))
    return ReviewPolicy(
        tiers={
            Tier(tier): TierPolicy(
                cadence=given["cadence"],
                days_to_finish=given["days_to_finish"],
                signatures=tuple(DutyRole(role) for role in given["signatures"]),
                evidence=tuple(given["evidence"]),
                look_every_hours=given.get("look_every_hours", _USUAL_HOURS),
            )
            for tier, given in document["tiers"].items()
        },
        legal_is_asked_from=DataClass(document["legal_is_asked_from"]),
        questions=tuple(Question(q["key"], q["title"], DutyRole(q["role"])) for q in document["questions"]),
    )
