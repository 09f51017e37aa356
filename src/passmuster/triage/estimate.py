"""Reading a decision point from a CVSS vector by a policy's stated rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from passmuster.model.advisory import Score
from passmuster.triage.policy import VectorRule


def read_vector(rules: Sequence[VectorRule], scores: Sequence[Score]) -> tuple[str, Score] | None:
    """The value of the first rule that fits the first vector any rule is for, with that vector; None: none to read."""
    for score in scores:
        version, metrics = parse_vector(score.vector)
        for rule in rules:
            if version in rule.versions and _fits(rule.when, metrics):
                return rule.value, score
    return None


def parse_vector(vector: str) -> tuple[str, dict[str, str]]:
    """The CVSS version ("" where it is no vector) and the metrics of a vector text."""
    parts = [part for part in vector.strip().strip("()").split("/") if part]
    if not parts:
        return "", {}
    name, _, version = parts[0].partition(":")
    is_named = name.upper() == "CVSS"
    pairs = [part.partition(":") for part in (parts[1:] if is_named else parts)]
    metrics = {key: value for key, colon, value in pairs if colon}
    if is_named:
        return version, metrics
    # Only version 2 is written without its name; `Au` is of no other version.
    return ("2.0" if "Au" in metrics else ""), metrics


def _fits(when: Mapping[str, tuple[str, ...]], metrics: Mapping[str, str]) -> bool:
    return all(metrics.get(name) in allowed for name, allowed in when.items())
