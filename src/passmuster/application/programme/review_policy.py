"""How often platforms are reviewed, what is asked, which evidence is obtained and who signs; what events touch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from passmuster.application.policies.reading import read_policy
from passmuster.errors import UnreadableInput
from passmuster.model.evidence import EvidenceKind
from passmuster.model.keeping import DataClass, DutyRole, EventKind, Tier
from passmuster.pipeline.cadence import cadence_complaints

# For a house's own file that does not say: what a platform has that nobody set.
_USUAL_HOURS = 24
QUESTIONS, EVIDENCE, PATCHES = "questions", "evidence", "patches"
# The topics of lines that are about no control.
_OTHER_TOPICS = {
    QUESTIONS: "The questions of every review",
    EVIDENCE: "Evidence to obtain",
    PATCHES: "Changes and advisories",
}


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
    """Something only a person can answer, asked of whoever has the role."""

    key: str
    title: str
    role: DutyRole


@dataclass(frozen=True)
class Topic:
    """Controls that are looked at together, by the beginnings of their ids."""

    title: str
    controls: tuple[str, ...]


@dataclass(frozen=True)
class EventPolicy:
    """What an event touches: topics by name, and what is asked because of it."""

    topics: frozenset[str]
    asks: tuple[Question, ...]


@dataclass(frozen=True)
class ReviewPolicy:
    """The whole policy. Legal and privacy are asked where data of that class or a more sensitive one is held."""

    tiers: Mapping[Tier, TierPolicy]
    legal_is_asked_from: DataClass
    questions: tuple[Question, ...]
    topics: Mapping[str, Topic] = field(default_factory=dict)
    events: Mapping[EventKind, EventPolicy] = field(default_factory=dict)

    def asks_legal(self, data_class: DataClass, *, is_regulated: bool) -> bool:
        """Whether a platform with such data touches what legal and privacy answer for."""
        order = list(DataClass)
        return is_regulated or order.index(data_class) >= order.index(self.legal_is_asked_from)

    def topic_of(self, control: str) -> str:
        """The topic with the longest beginning of the control's id; empty where no topic names it."""
        fitting = [
            (len(begins), name)
            for name, topic in self.topics.items()
            for begins in topic.controls
            if control.startswith(begins) and not control[len(begins) : len(begins) + 1].isalnum()
        ]
        return max(fitting)[1] if fitting else ""

    def title_of(self, topic: str) -> str:
        """A topic as people read it."""
        return _OTHER_TOPICS.get(topic) or (self.topics[topic].title if topic in self.topics else topic)

    def touched_by(self, events: Sequence[EventKind]) -> frozenset[str] | None:
        """The topics that any of these events touches; None where all is looked at."""
        if not events or any(event not in self.events for event in events):
            return None
        return frozenset().union(*(self.events[event].topics for event in events))


def read_review_policy(home: Path) -> ReviewPolicy:
    """The house's policy, or the one that ships; raises UnreadableInput with every mistake."""
    document, where = read_policy("reviews.yaml", "review-policy", home)
    complaints = [f"{where}: {complaint}" for complaint in _complaints(document)]
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
        questions=_questions(document["questions"]),
        topics={
            name: Topic(given["title"], tuple(given["controls"])) for name, given in document.get("topics", {}).items()
        },
        events={
            EventKind(name): EventPolicy(frozenset(given["topics"]), _questions(given["asks"]))
            for name, given in document.get("events", {}).items()
        },
    )


def _questions(given: Sequence[Mapping[str, str]]) -> tuple[Question, ...]:
    return tuple(Question(each["key"], each["title"], DutyRole(each["role"])) for each in given)


def _complaints(document: Mapping[str, Any]) -> Iterator[str]:
    known = frozenset(EvidenceKind)
    for tier, given in document["tiers"].items():
        for complaint in cadence_complaints(given["cadence"], "UTC"):
            yield f"tiers/{tier}/cadence: {complaint}"
    for tier, given in document["tiers"].items():
        for kind in given["evidence"]:
            if kind not in known:
                kinds = ", ".join(sorted(known))
                yield f"tiers/{tier}/evidence: {kind} is no kind of evidence; known are {kinds}"
    yield from _twice("questions", [question["key"] for question in document["questions"]])
    yield from _topic_complaints(document)


def _topic_complaints(document: Mapping[str, Any]) -> Iterator[str]:
    topics = document.get("topics", {})
    for name in sorted(set(topics) & set(_OTHER_TOPICS)):
        yield f"topics: {name} is the topic of lines that are about no control; call yours otherwise"
    begins = [each for topic in topics.values() for each in topic["controls"]]
    yield from _twice("topics", begins)
    known = sorted({*topics, *_OTHER_TOPICS})
    for event, given in document.get("events", {}).items():
        for name in given["topics"]:
            if name not in known:
                yield f"events/{event}/topics: {name} is no topic; known are {', '.join(known)}"
        yield from _twice(f"events/{event}/asks", [each["key"] for each in given["asks"]])


def _twice(place: str, names: Sequence[str]) -> Iterator[str]:
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"{place}: {name} is there twice"
