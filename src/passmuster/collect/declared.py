"""Facts that no interface gives, said by a person: reading them. `declared_merge` puts them beside collected rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from passmuster.collect.declared_merge import apply_declared
from passmuster.collect.declared_rows import DeclaredMistake, moment_of, read_row, shown
from passmuster.documents.secrets import mask_secrets
from passmuster.documents.yaml_file import read_yaml
from passmuster.errors import UnreadableInput
from passmuster.model.declared import DeclaredFact
from passmuster.snapshot.tables import TABLES

__all__ = ["SCHEMA", "apply_declared", "read_declared"]

SCHEMA = "passmuster/declared@1"
_FACT_KEYS = ("table", "row", "said_by", "said_at", "source")


def read_declared(path: Path) -> tuple[DeclaredFact, ...]:
    """The facts of a `passmuster/declared@1` file; raises UnreadableInput that lists every mistake at once."""
    document = read_yaml(path)
    complaints = list(_document_mistakes(document))
    facts = document.get("facts") if isinstance(document, Mapping) else None
    read: list[DeclaredFact] = []
    for number, fact in enumerate(facts if isinstance(facts, list) else [], start=1):
        mistakes: list[str] = []
        parsed = _read_fact(fact, mistakes.append)
        complaints += [f"fact {number}: {mistake}" for mistake in mistakes]
        if parsed is not None:
            read.append(parsed)
    if complaints:
        lines = "\n".join(f"  - {complaint}" for complaint in complaints)
        raise UnreadableInput(f"{path}: {len(complaints)} mistake(s) in the declared facts\n{lines}")
    return tuple(read)


def _document_mistakes(document: Any) -> Iterator[str]:
    if not isinstance(document, Mapping):
        yield f"the file must be a mapping that begins with `schema: {SCHEMA}` and holds a list `facts`"
        return
    if document.get("schema") != SCHEMA:
        yield f"schema is {mask_secrets(repr(document.get('schema')))}; write `schema: {SCHEMA}`"
    if not isinstance(document.get("facts"), list):
        yield "facts: must be a list; each item has `table`, `row`, `said_by`, `said_at`, `source`"
    yield from (f"{shown(key)}: is not known here; take it out" for key in document if key not in ("schema", "facts"))


def _read_fact(fact: Any, complain: Callable[[str], None]) -> DeclaredFact | None:
    if not isinstance(fact, Mapping):
        complain("must be a mapping with `table`, `row`, `said_by`, `said_at`, `source`")
        return None
    for key in fact:
        if key not in _FACT_KEYS:
            complain(f"{shown(key)}: is not known here; a fact has {', '.join(_FACT_KEYS)}")
    said_by, source = (_words(fact.get(key), key, complain) for key in ("said_by", "source"))
    said_at = _said_at(fact.get("said_at"), complain)
    table = TABLES.get(fact["table"]) if isinstance(fact.get("table"), str) else None
    if table is None:
        complain(f"table: {shown(fact.get('table'))} is no table of a snapshot; one of {', '.join(TABLES)}")
        return None

    def complain_of(column: str, text: str) -> None:
        where = f"{table.name}.{column}" if column else table.name if isinstance(fact.get("row"), Mapping) else "row"
        complain(f"{where}: {text}")

    row = read_row(table, fact.get("row"), complain_of)
    return DeclaredFact(table.name, row, said_by, said_at, source)


def _words(value: Any, key: str, complain: Callable[[str], None]) -> str:
    if isinstance(value, str) and value.strip():
        return value.strip()
    what = {"said_by": "the person who answers for it", "source": "where it can be looked up"}[key]
    complain(f"{key}: is missing; name {what}")
    return ""


def _said_at(value: Any, complain: Callable[[str], None]) -> datetime:
    try:
        if value is None:
            raise DeclaredMistake("is missing; write the day it was said, such as 2026-11-23")
        return moment_of(value)
    except DeclaredMistake as mistake:
        complain(f"said_at: {mistake}")
        return datetime.min.replace(tzinfo=UTC)
