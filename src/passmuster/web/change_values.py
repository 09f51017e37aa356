"""What the pages of changes show: one value a gate and one a change, in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime

from django.db.models import QuerySet

from passmuster.application.access import Action, Actor, may, platforms_for
from passmuster.application.changes.affected_apps import NONE
from passmuster.application.changes.approving import has_role, is_unjustified
from passmuster.application.changes.authorship import may_decide
from passmuster.application.changes.change_facts import LookedAt
from passmuster.application.changes.change_moments import Moment, window_is_over
from passmuster.application.changes.gate_policy import anyone_enters
from passmuster.application.changes.gate_statements import NOT_STATED, RESULTS, TIMES, WORDS, may_be_left_out
from passmuster.application.changes.missed_windows import has_missed_window
from passmuster.model.keeping import ChangeStatus, GateKind
from passmuster.records.models import Change, Plan

FINISHED = (ChangeStatus.VERIFIED, ChangeStatus.CANCELLED)
UNFINISHED = "unfinished"
"""As a state to narrow a list to: all others."""
_BEFORE = (ChangeStatus.PLANNED, ChangeStatus.APPROVED)
GATE_TITLES = {
    GateKind.TESTED_IN_STAGING: "Tested in an earlier environment",
    GateKind.SOAK_OVER: "Soaked there long enough",
    GateKind.BACKUP_VERIFIED: "Backup verified",
    GateKind.ROLLBACK_PLAN: "A way back, and who takes it",
    GateKind.USERS_TOLD: "People told in time",
    GateKind.MIGRATION_REHEARSED: "Migration of data rehearsed",
    GateKind.FORENSIC_TRIAGE: "Looked for traces of misuse first",
    GateKind.APPROVAL: "Approved",
    GateKind.TESTED_IN_PREVIEW: "Tried in the vendor's preview",
    GateKind.APPS_NAMED: "Affected apps named, owners told",
    GateKind.CONFIGURATION_EXPORTED: "Configuration exported",
    GateKind.DEFERRAL_KNOWN: "Known how to defer or switch off",
    GateKind.CASE_OPEN: "Case open with the vendor",
}
_TONES = {
    "met": "good",
    "open": "wait",
    "waived": "wait",
    "failed": "bad",
    "planned": "wait",
    "approved": "good",
    "deployed": "wait",
    "verified": "good",
    "rolled_back": "bad",
    "regressed": "bad",
}
_FIELD_WORDS = {
    "taken_at": "Taken at (UTC)",
    "restore_tested_at": "Last restore that worked, at (UTC)",
    "told_at": "Told at (UTC)",
    "owner": "Who would carry it out",
    "case": "Number of the case",
}
_VERIFIED = {
    "version": "by version: a look shows it",
    "behaviour_test": "by a test of how it behaves",
    "vendor_statement": "by the vendor's statement alone",
}


@dataclass(frozen=True)
class Choice:
    """One value of a list, and how people read it."""

    value: str
    label: str
    is_optional: bool = False


@dataclass(frozen=True)
class GateShown:
    """A gate with its verdict and the form to state it."""

    kind: str
    title: str
    status: str
    tone: str
    words: str
    note: str
    by: str
    at: datetime | None
    evidence_id: int | None
    results: tuple[Choice, ...]
    times: tuple[Choice, ...]
    texts: tuple[Choice, ...]
    asks_apps: bool
    has_apps: bool
    is_stated_by_hand: bool


@dataclass(frozen=True)
class Allowed:
    """Which steps are open to the person who looks."""

    work: bool
    approve: bool
    refuse: bool
    emergency: bool
    justify: bool
    external: bool
    request: bool
    deploy: bool
    verify: bool
    go_wrong: bool
    take_back: bool
    replan: bool
    cancel: bool
    name_owner: bool

    @property
    def any(self) -> bool:
        """Whether there is a step at all, beside what is stated for single gates."""
        return any(getattr(self, each.name) for each in fields(self) if each.name != "work")


def visible_changes(actor: Actor) -> QuerySet[Change]:
    """The changes the person may see."""
    found = Change.objects.select_related("platform", "environment", "owner")
    where = platforms_for(actor, Action.VIEW)
    return found if where is None else found.filter(platform__in=where)


def may_see_plan(actor: Actor, plan: Plan) -> bool:
    """Whether the person may see all that the plan names."""
    where = platforms_for(actor, Action.VIEW)
    return where is None or (bool(plan.platforms) and set(plan.platforms) <= where)


def late_ones(found: QuerySet[Change], now: datetime) -> QuerySet[Change]:
    """Those that are past their date and not done: deployed is not done."""
    return found.exclude(status__in=FINISHED).filter(due_at__lt=now)


def is_late(change: Change, now: datetime) -> bool:
    """The same of one."""
    return change.status not in FINISHED and change.due_at is not None and change.due_at < now


def state_of(change: Change, now: datetime) -> tuple[str, str]:
    """The state of a change as people read it, and its colour: planned no more once its window has passed."""
    if has_missed_window(change, now):
        return "window missed", "bad"
    return words(change.status), tone(change.status)


def words(word: str) -> str:
    """`rolled_back` as people read it."""
    return word.replace("_", " ")


def tone(word: str) -> str:
    """The colour of a state: good, bad, wait or plain."""
    return _TONES.get(word, "bad" if word == "failed" else "plain")


def verified_words(change: Change) -> str:
    """How it was verified, as what it is."""
    return _VERIFIED.get(change.verified_by, "")


def gates_shown(looked: Iterable[LookedAt]) -> list[GateShown]:
    """Each gate as the page shows it."""
    return [_gate(each) for each in looked]


def _gate(looked: LookedAt) -> GateShown:
    gate, kind = looked.gate, GateKind(looked.gate.kind)
    status = looked.verdict.status.value
    return GateShown(
        kind=kind.value,
        title=GATE_TITLES[kind],
        status=words(status),
        tone=tone(status),
        words=looked.verdict.words,
        note=gate.note,
        by=str(gate.decided_by) if gate.decided_by else "",
        at=gate.decided_at,
        evidence_id=gate.evidence_id,
        results=tuple(Choice(each, words(each)) for each in RESULTS.get(kind, ())),
        times=tuple(Choice(each, _FIELD_WORDS[each], may_be_left_out(kind, each)) for each in TIMES.get(kind, ())),
        texts=tuple(Choice(each, _FIELD_WORDS[each]) for each in WORDS.get(kind, ())),
        asks_apps=kind is GateKind.APPS_NAMED,
        has_apps=bool(set(map(str, gate.stated.get("apps", ()))) - {NONE}),
        is_stated_by_hand=kind not in NOT_STATED,
    )


def allowed(actor: Actor, change: Change, looked: Iterable[LookedAt], when: Moment | None) -> Allowed:
    """Which steps the person may take now; the use cases check again. `when`: whether it may be carried out now."""
    platform, status = change.platform_id, ChangeStatus(change.status)
    work, approve = (may(actor, action, platform) for action in (Action.WORK_CHANGE, Action.APPROVE_CHANGE))
    gates = list(looked)
    approval = next((each.gate for each in gates if each.gate.kind == GateKind.APPROVAL), None)
    asks = approval is not None and status is ChangeStatus.PLANNED
    is_to_come = not window_is_over(change, actor.now)
    requirement = approval.requirement if approval else {}
    is_other = may_decide(actor, change)
    decides = approve and is_other and has_role(actor, change, requirement)
    return Allowed(
        work=work and (status in _BEFORE or change.by_vendor),
        approve=decides and asks and is_to_come,
        refuse=approve and is_other and approval is not None and status in _BEFORE,
        emergency=may(actor, Action.USE_EMERGENCY_PATH, platform)
        and status in _BEFORE
        and not change.by_vendor
        and not is_unjustified(change)
        and (any(not each.is_met for each in gates) or (when is not None and not when.is_open)),
        justify=decides and is_unjustified(change),
        external=asks
        and is_to_come
        and bool(requirement.get("approved_elsewhere"))
        and (decides or (work and is_other and anyone_enters(requirement))),
        request=work and asks,
        deploy=work and status in _BEFORE,
        verify=work and status is ChangeStatus.DEPLOYED,
        go_wrong=work and status in (ChangeStatus.APPROVED, ChangeStatus.DEPLOYED),
        take_back=work and status.can_become(ChangeStatus.ROLLED_BACK),
        replan=work and status in (ChangeStatus.FAILED, ChangeStatus.ROLLED_BACK, ChangeStatus.REGRESSED),
        cancel=work and status.can_become(ChangeStatus.CANCELLED),
        name_owner=work and status not in FINISHED,
    )


def why_not_approve(actor: Actor, change: Change, looked: Iterable[LookedAt]) -> str:
    """What keeps an approver from approving what waits for it; empty where nothing does, or it is not theirs."""
    gate = next((each.gate for each in looked if each.gate.kind == GateKind.APPROVAL), None)
    is_asked = gate is not None and change.status == ChangeStatus.PLANNED
    if gate is None or not is_asked or not may(actor, Action.APPROVE_CHANGE, change.platform_id):
        return ""
    if not may_decide(actor, change):
        return "you asked for this, planned it or carry it out, so another approver decides."
    if not has_role(actor, change, gate.requirement):
        return "the policy of this tier asks for somebody with another duty."
    return "its window has passed; it needs another one first." if window_is_over(change, actor.now) else ""
