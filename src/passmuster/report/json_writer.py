"""Evaluations and drift as the JSON documents of the contracts, written piece by piece.

All output is ASCII with escapes: the document survives any pipe, terminal and code page, whatever a name contains.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from json.encoder import encode_basestring_ascii as _quoted
from typing import Any, TextIO

from passmuster.model.drift import Change, ControlChange, Drift, TableDrift
from passmuster.model.results import ControlResult, Evaluation, SnapshotIdentity
from passmuster.model.words import Outcome
from passmuster.report.text import rfc3339

EVALUATION_SCHEMA = "passmuster/evaluation@1"
DRIFT_SCHEMA = "passmuster/drift@1"
_PIECE_LINES = 512


def write_evaluation(evaluation: Evaluation, out: TextIO) -> None:
    """The evaluation as one `passmuster/evaluation@1` document; memory does not grow with the violations."""
    _write(_evaluation_pieces(evaluation), out)


def write_drift(drift: Drift, out: TextIO) -> None:
    """The drift as one `passmuster/drift@1` document; memory does not grow with the rows."""
    _write(_drift_pieces(drift), out)


def _write(pieces: Iterable[str], out: TextIO) -> None:
    held: list[str] = []
    for piece in pieces:
        held.append(piece)
        if len(held) >= _PIECE_LINES:
            out.write("".join(held))
            held.clear()
    out.write("".join(held))


def _evaluation_pieces(evaluation: Evaluation) -> Iterator[str]:
    yield "{"
    yield from _members(_evaluation_head(evaluation))
    yield ',\n "results": ['
    for number, result in enumerate(evaluation.results):
        yield ",\n  {" if number else "\n  {"
        yield from _members(_result_head(result), "   ")
        yield ',\n   "resources": '
        yield from _resources(result)
        yield "}"
    yield "],"
    yield from _members(_evaluation_tail(evaluation))
    yield "}\n"


def _evaluation_head(evaluation: Evaluation) -> dict[str, Any]:
    return {
        "schema": EVALUATION_SCHEMA,
        "as_of": evaluation.as_of,
        "snapshot": _snapshot(evaluation.snapshot),
        "packs": [{"id": pack.id, "version": pack.version, "title": pack.title} for pack in evaluation.packs],
    }


def _evaluation_tail(evaluation: Evaluation) -> dict[str, Any]:
    outcomes = (o for o in ("pass", "fail", "unknown", "manual", "not_applicable", "error"))
    counts = {outcome: evaluation.count(Outcome(outcome)) for outcome in outcomes}
    tables = [
        {"name": t.name, "status": t.status, "reason": t.reason, "unlock": t.unlock, "rows": t.rows}
        for t in evaluation.tables
    ]
    return {
        "summary": {**counts, "answered": evaluation.answered, "of": evaluation.applicable},
        "unlocks": [{"action": unlock.action, "controls": list(unlock.controls)} for unlock in evaluation.unlocks],
        "tables": tables,
        "warnings": list(evaluation.warnings),
    }


def _snapshot(snapshot: SnapshotIdentity) -> dict[str, Any]:
    return {
        "id": snapshot.id,
        "platform": snapshot.platform_id,
        "product": snapshot.product,
        "name": snapshot.name,
        "base_url": snapshot.base_url,
        "hosting": snapshot.hosting,
        "version": snapshot.version,
        "taken_at": snapshot.taken_at,
        "connector": snapshot.connector,
        "connector_version": snapshot.connector_version,
        "source_kind": snapshot.source_kind,
    }


def _result_head(result: ControlResult) -> dict[str, Any]:
    return {
        "pack": result.pack,
        "control": result.control,
        "title": result.title,
        "severity": result.severity,
        "responsibility": result.responsibility,
        "status": result.outcome,
        "reason": result.reason,
        "population": result.population,
        "violations": result.violation_count,
        "unknown_resources": result.unknown_resources,
        "domain": result.domain,
        "rationale": result.rationale,
        "remediation": result.remediation,
        "unlocks": list(result.unlocks),
        "maps": {framework: list(entries) for framework, entries in result.maps.items()},
    }


def _resources(result: ControlResult) -> Iterator[str]:
    """As `_array` writes, without a dictionary a violation: this is nearly all of a large document."""
    yield "["
    is_first = True
    for columns in result.in_columns():
        texts = (columns.ids, columns.names, columns.details, columns.fingerprints, columns.severities)
        exceptions = map(_exception, columns.excepted_until, columns.excepted_by)
        for identity, name, detail, fingerprint, severity, exception in zip(
            *(map(_quoted, each) for each in texts), exceptions, strict=True
        ):
            yield (
                f'{"" if is_first else ","}\n    {{"id": {identity}, "name": {name}, "detail": {detail}, '
                f'"fingerprint": {fingerprint}, "severity": {severity}, "exception": {exception}}}'
            )
            is_first = False
    yield "]"


def _exception(until: datetime | None, by: str) -> str:
    return "null" if until is None else _text({"until": until, "by": by})


def _drift_pieces(drift: Drift) -> Iterator[str]:
    yield "{"
    head = {
        "schema": DRIFT_SCHEMA,
        "base": {"id": drift.base_id},
        "head": {"id": drift.head_id},
        "warnings": list(drift.warnings),
    }
    yield from _members(head)
    yield ',\n "tables": {'
    for number, table in enumerate(drift.tables):
        yield f"{',' if number else ''}\n  {_text(table.table)}: {{"
        yield from _table_pieces(table)
        yield "}"
    yield "},"
    yield from _members(_drift_tail(drift))
    yield "}\n"


def _table_pieces(table: TableDrift) -> Iterator[str]:
    yield '"added": '
    yield from _array(table.added, "   ")
    yield ', "removed": '
    yield from _array(table.removed, "   ")
    yield ', "changed": '
    yield from _array((_change(change) for change in table.changed), "   ")
    yield f', "not_comparable": {_text(bool(table.not_comparable))}, "reason": {_text(table.not_comparable)}'


def _change(change: Change) -> dict[str, Any]:
    return {"key": change.key, "column": change.column, "before": change.before, "after": change.after}


def _control_change(change: ControlChange) -> dict[str, Any]:
    return {
        "control": change.control,
        "was_called": change.was_called,
        "before": change.before,
        "after": change.after,
        "new_fingerprints": list(change.new_fingerprints),
        "gone_fingerprints": list(change.gone_fingerprints),
    }


def _drift_tail(drift: Drift) -> dict[str, Any]:
    blind = [table for table in drift.tables if table.not_comparable]
    return {
        "not_comparable": [{"table": table.table, "reason": table.not_comparable} for table in blind],
        "controls": [_control_change(change) for change in drift.controls],
        "summary": {
            "added": sum(len(table.added) for table in drift.tables),
            "removed": sum(len(table.removed) for table in drift.tables),
            "changed": sum(len(table.changed) for table in drift.tables),
            "tables_changed": sum(table.is_changed for table in drift.tables),
            "tables_not_comparable": len(blind),
            "controls_changed": len(drift.controls),
        },
    }


def _members(members: Mapping[str, Any], indent: str = " ") -> Iterator[str]:
    for number, (name, value) in enumerate(members.items()):
        yield f"{',' if number else ''}\n{indent}{_text(name)}: {_text(value)}"


def _array(items: Iterable[Any], indent: str) -> Iterator[str]:
    yield "["
    for number, item in enumerate(items):
        yield f"{',' if number else ''}\n{indent}{_text(item)}"
    yield "]"


def _text(value: Any) -> str:
    return _ENCODER.encode(value)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return rfc3339(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return dict(value)
    return str(value)


_ENCODER = json.JSONEncoder(default=_plain, allow_nan=False)
