"""Every row of the published tables, asked on the command line's own words, and FedRAMP's numbers."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from passmuster.pipeline.triaging import triage_points
from passmuster.triage.policy_load import find_policy

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
TABLES = [
    ("bod-26-04", "cisa_bod_26_04_1_0_0.csv", 16),
    ("cisa-coordinator", "cisa_coordinator_2_0_3.csv", 36),
    ("ssvc-deployer", "deployer_patch_application_priority_1_0_0.csv", 72),
]
OUR_WORDS = {
    "fix on system upgrade": "on_upgrade",
    "3 days & forensic investigation": "3_days_forensics",
    "out-of-cycle": "out_of_cycle",
}


def rows_of(path: Path) -> list[tuple[dict[str, str], str]]:
    """(points by their published titles without the version, published outcome)."""
    with path.open(encoding="utf-8", newline="") as stream:
        header, *rows = csv.reader(stream)
    names = [title.rpartition(" v")[0] for title in header[1:-1]]
    return [(dict(zip(names, row[1:-1], strict=True)), row[-1]) for row in rows]


@pytest.mark.parametrize(("policy", "file", "count"), TABLES)
def test_every_published_row_is_answered_as_published(shared: Path, policy: str, file: str, count: int) -> None:
    rows = rows_of(shared / "data" / "ssvc" / "csv" / file)
    assert len(rows) == count
    for points, outcome in rows:
        (decision,) = triage_points(
            ",".join(f"{name}={value}" for name, value in points.items()), policy=policy, as_of=NOW
        ).decisions
        expected = OUR_WORDS.get(outcome, outcome.replace(" ", "_"))
        assert decision.outcome == expected, points
        assert decision.assumed == decision.estimated == ()


def test_forensics_stand_before_the_patch_exactly_where_the_table_says_so(shared: Path) -> None:
    for points, outcome in rows_of(shared / "data" / "ssvc" / "csv" / "cisa_bod_26_04_1_0_0.csv"):
        (decision,) = triage_points(",".join(f"{name}={value}" for name, value in points.items()), as_of=NOW).decisions
        assert ("forensic_triage" in decision.steps) == ("forensic" in outcome)


def fedramp_rule(shared: Path) -> dict[str, Any]:
    path = shared / "data" / "fedramp" / "vdr_ver_scn_rules.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    found: dict[str, Any] = document["FRR"]["VDR"]["data"]["all"]["TFR"]["VDR-TFR-PVR"]["varies_by_class"]
    return found


def test_a_vendor_is_held_to_the_numbers_of_fedramp(shared: Path) -> None:
    asked = 0
    for letter, rule in fedramp_rule(shared).items():
        for rating, frames in rule["pain_timeframes"].items():
            for likely, reachable in [("yes", "yes"), ("yes", "no"), ("no", "yes"), ("no", "no")]:
                kind = "nlev" if likely == "no" else "irv_lev" if reachable == "yes" else "nirv_lev"
                frame = frames.get(kind)
                text = f"class={letter},pain=N{rating},likely_exploitable={likely},internet_reachable={reachable}"
                (decision,) = triage_points(text, policy="fedramp-vdr", as_of=NOW).decisions
                span = timedelta(**{frame["timeframe_type"]: frame["timeframe_num"]}) if frame else None
                assert decision.due_at == (NOW + span if span else None), text
                asked += 1
    assert asked == 80


def test_the_versions_of_the_shipped_tables_are_those_published(shared: Path) -> None:
    for policy, file, _ in TABLES:
        published = json.loads(
            (shared / "data" / "ssvc" / "json" / file).with_suffix(".json").read_text(encoding="utf-8")
        )
        assert find_policy(policy).version == published["version"]
