"""What every connector must hold to. Call these from the tests of a connector."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from passmuster.collect.interface import Connector, Target
from passmuster.model.words import CollectionStatus
from passmuster.snapshot.coerce import to_arrow
from passmuster.snapshot.gathered import CollectionResult, Gathered
from passmuster.snapshot.tables import TABLES

_NEED_REASON = frozenset(CollectionStatus) - {CollectionStatus.OK}
_DECLARATION = re.compile(r"declare (?P<table>\w+)(?:\.| \()(?P<columns>\w+(?:, \w+)*)\)? with --declared")
_FAULTS: Mapping[str, str] = {
    "refused": json.dumps({"status": 403, "body": {"message": "Forbidden"}}),
    "broken": json.dumps({"status": 500, "body": {"message": "Internal error"}}),
    "a web page": json.dumps({"status": 200, "headers": {"content-type": "text/html"}, "body": "<html>sign in</html>"}),
    "malformed": '{"status": 200, "body": {"data": [',
    "not an answer": "[1, 2]",
}


def assert_conforms(result: CollectionResult, *, canaries: Iterable[str] = ()) -> None:
    """Every table is accounted for, every value fits its column, every shortfall has a reason, no canary is kept."""
    unknown = set(result.tables) - set(TABLES)
    assert not unknown, f"tables the schema does not have: {sorted(unknown)}"
    missing = set(TABLES) - set(result.tables)
    assert not missing, f"tables not accounted for: {sorted(missing)}"
    for name, gathered in result.tables.items():
        _assert_table(name, gathered, result.platform_id)
    text = repr(result)
    for canary in canaries:
        assert canary not in text, "a planted secret was kept"


def _assert_table(name: str, gathered: Gathered, platform_id: str) -> None:
    table = TABLES[name]
    if gathered.status in _NEED_REASON:
        assert gathered.reason, f"{name}: {gathered.status} without a reason"
    if gathered.status is CollectionStatus.OK:
        assert gathered.rows, f"{name}: ok without rows"
    if gathered.status is CollectionStatus.EMPTY:
        assert not gathered.rows, f"{name}: empty with rows"
    columns = {column for row in gathered.rows for column in row}
    assert columns <= set(table.column_names), f"{name}: no such columns: {sorted(columns - set(table.column_names))}"
    for gap in gathered.gaps:
        assert gap.column in table.column_names, f"{name}: a gap in a column it does not have: {gap.column}"
        assert gap.reason, f"{name}.{gap.column}: a gap without a reason"
    typed = to_arrow(table, gathered.rows, platform_id=platform_id, origin="api")
    assert not typed.complaints, f"{name}: {typed.complaints}"
    distinct = {json.dumps(row, sort_keys=True, default=str) for row in gathered.rows}
    assert typed.table.num_rows == len(distinct), f"{name}: one key, several rows"


def assert_declarations_are_exact(result: CollectionResult) -> None:
    """Where a person is to declare something, its table and columns are named, and there are such."""
    texts = [gathered.unlock for gathered in result.tables.values()]
    texts += [gap.unlock for gathered in result.tables.values() for gap in gathered.gaps]
    asking = [text for text in texts if "declar" in text]
    assert asking, "nothing is left to declare"
    for text in asking:
        told = _DECLARATION.search(text)
        assert told, f"names no table and column: {text}"
        columns = re.findall(r"\w+", told["columns"])
        assert set(columns) <= set(TABLES[told["table"]].column_names), f"no such columns: {text}"


def assert_repeatable(connector: Connector, target: Target) -> None:
    """The same input twice gives equal output."""
    assert connector.collect(target) == connector.collect(target)


def assert_faults_are_told(make: Callable[[], Connector], folder: Path, scratch: Path, names: Sequence[str]) -> None:
    """Whatever goes wrong with one recorded answer, no table quietly has fewer rows than it had.

    `names` are the files (without `.json`) that hold answers the tables come from.
    """
    whole = _keys(make().collect(Target(path=folder, platform_id="test:1")))
    for name in names:
        for fault, text in _FAULTS.items():
            copy = scratch / f"{name}-{fault.replace(' ', '-')}"
            shutil.copytree(folder, copy)
            (copy / f"{name}.json").write_text(text, encoding="utf-8")
            result = make().collect(Target(path=copy, platform_id="test:1"))
            assert_conforms(result)
            _assert_nothing_quietly_gone(result, whole, f"{name} {fault}")
            shutil.rmtree(copy)


def _assert_nothing_quietly_gone(result: CollectionResult, whole: Mapping[str, set[Any]], what: str) -> None:
    for name, keys in _keys(result).items():
        if result.tables[name].status.is_readable:
            assert keys == whole[name], f"{what}: {name} is {result.tables[name].status} with other rows than before"


def _keys(result: CollectionResult) -> dict[str, set[Any]]:
    return {
        name: {tuple(str(row.get(column)) for column in TABLES[name].key) for row in gathered.rows}
        for name, gathered in result.tables.items()
    }
