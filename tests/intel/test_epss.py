"""Exploit predictions: by column, the newest day that was seen."""

from __future__ import annotations

import csv
import io
import random
from pathlib import Path

from passmuster.intel.tally import Tally
from tests.intel.making import advisories, cve, day, take, write


def _scores(path: Path, rows: dict[str, float], scored_on: str = "2025-08-25", *, percentile: bool = True) -> Path:
    out = io.StringIO()
    if scored_on:
        out.write(f"#model_version:v2025.03.14,score_date:{scored_on}T12:55:00Z\n")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["cve", "epss", "percentile"] if percentile else ["cve", "epss"])
    writer.writerows([name, f"{value:.5f}", f"{value:.5f}"][: 3 if percentile else 2] for name, value in rows.items())
    path.write_text(out.getvalue())
    return path


def test_the_newest_day_that_had_been_seen_counts(tmp_path: Path, store: Path) -> None:
    name = "CVE-2025-10001"
    take(store, write(tmp_path / "cve.json", cve(name)), at=day(0))
    days = {3: 0.3, 1: 0.1, 2: 0.2}
    for number, value in days.items():
        take(store, _scores(tmp_path / "epss.csv", {name: value}, f"2026-01-0{number}"), at=day(number))
    found = [advisories(store, day(number))[name].epss for number in range(5)]
    assert [each and (each.probability, each.scored_on.isoformat(), each.model) for each in found] == [
        None,
        (0.1, "2026-01-01", "v2025.03.14"),
        (0.2, "2026-01-02", "v2025.03.14"),
        (0.3, "2026-01-03", "v2025.03.14"),
        (0.3, "2026-01-03", "v2025.03.14"),
    ]


def test_an_import_counts_first_other_and_missing_predictions(tmp_path: Path, store: Path) -> None:
    chance = random.Random(1)
    before = {f"CVE-2024-{number}": chance.random() for number in range(10_000, 12_000)}
    after = {name: value if chance.random() < 0.5 else chance.random() for name, value in before.items()}
    for name in chance.sample(sorted(after), 30):
        del after[name]
    after |= {f"CVE-2025-{number}": 0.5 for number in range(10_000, 10_040)}
    assert take(store, _scores(tmp_path / "a.csv", before, "2026-01-01"), at=day(0)).tally == Tally(added=2000)
    path = _scores(tmp_path / "b.csv", after, "2026-01-02")
    moved = sum(f"{before[name]:.5f}" != f"{after[name]:.5f}" for name in before.keys() & after.keys())
    assert take(store, path, at=day(1)).tally == Tally(added=40, changed=moved, withdrawn=30)
    assert take(store, path, at=day(2)).tally == Tally()


def test_a_file_without_day_and_percentile_is_of_the_day_it_was_seen(tmp_path: Path, store: Path) -> None:
    name = "CVE-2025-10001"
    path = _scores(tmp_path / "epss.csv", {name: 0.25}, "", percentile=False)
    (file,) = take(store, path, write(tmp_path / "cve.json", cve(name)), at=day(3)).files[:1]
    assert [problem.code for problem in file.problems] == ["no_score_date"]
    epss = advisories(store)[name].epss
    assert epss is not None
    assert (epss.probability, epss.percentile, epss.scored_on) == (0.25, None, day(3).date())
