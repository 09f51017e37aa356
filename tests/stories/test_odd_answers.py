"""Answers that are missing, refused, cut off or of others: told table by table, never raised, never taken for good."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from passmuster.collect.registry import find_connector
from passmuster.errors import PassmusterError
from passmuster.model.words import CollectionStatus
from passmuster.pipeline.collecting import Collecting, prepare
from passmuster.snapshot.tables import TABLES

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
PAGE = "<html><body>Please sign in</body></html>"


def _odd_versions(answer: dict[str, Any]) -> Iterator[tuple[str, str | None]]:
    yield "missing", None
    yield "empty", ""
    yield "cut off", json.dumps(answer)[: len(json.dumps(answer)) // 2]
    yield "a list", "[]"
    yield "null", "null"
    yield "nested deeply", "[" * 5_000 + "]" * 5_000
    yield "a page", json.dumps({**answer, "status": 200, "body": PAGE})
    for status in (204, 302, 401, 403, 404, 429, 500):
        yield f"HTTP {status}", json.dumps({**answer, "status": status, "body": {"message": "no"}})
    for name, body in (("no body", None), ("a number", 7), ("other rows", [1, "a", None, [], {}])):
        yield name, json.dumps({**answer, "status": 200, "body": body})
    yield "another list", json.dumps({**answer, "status": 200, "body": {"data": [1, "a", None, [], {}]}})
    yield "a status in words", json.dumps({**answer, "status": "200"})
    yield "headers as a list", json.dumps({**answer, "headers": [1]})


def _statuses(kind: str, folder: Path) -> dict[str, CollectionStatus]:
    connector, target, _ = prepare(Collecting(kind, path=folder, environ={}))
    found = connector.collect(target).tables
    return {name: found[name].status if name in found else CollectionStatus.UNSUPPORTED for name in TABLES}


@pytest.mark.parametrize("kind", ["directus", "n8n", "nocodb", "node-red"])
def test_no_odd_answer_raises_or_makes_any_table_look_better(tmp_path: Path, kind: str) -> None:
    folder = tmp_path / "answers"
    shutil.copytree(EXAMPLES / kind, folder)
    good = _statuses(kind, folder)
    lost: set[str] = set()
    for path in sorted(folder.glob("*.json")):
        text = path.read_text(encoding="utf-8")
        for name, odd in _odd_versions(json.loads(text)):
            path.unlink() if odd is None else path.write_text(odd, encoding="utf-8")
            now = _statuses(kind, folder)
            better = {table for table, status in now.items() if status.is_readable and not good[table].is_readable}
            # What was not licensed is answered no better by an answer nobody can read.
            better |= {table for table, status in now.items() if status.rank < good[table].rank and not status.rank}
            assert not better, f"{path.name} {name}"
            lost |= {table for table, status in now.items() if status.rank > good[table].rank}
            path.write_text(text, encoding="utf-8")
    assert {"apps", "app_steps", "settings", "add_ons"} <= lost


@pytest.mark.parametrize(
    "document", ["{}", "[]", "null", "7", '"text"', '{"users": []}', '[{"environment_list": []}]', '{"Raw": 7}']
)
def test_a_document_without_any_expected_key_gives_tables_that_say_error(tmp_path: Path, document: str) -> None:
    (tmp_path / "export.json").write_text(document)
    statuses = _statuses("power-platform", tmp_path / "export.json")
    assert set(statuses.values()) == {CollectionStatus.ERROR}


@pytest.mark.parametrize("odd", [None, 7, "text", [], {}, [1, None, []], {"value": 7}, [{"value": "x"}]], ids=repr)
def test_no_odd_part_of_an_export_raises(tmp_path: Path, odd: Any) -> None:
    export = json.loads((EXAMPLES / "power-platform" / "ProviderSettingsExport.json").read_text(encoding="utf-8-sig"))
    connector = find_connector("power-platform")
    for key in ("environment_creation", "dlp_policies", "environment_list", "tenant_isolation", "tenant_details"):
        (tmp_path / "export.json").write_text(json.dumps({**export, key: odd}))
        _, target, _ = prepare(Collecting("power-platform", path=tmp_path / "export.json", environ={}))
        try:
            tables = connector.collect(target).tables
        except PassmusterError as error:
            pytest.fail(f"{key}: {error}")
        assert tables["platforms"].status is CollectionStatus.OK
