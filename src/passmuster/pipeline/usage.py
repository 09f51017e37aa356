"""Comparing how much a platform is used between two looks."""

from __future__ import annotations

from pathlib import Path

from passmuster.model.usage import Usage
from passmuster.snapshot.read import open_snapshot
from passmuster.snapshot.usage import usage_of


def usages(before: Path, after: Path) -> tuple[Usage, Usage]:
    """The usage in two snapshots' folders; raises UnreadableInput, AlteredSnapshot."""
    return usage_of(open_snapshot(before)), usage_of(open_snapshot(after))
