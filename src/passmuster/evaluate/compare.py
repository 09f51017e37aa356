"""What changed between two evaluations; it survives controls that were renamed in between."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from passmuster.model.control import Pack
from passmuster.model.drift import ControlChange
from passmuster.model.results import Evaluation
from passmuster.model.words import Outcome


@dataclass(frozen=True)
class Judged:
    """One control's verdict as it was kept: the outcome and the fingerprints of its violations."""

    outcome: Outcome
    fingerprints: frozenset[str]


def judged(evaluation: Evaluation) -> dict[tuple[str, str], Judged]:
    """An evaluation as verdicts by (pack, control)."""
    return {
        (result.pack, result.control): Judged(result.outcome, frozenset(v.fingerprint for v in result.violations))
        for result in evaluation.results
    }


def compare(
    before: Mapping[tuple[str, str], Judged], after: Mapping[tuple[str, str], Judged], packs: Sequence[Pack]
) -> tuple[ControlChange, ...]:
    """Every control whose verdict or violations moved, under its name of today.

    A violation counts as gone only where the control still answers, and as new only where it answered before.
    """
    by_id = {pack.id: pack for pack in packs}
    renamed = {_today(by_id, key): (key, verdict) for key, verdict in before.items()}
    changes = []
    for key in sorted({*renamed, *after}):
        old_key, old = renamed.get(key, (key, None))
        change = _change(key, old_key, old, after.get(key))
        if change is not None:
            changes.append(change)
    return tuple(changes)


def _today(packs: Mapping[str, Pack], key: tuple[str, str]) -> tuple[str, str]:
    pack = packs.get(key[0])
    return (key[0], pack.name_today(key[1])) if pack else key


def _change(
    key: tuple[str, str], old_key: tuple[str, str], old: Judged | None, new: Judged | None
) -> ControlChange | None:
    before = old.outcome if old else None
    after = new.outcome if new else None
    appeared = _sorted(new.fingerprints - old.fingerprints) if new and old and old.outcome.is_answered else ()
    gone = _sorted(old.fingerprints - new.fingerprints) if new and old and _still_answers(new) else ()
    if before == after and not appeared and not gone:
        return None
    return ControlChange(
        control=key[1],
        was_called=old_key[1],
        before=str(before or "not judged"),
        after=str(after or "not judged"),
        new_fingerprints=appeared,
        gone_fingerprints=gone,
    )


def _still_answers(verdict: Judged) -> bool:
    return verdict.outcome.is_answered or verdict.outcome is Outcome.NOT_APPLICABLE


def _sorted(fingerprints: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(fingerprints))
