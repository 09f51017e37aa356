"""What takes part in a benchmark: a way to prepare (not timed) and the work itself (timed)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Run = Callable[[], Any]
"""The timed work; what it returns must be the same for every entrant of a work that `answers`."""


@dataclass(frozen=True)
class Entrant:
    """One way to do a work. `kind` is ours, peer or limit; a limit does less than the work and answers nothing.

    `prepare` is given a folder for data, which earlier entrants may have filled, and the scale. `is_fresh` asks for a
    new preparation before every run, because a run uses up what was prepared.
    """

    name: str
    kind: str
    prepare: Callable[[Path, int], Run]
    is_fresh: bool = False
    largest_scale: int = 10**9
    """Past this scale it is not tried: its rows as Python objects would hardly fit into memory (a guess)."""


@dataclass(frozen=True)
class Work:
    """A work, and who does it. `data` writes what all of them read, once."""

    name: str
    title: str
    data: Callable[[Path, int], None]
    entrants: tuple[Entrant, ...]
    largest_scale: int = 10**9
    """Past this scale nobody does it."""
