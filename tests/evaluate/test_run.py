"""A run is written as what differs from an earlier one, and says the same as a run that is written whole."""

from __future__ import annotations

import csv
import hashlib
import random
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from passmuster.evaluate.looking import ROWS, rows_of
from passmuster.evaluate.run import Base, RunFiles, hold_again, write_base, write_run
from passmuster.evaluate.run_rows import COLUMNS
from passmuster.evaluate.run_state import RUN, WHOLE, digest_state, open_state
from passmuster.evaluate.told import Told
from passmuster.model.control import Pack
from passmuster.model.results import ControlResult, Evaluation, SnapshotIdentity
from passmuster.model.words import Outcome, Responsibility, Severity
from passmuster.snapshot.whereabouts import SCHEMA

NOW = datetime(2026, 3, 1, tzinfo=UTC)
PACK = Pack("house", "1.0", "House", Path(), True, (), renamed={"OLD": "B"})
HOSTILE = (
    *("", "a", "ab", "a\0", "a\0b", "\0", "\x1f", "a\x1fb", "\x1fA\x1f", '"', "'", "\\", "\\u0041", "a,b", "a\r\nb"),
    *("é", "e\u0301", "\uffff", "\U0001f600", "\U0010ffff", "漢字", " ", "\u200b", "x" * 499, "x" * 500, "x" * 501),
    *("x" * 502, "\U0001f600" * 501, "x\0" * 400),
)
Found = Mapping[str, str]
"""Resource ids and their detail."""


def verdict(control: str, found: Found, *, outcome: str = "fail", unknown: int = 0, who: str = "plat") -> ControlResult:
    rows = rows_of((key, "", detail, "") for key, detail in sorted(found.items()))
    told = Told(rows, Severity.HIGH, f"house\x1f{PACK.first_name_of(control)}\x1f{who}", {})
    return ControlResult(
        *("house", control, f"Control {control}", "House", Severity.HIGH, Responsibility.CUSTOMER, Outcome(outcome)),
        reason="said the look",
        violation_count=len(told),
        unknown_resources=unknown,
        violations=told,
    )


def evaluation(*results: ControlResult, who: str = "plat") -> Evaluation:
    identity = SnapshotIdentity("s", who, "n8n", "P", "", "self", "1", NOW, "n8n", "1", "api")
    return Evaluation(NOW, identity, (), results, (), ())


def run(folder: Path, results: list[ControlResult], base: Path | None = None, who: str = "plat") -> RunFiles:
    folder.mkdir()
    against = Base("", base / RUN if base else None)
    return write_run(evaluation(*results, who=who), (PACK,), SCHEMA.empty_table(), base=against, folder=folder)


def standing(folder: Path) -> dict[str, tuple[object, ...]]:
    """By fingerprint what stands after a run: `COLUMNS` and whether it was missed."""
    with duckdb.connect() as connection:
        open_state(connection, "it", folder / RUN)
        rows = connection.execute(f"SELECT {', '.join(COLUMNS)}, is_missed FROM it").fetchall()
        places = connection.execute("SELECT count(DISTINCT place) FROM it").fetchone()
    assert places == (len(rows),)
    found = {row[0]: row for row in rows}
    assert len(found) == len(rows)
    return found


def lines(folder: Path, name: str) -> list[list[str]]:
    with (folder / name).open(encoding="utf-8", newline="") as stream:
        return sorted(csv.reader(stream))


def told(folder: Path) -> list[list[list[str]]]:
    return [lines(folder, name) for name in ("found.csv", "gone.csv", "missed.csv")]


def by_rule(control: str, resource: str, who: str = "plat") -> str:
    return hashlib.sha256("\x1f".join(("house", control, who, resource)).encode()).hexdigest()[:32]


def test_a_fingerprint_of_the_database_is_the_one_that_reports_show(tmp_path: Path) -> None:
    seen = verdict("A", dict.fromkeys(HOSTILE, "d"))
    run(tmp_path / "a", [seen])
    rule = {by_rule("A", each) for each in HOSTILE}
    assert len(rule) == len(HOSTILE)
    assert set(standing(tmp_path / "a")) == {each.fingerprint for each in seen.violations} == rule


def test_a_renamed_control_keeps_the_fingerprints_of_its_first_name(tmp_path: Path) -> None:
    run(tmp_path / "a", [verdict("B", {"x": ""})])
    assert set(standing(tmp_path / "a")) == {by_rule("OLD", "x")}


def test_what_changed_little_is_written_beside_the_whole_of_the_run_before(tmp_path: Path) -> None:
    many = {f"r{number:03}": "d" for number in range(100)}
    run(tmp_path / "a", [verdict("A", many)])
    other = {**many, "r007": "otherwise", "fresh": "d"}
    del other["r009"]
    found = run(tmp_path / "b", [verdict("A", other)], tmp_path / "a")
    assert (found.rows, found.found, found.gone, found.carried) == (100, 2, 1, 0)
    assert {row[4] for row in lines(tmp_path / "b", "found.csv")} == {"r007", "fresh"}
    assert (tmp_path / "b" / WHOLE).samefile(tmp_path / "a" / WHOLE)
    assert found.sha256 == digest_state(tmp_path / "b") != digest_state(tmp_path / "a")
    run(tmp_path / "whole", [verdict("A", other)])
    assert standing(tmp_path / "b") == standing(tmp_path / "whole")
    most = dict.fromkeys(other, "all otherwise")
    run(tmp_path / "c", [verdict("A", most)], tmp_path / "b")
    assert not (tmp_path / "c" / WHOLE).samefile(tmp_path / "a" / WHOLE)


def test_another_platform_or_first_name_makes_other_findings(tmp_path: Path) -> None:
    """Their fingerprints differ, so none is as it was, though all that a person reads is the same."""
    run(tmp_path / "a", [verdict("A", {"x": "d"})])
    found = run(tmp_path / "b", [verdict("A", {"x": "d"}, who="other")], tmp_path / "a", who="other")
    assert (found.found, found.gone) == (1, 1)
    assert set(standing(tmp_path / "b")) == {by_rule("A", "x", "other")}


def test_a_file_that_was_cut_or_lost_has_another_digest(tmp_path: Path) -> None:
    found = run(tmp_path / "a", [verdict("A", {"x": "d"})])
    for name in (RUN, WHOLE):
        kept = (tmp_path / "a" / name).read_bytes()
        (tmp_path / "a" / name).write_bytes(kept[:-1])
        assert digest_state(tmp_path / "a") != found.sha256
        (tmp_path / "a" / name).unlink()
        assert digest_state(tmp_path / "a") == ""
        (tmp_path / "a" / name).write_bytes(kept)
    assert digest_state(tmp_path / "a") == found.sha256


class Plain:
    """What dictionaries make of the same runs."""

    def __init__(self) -> None:
        self.open: dict[str, tuple[str, str, str, bool]] = {}

    def follow(self, results: list[ControlResult]) -> list[set[str]]:
        """Fingerprints that are new or otherwise or no longer missed, that are gone, and that are now missed."""
        found = {
            by_rule(each.control, v.id): (each.control, v.id.replace("\0", "")[:500], v.detail.replace("\0", ""), False)
            for each in results
            for v in each.violations
        }
        seen = {row[0] for row in found.values()}
        tells = {each.control for each in results if each.outcome == "pass" or not each.unknown_resources}
        lost = {key: row for key, row in self.open.items() if key not in found}
        gone = {key for key, row in lost.items() if row[0] in tells & {each.control for each in results}}
        missed = {key for key, row in lost.items() if key not in gone and row[0] in seen and not row[3]}
        carried = {key: (*row[:3], row[3] or key in missed) for key, row in lost.items() if key not in gone}
        fresh = {key for key, row in found.items() if self.open.get(key) != row}
        self.open = {**found, **carried}
        return [fresh, gone, missed]


def looks(dice: random.Random, before: dict[str, dict[str, str]]) -> list[ControlResult]:
    """Mostly as before, sometimes quite otherwise; controls are lost from sight, pass, or know only a part."""
    results = []
    for control in "ACD":
        known = before.setdefault(control, dict.fromkeys(HOSTILE, "d"))
        often = dice.choice([0.0, 0.0, 0.02, 0.02, 0.02, 0.6])
        for each in HOSTILE:
            if dice.random() < often:
                known.pop(each, None)
            elif dice.random() < often:
                known[each] = dice.choice(["d", "otherwise", "a\0", '"\n', ""])
            elif each not in known and dice.random() < 0.1:
                known[each] = "d"
        luck = dice.random()
        if luck < 0.08:
            continue
        if luck < 0.14 or not known:
            results.append(verdict(control, {}, outcome="pass"))
        else:
            results.append(verdict(control, known, unknown=dice.choice([0, 0, 1])))
    return results


@pytest.mark.parametrize("seed", range(2))
def test_runs_held_against_runs_say_what_dictionaries_say(tmp_path: Path, seed: int) -> None:
    dice, plain, before, base, shared = random.Random(seed), Plain(), {}, None, 0
    for number in range(16):
        results = looks(dice, before)
        folder = tmp_path / str(number)
        run(folder, results, base)
        wanted = plain.follow(results)
        assert [{row[0] for row in rows} for rows in told(folder)] == wanted, number
        stands = {key: (row[2], row[4], row[8], row[-1]) for key, row in standing(folder).items()}
        assert stands == plain.open, number
        shared += base is not None and (folder / WHOLE).samefile(base / WHOLE)
        base = folder
    assert 3 < shared < 15


def test_held_again_against_another_base_a_run_is_as_if_it_had_been_from_the_start(tmp_path: Path) -> None:
    many = {f"r{number:03}": "d" for number in range(60)}
    run(tmp_path / "a", [verdict("A", many), verdict("C", many)])
    run(tmp_path / "other", [verdict("A", {**many, "r003": "otherwise", "new": "d"}), verdict("C", {}, outcome="pass")])
    results = [verdict("A", {**many, "r004": "otherwise"}, unknown=1)]
    found = run(tmp_path / "b", results, tmp_path / "a")
    run(tmp_path / "start", results, tmp_path / "other")
    hold_again(tmp_path / "b", found.conclusive, Base("now", tmp_path / "other" / RUN))
    assert told(tmp_path / "b") == told(tmp_path / "start")
    assert standing(tmp_path / "b") == standing(tmp_path / "start")


def test_rows_of_the_database_are_as_good_a_base_as_a_file(tmp_path: Path) -> None:
    """As good as hostile ids allow: of two ids that a record cannot tell apart, each is one finding all the same."""
    first = dict.fromkeys(HOSTILE, "d")
    run(tmp_path / "a", [verdict("A", first), verdict("C", first)])
    write_base(standing(tmp_path / "a").values(), tmp_path / "base.parquet")
    left = {key: detail for key, detail in first.items() if key not in ("a\0b", "x" * 501)}
    results = [verdict("A", {**left, "a": "otherwise"}), verdict("C", {"a": "d"}, unknown=1)]
    run(tmp_path / "file", results, tmp_path / "a")
    (tmp_path / "rows").mkdir()
    base = Base("", tmp_path / "base.parquet")
    write_run(evaluation(*results), (PACK,), SCHEMA.empty_table(), base=base, folder=tmp_path / "rows")
    assert told(tmp_path / "file") == told(tmp_path / "rows")
    assert standing(tmp_path / "file") == standing(tmp_path / "rows")


def test_violations_may_be_plain_objects_too(tmp_path: Path) -> None:
    seen = verdict("A", {"x": "d", "y": "e"})
    run(tmp_path / "a", [seen])
    run(tmp_path / "b", [replace(seen, violations=tuple(seen.violations))])
    assert standing(tmp_path / "a") == standing(tmp_path / "b")


def test_violations_are_texts_in_columns() -> None:
    assert rows_of([]).schema == ROWS
    assert rows_of([("a", "b", "c", "d")]) == pa.table(
        {name: [cell] for name, cell in zip(ROWS.names, "abcd", strict=True)}
    )
