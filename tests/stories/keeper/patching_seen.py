"""What people see of patches, the same by whichever face."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

FORENSICS = "Looked for traces of misuse first"
STAGING = "Tested in an earlier environment"
SOAK = "Soaked there long enough"
BACKUP = "Backup verified"
WAY_BACK = "A way back, and who takes it"
TOLD = "People told in time"
MIGRATION = "Migration of data rehearsed"
APPROVAL = "Approved"
GATES = {
    "forensic_triage": FORENSICS,
    "tested_in_staging": STAGING,
    "soak_over": SOAK,
    "backup_verified": BACKUP,
    "rollback_plan": WAY_BACK,
    "users_told": TOLD,
    "migration_rehearsed": MIGRATION,
    "approval": APPROVAL,
}
"""Gates as the API calls them, and as people read them."""


@dataclass(frozen=True)
class GateSeen:
    """Whether a gate holds, why or why not, and whether evidence stands behind it."""

    status: str
    words: str
    has_evidence: bool = False


@dataclass(frozen=True)
class ChangeSeen:
    """A change. `attempt` is which try it is, `note` what became of it, `verified` by what and in which words."""

    title: str
    status: str
    due_at: datetime | None
    begins_at: datetime | None
    attempt: int
    note: str
    learned_at: datetime | None
    deployed_at: datetime | None
    verified_at: datetime | None
    verified: str
    gates: Mapping[str, GateSeen] = field(default_factory=dict)

    @property
    def in_the_way(self) -> set[str]:
        """The gates that do not hold."""
        return {title for title, gate in self.gates.items() if gate.status not in ("met", "waived")}


@dataclass(frozen=True)
class PlanSeen:
    """A proposed plan: by whom, and the environments in which it found work a window."""

    number: int
    by: str
    places: frozenset[str]


@dataclass(frozen=True)
class VulnerabilitySeen:
    """A vulnerability that concerns a platform, and what its change has come to (`none yet` without one)."""

    advisory: str
    platform: str
    is_exploited: bool
    due_on: date | None
    change: str


@dataclass(frozen=True)
class Statement:
    """What is said at a gate: how one knows it, the result, who would go back, times, and the evidence by its title."""

    how: str
    result: str = ""
    owner: str = ""
    taken_at: datetime | None = None
    restore_tested_at: datetime | None = None
    told_at: datetime | None = None
    evidence: str = ""
