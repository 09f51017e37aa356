"""A certification's folder: what was frozen, the workbooks that went out, and every answer that came back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from passmuster.documents.atomic import new_file
from passmuster.documents.json_file import read_json
from passmuster.errors import UnreadableInput

SCHEMA = "passmuster/access-campaign@1"
ANSWER_SCHEMA = "passmuster/access-answer@1"
HEAD = "campaign.json"
POPULATION = "population.parquet"
RETURNED = "returned"
WORKBOOKS = "workbooks"
_MEND = "this certification cannot be trusted; freeze the population again"


@dataclass(frozen=True)
class Item:
    """One frozen entitlement, as reviewers see it; all text. `rank` orders risky ones first."""

    item: str
    reviewer: str
    holder_id: str
    person: str
    login: str
    kind: str
    role: str
    allows: str
    object: str
    environment: str
    path: str
    last_use: str
    ends: str
    risks: str
    rank: int
    needs_reason: bool


_SCHEMA = pa.schema(
    [(each.name, {"int": pa.int32(), "bool": pa.bool_()}.get(str(each.type), pa.string())) for each in fields(Item)]
)


@dataclass(frozen=True)
class Campaign:
    """A frozen population. `missing` says what could not be read, then it is not complete."""

    id: str
    platform_id: str
    snapshot_id: str
    frozen_at: datetime
    missing: tuple[str, ...]
    items: tuple[Item, ...]

    @property
    def is_complete(self) -> bool:
        """Whether the population is all there is."""
        return not self.missing


@dataclass(frozen=True)
class Answer:
    """What one reviewer decided: by item the decision and its reason; doubts of the import, and why it went on."""

    reviewer: str
    signed_by: str
    signed_on: str
    imported_at: str
    workbook: str
    workbook_sha256: str
    decisions: Mapping[str, tuple[str, str]]
    doubts: tuple[str, ...] = ()
    despite: str = ""


def freeze(
    folder: Path,
    items: Sequence[Item],
    *,
    platform_id: str,
    snapshot_id: str,
    frozen_at: datetime,
    missing: Sequence[str],
) -> Campaign:
    """Write the population and its head into an open folder."""
    pq.write_table(pa.Table.from_pylist([asdict(item) for item in items], schema=_SCHEMA), folder / POPULATION)
    head: dict[str, Any] = {
        "schema": SCHEMA,
        "platform_id": platform_id,
        "snapshot_id": snapshot_id,
        "frozen_at": _spell(frozen_at),
        "is_complete": not missing,
        "missing": list(missing),
        "items": len(items),
        "reviewers": {name: sum(1 for item in items if item.reviewer == name) for name in _reviewers(items)},
        "population_sha256": _sha256(folder / POPULATION),
    }
    head["id"] = _identity(head)
    (folder / HEAD).write_text(json.dumps(head, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return Campaign(head["id"], platform_id, snapshot_id, frozen_at, tuple(missing), tuple(items))


def read_campaign(folder: Path) -> Campaign:
    """The campaign of a folder; raises UnreadableInput where it is none, or any of it was changed since."""
    head = read_json(folder / HEAD)
    if not isinstance(head, dict) or head.get("schema") != SCHEMA:
        raise UnreadableInput(f"{folder / HEAD}: is no certification; name the folder `passmuster access freeze` wrote")
    path = folder / POPULATION
    try:
        if _sha256(path) != head["population_sha256"] or _identity(head) != head["id"]:
            raise UnreadableInput(f"{folder}: {HEAD} or {POPULATION} was changed after the freeze; {_MEND}")
        rows = pq.read_table(path, schema=_SCHEMA).to_pylist()
        frozen_at = datetime.fromisoformat(head["frozen_at"])
        return Campaign(
            head["id"],
            head["platform_id"],
            head["snapshot_id"],
            frozen_at,
            tuple(head["missing"]),
            tuple(Item(**row) for row in rows),
        )
    except (OSError, KeyError, TypeError, ValueError, pa.ArrowException):
        raise UnreadableInput(f"{folder}: {HEAD} or {POPULATION} is damaged or gone; {_MEND}") from None


def write_answer(folder: Path, answer: Answer, workbook: Path) -> Path:
    """Keep an answer and the workbook it came in, whole; earlier ones stay."""
    stem = f"{slug(answer.reviewer)}.{answer.workbook_sha256[:12]}"
    with new_file(folder / RETURNED / f"{stem}.xlsx") as scratch:
        scratch.write_bytes(workbook.read_bytes())
    body = {"schema": ANSWER_SCHEMA, **asdict(answer)}
    target = folder / RETURNED / f"{stem}.json"
    with new_file(target) as scratch:
        scratch.write_text(json.dumps(body, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return target


def read_answers(folder: Path) -> dict[str, Answer]:
    """The newest answer of each reviewer; raises UnreadableInput where one, or its workbook, was changed since."""
    found: dict[str, Answer] = {}
    for path in sorted((folder / RETURNED).glob("*.json")):
        answer = _answer(path, read_json(path))
        if answer.reviewer not in found or found[answer.reviewer].imported_at < answer.imported_at:
            found[answer.reviewer] = answer
    return found


def _answer(path: Path, body: Any) -> Answer:
    try:
        if body.pop("schema") != ANSWER_SCHEMA or _sha256(path.with_suffix(".xlsx")) != body["workbook_sha256"]:
            raise ValueError
        decisions = {item: (str(decision), str(reason)) for item, (decision, reason) in body.pop("decisions").items()}
        return Answer(**{**body, "doubts": tuple(body.get("doubts", ()))}, decisions=decisions)
    except (AttributeError, KeyError, TypeError, ValueError, OSError):
        raise UnreadableInput(
            f"{path}: this answer or its workbook was changed or is gone; import the reviewer's workbook again"
        ) from None


def slug(name: str) -> str:
    """A reviewer's name as part of a file's name; different names stay different."""
    plain = "".join(mark if mark.isascii() and (mark.isalnum() or mark in "-.@") else "_" for mark in name)[:60]
    return plain if plain == name else f"{plain}~{hashlib.sha256(name.encode()).hexdigest()[:6]}"


def sha256_of(path: Path) -> str:
    """The digest of a file; raises UnreadableInput."""
    try:
        return _sha256(path)
    except OSError as error:
        raise UnreadableInput(f"{path}: cannot be read: {error.strerror}") from None


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _identity(head: Mapping[str, Any]) -> str:
    told = {name: value for name, value in head.items() if name != "id"}
    return hashlib.sha256(json.dumps(told, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:20]


def _reviewers(items: Sequence[Item]) -> list[str]:
    return sorted({item.reviewer for item in items})


def _spell(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
