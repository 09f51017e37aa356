"""Random advisories held against rules written out by hand, and real ones against CISA's own judgements."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from cvss import CVSS3
from hypothesis import given, settings
from hypothesis import strategies as st

from passmuster.model.advisory import Advisory, KevEntry, Score, SsvcPoint
from passmuster.triage.decide import Context, decide
from passmuster.triage.estimate import read_vector
from passmuster.triage.exposure import Exposure
from passmuster.triage.policy_load import find_policy
from tests.triage.making import NOW, cve, matched

CVSS3_METRICS = {
    "AV": "NALP",
    "AC": "LH",
    "PR": "NLH",
    "UI": "NR",
    "S": "UC",
    "C": "NLH",
    "I": "NLH",
    "A": "NLH",
}
VECTORS = st.tuples(*(st.sampled_from(values) for values in CVSS3_METRICS.values())).map(
    lambda chosen: "CVSS:3.1/" + "/".join(f"{n}:{v}" for n, v in zip(CVSS3_METRICS, chosen, strict=True))
)
DAYS = st.integers(0, 400).map(lambda days: datetime(2026, 1, 1, 7, tzinfo=UTC) + timedelta(days=days))


def words_of_the_directive(kev: bool, exposed: bool, automatable: bool, total: bool) -> str:
    """The sixteen rows as sentences somebody might say instead."""
    if kev and total and (exposed or automatable):
        return "3_days_forensics"
    if exposed and automatable and (total or kev):
        return "3_days"
    if kev or (exposed and (automatable or total)):
        return "14_days"
    return "60_days" if exposed or automatable else "on_upgrade"


@settings(max_examples=400, deadline=None)
@given(
    kev=st.none() | DAYS.map(lambda day: KevEntry(day.date(), None)),
    exposed=st.sampled_from([None, True, False]),
    automatable=st.sampled_from([None, "yes", "no"]),
    impact=st.sampled_from([None, "total", "partial"]),
    vector=st.none() | VECTORS,
    learned=DAYS,
)
def test_random_advisories_are_decided_as_the_rules_say(
    kev: KevEntry | None,
    exposed: bool | None,
    automatable: str | None,
    impact: str | None,
    vector: str | None,
    learned: datetime,
) -> None:
    told = {"automatable": automatable, "technical_impact": impact}
    advisory = Advisory(
        "CVE-2026-1",
        kev=kev,
        ssvc=tuple(SsvcPoint(name, value, "x") for name, value in told.items() if value),
        scores=(Score("3.1", vector),) if vector else (),
        learned_at=learned,
    )
    found = decide(
        find_policy("bod-26-04"), advisory, matched(), Context(Exposure(publicly_exposed=exposed)), as_of=NOW
    )
    assert found.assumed == (("publicly_exposed",) if exposed is None else ())
    unknown = tuple(name for name, value in told.items() if value is None)
    if unknown and not vector:
        assert (found.outcome, found.due_at) == ("needs_person", None)
        return
    assert found.estimated == unknown
    metrics = CVSS3(vector).metrics if vector else {}
    is_automatable = automatable or ("yes" if [metrics[n] for n in ("AV", "AC", "PR", "UI")] == [*"NLNN"] else "no")
    is_total = impact or ("total" if metrics["C"] == metrics["I"] == "H" else "partial")
    expected = words_of_the_directive(
        kev is not None, exposed is not False, is_automatable == "yes", is_total == "total"
    )
    assert found.outcome == expected
    listed = datetime.combine(kev.added_on, datetime.min.time(), UTC) if kev else learned
    start = min(learned, listed)
    days = {"3_days_forensics": 3, "3_days": 3, "14_days": 14, "60_days": 60}.get(expected)
    assert found.clock_started_at == start
    assert found.due_at == (start + timedelta(days=days) if days else None)


# Real data


def catalogue(shared: Path) -> list[dict[str, Any]]:
    path = shared / "data" / "kev" / "known_exploited_vulnerabilities.json"
    entries: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["vulnerabilities"]
    return entries


def test_the_catalogues_own_dates_are_the_deadlines_of_its_time(shared: Path) -> None:
    policy = find_policy("bod-22-01")
    for entry in catalogue(shared):
        added, due = date.fromisoformat(entry["dateAdded"]), date.fromisoformat(entry["dueDate"])
        found = decide(policy, cve(entry["cveID"], kev=KevEntry(added, due)), matched(), as_of=NOW)
        assert found.due_at is not None
        assert found.due_at.date() == due


def test_six_months_and_two_weeks_are_the_dates_cisa_gave_when_the_directive_was_new(shared: Path) -> None:
    policy = find_policy("bod-22-01")
    agree = Counter[bool]()
    for entry in catalogue(shared):
        if entry["dateAdded"] == "2021-11-03":
            advisory = cve(entry["cveID"], kev=KevEntry(date(2021, 11, 3), None))
            found = decide(policy, advisory, matched(), as_of=NOW)
            assert found.due_at is not None
            agree[found.due_at.date().isoformat() == entry["dueDate"]] += 1
    assert agree[True] > 250
    # What was edited since, and what was given other dates "in case of grave risk".
    assert agree[False] < 0.1 * agree[True]


def judgements(shared: Path) -> list[tuple[dict[str, str], list[Score]]]:
    """CISA's points and the CVSS 3 vectors of each record."""
    found = []
    for path in sorted((shared / "data" / "vulnrichment_nocode").glob("**/CVE-*.json")):
        containers = json.loads(path.read_text(encoding="utf-8"))["containers"]
        metrics = [m for box in (containers["cna"], *containers.get("adp", [])) for m in box.get("metrics", [])]
        told = [m["other"]["content"]["options"] for m in metrics if m.get("other", {}).get("type") == "ssvc"]
        vectors = [m[key]["vectorString"] for m in metrics for key in m if key.startswith("cvssV3")]
        points = {name.lower(): value.lower() for options in told for each in options for name, value in each.items()}
        found.append((points, [Score("3.1", vector) for vector in vectors]))
    return found


def test_the_stated_rules_read_vectors_mostly_as_cisa_judged_and_seldom_worse(shared: Path) -> None:
    policy = find_policy("bod-26-04")
    records = judgements(shared)
    assert len(records) == 113
    for name, worse in (("automatable", "yes"), ("technical_impact", "total")):
        point = policy.point(name)
        assert point is not None
        seen = Counter[tuple[str, str]]()
        for points, scores in records:
            read = read_vector(point.unknown.estimate, scores)
            assert read is not None
            seen[points[name.replace("_", " ")], read[0]] += 1
        agree = sum(count for (judged, read), count in seen.items() if judged == read)
        too_bad = sum(count for (judged, read), count in seen.items() if judged != worse and read == worse)
        assert agree >= 0.95 * len(records), seen
        assert too_bad <= 2, seen
