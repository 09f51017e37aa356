"""What the records tell of a change's gates, as the values `gate_checks` judges."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from passmuster.application.changes.gate_checks import Copy, Earlier, GateFacts, GateVerdict, Stated, check_gate
from passmuster.application.storage.newest import last_look
from passmuster.application.storage.storing import snapshot_folder
from passmuster.errors import PassmusterError
from passmuster.model.keeping import ChangeStatus, GateKind, GateStatus
from passmuster.pipeline.copies import read_backups
from passmuster.records.models import Change, Environment, Gate

_COPIED = frozenset({GateKind.BACKUP_VERIFIED, GateKind.CONFIGURATION_EXPORTED})


@dataclass(frozen=True)
class LookedAt:
    """A gate and what is true of it at this moment."""

    gate: Gate
    verdict: GateVerdict

    @property
    def is_met(self) -> bool:
        """Whether it stands in nobody's way."""
        return self.verdict.status in (GateStatus.MET, GateStatus.WAIVED)


def look_at_gates(change: Change, *, now: datetime) -> tuple[LookedAt, ...]:
    """Every gate of the change as it stands at `now`, in the order they are shown. Reads only."""
    order = list(GateKind)
    gates = sorted(
        change.gates.select_related("decided_by", "evidence"), key=lambda gate: order.index(GateKind(gate.kind))
    )
    stated = {GateKind(gate.kind): _stated(gate) for gate in gates}
    earlier = earlier_of(change)
    copies = _copies(change) if any(GateKind(gate.kind) in _COPIED for gate in gates) else ()
    facts = {
        GateKind(gate.kind): GateFacts(
            now=now,
            stated=stated[GateKind(gate.kind)],
            test=_passed(stated.get(GateKind.TESTED_IN_STAGING)),
            earlier=earlier,
            copies=copies,
            window_start_at=change.window_start_at,
            approvals=[each["by"] for each in gate.stated.get("approvals", ())],
            approved_elsewhere=change.external_approval,
        )
        for gate in gates
    }
    return tuple(LookedAt(gate, _verdict(gate, facts[GateKind(gate.kind)])) for gate in gates)


def _verdict(gate: Gate, facts: GateFacts) -> GateVerdict:
    verdict = check_gate(GateKind(gate.kind), gate.requirement, facts)
    if gate.status == GateStatus.WAIVED and verdict.status is not GateStatus.MET:
        return GateVerdict(GateStatus.WAIVED, f"passed over in an emergency; {verdict.words}")
    return verdict


def _stated(gate: Gate) -> Stated | None:
    if gate.decided_at is None or gate.decided_by is None:
        return None
    return Stated(gate.stated, gate.decided_at, gate.decided_by.name or gate.decided_by.email, bool(gate.evidence_id))


def _passed(stated: Stated | None) -> Stated | None:
    return stated if stated is not None and stated.facts.get("result") == "passed" else None


def earlier_of(change: Change) -> Earlier | None:
    """The same patch one environment earlier, or our test of what the vendor will change."""
    others = Change.objects.filter(platform_id=change.platform_id).exclude(status=ChangeStatus.CANCELLED)
    others = others.exclude(pk=change.pk).select_related("environment")
    if change.after_job:
        found = others.filter(job=change.after_job).first()
    elif change.by_vendor and ":vendor:" in change.patch:
        found = others.filter(patch=change.patch.replace(":vendor:", ":test:")).first()
    else:
        return None
    if found is None:
        return None
    name = found.environment.name if found.environment else found.title
    return Earlier(
        name,
        ChangeStatus(found.status),
        found.deployed_at,
        noted_at=found.deployed_noted_at,
        seen_at=seen_at(found),
        verified_by=found.verified_by,
    )


def seen_at(change: Change) -> datetime | None:
    """When a look showed that it is in place; None where a person or the vendor says so."""
    return change.verified_at if change.verified_by == "version" else None


def _copies(change: Change) -> tuple[Copy, ...]:
    look = last_look(change.platform)
    if look is None:
        return ()
    try:
        seen = read_backups(snapshot_folder(look))
    except (PassmusterError, OSError):
        # A look that cannot be read proves nothing; the gate stays open.
        return ()
    names = _names(change.environment)
    return tuple(
        Copy(
            taken_at=each.taken_at,
            source=f"seen as {each.id or each.kind} by the look of {look.started_at:%Y-%m-%d}",
            is_export=each.kind == "config_export",
            restored_at=each.restored_at,
            is_restore_ok=each.is_restore_ok,
        )
        for each in seen
        if not each.environment or each.environment in names
    )


def _names(environment: Environment | None) -> frozenset[str]:
    if environment is None:
        return frozenset()
    return frozenset(filter(None, (environment.name, environment.external_id)))


def open_gates(looked: Iterable[LookedAt]) -> list[LookedAt]:
    """Those that do not hold yet."""
    return [each for each in looked if not each.is_met]
