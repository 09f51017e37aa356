"""What live tests share: the command line as a user runs it, and reading what it wrote."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

HERE = Path(__file__).parent
PACK = "no-code-baseline"
PASSMUSTER = Path(sys.executable).with_name("passmuster")


def run(*arguments: str | Path, environment: Mapping[str, str] | None = None, codes: tuple[int, ...] = (0,)) -> str:
    """What the command printed; it must end with one of the codes and without a traceback."""
    command = [str(PASSMUSTER), *map(str, arguments)]
    whole = {**os.environ, **(environment or {})}
    done = subprocess.run(command, env=whole, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode in codes, f"{done.returncode}: {done.stderr}"
    assert "Traceback" not in done.stderr
    return done.stdout


def evaluate(snapshot: Path, *more: str | Path) -> dict[str, Any]:
    """Results by control."""
    text = run("evaluate", snapshot, "--pack", PACK, "--format", "json", *more, codes=(0, 3))
    return {result["control"]: result for result in json.loads(text)["results"]}


def drift(base: Path, head: Path) -> dict[str, Any]:
    """The drift document."""
    found: dict[str, Any] = json.loads(run("drift", base, head, "--format", "json", codes=(0, 3)))
    return found


def manifest_tables(snapshot: Path) -> dict[str, Any]:
    """What the manifest says of each table."""
    tables: dict[str, Any] = json.loads((snapshot / "manifest.json").read_text(encoding="utf-8"))["tables"]
    return tables


def status_of(snapshot: Path, table: str) -> str:
    """The status of one table."""
    return str(manifest_tables(snapshot)[table]["status"])


def rows_of(snapshot: Path, table: str) -> list[dict[str, Any]]:
    """The rows of one table."""
    found: list[dict[str, Any]] = pq.read_table(snapshot / f"{table}.parquet").to_pylist()
    return found


def names(result: Mapping[str, Any]) -> set[str]:
    """Names of the resources in violation."""
    return {resource["name"] for resource in result["resources"]}


def ids(result: Mapping[str, Any]) -> set[str]:
    """Ids of the resources in violation."""
    return {resource["id"] for resource in result["resources"]}
