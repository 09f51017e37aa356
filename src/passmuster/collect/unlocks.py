"""The one way in which connectors say that a person has to declare what no interface tells."""

from __future__ import annotations


def by_declaring(table: str, *columns: str) -> str:
    """What to do, with the table and its columns: `declare connections.identity_kind with --declared`."""
    if len(columns) == 1:
        return f"declare {table}.{columns[0]} with --declared"
    return f"declare {table} ({', '.join(columns)}) with --declared"
