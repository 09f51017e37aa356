"""Imports and advisories as the JSON documents of the contracts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import Any, TextIO

from passmuster.model.advisory import Advisory, AffectedProduct, Record, Score
from passmuster.report.text import rfc3339

IMPORT_SCHEMA = "passmuster/import@1"
SYNC_SCHEMA = "passmuster/sync-result@1"
ADVISORY_SCHEMA = "passmuster/advisory@1"


def write_document(document: Mapping[str, Any], out: TextIO) -> None:
    """One JSON document, ASCII with escapes."""
    out.write(json.dumps(document, indent=1, default=_plain, allow_nan=False) + "\n")


def import_document(files: Iterable[Any], tally: Any) -> dict[str, Any]:
    """An import as `passmuster/import@1`; `files` have path, kind, accepted, records, problems."""
    return {
        "schema": IMPORT_SCHEMA,
        "files": [
            {
                "path": file.path,
                "kind": file.kind or None,
                "accepted": file.accepted,
                "records": file.records,
                "problems": [
                    {"code": problem.code, "text": problem.text, "record": problem.record or None}
                    for problem in file.problems
                ],
            }
            for file in files
        ],
        "added": tally.added,
        "changed": tally.changed,
        "withdrawn": tally.withdrawn,
    }


def sync_document(feeds: Iterable[Any], files: Iterable[Any], tally: Any) -> dict[str, Any]:
    """A sync as `passmuster/sync-result@1`; `feeds` have name, state, problem."""
    told = [{"name": feed.name, "state": feed.state, "problem": feed.problem or None} for feed in feeds]
    return {"schema": SYNC_SCHEMA, "feeds": told, "import": import_document(files, tally)}


def advisory_document(advisory: Advisory, *, as_of: datetime, history: Iterable[Any]) -> dict[str, Any]:
    """The advisory as `passmuster/advisory@1`; `history` are values with seen_at, source, record, state, changes."""
    first = next(iter(advisory.scores), None)
    return {
        "schema": ADVISORY_SCHEMA,
        "as_of": as_of,
        "id": advisory.id,
        "aliases": list(advisory.aliases),
        "title": advisory.title,
        "description": next((record.description for record in advisory.records if record.description), ""),
        "severity": advisory.severity,
        "score": None if first is None else first.stated if first.stated is not None else first.computed,
        "vector": first.vector if first else "",
        "scores": [_score(score) for score in advisory.scores],
        "kev": asdict(advisory.kev) if advisory.kev else None,
        "ssvc": {
            point.name: {"value": point.value, "by": point.by, "judged_at": point.judged_at} for point in advisory.ssvc
        },
        "epss": asdict(advisory.epss) if advisory.epss else None,
        "affected": [_product(product) for product in advisory.affected],
        "fixed_versions": list(dict.fromkeys(fix for product in advisory.affected for fix in product.fixed_versions)),
        "hosted_only": advisory.is_hosted_only,
        "disputed": advisory.is_disputed,
        "withdrawn": advisory.is_withdrawn,
        "disclosed_at": advisory.disclosed_at,
        "vendor_fixed_at": advisory.vendor_fixed_at,
        "learned_at": advisory.learned_at,
        "notice": asdict(advisory.notice) if advisory.notice else None,
        "remediations": [asdict(each) for each in advisory.remediations],
        "sources": [_source(record) for record in advisory.records],
        "history": [_change(change) for change in history],
    }


def _change(change: Any) -> dict[str, Any]:
    return {
        "seen_at": change.seen_at,
        "source": change.source,
        "record": change.record,
        "state": change.state,
        "changes": [asdict(each) for each in change.changes],
    }


def _score(score: Score) -> dict[str, Any]:
    return {
        "version": score.version,
        "vector": score.vector,
        "stated": score.stated,
        "computed": score.computed,
        "differs": score.differs,
        "by": score.by,
    }


def _product(product: AffectedProduct) -> dict[str, Any]:
    return {**asdict(product), "ranges": [asdict(each) for each in product.ranges]}


def _source(record: Record) -> dict[str, Any]:
    return {
        "kind": record.kind,
        "feed": record.feed,
        "id": record.id,
        "published_at": record.published_at,
        "modified_at": record.modified_at,
        "withdrawn_at": record.withdrawn_at,
        "rejected": record.is_rejected,
        "references": list(record.references),
    }


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return rfc3339(value)
    if isinstance(value, date):
        return value.isoformat()
    return dict(value) if isinstance(value, Mapping) else str(value)
