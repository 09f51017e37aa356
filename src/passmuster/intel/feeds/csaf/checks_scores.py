"""Tests of CVSS scores (6.1.7 to 6.1.10, 6.1.56)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from passmuster.intel.feeds.csaf.cvss_metrics import METRICS, VERSIONS
from passmuster.intel.feeds.csaf.vector import VectorScores, band, read_vector
from passmuster.intel.feeds.csaf.walk import Complaint, Csaf, scores_of

_SCORES = ("baseScore", "temporalScore", "environmentalScore", "threatScore")
_SEVERITIES = ("baseSeverity", "temporalSeverity", "environmentalSeverity", "threatSeverity")
_WORDS = ("NONE", "LOW", "MEDIUM", "HIGH", "CRITICAL")


def repeated_scores(csaf: Csaf) -> Iterator[Complaint]:
    """6.1.7: a product has two scores of one CVSS version (from one source)."""
    for path, vulnerability in csaf.vulnerabilities:
        seen: set[tuple[str, str, str]] = set()
        for place, name, score, products, source in scores_of(vulnerability, path):
            version = str(score.get("version", name))
            for product in products:
                if (product, version, source) in seen:
                    yield place, f"the product {product!r} has a CVSS {version} score already; keep one"
                seen.add((product, version, source))


def invalid_scores(csaf: Csaf) -> Iterator[Complaint]:
    """6.1.8: not a CVSS score: a part is missing or no value of its kind."""
    for path, name, score in _scores(csaf):
        needed = ["version", "vectorString", "baseScore", *(["baseSeverity"] if name != "cvss_v2" else [])]
        missing = [key for key in needed if key not in score]
        if missing:
            yield path, f"{' and '.join(missing)} must be given"
        yield from _wrong_values(path, name, score)
        vector = score.get("vectorString")
        if "vectorString" in score and _read(score) is None:
            yield (
                f"{path}.vectorString",
                f"{vector!r} is no vector of CVSS {score.get('version', '')}; mend or remove it",
            )


def _wrong_values(path: str, name: str, score: dict[str, Any]) -> Iterator[Complaint]:
    if "version" in score and score["version"] not in VERSIONS[name]:
        yield f"{path}.version", f"{score['version']!r} is none of {', '.join(VERSIONS[name])}"
    for key in _SCORES:
        value = score.get(key, 0)
        if not _is_score(value):
            yield f"{path}.{key}", f"{value!r} is no score from 0 to 10"
    for key in _SEVERITIES if name != "cvss_v2" else ():
        if score.get(key, "NONE") not in _WORDS:
            yield f"{path}.{key}", f"{score[key]!r} is none of {', '.join(_WORDS)}"
    for key, metric in METRICS[name].items():
        if key in score and score[key] not in list(metric.words):
            yield f"{path}.{key}", f"{score[key]!r} is none of {', '.join(metric.words)}"


def _is_score(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 10


def wrong_computations(csaf: Csaf) -> Iterator[Complaint]:
    """6.1.9: a score or severity that is not computed from its vector.

    A base score of version 3 that its own severity word bears out is let pass: the mapping tells it as `score_differs`.
    """
    for path, name, score in _scores(csaf):
        scores = _read(score)
        if scores is None or not all(_is_score(score.get(key, 0)) for key in _SCORES):
            continue
        for key, right in _right_scores(scores):
            stated = score.get(key)
            is_right = stated is None or not right or any(abs(stated - value) < 0.05 for value in right)
            if not is_right and not (name == "cvss_v3" and key == "baseScore" and _bears_out(score, scores)):
                yield f"{path}.{key}", f"is {stated}, the vector gives {right[0]}; mend the one that is wrong"
        for key, severity in zip(_SCORES, _SEVERITIES, strict=True):
            if name != "cvss_v2" and key in score and severity in score:
                word = band(score[key], scores.version)
                if score[severity] != word:
                    yield f"{path}.{severity}", f"is {score[severity]}, a score of {score[key]} is {word}"


def _right_scores(scores: VectorScores) -> list[tuple[str, list[float]]]:
    base = [scores.base] if scores.version != "4.0" else [scores.base, scores.full]
    single = [scores.full] if scores.version == "4.0" else []
    return [
        ("baseScore", base),
        ("temporalScore", [scores.temporal] if scores.temporal is not None else []),
        ("environmentalScore", single or ([scores.environmental] if scores.environmental is not None else [])),
        ("threatScore", single),
    ]


def _bears_out(score: dict[str, Any], scores: VectorScores) -> bool:
    return score.get("baseSeverity") == band(score["baseScore"], scores.version)


def inconsistent_metrics(csaf: Csaf) -> Iterator[Complaint]:
    """6.1.10: a metric is another than the vector says."""
    for path, name, score in _scores(csaf):
        vector = score.get("vectorString")
        if not isinstance(vector, str) or _read(score) is None:
            continue
        parts = dict(part.split(":", 1) for part in vector.strip("()").split("/") if ":" in part)
        for key, metric in METRICS[name].items():
            told, said = metric.words.get(str(score.get(key))), parts.get(metric.short)
            # A metric that only one of the two names contradicts nothing.
            if told is not None and said is not None and told != said:
                yield f"{path}.{key}", f"is {score[key]}, the vector says {metric.short}:{said}; mend one of them"


def _scores(csaf: Csaf) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, vulnerability in csaf.vulnerabilities:
        for place, name, score, _, _ in scores_of(vulnerability, path):
            yield place, name, score


def _read(score: dict[str, Any]) -> VectorScores | None:
    vector = score.get("vectorString")
    scores = read_vector(vector) if isinstance(vector, str) else None
    is_of_version = scores is not None and score.get("version", scores.version) == scores.version
    return scores if is_of_version else None
