"""From what was looked up to a verdict. Pure: no database, no clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import pyarrow as pa

from passmuster.evaluate.looking import ROWS, Looked, rows_of
from passmuster.evaluate.statements import Stated
from passmuster.model.control import Control, Look, SettingLook, SqlLook
from passmuster.model.words import CollectionStatus, Outcome
from passmuster.snapshot.load import LoadedTable


@dataclass(frozen=True)
class Verdict:
    """The outcome of a control or of one of its looks, with the reason a person reads."""

    outcome: Outcome
    reason: str
    population: int = 0
    violations: pa.Table = field(default_factory=ROWS.empty_table)
    unknown: int = 0
    unlocks: tuple[str, ...] = ()
    is_absent: bool = field(default=False)
    """Not applicable only because the feature is not licensed; another look may still answer."""


def applicability(control: Control, *, product: str, hosting: str | None) -> Verdict | None:
    """Why the control does not apply to this platform, or cannot be known to; None where it applies."""
    if control.platforms and product not in control.platforms:
        return Verdict(Outcome.NOT_APPLICABLE, f"does not apply to {product.replace('_', ' ')}")
    if control.hosting == "any" or hosting in ("hybrid", control.hosting):
        return None
    if hosting is None:
        return Verdict(
            Outcome.UNKNOWN,
            "who hosts this platform is not known",
            unlocks=("declare platforms.hosting (self or vendor) with --declared",),
        )
    who = "you host yourself" if control.hosting == "self" else "the vendor hosts"
    return Verdict(Outcome.NOT_APPLICABLE, f"applies only to platforms {who}")


def blocked(look: Look, states: Mapping[str, LoadedTable]) -> Verdict | None:
    """Why a look cannot be taken with these tables; None where it can."""
    bad = [state for state in _needed(look, states) if not _is_usable(state, look)]
    if not bad:
        return None
    if all(state.status is CollectionStatus.NOT_LICENSED for state in bad):
        names = ", ".join(state.name for state in bad)
        return Verdict(Outcome.NOT_APPLICABLE, f"{names}: the feature is not licensed here", is_absent=True)
    return Verdict(
        Outcome.UNKNOWN,
        "; ".join(_blame(state) for state in bad if state.status is not CollectionStatus.NOT_LICENSED),
        unlocks=tuple(dict.fromkeys(state.unlock for state in bad if state.unlock)),
    )


def judge_look(look: Look, looked: Looked, states: Mapping[str, LoadedTable]) -> Verdict:
    """The verdict of one look that was taken."""
    if looked.violations:
        of = f" of {looked.population}" if looked.population else ""
        return Verdict(
            Outcome.FAIL,
            f"{len(looked.violations)}{of} in violation",
            looked.population,
            looked.violations,
            looked.unknown,
            _column_unlocks(look, looked, states),
        )
    if looked.unknown or looked.is_blind:
        parts = [looked.note or _spell_columns(looked.unknown_columns, looked.population, "not known")]
        blind = [state for state in _needed(look, states) if not state.status.is_readable]
        reason = "; ".join([*parts, *map(_blame, blind)])
        unlocks = (*_column_unlocks(look, looked, states), *(state.unlock for state in blind if state.unlock))
        return Verdict(Outcome.UNKNOWN, reason, looked.population, unknown=looked.unknown, unlocks=unlocks)
    if looked.undecided:
        reason = f"{looked.undecided} of {looked.population} wait for a person's decision"
        return Verdict(Outcome.MANUAL, reason, looked.population)
    if looked.population == 0:
        return Verdict(Outcome.NOT_APPLICABLE, looked.note or "there is nothing of the kind here")
    return Verdict(Outcome.PASS, f"{looked.population} looked at, none in violation", looked.population)


def first_conclusive(verdicts: Sequence[Verdict]) -> Verdict:
    """The answer of alternatives: the first that says something; else what all of them lacked."""
    conclusive = [
        verdict
        for verdict in verdicts
        if verdict.outcome in (Outcome.PASS, Outcome.FAIL, Outcome.MANUAL, Outcome.NOT_APPLICABLE)
        and not verdict.is_absent
    ]
    absent = [verdict for verdict in verdicts if verdict.is_absent]
    if conclusive or absent:
        return (conclusive or absent)[0]
    reasons = dict.fromkeys(verdict.reason for verdict in verdicts)
    told = [reason for reason in reasons if not any(reason in other for other in reasons if other != reason)]
    return Verdict(
        verdicts[0].outcome,
        " / ".join(told),
        verdicts[0].population,
        unknown=max(verdict.unknown for verdict in verdicts),
        unlocks=tuple(dict.fromkeys(unlock for verdict in verdicts for unlock in verdict.unlocks)),
    )


def with_statement(verdict: Verdict | None, stated: Stated, *, platform_id: str) -> Verdict:
    """The verdict once statements are heard. `verdict` is None for a control that only asks for statements."""
    if verdict is not None and verdict.outcome is not Outcome.PASS:
        return verdict
    population = verdict.population if verdict else 0
    if stated.outcome is Outcome.FAIL:
        row = (platform_id, platform_id, stated.scope or stated.reason, "")
        return Verdict(Outcome.FAIL, stated.reason, max(population, 1), rows_of([row]))
    reason = f"{verdict.reason}; {stated.reason}" if verdict else stated.reason
    unlocks: tuple[str, ...] = ()
    if stated.outcome is Outcome.MANUAL:
        unlocks = ("hand over statements and evidence in attestations.csv with --registers",)
    return Verdict(stated.outcome, reason, population, unlocks=unlocks)


def or_statement(verdict: Verdict, stated: Stated, *, platform_id: str) -> Verdict:
    """The verdict of a control that tables or a statement may answer; whoever says that it is not met is heard."""
    if verdict.outcome in (Outcome.FAIL, Outcome.ERROR):
        return verdict
    if verdict.outcome in (Outcome.PASS, Outcome.NOT_APPLICABLE) and stated.outcome is not Outcome.FAIL:
        return verdict
    asked = with_statement(None, stated, platform_id=platform_id)
    if asked.outcome is not Outcome.MANUAL:
        return asked
    unlocks = tuple(dict.fromkeys((*asked.unlocks, *verdict.unlocks)))
    reason = f"{asked.reason}; {verdict.reason}"
    return replace(asked, reason=reason, population=verdict.population, unlocks=unlocks)


def _needed(look: Look, states: Mapping[str, LoadedTable]) -> list[LoadedTable]:
    """What is known of each needed table, or of the one source of it that is enough."""
    enough = dict(look.sources) if isinstance(look, SqlLook) else {}
    spared = look.names_from if isinstance(look, SqlLook) else ()
    asked = [name for name in look.needs if name not in spared]
    return [states[name].of_source(enough[name]) if name in enough else states[name] for name in asked]


def _is_usable(state: LoadedTable, look: Look) -> bool:
    # A setting that was read is a fact, whatever became of the others (docs/decisions/0009).
    is_partly_told = isinstance(look, SettingLook) and state.status is CollectionStatus.PARTIAL
    return state.status.is_readable or is_partly_told


def _blame(state: LoadedTable) -> str:
    if not state.is_handed_over:
        return state.reason
    return f"{state.name}: {state.status}" + (f" ({state.reason})" if state.reason else "")


def _spell_columns(columns: Mapping[str, int], population: int, words: str) -> str:
    parts = [f"{name} {words} for {count} of {population}" for name, count in columns.items() if count]
    return "; ".join(parts)


def _column_unlocks(look: Look, looked: Looked, states: Mapping[str, LoadedTable]) -> tuple[str, ...]:
    """What would fill the columns that were NULL, as the connector told it."""
    if not isinstance(look, SqlLook):
        return ()
    lacking = {name for name, count in looked.unknown_columns.items() if count}
    gaps = [gap for name in look.needs for gap in states[name].gaps if gap.column in lacking]
    return tuple(dict.fromkeys(gap.unlock for gap in gaps if gap.unlock))
