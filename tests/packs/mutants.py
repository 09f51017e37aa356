"""Mutants of a look: the same statements with one condition broken, made over DuckDB's own syntax tree.

Of the violations every condition is broken; of the population those that choose its rows, and each column asked about.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from random import Random
from typing import Any

import duckdb

from passmuster.model.control import SqlLook

Tree = dict[str, Any]
_TURNED = {
    "COMPARE_LESSTHAN": "COMPARE_GREATERTHAN",
    "COMPARE_GREATERTHAN": "COMPARE_LESSTHAN",
    "COMPARE_LESSTHANOREQUALTO": "COMPARE_GREATERTHANOREQUALTO",
    "COMPARE_GREATERTHANOREQUALTO": "COMPARE_LESSTHANOREQUALTO",
    "COMPARE_EQUAL": "COMPARE_NOTEQUAL",
    "COMPARE_NOTEQUAL": "COMPARE_EQUAL",
    "COMPARE_IN": "COMPARE_NOT_IN",
    "COMPARE_NOT_IN": "COMPARE_IN",
    "COMPARE_NOT_DISTINCT_FROM": "COMPARE_DISTINCT_FROM",
    "COMPARE_DISTINCT_FROM": "COMPARE_NOT_DISTINCT_FROM",
    "OPERATOR_IS_NULL": "OPERATOR_IS_NOT_NULL",
    "OPERATOR_IS_NOT_NULL": "OPERATOR_IS_NULL",
}


@dataclass(frozen=True)
class Mutant:
    """One broken look. `name` says what was broken, in words that stay the same while the statement does."""

    name: str
    look: SqlLook


@dataclass(frozen=True)
class _Change:
    """One edit of a tree: at `path`, to `value`; `words` and the expression it is `about` tell it."""

    words: str
    about: Any
    path: tuple[str | int, ...]
    value: Any


def mutants(connection: duckdb.DuckDBPyConnection, look: SqlLook, *, at_most: int | None = None) -> list[Mutant]:
    """The mutants of a look, or `at_most` so many of them: always the same ones while its statements stay the same."""
    made: list[Callable[[], Mutant | None]] = []
    for part in ("violations", "population"):
        tree = _parsed(connection, getattr(look, part))
        for change in _changes(tree, is_population=part == "population"):
            made.append(partial(_changed, connection, look, part, tree, change))
    for asked in ("must_know", "must_decide"):
        made += [partial(_not_asked, look, asked, name) for name in getattr(look, asked)]
    if at_most is not None and len(made) > at_most:
        made = Random(look.violations).sample(made, at_most)
    found: dict[SqlLook, Mutant] = {}
    for make in made:
        mutant = make()
        if mutant is not None and mutant.look != look:
            found.setdefault(mutant.look, mutant)
    return list(found.values())


def _changed(
    connection: duckdb.DuckDBPyConnection, look: SqlLook, part: str, tree: Tree, change: _Change
) -> Mutant | None:
    sql = _written(connection, _edited(tree, change))
    if sql is None:
        return None
    broken = replace(look, violations=sql) if part == "violations" else replace(look, population=sql)
    return Mutant(f"{part}: {change.words} {_told(connection, change.about)}".strip(), broken)


def _not_asked(look: SqlLook, asked: str, name: str) -> Mutant:
    left = tuple(other for other in getattr(look, asked) if other != name)
    broken = replace(look, must_know=left) if asked == "must_know" else replace(look, must_decide=left)
    return Mutant(f"{asked}: without {name}", broken)


def _parsed(connection: duckdb.DuckDBPyConnection, sql: str) -> Tree:
    row = connection.execute("SELECT json_serialize_sql($1)", [sql]).fetchone()
    tree: Tree = json.loads(row[0]) if row else {"error": True}
    assert not tree.get("error"), f"cannot be parsed: {sql}"
    return tree


def _written(connection: duckdb.DuckDBPyConnection, tree: Tree) -> str | None:
    row = connection.execute("SELECT json_deserialize_sql($1)", [json.dumps(tree)]).fetchone()
    return str(row[0]) if row else None


def _edited(tree: Tree, change: _Change) -> Tree:
    new = copy.deepcopy(tree)
    place: Any = new
    for step in change.path[:-1]:
        place = place[step]
    place[change.path[-1]] = change.value
    return new


def _changes(tree: Tree, *, is_population: bool) -> Iterator[_Change]:
    for path, node in _walk(tree, ()):
        if is_population:
            yield from () if _in_a_column(path) else _dropped(node, path)
        elif not _only_tells(path):
            yield from _dropped(node, path)
            yield from _turned(node, path)


def _walk(value: Any, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], Tree]]:
    if isinstance(value, dict):
        yield path, value
        for key, inner in value.items():
            yield from _walk(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _walk(inner, (*path, index))


def _only_tells(path: tuple[str | int, ...]) -> bool:
    """Whether the place is in a column after the first of the outermost SELECT: the name, detail, or severity."""
    for index, step in enumerate(path):
        if step in ("cte_map", "from_table", "where_clause", "having"):
            return False
        if step == "select_list":
            return path[index + 1 :][:1] not in ((), (0,))
    return False


def _in_a_column(path: tuple[str | int, ...]) -> bool:
    """Whether the place computes a column, and does not choose rows."""
    chooses = ("where_clause", "condition", "having", "filter")
    nearest = next((step for step in reversed(path) if step == "select_list" or step in chooses), None)
    return nearest == "select_list"


def _dropped(node: Tree, path: tuple[str | int, ...]) -> Iterator[_Change]:
    """One part of an AND or OR left out, or a condition of one part left out as a whole."""
    if node.get("class") == "CONJUNCTION":
        children = node["children"]
        word = "AND" if node["type"] == "CONJUNCTION_AND" else "OR"
        for index, child in enumerate(children):
            left = [other for place, other in enumerate(children) if place != index]
            yield _Change(f"without {word}", child, path, left[0] if len(left) == 1 else {**node, "children": left})
    for key in ("where_clause", "having", "filter"):
        alone = node.get(key)
        if isinstance(alone, dict) and alone.get("class") not in (None, "CONJUNCTION"):
            yield _Change(f"without {key.partition('_')[0]}", alone, (*path, key), None)


def _turned(node: Tree, path: tuple[str | int, ...]) -> Iterator[_Change]:
    """A comparison turned round, a NOT taken away, an outer join made an inner one."""
    kind = str(node.get("type", ""))
    if node.get("class") in ("COMPARISON", "OPERATOR") and kind in _TURNED:
        yield _Change("turned", node, (*path, "type"), _TURNED[kind])
    elif kind == "OPERATOR_NOT":
        yield _Change("without NOT of", node, path, node["children"][0])
    elif kind == "JOIN" and node.get("join_type") == "LEFT":
        yield _Change("inner join on", node.get("condition"), (*path, "join_type"), "INNER")


def _told(connection: duckdb.DuckDBPyConnection, expression: Any) -> str:
    """An expression as SQL, shortened; how it is spelled does not depend on where it stands."""
    if not isinstance(expression, dict):
        return "named columns"
    select = _parsed(connection, "SELECT 1")
    select["statements"][0]["node"]["select_list"] = [expression]
    text = (_written(connection, select) or "").removeprefix("SELECT ")
    return text if len(text) <= 160 else f"{text[:120]} ... {text[-36:]}"
