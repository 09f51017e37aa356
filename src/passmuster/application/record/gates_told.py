"""What the record tells of the gates of changes: what was stated at each, by whom, when, on which evidence. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from passmuster.application.changes.adopted_changes import AGAIN, EACH
from passmuster.model.keeping import GateKind
from passmuster.records.models import AuditEvent

Key = tuple[str, str]
"""The number of a change, and the kind of the gate."""
ADOPTED = "adopt_plan"
_MOST = 4_000


@dataclass(frozen=True)
class Told:
    """One gate as its events leave it; without a statement it is open. `note` None: no event tells the words.

    `approvals` are mail addresses and instants. `may_be_open`: a plan was adopted since, of which an event of an
    earlier version does not tell what it opened again.
    """

    stated: Mapping[str, Any] = field(default_factory=dict)
    approvals: tuple[tuple[str, datetime], ...] = ()
    evidence: int | None = None
    note: str | None = ""
    by: str = ""
    at: datetime | None = None
    number: int = 0
    platform: str = ""
    may_be_open: bool = False

    @property
    def is_open(self) -> bool:
        """Whether nothing is stated there."""
        return self.at is None and not self.approvals and not self.stated


Gates = dict[Key, Told]


def gates_told(events: Iterable[AuditEvent]) -> Gates:
    """Every gate at which something was stated, by these events of changes and plans in their order."""
    found: Gates = {}
    for event in events:
        if event.action == ADOPTED:
            _doubt(found, event)
            continue
        if step := _STEPS.get(event.action):
            step(found, event)
        if taken := (event.after or {}).get("approvals_taken_back"):
            _take_back(found, event, taken)
    return found


def _doubt(found: Gates, event: AuditEvent) -> None:
    if EACH not in (event.after or {}):
        found.update(
            {key: replace(told, may_be_open=True) for key, told in found.items() if told.platform == event.platform}
        )


def _state(found: Gates, event: AuditEvent) -> None:
    after = event.after or {}
    found[event.subject_id, str(after["gate"])] = _said(event, Told(after["stated"], evidence=after["evidence"]))


def _approve(found: Gates, event: AuditEvent) -> None:
    key = (event.subject_id, GateKind.APPROVAL.value)
    when = {**dict(found.get(key, Told()).approvals), event.actor: event.at}
    names = [str(each) for each in (event.after or {})["approvals"]]
    found[key] = _said(event, Told(approvals=tuple((name, when[name]) for name in names if name in when)))


def _refuse(found: Gates, event: AuditEvent) -> None:
    found[event.subject_id, GateKind.APPROVAL.value] = _said(event, Told({"result": "refused"}))


def _enter_number(found: Gates, event: AuditEvent) -> None:
    key = (event.subject_id, GateKind.APPROVAL.value)
    said = _said(event, found.get(key, Told()))
    # Without words of their own the number stands for them.
    found[key] = said if said.note else replace(said, note=None)


def _open_all(found: Gates, event: AuditEvent) -> None:
    for kind in GateKind:
        found.pop((event.subject_id, kind.value), None)


def _take_back(found: Gates, event: AuditEvent, taken: Iterable[str]) -> None:
    key = (event.subject_id, GateKind.APPROVAL.value)
    if (told := found.get(key)) is not None:
        left = tuple(each for each in told.approvals if each[0] not in set(taken))
        found[key] = Told(approvals=left, number=event.number, platform=event.platform, may_be_open=told.may_be_open)


def _said(event: AuditEvent, told: Told) -> Told:
    return replace(
        told,
        note=event.why.strip()[:_MOST],
        by=event.actor,
        at=event.at,
        number=event.number,
        platform=event.platform,
        may_be_open=False,
    )


_STEPS: Mapping[str, Callable[[Gates, AuditEvent], None]] = {
    "record_gate": _state,
    "approve_change": _approve,
    "refuse_change": _refuse,
    "record_external_approval": _enter_number,
    AGAIN: _open_all,
}
