"""A platform as its owner declares it: the workbook or the YAML file becomes a snapshot."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from passmuster.collect.connectors.declared.declaration import (
    ASKED,
    Declaration,
    DeclaredTable,
    Known,
    is_open_question,
)
from passmuster.collect.connectors.declared.workbook import read_declaration
from passmuster.collect.connectors.declared.yaml_twin import read_yaml_twin
from passmuster.collect.declared import apply_declared
from passmuster.collect.declared_rows import read_row
from passmuster.collect.interface import Secret, Target
from passmuster.errors import UnreadableInput, UsageError
from passmuster.model.declared import DeclaredFact
from passmuster.model.words import CollectionStatus
from passmuster.snapshot.gathered import CollectionResult, Gathered
from passmuster.snapshot.tables import TABLES

_STATUSES: Mapping[Known, CollectionStatus] = {
    Known.COMPLETE: CollectionStatus.OK,
    Known.PARTLY: CollectionStatus.PARTIAL,
    Known.NOTHING_THERE: CollectionStatus.EMPTY,
    Known.NOT_LICENSED: CollectionStatus.NOT_LICENSED,
    Known.NOT_KNOWN: CollectionStatus.UNSUPPORTED,
}
_SLUG = re.compile(r"[^a-z0-9]+")


class DeclaredConnector:
    """Reads what an owner wrote of one platform."""

    kind = "declared"
    version = "1"
    title = "Any platform, declared by its owner"
    secrets: tuple[Secret, ...] = ()

    def collect(self, target: Target) -> CollectionResult:
        """The tables declared; raises UsageError without a file, UnreadableInput with every mistake at its place."""
        if target.path is None or target.url is not None:
            raise UsageError(
                "declared: a platform without an interface is read from the file its owner filled in; write one with "
                "`passmuster template --platform NAME --out FILE.xlsx` and pass it with --from FILE.xlsx"
            )
        declaration = read_file(target.path)
        platform = declaration.tables["platforms"].rows[0]
        kind = platform.get("catalogue_id") or platform.get("product") or "other"
        called = platform.get("external_id") or platform.get("name") or "declared"
        base = CollectionResult(
            platform_id=target.platform_id or f"{kind}:{_SLUG.sub('-', str(called).lower()).strip('-')}",
            product=str(platform.get("product") or "other"),
            name=str(platform.get("name") or kind),
            connector=self.kind,
            connector_version=self.version,
            source_kind="manual",
            tables={},
            source_sha256=hashlib.sha256(target.path.read_bytes()).hexdigest(),
            base_url=str(platform.get("base_url") or ""),
        )
        merged = apply_declared(base, _facts(declaration))
        told = {name: declaration.tables.get(name, DeclaredTable()) for name in TABLES}
        tables = {name: _gathered(name, merged.tables.get(name), each) for name, each in told.items()}
        # Every row says that it is declared and every table by whom: the facts need not stand in the manifest again.
        return replace(merged, tables=tables, declared=())


def read_file(path: Path, *, is_draft: bool = False) -> Declaration:
    """The declaration of a workbook or its YAML twin, told apart by the name's end; raises PassmusterError.

    A draft need not say yet how much is known and who said so.
    """
    if path.is_dir():
        raise UnreadableInput(f"{path}: is a folder; name the workbook or YAML file inside it")
    if path.suffix.lower() in (".yaml", ".yml"):
        return read_yaml_twin(path, is_draft=is_draft)
    return read_declaration(path, is_draft=is_draft)


def _facts(declaration: Declaration) -> list[DeclaredFact]:
    found = []
    for name, table in declaration.tables.items():
        for row in table.rows:
            if table.said_at is not None and not is_open_question(name, row):
                typed = read_row(TABLES[name], row, _nothing_wrong)
                found.append(DeclaredFact(name, typed, table.said_by, table.said_at, table.source))
    return found


def _nothing_wrong(column: str, text: str) -> None:
    raise AssertionError(f"a row that was checked is wrong: {column} {text}")


def _gathered(name: str, merged: Gathered | None, declared: DeclaredTable) -> Gathered:
    status = _STATUSES[declared.known]
    if name not in ASKED:
        return Gathered(status, reason="nobody is asked to list these by hand")
    if declared.said_at is None:
        return Gathered(status, reason="its owner does not know", unlock="fill in that sheet, or ask the vendor")
    said = f"declared by {declared.said_by} on {declared.said_at:%Y-%m-%d} ({declared.source})"
    reason = f"{said}: {declared.note or declared.known!s}"
    rows = merged.rows if merged else ()
    return Gathered(status, rows, reason, source="declared")
