"""Who is told after how many hours late: a platform's own steps, else the house's, else those that ship."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from passmuster.application.policies.reading import read_policy
from passmuster.application.storage.storing import home
from passmuster.model.keeping import DutyRole
from passmuster.records.models import EscalationStep


@dataclass(frozen=True)
class Step:
    """Whoever has this role is told after so many hours."""

    after_hours: int
    role: DutyRole


@dataclass(frozen=True)
class Escalation:
    """All steps as they hold, soonest first: by platform (its key) for those that have their own, and for all others.

    `is_default` says that nobody set those for all, and that those of the policy hold.
    """

    own: dict[int, tuple[Step, ...]]
    usual: tuple[Step, ...]
    is_default: bool

    def of(self, platform: int | None) -> tuple[Step, ...]:
        """The steps that hold on a platform (by its key), or where something is of none."""
        return self.own.get(platform, self.usual) if platform is not None else self.usual


def escalation() -> Escalation:
    """The steps as they hold now; raises UnreadableInput where the house's policy has mistakes."""
    own: dict[int | None, tuple[Step, ...]] = {}
    for each in EscalationStep.objects.order_by("after_hours", "role"):
        own[each.platform_id] = (*own.get(each.platform_id, ()), Step(each.after_hours, DutyRole(each.role)))
    usual = own.pop(None, ())
    named = {platform: steps for platform, steps in own.items() if platform is not None}
    return Escalation(named, usual or read_escalation_policy(home()), is_default=not usual)


def read_escalation_policy(folder: Path) -> tuple[Step, ...]:
    """The steps of the house's policy (`policies/escalation.yaml` in its folder), or those that ship.

    Raises UnreadableInput with every mistake.
    """
    document, _ = read_policy("escalation.yaml", "escalation-policy", folder)
    steps = (Step(step["after_hours"], DutyRole(step["role"])) for step in document["steps"])
    return tuple(sorted(steps, key=lambda step: (step.after_hours, step.role)))
