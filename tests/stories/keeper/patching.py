"""What people do with patches, by the pages and by the API the same."""

from __future__ import annotations

from typing import Protocol

from tests.stories.keeper.faces import Face
from tests.stories.keeper.patching_calls import PatchingCalls
from tests.stories.keeper.patching_pages import PatchingPages
from tests.stories.keeper.patching_seen import ChangeSeen, PlanSeen, Statement, VulnerabilitySeen

__all__ = ["PatchingCalls", "PatchingFace", "PatchingPages"]


class PatchingFace(Face, Protocol):
    """Changes are named by their environment: a story has one patch at a time."""

    def make_plan(self) -> None:
        """Ask for it; a worker makes it."""

    def proposed_plan(self) -> PlanSeen | None:
        """The newest plan that was proposed since one was adopted."""

    def adopt_plan(self, plan: PlanSeen) -> None: ...

    def changes(self) -> dict[str, str]:
        """All changes: what has become of them, by environment."""

    def change(self, where: str) -> ChangeSeen: ...

    def state_gate(self, where: str, gate: str, said: Statement) -> None: ...

    def take_step(self, where: str, step: str, why: str) -> None:
        """Ask for approval, Approve, Deployed, Failed, Rolled back, Plan again."""

    def verify_by_test(self, where: str, what: str) -> None: ...

    def vulnerabilities(self) -> list[VulnerabilitySeen]: ...

    def days_to_patch(self, platform: str) -> float | None:
        """From learning of a vulnerability to a verified patch in production, half of all took at most that."""
