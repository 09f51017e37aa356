"""Scores, SSVC points and probabilities a vulnerability states."""

from __future__ import annotations

import re
from typing import Any

from passmuster.intel.feeds.csaf.vector import band
from passmuster.intel.feeds.csaf.walk import scores_of
from passmuster.intel.feeds.formats import parse_time
from passmuster.intel.feeds.ssvc_line import read_ssvc_line
from passmuster.intel.scores import make_score
from passmuster.model.advisory import Epss, Score, SsvcPoint

_SEVERITIES = {
    "critical": "critical",
    "high": "high",
    "important": "high",
    "medium": "medium",
    "moderate": "medium",
} | {
    "low": "low",
    "none": "info",
    "informational": "info",
}


def scores_told(vulnerability: dict[str, Any], publisher: str) -> tuple[Score, ...]:
    """Each different score, stated beside computed; the publisher's own where no other source is named."""
    told = [
        make_score(score["vectorString"], stated=float(score["baseScore"]), by=source or publisher)
        for _, _, score, _, source in scores_of(vulnerability, "")
    ]
    return tuple(dict.fromkeys(told))


def severity_of(vulnerability: dict[str, Any], aggregate: str, scores: tuple[Score, ...]) -> str:
    """The word of the worst score, else the rating that is given in words; empty where nothing is."""
    stated = [(each.stated, band(each.stated, each.version)) for each in scores if each.stated is not None]
    if stated:
        return _SEVERITIES[max(stated)[1].lower()]
    ratings = [
        each["content"]["qualitative_severity_rating"]
        for each in vulnerability.get("metrics", [])
        if "qualitative_severity_rating" in each["content"]
    ]
    return _SEVERITIES.get((ratings[0] if ratings else aggregate).strip().lower(), "")


def epss_of(vulnerability: dict[str, Any]) -> Epss | None:
    """The probability of exploitation, the latest where there are several."""
    told = [each["content"]["epss"] for each in vulnerability.get("metrics", []) if "epss" in each["content"]]
    dated = sorted(((time, each) for each in told if (time := parse_time(each["timestamp"]))), key=lambda pair: pair[0])
    if not dated:
        return None
    time, latest = dated[-1]
    return Epss(float(latest["probability"]), float(latest["percentile"]), time.date())


def ssvc_of(vulnerability: dict[str, Any], publisher: str) -> tuple[SsvcPoint, ...]:
    """Decision points of SSVC selections, where a value is one of the words given by its name or key."""
    points = []
    for each in vulnerability.get("metrics", []):
        told = each["content"].get("ssvc_v2") or each["content"].get("ssvc_v1") or {}
        judged_at = parse_time(str(told.get("timestamp", "")))
        for selection in told.get("selections", []):
            values = selection.get("values", []) if isinstance(selection, dict) else []
            if len(values) != 1:
                # Several values left open decide nothing.
                continue
            value = values[0].get("name") or values[0].get("key") if isinstance(values[0], dict) else values[0]
            name = selection.get("name") or selection.get("key") or ""
            points.append(SsvcPoint(_snake(str(name)), _snake(str(value)), each.get("source") or publisher, judged_at))
    return (*dict.fromkeys(points), *_ssvc_of_notes(vulnerability, publisher))


def _ssvc_of_notes(vulnerability: dict[str, Any], publisher: str) -> list[SsvcPoint]:
    """Points in the short form that CISA writes into notes of 2.0."""
    return [point for note in vulnerability.get("notes", []) for point in read_ssvc_line(note["text"], by=publisher)]


def _snake(text: str) -> str:
    snake = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")
    return "public_poc" if snake == "poc" else snake
