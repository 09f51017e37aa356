"""Where decision points are looked up: in the advisory, the catalogue of exploited vulnerabilities, the snapshot."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from passmuster.model.advisory import Advisory
from passmuster.model.decision import PointValue
from passmuster.triage.exposure import NOTHING_KNOWN, Exposure
from passmuster.triage.policy import Policy

_CVE = re.compile(r"CVE-(\d{4})-\d+", re.IGNORECASE)
_SEVERITIES = ((9.0, "critical"), (7.0, "high"), (4.0, "medium"), (0.1, "low"))
_SEVERITY_WORDS = {"critical": 4, "important": 3, "high": 3, "moderate": 2, "medium": 2, "low": 1, "none": 0}
_BY_RANK = ("none", "low", "medium", "high", "critical")


@dataclass(frozen=True)
class Facts:
    """What a decision rests on: an advisory, the surroundings of the component, and what people gave by hand."""

    advisory: Advisory
    exposure: Exposure = NOTHING_KNOWN
    given: Mapping[str, str] = field(default_factory=dict)
    """Point names of the policy to values it has."""


Reader = Callable[[Facts], PointValue | None]


def look_up(policy: Policy, facts: Facts) -> dict[str, PointValue]:
    """The points that somebody knows, in the policy's words; a value that the policy does not have is unknown."""
    found = {}
    for point in policy.points:
        reader = READERS.get(point.reads)
        told = reader(facts) if reader else None
        value = point.value_of(told.value) if told else None
        if told and value:
            found[point.name] = replace(told, name=point.name, value=value)
    return found


def _told_by(advisory: Advisory) -> str:
    """Who says that it is listed: the catalogue itself, or another record that notes it."""
    feeds = [record.feed for record in advisory.records if record.kev is not None]
    return "cisa-kev" if not feeds or "cisa-kev" in feeds else f"{feeds[0]}, of CISA's catalogue"


def _in_kev(facts: Facts) -> PointValue | None:
    entry = facts.advisory.kev
    if entry is None:
        return PointValue("in_kev", "no", "no known record lists it")
    return PointValue("in_kev", "yes", _told_by(facts.advisory), _midnight(entry.added_on.isoformat()))


def _ssvc(name: str) -> Reader:
    def read(facts: Facts) -> PointValue | None:
        for point in facts.advisory.ssvc:
            if point.name == name:
                return PointValue(name, point.value, f"SSVC by {point.by}", point.judged_at)
        return None

    return read


def _impact_or_forensics(facts: Facts) -> PointValue | None:
    """SSVC's word; but where the catalogue asks for forensics under BOD 26-04 the impact is total.

    All three rows of the directive's table that ask for forensics have it so.
    """
    entry, told = facts.advisory.kev, _ssvc("technical_impact")(facts)
    if entry is None or not entry.asks_for_forensics or (told and told.value == "total"):
        return told
    source = f"{_told_by(facts.advisory)}, which asks for forensic triage"
    return PointValue("technical_impact", "total", source, _midnight(entry.added_on.isoformat()))


def _exploitation(facts: Facts) -> PointValue | None:
    """A listing as exploited says `active`, however far SSVC lags behind it."""
    told = _ssvc("exploitation")(facts)
    if facts.advisory.kev is None or (told and told.value == "active"):
        return told
    return PointValue(
        "exploitation", "active", _told_by(facts.advisory), _midnight(facts.advisory.kev.added_on.isoformat())
    )


def _likely_exploitable(facts: Facts) -> PointValue | None:
    told = _exploitation(facts)
    return replace(told, value="yes") if told and told.value == "active" else None


def _publicly_exposed(facts: Facts) -> PointValue | None:
    known = facts.exposure.publicly_exposed
    if known is None:
        return None
    return PointValue("publicly_exposed", "yes" if known else "no", facts.exposure.source, facts.exposure.at)


def _system_exposure(facts: Facts) -> PointValue | None:
    if facts.exposure.system_exposure is None:
        return None
    return PointValue("system_exposure", facts.exposure.system_exposure, facts.exposure.source, facts.exposure.at)


def _from_criticality(words: Mapping[str, str]) -> Reader:
    def read(facts: Facts) -> PointValue | None:
        word = words.get(facts.exposure.criticality or "")
        return PointValue("", word, "criticality in the snapshot", facts.exposure.at) if word else None

    return read


def _severity(facts: Facts) -> PointValue | None:
    """The worst of what the publisher's word, score and vector say."""
    advisory = facts.advisory
    ranks = [
        (_SEVERITY_WORDS[word], "the publisher's word")
        for word in [advisory.severity.lower()]
        if word in _SEVERITY_WORDS
    ]
    for score in advisory.scores[:1]:
        ranks += [(_rank(value), f"CVSS {value}") for value in (score.stated, score.computed) if value is not None]
    if not ranks:
        return None
    rank, source = max(ranks, key=lambda each: each[0])
    return PointValue("severity", _BY_RANK[rank], source)


def _rank(score: float) -> int:
    word = next((word for least, word in _SEVERITIES if score >= least), "none")
    return _BY_RANK.index(word)


def _assigned_before_2021(facts: Facts) -> PointValue | None:
    names = (facts.advisory.id, *facts.advisory.aliases)
    years = [int(match[1]) for name in names if (match := _CVE.fullmatch(name))]
    return PointValue("", "yes" if min(years) < 2021 else "no", "the year in its id") if years else None


def _midnight(day: str) -> datetime:
    return datetime.fromisoformat(day).replace(tzinfo=UTC)


READERS: dict[str, Reader] = {
    "in_kev": _in_kev,
    "exploitation": _exploitation,
    "automatable": _ssvc("automatable"),
    "technical_impact": _ssvc("technical_impact"),
    "technical_impact_or_forensics": _impact_or_forensics,
    "publicly_exposed": _publicly_exposed,
    "system_exposure": _system_exposure,
    "human_impact": _from_criticality(
        {"low": "low", "medium": "medium", "high": "high", "critical": "very_high"},
    ),
    "mission_and_well_being_impact": _from_criticality(
        {"low": "low", "medium": "medium", "high": "high", "critical": "high"}
    ),
    "severity": _severity,
    "assigned_before_2021": _assigned_before_2021,
    "likely_exploitable": _likely_exploitable,
}
