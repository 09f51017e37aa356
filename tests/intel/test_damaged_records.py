"""Real records damaged at random: read, or refused with a reason; never anything else."""

from __future__ import annotations

import copy
import json
import random
from pathlib import Path
from typing import Any

from passmuster.errors import UnreadableInput
from passmuster.intel.feeds.interface import Document
from passmuster.intel.feeds.registry import find_feed
from passmuster.intel.record_json import from_text, to_text
from passmuster.intel.store.rows import Rows, version_of
from tests.intel.making import NOW

_JUNK = [
    None,
    True,
    0,
    -1,
    3.5,
    10**400,
    "",
    "x",
    "\ud800",
    "9999-12-31T23:59:59-12:00",
    "n/a",
    "*",
    "<= ",
    "cpe:2.3:a",
]
_JUNK += [
    [],
    {},
    [1],
    {"a": 1},
    [[]],
    [{}],
    ["x"],
    "CVSS:3.1/",
    "CVSS:4.0/AV:N/AC:L",
    "pkg:",
    "pkg:a/b/c@1",
    "0001-01-01",
]


def _places(value: Any, place: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place, *(found for key, child in children for found in _places(child, (*place, key)))]


def _damage(value: Any, chance: random.Random) -> Any:
    damaged = copy.deepcopy(value)
    for _ in range(chance.choice([1, 1, 2, 4])):
        place = chance.choice([place for place in _places(damaged) if place])
        inner = damaged
        for key in place[:-1]:
            inner = inner[key]
        if isinstance(inner, dict) and chance.random() < 0.2:
            del inner[place[-1]]
        else:
            inner[place[-1]] = copy.deepcopy(chance.choice(_JUNK))
    return damaged


def test_damaged_records_are_read_or_refused(data: Path) -> None:
    chance = random.Random(7)
    paths = [
        *sorted((data / "vulnrichment_nocode").glob("*.json")),
        *sorted((data / "osv_bitnami").glob("[am]*/*.json")),
    ]
    values = [json.loads(path.read_text()) for path in chance.sample(paths, 60)]
    catalogue = json.loads((data / "kev" / "known_exploited_vulnerabilities.json").read_text())
    values += [{**catalogue, "vulnerabilities": catalogue["vulnerabilities"][:3]}] * 5
    outcomes = {"read": 0, "unknown": 0}
    reasons: list[str] = []
    for _ in range(800):
        damaged = _damage(chance.choice(values), chance)
        document = Document("damaged.json", "", damaged)
        feed = find_feed(document)
        if feed is None:
            outcomes["unknown"] += 1
            continue
        try:
            reading = feed.read(document)
        except UnreadableInput as refusal:
            reasons.append(str(refusal))
            continue
        rows = Rows(1)
        for record in reading.records:
            assert from_text(to_text(record)) == record
            rows.add(version_of(record), seen_at=NOW)
        assert rows.take()["records"].num_rows == len(reading.records)
        outcomes["read"] += 1
    assert outcomes["read"] > 100
    assert len(reasons) > 100
    assert all(reason.startswith("damaged.json: ") for reason in reasons)
