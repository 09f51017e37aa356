"""Names of the weaknesses in MITRE's Common Weakness Enumeration, versions 1.0 to 4.20 (cwe.mitre.org)."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files


@cache
def cwe_names() -> dict[str, tuple[str, ...]]:
    """All names each weakness (`CWE-79`) ever had, the present one last."""
    text = files("passmuster.intel.feeds.csaf").joinpath("cwe_names.csv").read_text(encoding="utf-8")
    names: dict[str, list[str]] = {}
    for row in csv.DictReader(text.splitlines()):
        names.setdefault(f"CWE-{row['id']}", []).append(row["name"])
    return {name: tuple(given) for name, given in names.items()}
