"""What a control's SQL may do: read its tables with plain functions. Everything not listed is refused.

Settings of the database alone do not hold hostile SQL (docs/decisions/0004): the parsed statement is walked, and each
kind of node, function and table must be known to be harmless.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from typing import Any

import duckdb

from passmuster.model.control import SqlLook

FUNCTIONS = frozenset(
    """
    abs any_value arg_max arg_min array_length avg bool_and bool_or ceil coalesce concat concat_ws contains
    count count_star date_diff date_part date_trunc datediff day dense_rank ends_with epoch extract first
    first_value floor from_json greatest hour ifnull ilike_escape instr json_array_length json_contains
    json_exists json_extract json_extract_path json_extract_path_text json_extract_string json_type
    json_valid json_value lag last last_value lcase lead least left len length like_escape list
    list_any_value list_concat list_contains list_distinct list_filter list_has list_has_all list_has_any
    list_position list_sort list_value lower ltrim max md5 min mod month not_ilike_escape not_like_escape
    nullif now position prefix rank regexp_extract regexp_full_match regexp_matches regexp_replace replace
    right round row row_number rtrim sign split split_part starts_with strftime string_agg string_split
    strip_accents strlen strpos strptime struct_extract struct_pack substr substring suffix sum to_days
    to_hours to_json to_minutes to_months to_seconds to_weeks to_years trim trunc try_strptime ucase unnest
    upper year listagg group_concat array_agg list_transform json_keys json_transform quantile_cont median
    """.split()
)
OPERATORS = frozenset({"+", "-", "*", "/", "//", "%", "||", "~~", "!~~", "~~*", "!~~*", "->", "->>", "@>", "<@", "&&"})
_EXPRESSIONS = frozenset(
    """
    COLUMN_REF CONSTANT FUNCTION COMPARISON CONJUNCTION OPERATOR CASE CAST SUBQUERY BETWEEN WINDOW PARAMETER
    STAR COLLATE LAMBDA TYPE
    """.split()
)
_NODES = frozenset(
    """
    SELECT_NODE SET_OPERATION_NODE BASE_TABLE JOIN SUBQUERY EMPTY EXPRESSION_LIST TABLE_FUNCTION
    ORDER_MODIFIER LIMIT_MODIFIER DISTINCT_MODIFIER
    """.split()
)
_COLUMN = re.compile(r"[a-z_][a-z0-9_]*")
_ORDER_WORDS = frozenset({"ORDER_DEFAULT", "ASCENDING", "DESCENDING"})
_TABLE_FUNCTIONS = frozenset({"unnest"})


def refusals(connection: duckdb.DuckDBPyConnection, look: SqlLook) -> list[str]:
    """Why a look may not be taken: complaints about both statements and the column names; empty if it may."""
    found = [
        f"{part} {complaint}"
        for part, sql in (("population", look.population), ("violations", look.violations))
        for complaint in complaints_about(connection, sql, look.needs)
    ]
    names = (*look.must_know, *look.must_decide)
    return found + [f"names {name!r}, which is no column" for name in names if not _COLUMN.fullmatch(name)]


def complaints_about(connection: duckdb.DuckDBPyConnection, sql: str, tables: Collection[str]) -> list[str]:
    """Why `sql` may not run, all reasons; empty if it is one SELECT over `tables` with allowed functions."""
    return complaints_about_parsed(parse(connection, sql), tables)


def parse(connection: duckdb.DuckDBPyConnection, sql: str) -> dict[str, Any]:
    """The statements as DuckDB's parser serializes them, or its error."""
    row = connection.execute("SELECT json_serialize_sql($1)", [sql]).fetchone()
    document: dict[str, Any] = json.loads(row[0]) if row else {"error": True, "error_message": "not parsed"}
    return document


def complaints_about_parsed(document: dict[str, Any], tables: Collection[str]) -> list[str]:
    """The same for SQL that was parsed."""
    if document.get("error"):
        return [f"is not a SELECT that can be parsed: {document.get('error_message', '')}"]
    statements = document.get("statements", [])
    if len(statements) != 1:
        return [f"is {len(statements)} statements; one SELECT is expected"]
    readable = {name.lower() for name in tables}
    nodes = list(walk(statements[0].get("node")))
    readable |= {name.lower() for node in nodes for name in _names_given(node)}
    return sorted({complaint for node in nodes for complaint in _complaints_about_node(node, readable)})


def walk(value: Any) -> Iterator[dict[str, Any]]:
    """Every node below a parsed statement, itself included."""
    stack = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, dict):
            yield item
            stack.extend(item.values())
        elif isinstance(item, list):
            stack.extend(item)


def _names_given(node: dict[str, Any]) -> list[str]:
    """The names of common table expressions, which may be read like tables."""
    given = node.get("cte_map")
    return [str(entry.get("key")) for entry in given.get("map", [])] if isinstance(given, dict) else []


def _complaints_about_node(node: dict[str, Any], readable: Collection[str]) -> Iterator[str]:
    if "class" in node:
        yield from _complaints_about_expression(node)
    elif node.get("type") == "BASE_TABLE":
        name = str(node.get("table_name", ""))
        if node.get("schema_name") or node.get("catalog_name") or name.lower() not in readable:
            yield f"reads {name!r}, which is not among its needs"
        if node.get("at_clause") or node.get("sample"):
            yield "uses a time-travel or sample clause"
    elif node.get("type") == "TABLE_FUNCTION":
        function = node.get("function") or {}
        if str(function.get("function_name", "")).lower() not in _TABLE_FUNCTIONS:
            yield f"reads from the function {function.get('function_name')!r}, which is not allowed"
    elif isinstance(node.get("type"), str) and node["type"] not in _NODES | _ORDER_WORDS:
        yield f"uses {node['type']}, which is not allowed"


def _complaints_about_expression(node: dict[str, Any]) -> Iterator[str]:
    kind = str(node["class"])
    if kind not in _EXPRESSIONS:
        yield f"uses {kind}, which is not allowed"
    if kind in ("FUNCTION", "WINDOW") and "function_name" in node:
        name = str(node["function_name"]).lower()
        allowed = OPERATORS if node.get("is_operator") else FUNCTIONS
        if name not in allowed and name not in OPERATORS:
            yield f"calls {name}(), which is not allowed"
        if node.get("schema") or node.get("catalog"):
            yield f"calls {name}() of another schema"
