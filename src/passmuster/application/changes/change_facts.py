"""What the records tell of a change's gates, as the values `gate_checks` judges."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from passmuster.application.changes.gate_checks import Copy, Earlier, GateFacts, GateVerdict, Stated, check_gate
from passmuster.application.storage.newest import last_look
from passmuster.application.storage.storing import snapshot_folder
from passmuster.errors import PassmusterError
from passmuster.model.keeping import ChangeStatus, GateKind, GateStatus, Stage
from passmuster.pipeline.copies import read_backups
from passmuster.records.models import Change, Environment, Gate, Person

BEFORE = (ChangeStatus.PLANNED, ChangeStatus.APPROVED)
_SAID = 200
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
    """Every gate of the change, in the order they are shown: as it stands at `now`, or, of a change that was carried
    out or given up, as it stood then. Reads only.
    """
    if change.status in BEFORE:
        return judge_gates(change, now=now)
    return tuple(LookedAt(gate, _kept(gate)) for gate in _gates(change))


def _gates(change: Change) -> list[Gate]:
    order = list(GateKind)
    found = change.gates.select_related("decided_by", "evidence")
    return sorted(found, key=lambda gate: order.index(GateKind(gate.kind)))


def _kept(gate: Gate) -> GateVerdict:
    """What was written down of the gate when it was last judged."""
    return GateVerdict(GateStatus(gate.status), gate.finding or "nobody looked at it in this try")


def judge_gates(change: Change, *, now: datetime) -> tuple[LookedAt, ...]:
    """Every gate as its condition stands at `now`, whatever became of the change. Reads only."""
    gates = _gates(change)
    needs_proof = change.after_job == "" and _could_be_tried(change)
    stated = {GateKind(gate.kind): _stated(gate) for gate in gates}
    earlier = earlier_of(change)
    names = _people_named(gates)
    copies = _copies(change) if any(GateKind(gate.kind) in _COPIED for gate in gates) else ()
    facts = {
        GateKind(gate.kind): GateFacts(
            now=now,
            stated=stated[GateKind(gate.kind)],
            test=_passed(stated.get(GateKind.TESTED_IN_STAGING), needs_proof=needs_proof),
            needs_proof=needs_proof,
            earlier=earlier,
            copies=copies,
            window_start_at=change.window_start_at,
            approvals=_approvers(gate),
            approved_elsewhere=change.external_approval,
            names=names,
        )
        for gate in gates
    }
    return tuple(LookedAt(gate, _verdict(gate, facts[GateKind(gate.kind)])) for gate in gates)


def _approvers(gate: Gate) -> list[str]:
    return [each["by"] for each in gate.stated.get("approvals", ())]


def _people_named(gates: Iterable[Gate]) -> Mapping[str, str]:
    """What those are called whose addresses the gates hold: who approved, and who would go back."""
    addresses = {address for gate in gates for address in (*_approvers(gate), gate.stated.get("owner")) if address}
    return dict(Person.objects.filter(email__in=addresses).values_list("email", "name")) if addresses else {}


def _verdict(gate: Gate, facts: GateFacts) -> GateVerdict:
    verdict = check_gate(GateKind(gate.kind), gate.requirement, facts)
    if gate.status == GateStatus.WAIVED and verdict.status is not GateStatus.MET:
        return GateVerdict(GateStatus.WAIVED, f"passed over in an emergency; {verdict.words}")
    return verdict


def _stated(gate: Gate) -> Stated | None:
    if gate.decided_at is None or gate.decided_by is None:
        return None
    return Stated(gate.stated, gate.decided_at, gate.decided_by.name or gate.decided_by.email, bool(gate.evidence_id))


def _passed(stated: Stated | None, *, needs_proof: bool) -> Stated | None:
    if stated is None or stated.facts.get("result") != "passed":
        return None
    return stated if stated.has_evidence or not needs_proof else None


def _could_be_tried(change: Change) -> bool:
    """Whether the platform has an environment where the patch could run first."""
    return change.platform.environments.filter(stage__in=(Stage.STAGING, Stage.TEST)).exists()


def earlier_of(change: Change) -> Earlier | None:
    """The same patch one environment earlier, or our test of what the vendor will change.

    What the plan lets run first and was cancelled is still what was to run first.
    """
    others = Change.objects.filter(platform_id=change.platform_id).exclude(pk=change.pk)
    others = others.select_related("environment", "verified_person")
    kept = others.exclude(status=ChangeStatus.CANCELLED)
    if change.after_job:
        same = Q(job=change.after_job)
        found = kept.filter(same).first() or others.filter(same).order_by("-pk").first()
        if found is None:
            return Earlier(change.after_job.rpartition("/")[2], ChangeStatus.CANCELLED)
    elif change.by_vendor and ":vendor:" in change.patch:
        found = kept.filter(patch=change.patch.replace(":vendor:", ":test:")).first()
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
        verified_told=verified_told(found),
    )


def verified_told(change: Change) -> str:
    """By whom it was verified, what was said, and what that rests on; empty where it was not."""
    if change.status != ChangeStatus.VERIFIED:
        return ""
    who = f"says {change.verified_person}" if change.verified_person else ""
    words = f"{change.verified_note[:_SAID]}{'…' if len(change.verified_note) > _SAID else ''}"
    proof = f"evidence {change.verified_evidence_id}" if change.verified_evidence_id else ""
    case = f"case {change.verified_case}" if change.verified_case else ""
    return ", ".join(filter(None, (": ".join(filter(None, (who, words))), proof, case)))


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
