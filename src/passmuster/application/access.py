"""Who may do what: the one table. Pages, the API, commands and workers all ask here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from passmuster.errors import PassmusterError
from passmuster.model.keeping import DutyRole as Role


class NotAllowed(PassmusterError):
    """The person may not do this."""


class LacksRight(NotAllowed):
    """No duty of theirs gives the right to `action`, or their token does not, on `platform` (None: on no one)."""

    def __init__(self, words: str, action: Action, platform: int | None) -> None:
        super().__init__(words)
        self.action, self.platform = action, platform


class Action(StrEnum):
    """Everything that can be done; the words stand in the record and in API scopes."""

    VIEW = "view"
    ANSWER_VENDOR_REQUEST = "answer_vendor_request"
    ASK_VENDOR = "ask_vendor"
    READ_PEOPLE = "read_people"
    MANAGE_PEOPLE = "manage_people"
    MANAGE_PROGRAMME = "manage_programme"
    MANAGE_PLATFORM = "manage_platform"
    COLLECT = "collect"
    APPROVE_BASELINE = "approve_baseline"
    OPEN_REVIEW = "open_review"
    WORK_REVIEW = "work_review"
    SIGN_REVIEW = "sign_review"
    SEAL_REVIEW = "seal_review"
    WORK_FINDING = "work_finding"
    REQUEST_DEVIATION = "request_deviation"
    DECIDE_DEVIATION = "decide_deviation"
    ADOPT_PLAN = "adopt_plan"
    WORK_CHANGE = "work_change"
    APPROVE_CHANGE = "approve_change"
    USE_EMERGENCY_PATH = "use_emergency_path"
    ADD_EVIDENCE = "add_evidence"
    READ_EVIDENCE = "read_evidence"
    GIVE_OPINION = "give_opinion"
    READ_RECORD = "read_record"
    EXPORT_RECORD = "export_record"
    MANAGE_OWN_ACCOUNT = "manage_own_account"


_EVERYONE = frozenset(Role)
_INSIDE = _EVERYONE - {Role.VENDOR_CONTACT}
_WORKERS = frozenset({Role.PLATFORM_OWNER, Role.REVIEWER, Role.REMEDIATION_OWNER})

TABLE: Mapping[Action, frozenset[Role]] = {
    Action.VIEW: _INSIDE,
    Action.ANSWER_VENDOR_REQUEST: frozenset({Role.VENDOR_CONTACT}),
    Action.ASK_VENDOR: _WORKERS | {Role.LEGAL},
    Action.READ_PEOPLE: frozenset({Role.ADMINISTRATOR, Role.AUDITOR, Role.SPONSOR}),
    Action.MANAGE_PEOPLE: frozenset({Role.ADMINISTRATOR}),
    Action.MANAGE_PROGRAMME: frozenset({Role.ADMINISTRATOR, Role.SPONSOR}),
    Action.MANAGE_PLATFORM: frozenset({Role.ADMINISTRATOR, Role.PLATFORM_OWNER}),
    Action.COLLECT: frozenset({Role.ADMINISTRATOR, Role.PLATFORM_OWNER, Role.REVIEWER}),
    Action.APPROVE_BASELINE: frozenset({Role.APPROVER}),
    Action.OPEN_REVIEW: frozenset({Role.PLATFORM_OWNER, Role.REVIEWER, Role.SPONSOR}),
    Action.WORK_REVIEW: _WORKERS | {Role.LEGAL},
    Action.SIGN_REVIEW: frozenset({Role.PLATFORM_OWNER, Role.APPROVER, Role.SPONSOR, Role.LEGAL}),
    Action.SEAL_REVIEW: frozenset({Role.APPROVER, Role.SPONSOR}),
    Action.WORK_FINDING: _WORKERS,
    Action.REQUEST_DEVIATION: _WORKERS,
    Action.DECIDE_DEVIATION: frozenset({Role.APPROVER}),
    Action.ADOPT_PLAN: frozenset({Role.PLATFORM_OWNER, Role.APPROVER}),
    Action.WORK_CHANGE: frozenset({Role.PLATFORM_OWNER, Role.REMEDIATION_OWNER}),
    Action.APPROVE_CHANGE: frozenset({Role.APPROVER}),
    Action.USE_EMERGENCY_PATH: frozenset({Role.PLATFORM_OWNER}),
    Action.ADD_EVIDENCE: _WORKERS | {Role.LEGAL, Role.APPROVER},
    Action.READ_EVIDENCE: _INSIDE,
    Action.GIVE_OPINION: frozenset({Role.LEGAL}),
    Action.READ_RECORD: frozenset({Role.AUDITOR, Role.SPONSOR, Role.ADMINISTRATOR, Role.APPROVER}),
    Action.EXPORT_RECORD: frozenset({Role.AUDITOR, Role.ADMINISTRATOR}),
    Action.MANAGE_OWN_ACCOUNT: _EVERYONE,
}


@dataclass(frozen=True)
class Actor:
    """Who acts, by which way (`page`, `api`, `command`, `worker`), and when.

    `duties` are pairs of a role and a platform's key (None: everywhere). `scopes` limits what a token may do. The
    keeper itself acts as a worker without a person; it may do what a schedule asks for, and decides nothing. `held` is
    the work (its id and token) for which it acts: it may write as long as nobody took that over. `token_id` is the key
    of the API token they act by.
    """

    name: str
    by: str
    now: datetime
    person_id: int | None = None
    vendor_id: int | None = None
    duties: frozenset[tuple[Role, int | None]] = frozenset()
    scopes: frozenset[Action] | None = field(default=None)
    held: tuple[int, str] | None = None
    token_id: int | None = None

    @property
    def is_keeper(self) -> bool:
        """Whether nobody but the schedule acts."""
        return self.person_id is None and self.by == "worker"

    @property
    def counting(self) -> frozenset[tuple[Role, int | None]]:
        """The duties that count: an auditor reads all and changes nothing, and a guest stays one, whatever else."""
        for role in (Role.VENDOR_CONTACT, Role.AUDITOR):
            if any(held is role for held, _ in self.duties):
                return frozenset(duty for duty in self.duties if duty[0] is role)
        return self.duties


# What the schedule does by itself. Deciding, signing and approving are for people.
KEEPER_MAY = frozenset(
    {
        *(Action.VIEW, Action.COLLECT, Action.OPEN_REVIEW, Action.WORK_REVIEW, Action.WORK_FINDING, Action.WORK_CHANGE),
        # The checkpoints over the record, signed and sent elsewhere.
        Action.EXPORT_RECORD,
    }
)


def may(actor: Actor, action: Action, platform: int | None = None) -> bool:
    """Whether the actor may do it, on that platform (None: on something that belongs to no platform)."""
    if actor.scopes is not None and action not in actor.scopes:
        return False
    if actor.is_keeper:
        return action in KEEPER_MAY
    roles = TABLE[action]
    if action is Action.MANAGE_OWN_ACCOUNT:
        return actor.person_id is not None
    return any(
        role in roles and (where is None or (platform is not None and where == platform))
        for role, where in actor.counting
    )


def may_anywhere(actor: Actor, action: Action) -> bool:
    """Whether the actor may do it on at least one platform: whether to show the way there at all."""
    if actor.scopes is not None and action not in actor.scopes:
        return False
    return may(actor, action) or any(role in TABLE[action] for role, _ in actor.counting)


def platforms_for(actor: Actor, action: Action) -> frozenset[int] | None:
    """The platforms on which the actor may do it; None stands for all of them."""
    if actor.scopes is not None and action not in actor.scopes:
        return frozenset()
    if may(actor, action):
        return None
    return frozenset(where for role, where in actor.counting if where is not None and role in TABLE[action])


def require(actor: Actor, action: Action, platform: int | None = None) -> None:
    """Raise LacksRight, in words, where the actor may not."""
    if not may(actor, action, platform):
        who = " or ".join(sorted(role.replace("_", " ") for role in TABLE[action]))
        ask = f"ask {'an' if who[0] in 'aeiou' else 'a'} {who}"
        raise LacksRight(f"{actor.name} may not {action.replace('_', ' ')} here; {ask}", action, platform)


def require_another(actor: Actor, *, author_id: int | None, what: str) -> None:
    """Raise NotAllowed where somebody would decide what they asked for themselves."""
    if actor.person_id is None or actor.person_id == author_id:
        raise NotAllowed(f"nobody decides on their own {what}; ask another approver")


def access_rows() -> list[tuple[Action, list[bool]]]:
    """The table as people read it: a row an action, a cell a role in the order of `DutyRole`."""
    return [(action, [role in roles for role in Role]) for action, roles in TABLE.items()]
