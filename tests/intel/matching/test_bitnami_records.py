"""Every OSV record of Bitnami up to 2024, at its ends and beside them, against `univers` and `packaging`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from packaging.version import InvalidVersion, Version
from univers.versions import SemverVersion

from passmuster.intel.feeds.interface import Document
from passmuster.intel.feeds.osv import OsvFeed
from tests.conftest import SHARED
from tests.intel.matching.asking import alone, ask

FOLDER = SHARED / "data" / "osv_bitnami"
NAMES = sorted(path.name for path in FOLDER.iterdir() if path.is_dir()) if FOLDER.is_dir() else []


def pairs_of(affected: dict[str, Any]) -> list[tuple[str, str | None, bool]]:
    """Start, end and whether the end is in, of each stretch; as the OSV format pairs its events."""
    found: list[tuple[str, str | None, bool]] = []
    for block in affected["ranges"]:
        for event in block["events"]:
            if "introduced" in event:
                found.append((event["introduced"], None, False))
            elif "fixed" in event:
                found[-1] = (found[-1][0], event["fixed"], False)
            elif "last_affected" in event:
                found[-1] = (found[-1][0], event["last_affected"], True)
    return found


def beside(text: str) -> list[str]:
    numbers = list(Version(text).release)
    later = [*numbers[:-1], numbers[-1] + 1]
    earlier = [*numbers[:-1], numbers[-1] - 1] if numbers[-1] else numbers
    return [text, ".".join(map(str, later)), ".".join(map(str, earlier))]


def meant(pairs: list[tuple[str, str | None, bool]], text: str) -> bool:
    """Whether the version is affected, by both libraries, which must agree."""
    by_packaging = any(_holds(pair, text, Version) for pair in pairs)
    if all(text.count(".") == 2 and (end is None or end.count(".") == 2) for _, end, _ in pairs):
        assert by_packaging == any(_holds(pair, text, SemverVersion) for pair in pairs)
    return by_packaging


def _holds(pair: tuple[str, str | None, bool], text: str, kind: Any) -> bool:
    start, end, is_end_in = pair
    version = kind(text)
    if start != "0" and version < kind(start):
        return False
    return end is None or version < kind(end) or (is_end_in and version == kind(end))


@pytest.mark.skipif(not NAMES, reason="the folder of real data is not beside this checkout")
@pytest.mark.parametrize("name", NAMES)
def test_verdicts_around_every_end_are_those_of_two_libraries(name: str) -> None:
    wrong, asked = [], 0
    for path in sorted((FOLDER / name).glob("*.json")):
        document = json.loads(path.read_text(encoding="utf-8"))
        advisory = alone(OsvFeed().read(Document(str(path), "", document)).records[0])
        for affected in document["affected"]:
            pairs = pairs_of(affected)
            for end in {end for low, high, _ in pairs for end in (low, high) if end not in (None, "0")}:
                try:
                    versions = beside(end)
                except InvalidVersion:
                    continue
                for version in versions:
                    found = ask(advisory, affected["package"]["name"], version)
                    assert found is not None
                    asked += 1
                    if (found.verdict == "affected") != meant(pairs, version):
                        wrong.append((path.name, version, str(found.verdict)))
    assert wrong == []
    assert asked > 0 or not list((FOLDER / name).glob("*.json"))


def test_a_package_url_asks_about_the_package(shared: Path) -> None:
    path = next(iter(sorted((shared / "data" / "osv_bitnami" / "redis").glob("*.json"))))
    document = json.loads(path.read_text(encoding="utf-8"))
    advisory = alone(OsvFeed().read(Document(str(path), "", document)).records[0])
    assert ask(advisory, "pkg:bitnami/redis", "1.0.0") is not None
    assert ask(advisory, "pkg:bitnami/valkey", "1.0.0") is None
    assert ask(advisory, "pkg:pypi/redis", "1.0.0") is None
