"""Evaluating: a snapshot judged by packs, with the registers and the approved baseline beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from passmuster.controls.catalogue import find_pack
from passmuster.controls.load import read_params
from passmuster.errors import UsageError
from passmuster.evaluate.engine import evaluate
from passmuster.model.control import Pack
from passmuster.model.results import Evaluation
from passmuster.pipeline.baselines import differences_from_baseline
from passmuster.snapshot.load import Beside
from passmuster.snapshot.read import Snapshot, open_snapshot
from passmuster.snapshot.registers import NO_REGISTERS, Registers, read_registers

DEFAULT_PACKS = ("no-code-baseline",)


@dataclass(frozen=True)
class Judging:
    """By what to judge. `as_of` None means now."""

    packs: tuple[Pack, ...]
    registers: Registers = NO_REGISTERS
    params: Mapping[str, Any] = field(default_factory=dict)
    as_of: datetime | None = None


def prepare_judging(
    packs: Sequence[str], *, registers: Path | None = None, params: Path | None = None, as_of: datetime | None = None
) -> Judging:
    """Read packs, registers and house limits; raises PassmusterError with all mistakes of each."""
    chosen = tuple(find_pack(name) for name in dict.fromkeys(packs or DEFAULT_PACKS))
    return Judging(
        packs=chosen,
        registers=read_registers(registers) if registers else NO_REGISTERS,
        params=_read_limits(params, chosen) if params else {},
        as_of=as_of,
    )


def limits_in_force(judging: Judging) -> dict[str, Any]:
    """The house limits of all chosen packs by name, and those that replace them."""
    return {**{name: value for pack in judging.packs for name, value in pack.params.items()}, **judging.params}


def _read_limits(path: Path, packs: Sequence[Pack]) -> dict[str, Any]:
    """House limits that replace those of the packs; raises UsageError with every one that no pack can use."""
    known = {name: value for pack in packs for name, value in pack.params.items()}
    given = read_params(path)
    mistakes = [
        f"{path}: {name}: no chosen pack has this house limit; known are {', '.join(sorted(known)) or 'none'}"
        for name in given
        if name not in known
    ]
    mistakes += [
        f"{path}: {name}: {value!r} cannot stand for {known[name]!r}; give {_kind_of(known[name])}"
        for name, value in given.items()
        if name in known and (_kind_of(value) != _kind_of(known[name]) or _is_below_zero(value, known[name]))
    ]
    if mistakes:
        raise UsageError("\n".join(mistakes))
    return given


def _kind_of(value: Any) -> str:
    if isinstance(value, bool):
        return "true or false"
    return "text" if isinstance(value, str) else "a number that is not negative"


def _is_below_zero(value: Any, default: Any) -> bool:
    return not isinstance(value, str) and value < 0 <= default


def locate_snapshot(path: Path) -> Path:
    """The snapshot folder: `path` itself, or `path/snapshot` where `path` is a review."""
    inner = path / "snapshot"
    return inner if not (path / "manifest.json").exists() and (inner / "manifest.json").exists() else path


def judge(snapshot: Snapshot, judging: Judging) -> Evaluation:
    """Evaluate an opened snapshot."""
    as_of = judging.as_of or datetime.now(UTC)
    beside = Beside(judging.registers, differences_from_baseline(snapshot, judging.registers, as_of=as_of))
    return evaluate(snapshot, judging.packs, as_of=as_of, beside=beside, params=judging.params)


def evaluate_folder(path: Path, judging: Judging) -> Evaluation:
    """Open, verify and evaluate the snapshot at `path`."""
    return judge(open_snapshot(locate_snapshot(path)), judging)
