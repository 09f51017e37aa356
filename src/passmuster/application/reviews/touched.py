"""What of a checklist an event touches, and what is left out of it by the house's rule. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from passmuster.application.programme.review_policy import EVIDENCE, PATCHES, QUESTIONS, ReviewPolicy
from passmuster.application.reviews.checklist import FOR_LEGAL, Key, LastTime, Line
from passmuster.model.keeping import EventKind, ItemKind

OF_EVENT = "ask:event:"
_OTHERS = {ItemKind.EVIDENCE: EVIDENCE, ItemKind.PATCH: PATCHES}


def events_of(scope: Mapping[str, Any]) -> tuple[EventKind, ...]:
    """The events a review's scope is laid out for; empty where it is laid out whole."""
    return tuple(EventKind(each) for each in scope.get("events", ()))


def topic_of(line: Line, policy: ReviewPolicy) -> str:
    """The topic a line is of; empty where nothing leaves it out.

    That is what legal and privacy are asked, what an event asks, what got worse, and controls that no topic names.
    """
    if line.is_worse or line.key == FOR_LEGAL or line.key.startswith(OF_EVENT):
        return ""
    if line.thing[0] == "control":
        return policy.topic_of(line.thing[1])
    return QUESTIONS if line.kind is ItemKind.QUESTION else _OTHERS.get(line.kind, "")


def event_lines(
    policy: ReviewPolicy, events: Sequence[EventKind], because: str, last: Mapping[Key, LastTime]
) -> list[Line]:
    """What is asked because of these events."""
    lines = []
    for event in events:
        for question in policy.events[event].asks if event in policy.events else ():
            key = f"{OF_EVENT}{event}:{question.key}"
            former = last.get((ItemKind.QUESTION, key))
            lines.append(
                Line(
                    ItemKind.QUESTION,
                    key,
                    question.title,
                    detail=f"Asked because of this: {because}"[:2000],
                    role=question.role,
                    last_answer=former.answer if former else "",
                )
            )
    return lines


def divide(
    lines: Iterable[Line], policy: ReviewPolicy, events: Sequence[EventKind]
) -> tuple[list[Line], dict[str, int]]:
    """The lines these events touch, and how many lines of each other topic are left out."""
    touched = policy.touched_by(events)
    if touched is None:
        return list(lines), {}
    inside, left = [], Counter[str]()
    for line in lines:
        topic = topic_of(line, policy)
        if topic and topic not in touched:
            left[topic] += 1
        else:
            inside.append(line)
    return inside, dict(left)


def narrowed(scope: Mapping[str, Any], policy: ReviewPolicy, left: Mapping[str, int]) -> dict[str, Any]:
    """The scope with what is in, and what is left out by which rule; as it was where nothing is left out."""
    if not left:
        return dict(scope)
    events = events_of(scope)
    words = " and ".join(event.label for event in events)
    why = f"{words} does not touch it, by the rule of the review policy"
    touched = policy.touched_by(events) or frozenset()
    return {
        **scope,
        "in": [*scope["in"], *(policy.title_of(topic) for topic in _in_order(touched, policy))],
        "left": [
            {"topic": topic, "what": policy.title_of(topic), "lines": left[topic], "why": why}
            for topic in _in_order(left, policy)
        ],
    }


def taken_in(scope: Mapping[str, Any], topics: Iterable[str]) -> dict[str, Any]:
    """The scope after those topics were taken in; whole again once nothing is left out."""
    asked = set(topics)
    left = [each for each in scope.get("left", ()) if each["topic"] not in asked]
    taken = [each["what"] for each in scope.get("left", ()) if each["topic"] in asked]
    if left:
        return {**scope, "in": [*scope["in"], *taken], "left": left}
    return {**{name: value for name, value in scope.items() if name != "left"}, "in": scope["in"][:1]}


def _in_order(topics: Iterable[str], policy: ReviewPolicy) -> list[str]:
    known = [*policy.topics, QUESTIONS, EVIDENCE, PATCHES]
    return sorted(topics, key=lambda topic: (known.index(topic) if topic in known else len(known), topic))
