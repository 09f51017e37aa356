"""Steps shared by the use cases on changes: the change locked, its life checked, its gates written as they stand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from passmuster.application.access import Action, Actor, NotAllowed
from passmuster.application.acting import Event, acting
from passmuster.application.changes.change_facts import LookedAt, judge_gates
from passmuster.errors import NotReady, UsageError
from passmuster.model.keeping import ChangeStatus, GateKind
from passmuster.records.models import Change, Gate


@contextmanager
def changing(
    actor: Actor, action: Action, change: Change, *, verb: str, why: str = ""
) -> Iterator[tuple[Event, Change]]:
    """As `acting`, with the change read anew and locked, so that two people cannot take one step twice."""
    with acting(actor, action, change, platform=change.platform, why=why, verb=verb) as event:
        locked = (
            Change.objects.select_for_update(of=("self",))
            .select_related("platform", "environment", "owner")
            .get(pk=change.pk)
        )
        before = told_of(locked)
        yield event, locked
        after = told_of(locked)
        changed = {name for name in before if before[name] != after[name]}
        event.before = {name: before[name] for name in changed} | dict(event.before or {})
        event.after = {name: after[name] for name in changed} | dict(event.after or {})
        change.refresh_from_db()


_FIELDS = (
    *("status", "attempt", "window_start_at", "window_end_at", "deployed_at", "deployed_noted_at"),
    *("outside_window", "verified_person_id", "verified_evidence_id", "verified_case"),
    *("verified_at", "verified_by", "is_emergency", "justified_at", "external_approval", "outcome_note"),
    *("owner_id", "requested_by_id", "emergency_by_id", "authors"),
)


def told_of(change: Change) -> dict[str, Any]:
    """What the record is told of a change, by name."""
    return {name: getattr(change, name) for name in _FIELDS}


def become(change: Change, status: ChangeStatus) -> None:
    """Take the step in the change's life, unsaved; raises NotReady where it may not follow."""
    now = ChangeStatus(change.status)
    if not now.can_become(status):
        raise NotReady(f"a change that is {_word(now)} cannot become {_word(status)}")
    change.status = status


def store_gates(change: Change, actor: Actor, only: GateKind | None = None) -> tuple[LookedAt, ...]:
    """Write each gate's status (or that of one) as it stands now; returns all of them."""
    looked = judge_gates(change, now=actor.now)
    for each in looked:
        if only is not None and each.gate.kind != only:
            continue
        words = each.verdict.words[:500]
        if (each.gate.status, each.gate.finding) != (each.verdict.status, words):
            Gate.objects.filter(pk=each.gate.pk).update(status=each.verdict.status, finding=words)
    return looked


def gate_of(change: Change, kind: GateKind) -> Gate:
    """The change's gate of that kind; raises UsageError where the policy asks for none."""
    gate = Gate.objects.select_for_update(of=("self",)).filter(change=change, kind=kind).first()
    if gate is None:
        raise UsageError(f"the policy asks this change for no {_word(kind)}")
    return gate


def person_of(actor: Actor, *, what: str) -> int:
    """The person who acts; raises NotAllowed where nobody does."""
    if actor.person_id is None:
        raise NotAllowed(f"{what} is for people")
    return actor.person_id


def said(text: str, *, what: str) -> str:
    """The words, which must be there; raises UsageError."""
    clean = text.replace("\0", "").strip()
    if not clean:
        raise UsageError(f"{what}: say why, in a sentence")
    return clean[:4_000]


def _word(word: str) -> str:
    return word.replace("_", " ")
