"""Runs of the real command line: what it says on which stream, and its exit code."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

PROGRAM = str(Path(sys.executable).parent / "passmuster")
EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
SCUBA = ("--pack", "scuba-power-platform")


def run(
    *arguments: str | Path, variables: dict[str, str] | None = None, **more: Any
) -> subprocess.CompletedProcess[str]:
    """One run to its end; never with credentials of the developer's own environment."""
    return subprocess.run(
        [PROGRAM, *map(str, arguments)],
        env=environment(variables),
        capture_output="stdout" not in more,
        text=True,
        timeout=180,
        check=False,
        **more,
    )


def environment(variables: dict[str, str] | None = None) -> dict[str, str]:
    """The environment without anything that is ours, plus `variables`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PASSMUSTER_")}
    return {**kept, **(variables or {})}
