"""Records of Directus and NocoDB with parts of another kind or left out: told, never raised, never of two minds."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from passmuster.collect.interface import Target
from passmuster.collect.registry import find_connector
from passmuster.snapshot.coerce import to_arrow
from passmuster.snapshot.tables import TABLES

EXAMPLES = Path(__file__).parents[2] / "examples"
ODD: tuple[Any, ...] = (None, 7, -1.5, True, "", "text", [], {}, [None], {"id": 1}, "\ud800", "x" * 300, 10**30)


def mutated(value: Any, chance: random.Random) -> Any:
    """The value with parts replaced by something of another kind, or left out."""
    if chance.random() < 0.04:
        return chance.choice(ODD)
    if isinstance(value, dict):
        return {key: mutated(item, chance) for key, item in value.items() if chance.random() > 0.03}
    if isinstance(value, list):
        return [mutated(item, chance) for item in value if chance.random() > 0.03]
    return value


@pytest.mark.parametrize("kind", ["directus", "nocodb"])
@pytest.mark.parametrize("seed", range(40))
def test_no_odd_answer_makes_a_connector_fail(tmp_path: Path, kind: str, seed: int) -> None:
    chance = random.Random(seed)
    for path in (EXAMPLES / kind).glob("*.json"):
        document = json.loads(path.read_text(encoding="utf-8"))
        text = json.dumps({**document, "body": mutated(document["body"], chance)})
        (tmp_path / path.name).write_text(text, encoding="utf-8")
    result = find_connector(kind).collect(Target(path=tmp_path))

    assert set(result.tables) == set(TABLES)
    for name, table in result.tables.items():
        assert {column for row in table.rows for column in row} <= set(TABLES[name].column_names)
        to_arrow(TABLES[name], table.rows, platform_id="p", origin="export")
        assert table.reason or table.status == "ok"
