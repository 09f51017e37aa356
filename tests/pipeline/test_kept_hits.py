"""Hits are kept between runs: what changed is matched again, and the answer is the one of matching everything."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from passmuster.intel.catalogue.load import load_catalogue
from passmuster.intel.matching import kept
from passmuster.intel.matching.finding import Finding, Version
from passmuster.intel.matching.kept import FOLDER, Found, Wanted, find
from passmuster.intel.matching.naming import Asked, Asking
from passmuster.intel.store.reading import Store
from passmuster.pipeline.intelligence import import_paths
from tests.intel.making import kev
from tests.pipeline.test_triaging_in_bulk import VERSIONS, components_of, notices, record_of

_START = datetime(2026, 11, 1, tzinfo=UTC)
_NAMES = ["n8n", "builder", "builder-kit", "Mendix Runtime", "ServiceNow", "Flowise", "x"]


def _wanted(chance: random.Random) -> Wanted:
    asking = Asking(load_catalogue())
    asked: list[Asked] = list({id(each): each for each in map(asking, components_of(chance, _NAMES))}.values())
    versions = [Version(place, text) for place in range(len(asked)) for text in chance.sample(VERSIONS, 6)]
    return Wanted(asked, versions, [0, 2])


def _bring(folder: Path, chance: random.Random, day: int, *, count: int) -> None:
    """Some records of a day: new ones, changed ones, the list of exploited ones, once a notice."""
    given = folder / f"day-{day}"
    given.mkdir()
    documents = [record_of(chance, chance.randrange(60)) for _ in range(count)]
    documents += [kev({f"CVE-2025-{10_000 + chance.randrange(30)}": "2026-12-01"}), *([notices()] if day == 2 else [])]
    for number, document in enumerate(documents):
        (given / f"{number}.json").write_text(json.dumps(document), encoding="utf-8")
    import_paths(sorted(given.glob("*.json")), folder / "store", as_of=_START + timedelta(days=day))


def _both(folder: Path, wanted: Wanted, day: int) -> Found:
    """What is found with what was kept, which must be what is found without."""
    with closing(Store(folder / "store", as_of=_START + timedelta(days=day))) as store:
        found = find(store, wanted)
        anew = Finding(store, wanted.asked)
        assert found.of_versions == anew.of_versions(wanted.versions)
        assert found.of_wide == anew.of_all(wanted.wide)
    return found


@pytest.mark.parametrize("seed", range(6))
def test_day_by_day_the_same_is_found_as_anew_and_for_any_instant(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    wanted = _wanted(chance)
    matched = []
    for day in range(6):
        _bring(tmp_path, chance, day, count=30 if day == 0 else 4)
        matched.append(_both(tmp_path, wanted, day).matched)
    assert _both(tmp_path, wanted, 5).matched == 0
    # Only what a day changed is matched again: a record may tie others to its advisory.
    assert all(later < matched[0] for later in matched[1:])
    for day in chance.sample(range(6), 4):
        _both(tmp_path, wanted, day)


def test_another_question_has_hits_of_its_own(tmp_path: Path) -> None:
    chance = random.Random(3)
    wanted = _wanted(chance)
    _bring(tmp_path, chance, 0, count=30)
    _both(tmp_path, wanted, 0)
    other = Wanted(wanted.asked, [*wanted.versions[:-1], Version(1, "77.0.0")], wanted.wide)
    assert other.key != wanted.key
    assert _both(tmp_path, other, 0).matched > 0
    assert Wanted(wanted.asked, wanted.versions, [1]).key != wanted.key


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:100])


def _foreign(path: Path) -> None:
    path.write_text("no parquet", encoding="utf-8")


@pytest.mark.parametrize("spoil", [_cut, _foreign, Path.unlink])
def test_a_spoilt_file_is_made_again(tmp_path: Path, spoil: Callable[[Path], None]) -> None:
    chance = random.Random(4)
    wanted = _wanted(chance)
    _bring(tmp_path, chance, 0, count=20)
    first = _both(tmp_path, wanted, 0)
    (path,) = (tmp_path / "store" / FOLDER).iterdir()
    spoil(path)
    assert _both(tmp_path, wanted, 0).matched == first.matched
    assert _both(tmp_path, wanted, 0).matched == 0


def test_a_store_that_cannot_be_written_is_matched_anew(tmp_path: Path) -> None:
    chance = random.Random(5)
    wanted = _wanted(chance)
    _bring(tmp_path, chance, 0, count=20)
    # A file in its place: also whoever may write everything cannot make the folder.
    (tmp_path / "store" / FOLDER).write_text("", encoding="utf-8")
    first = _both(tmp_path, wanted, 0).matched
    assert first == _both(tmp_path, wanted, 0).matched > 0


def test_only_the_newest_questions_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "_MOST_FILES", 3)
    chance = random.Random(6)
    wanted = _wanted(chance)
    _bring(tmp_path, chance, 0, count=10)
    for number in range(5):
        _both(tmp_path, Wanted(wanted.asked, [Version(0, f"{number}.0")], []), 0)
    assert len(list((tmp_path / "store" / FOLDER).iterdir())) == 3


def test_the_store_takes_more_in_beside_what_is_kept(tmp_path: Path) -> None:
    chance = random.Random(7)
    wanted = _wanted(chance)
    _bring(tmp_path, chance, 0, count=10)
    _both(tmp_path, wanted, 0)
    _bring(tmp_path, chance, 1, count=3)
    _both(tmp_path, wanted, 1)
