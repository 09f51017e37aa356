"""What a control's parsed SQL tells before it runs: the columns it can touch, and whether its rows can repeat."""

from __future__ import annotations

import re
from collections.abc import Collection

import duckdb

from passmuster.evaluate.allow import complaints_about_parsed, parse, walk
from passmuster.snapshot.tables import TABLES

_WORD = re.compile(r"[a-z_][a-z0-9_]*")
_NOT_PLAIN = re.compile(r"\b(?:join|union|with|unnest)\b", re.IGNORECASE)


def words_of(connection: duckdb.DuckDBPyConnection, sql: str, tables: Collection[str]) -> frozenset[str] | None:
    """Every word of the SQL, so every column it can name; None where it can touch columns it does not name."""
    document = parse(connection, sql)
    if complaints_about_parsed(document, tables):
        return None
    nodes = list(walk(document))
    relations = {str(node.get(part, "")).lower() for node in nodes for part in ("table_name", "alias")} - {""}
    for node in nodes:
        # A star, columns by position or by coincidence, and a relation taken as one value name no columns.
        is_star = node.get("class") == "STAR" or node.get("ref_type") == "NATURAL" or node.get("column_name_alias")
        column = [str(name).lower() for name in node.get("column_names") or ()]
        if is_star or (len(column) == 1 and column[0] in relations):
            return None
    return frozenset(_WORD.findall(sql.lower()))


def names_each_row_once(connection: duckdb.DuckDBPyConnection, sql: str) -> bool:
    """Whether the SELECT reads one collected table and gives its key, so that no two rows have one `resource_id`."""
    if _NOT_PLAIN.search(sql):
        return False
    statements = parse(connection, sql).get("statements") or [{}]
    node = statements[0].get("node") or {}
    source = node.get("from_table") or {}
    table = TABLES.get(str(source.get("table_name", "")).lower())
    is_plain = (
        len(statements) == 1
        and node.get("type") == "SELECT_NODE"
        and source.get("type") == "BASE_TABLE"
        and not source.get("column_name_alias")
        and not (node.get("cte_map") or {}).get("map")
        and all(item.get("class") == "COLUMN_REF" for item in node.get("select_list") or ())
    )
    if not is_plain or table is None or len(table.key) != 1:
        return False
    first = node["select_list"][0]
    return str(first["column_names"][-1]).lower() == table.key[0]
