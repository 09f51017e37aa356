"""What every writer tells, worked out once: the order of findings, causes of unknowns, domains, first steps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from passmuster.model.drift import ControlChange, Drift
from passmuster.model.report import FailingControl, FleetLine, FleetReport
from passmuster.model.results import ControlResult, Evaluation
from passmuster.model.words import Outcome, Severity
from passmuster.report.text import counted


@dataclass(frozen=True)
class Fail:
    """A failing control. `severity` is the worst that no exception covers; all covered: `is_excepted`."""

    result: ControlResult
    severity: Severity
    is_excepted: bool


@dataclass(frozen=True)
class Cause:
    """Why some controls could not be judged. `unlocks` (all of them are needed) would let them be."""

    unlocks: tuple[str, ...]
    reasons: tuple[str, ...]
    results: tuple[ControlResult, ...]


@dataclass(frozen=True)
class DomainPosture:
    """How the controls of one domain ended."""

    name: str
    counts: Mapping[Outcome, int]

    @property
    def total(self) -> int:
        """All controls of the domain."""
        return sum(self.counts.values())


@dataclass(frozen=True)
class Step:
    """One thing to do first, and what it changes. One that mends a finding names its pack, control and severity."""

    text: str
    note: str
    pack: str = ""
    control: str = ""
    severity: Severity | None = None


@dataclass(frozen=True)
class Movement:
    """How verdicts moved since the base, by control, and how many rows of the snapshot differ."""

    worse: tuple[ControlChange, ...]
    better: tuple[ControlChange, ...]
    lost: tuple[ControlChange, ...]
    other: tuple[ControlChange, ...]
    rows_added: int
    rows_removed: int
    values_changed: int
    not_comparable: int


def fails(evaluation: Evaluation) -> tuple[Fail, ...]:
    """The failing controls, worst first; those wholly covered by exceptions last."""
    found = [_fail(result) for result in evaluation.results if result.outcome is Outcome.FAIL]
    return tuple(sorted(found, key=_by_weight))


def count_by_severity(found: Iterable[Fail]) -> dict[Severity, int]:
    """How many failing controls there are of each severity, worst first, without the excepted ones."""
    open_fails = [fail.severity for fail in found if not fail.is_excepted]
    return {severity: open_fails.count(severity) for severity in Severity if severity in open_fails}


def unknown_causes(evaluation: Evaluation) -> tuple[Cause, ...]:
    """Controls that could not be judged, grouped by what would unlock them, else by reason; the largest group first."""
    groups: dict[tuple[str, ...], list[ControlResult]] = {}
    for result in evaluation.results:
        if result.outcome in (Outcome.UNKNOWN, Outcome.ERROR):
            key = ("unlock", *result.unlocks) if result.unlocks else ("reason", result.outcome, result.reason)
            groups.setdefault(key, []).append(result)
    causes = [_cause(key, results) for key, results in groups.items()]
    return tuple(sorted(causes, key=lambda cause: (-len(cause.results), cause.results[0].severity.rank, cause.reasons)))


def domains(evaluation: Evaluation) -> tuple[DomainPosture, ...]:
    """How each domain stands, in the order of its first control."""
    groups: dict[str, list[Outcome]] = {}
    for result in evaluation.results:
        groups.setdefault(result.domain or "Other", []).append(result.outcome)
    return tuple(
        DomainPosture(name, {outcome: ended.count(outcome) for outcome in Outcome if outcome in ended})
        for name, ended in groups.items()
    )


def first_steps(evaluation: Evaluation, found: Sequence[Fail]) -> tuple[Step, ...]:
    """At most three things to do first: the worst findings, and what would answer most."""
    best = max(evaluation.unlocks, key=lambda unlock: len(unlock.controls), default=None)
    open_fails = [fail for fail in found if not fail.is_excepted]
    steps = [_mend(fail) for fail in open_fails[: 2 if best else 3]]
    if best:
        steps.append(Step(best.action.rstrip("."), f"answers {counted(len(best.controls), 'more control')}"))
    if len(steps) < 3 and (waiting := evaluation.count(Outcome.MANUAL)):
        steps.append(Step("Decide or attest what only a person can judge", counted(waiting, "control")))
    return tuple(steps)


def movement(drift: Drift) -> Movement:
    """The drift in numbers, with the controls sorted by which way they moved."""
    ways: dict[str, list[ControlChange]] = {"worse": [], "better": [], "lost": [], "other": []}
    for change in drift.controls:
        ways[_way(change)].append(change)
    return Movement(
        tuple(ways["worse"]),
        tuple(ways["better"]),
        tuple(ways["lost"]),
        tuple(ways["other"]),
        sum(len(table.added) for table in drift.tables),
        sum(len(table.removed) for table in drift.tables),
        sum(len(table.changed) for table in drift.tables),
        sum(bool(table.not_comparable) for table in drift.tables),
    )


def headline(evaluation: Evaluation, found: Sequence[Fail]) -> str:
    """One sentence: how much could be answered and how it ended."""
    failing = sum(count_by_severity(found).values())
    told = f"Answered {evaluation.answered} of {evaluation.applicable} controls that apply"
    if not failing:
        return f"{told}; none of them fails." if not found else f"{told}; all that fail are covered by exceptions."
    worst = ", ".join(f"{number} {severity}" for severity, number in count_by_severity(found).items())
    return f"{told}; {failing} {'fails' if failing == 1 else 'fail'} ({worst})."


def fleet_line(evaluation: Evaluation, *, href: str = "") -> FleetLine:
    """One platform of a fleet, without its resources, so that a large fleet fits in memory."""
    snapshot = evaluation.snapshot
    failing = tuple(
        FailingControl(f.result.pack, f.result.control, f.result.title, f.severity, f.result.violation_count)
        for f in fails(evaluation)
        if not f.is_excepted
    )
    return FleetLine(
        name=snapshot.name or snapshot.platform_id,
        product=snapshot.product,
        snapshot_id=snapshot.id,
        taken_at=snapshot.taken_at,
        answered=evaluation.answered,
        applicable=evaluation.applicable,
        counts={outcome: evaluation.count(outcome) for outcome in Outcome},
        failing=failing,
        href=href,
    )


def worst_lines_first(fleet: FleetReport) -> tuple[FleetLine, ...]:
    """The platforms that could not be reviewed, then the others, worst first."""
    return tuple(sorted(fleet.lines, key=_line_weight))


@dataclass(frozen=True)
class SharedFail:
    """One control and the platforms it fails on; `severity` is the worst of them."""

    pack: str
    control: str
    title: str
    severity: Severity
    platforms: tuple[str, ...]
    violation_count: int


def shared_fails(fleet: FleetReport) -> tuple[SharedFail, ...]:
    """Each failing control once, worst first, then by the number of platforms."""
    groups: dict[tuple[str, str], list[tuple[FailingControl, str]]] = {}
    for line in fleet.lines:
        for control in line.failing:
            groups.setdefault((control.pack, control.control), []).append((control, line.name))
    shared = [_shared(group) for group in groups.values()]
    return tuple(sorted(shared, key=lambda fail: (fail.severity.rank, -len(fail.platforms), fail.control)))


def _fail(result: ControlResult) -> Fail:
    open_severities = {violation.severity for violation in result.violations if violation.excepted_until is None}
    worst = min(open_severities, key=lambda severity: severity.rank, default=None)
    return Fail(result, worst or result.severity, is_excepted=worst is None and len(result.violations) > 0)


def _by_weight(fail: Fail) -> tuple[bool, int, int, str]:
    return fail.is_excepted, fail.severity.rank, -fail.result.violation_count, fail.result.control


def _cause(key: Sequence[str], results: list[ControlResult]) -> Cause:
    reasons = tuple(dict.fromkeys(result.reason or "no reason was given" for result in results))
    ordered = tuple(sorted(results, key=lambda result: (result.severity.rank, result.control)))
    return Cause(tuple(key[1:]) if key[0] == "unlock" else (), reasons, ordered)


def _mend(fail: Fail) -> Step:
    result = fail.result
    verb = "breaks" if result.violation_count == 1 else "break"
    note = f"{counted(result.violation_count, 'resource')} {verb} it"
    return Step(result.title, note, result.pack, result.control, fail.severity)


def _way(change: ControlChange) -> str:
    before, after = change.before, change.after
    if after == Outcome.FAIL and (before != Outcome.FAIL or change.new_fingerprints):
        return "worse"
    if after == Outcome.PASS or (before == after == Outcome.FAIL and change.gone_fingerprints):
        return "better"
    if after in (Outcome.UNKNOWN, Outcome.ERROR) and before in (Outcome.PASS, Outcome.FAIL):
        return "lost"
    return "other"


def _line_weight(line: FleetLine) -> tuple[bool, int, int, str]:
    worst = line.worst.rank if line.worst else len(Severity)
    return not line.problem, worst, -sum(control.severity is line.worst for control in line.failing), line.name


def _shared(group: list[tuple[FailingControl, str]]) -> SharedFail:
    first = group[0][0]
    severity = min((control.severity for control, _ in group), key=lambda severity: severity.rank)
    many = sum(control.violation_count for control, _ in group)
    return SharedFail(first.pack, first.control, first.title, severity, tuple(sorted(name for _, name in group)), many)
