"""The page of what a review looks at that an event opened, from the policy that ships."""

from __future__ import annotations

from pathlib import Path

from passmuster.application.programme.review_policy import EVIDENCE, PATCHES, QUESTIONS, read_review_policy
from passmuster.model.keeping import EventKind

_LEAD = """# What a review on an event looks at

A review that an event opened lays out the topics of that event; beside them what the event asks, what legal and privacy
are asked, what passed in the last whole review and fails now, and controls that no topic names. The rest stands in its
scope as left out, and whoever works the review takes it in (see `docs/howto/reviews.md`). An exception goes with its
control. These are the rules that ship; a house's own stand in `policies/reviews.yaml` under `topics` and `events`.

"""


def review_events_page() -> str:
    """The topics by event, the questions of each event, and the controls of each topic."""
    # Where no house keeps a policy of its own, the one that ships is read.
    policy = read_review_policy(Path(__file__).parent)
    kinds = [kind for kind in EventKind if kind in policy.events]
    topics = [*policy.topics, QUESTIONS, EVIDENCE, PATCHES]
    head = f"| topic | {' | '.join(kind.label for kind in kinds)} |\n{'|---' * (len(kinds) + 1)}|\n"
    rows = "".join(
        f"| {policy.title_of(topic)} | "
        + " | ".join("yes" if topic in policy.events[kind].topics else "" for kind in kinds)
        + " |\n"
        for topic in topics
    )
    asked = "".join(
        f"**After {kind.label}:**\n\n"
        + "".join(f"- {each.title} (*{each.role.replace('_', ' ')}*)\n" for each in policy.events[kind].asks)
        + "\n"
        for kind in kinds
    )
    controls = "".join(
        f"| {topic.title} | {', '.join(f'`{begins}`' for begins in topic.controls)} |\n"
        for topic in policy.topics.values()
    )
    return (
        f"{_LEAD}## Topics\n\n{head}{rows}\n## What is asked beside them\n\n{asked}"
        f"## Controls of a topic, by the beginnings of their ids\n\n| topic | controls |\n|---|---|\n{controls}\n"
    )
