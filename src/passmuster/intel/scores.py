"""CVSS vectors: the base score a vector gives, beside the one that was stated."""

from __future__ import annotations

from functools import lru_cache

from cvss import CVSS2, CVSS3, CVSS4
from cvss.exceptions import CVSSError

from passmuster.intel.feeds.interface import ImportProblem
from passmuster.model.advisory import Score

_MANDATORY_V4 = ("AV", "AC", "AT", "PR", "UI", "VC", "VI", "VA", "SC", "SI", "SA")


def version_of(vector: str) -> str:
    """`4.0`, `3.1`, `3.0` by the vector's prefix; `2.0` where it has none but looks like one; else nothing."""
    for version in ("4.0", "3.1", "3.0"):
        if vector.startswith(f"CVSS:{version}/"):
            return version
    return "2.0" if vector.lstrip("(").startswith("AV:") else ""


@lru_cache(maxsize=65_536)
def base_score(vector: str) -> float | None:
    """The base score of a vector, without what it says of threat, time or environment; None where it is not valid."""
    version = version_of(vector)
    try:
        if version == "4.0":
            return float(CVSS4(_base_of_v4(vector)).base_score)
        if version in {"3.0", "3.1"}:
            return float(CVSS3(vector).base_score)
        if version == "2.0":
            return float(CVSS2(vector.strip("()")).base_score)
    except (CVSSError, ValueError, KeyError, ArithmeticError):
        return None
    return None


def _base_of_v4(vector: str) -> str:
    # The library's base score of version 4 heeds E, CR and the modified metrics where they are written.
    checked = CVSS4(vector)
    return "CVSS:4.0/" + "/".join(f"{name}:{checked.original_metrics[name]}" for name in _MANDATORY_V4)


@lru_cache(maxsize=4_096)
def later_score(vector: str) -> float | None:
    """The score with what the vector says of threat or time; None where it says nothing of it, or is not valid."""
    version = version_of(vector)
    if "/E:" not in vector and "/RL:" not in vector and "/RC:" not in vector:
        return None
    try:
        if version == "4.0":
            return float(CVSS4(vector).base_score)
        if version in {"3.0", "3.1"}:
            return float(CVSS3(vector).temporal_score)
        return float(CVSS2(vector.strip("()")).temporal_score) if version == "2.0" else None
    except (CVSSError, ValueError, KeyError, ArithmeticError, TypeError):
        return None


def make_score(vector: str, *, stated: float | None = None, by: str = "", version: str = "") -> Score:
    """A score with what its vector gives beside what is stated."""
    return Score(version_of(vector) or version, vector, stated, base_score(vector), by)


def score_problems(scores: tuple[Score, ...], record: str) -> list[ImportProblem]:
    """What is odd about scores: `score_differs` where stated and vector disagree, `vector_invalid` where it is none."""
    problems = []
    for score in scores:
        if score.vector and score.computed is None:
            text = f"{score.vector!r} of {score.by or 'the record'} is no valid CVSS vector"
            problems.append(ImportProblem("vector_invalid", text, record))
        elif score.differs:
            problems.append(ImportProblem("score_differs", _difference(score), record))
    return problems


def _difference(score: Score) -> str:
    text = (
        f"{score.by or 'the record'} states {score.stated} (CVSS {score.version}), its vector {score.vector} "
        f"gives {score.computed}"
    )
    later = later_score(score.vector)
    if later is not None and score.stated is not None and abs(later - score.stated) < 0.05:
        return f"{text}; what is stated is the score with the vector's metrics of time or threat"
    return text
