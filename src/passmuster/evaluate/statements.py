"""What people have stated about controls: attestations, and exceptions that overlay a failure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import duckdb

from passmuster.model.words import Outcome

_BY_STRICTNESS = (("not_met", Outcome.FAIL), ("met", Outcome.PASS), ("not_applicable", Outcome.NOT_APPLICABLE))


@dataclass(frozen=True)
class Stated:
    """What the attestations of one control amount to. `outcome` is MANUAL where nothing valid was stated."""

    outcome: Outcome
    reason: str
    scope: str = ""


@dataclass(frozen=True)
class Statements:
    """All rows of the register, or that it was not handed over."""

    was_handed_over: bool
    rows: tuple[Mapping[str, Any], ...]

    def about(self, names: Collection[str], *, platform_id: str, as_of: datetime) -> Stated:
        """What was stated for a control under any of its names; the strictest valid statement wins."""
        if not self.was_handed_over:
            return Stated(Outcome.MANUAL, "needs a statement; the register attestations.csv was not handed over")
        mine = [
            row
            for row in self._of(names)
            if row["kind"] != "exception" and row["result"] is not None and _covers(row, platform_id)
        ]
        valid = [row for row in mine if _is_valid(row, as_of)]
        for result, outcome in _BY_STRICTNESS:
            for row in valid:
                if row["result"] == result:
                    text = f"{row['made_by'] or 'somebody'} stated {result.replace('_', ' ')}"
                    return Stated(outcome, f"{text}{_until(row)}", row["statement"] or "")
        if mine:
            latest = max(mine, key=lambda row: row["valid_until"] or datetime.min)  # noqa: DTZ901 - naive UTC inside
            ended = f"{latest['valid_until']:%Y-%m-%d}" if latest["valid_until"] else "never given"
            who = latest["made_by"] or "somebody"
            return Stated(Outcome.MANUAL, f"the statement of {who} is not valid (end: {ended})")
        return Stated(Outcome.MANUAL, "needs a statement or evidence; none was handed over")

    def exceptions(self, names: Collection[str], *, platform_id: str, as_of: datetime) -> dict[str, Mapping[str, Any]]:
        """Approved, unexpired exceptions of a control by resource id; "*" covers every resource."""
        found: dict[str, Mapping[str, Any]] = {}
        for row in self._of(names):
            if row["kind"] == "exception" and _is_valid(row, as_of) and row["made_by"]:
                found["*" if _covers(row, platform_id) else str(row["scope_id"])] = row
        return found

    def _of(self, names: Collection[str]) -> Sequence[Mapping[str, Any]]:
        return [row for row in self.rows if row["control_id"] in names]


def read_statements(connection: duckdb.DuckDBPyConnection, *, was_handed_over: bool) -> Statements:
    """The attestations register as loaded."""
    cursor = connection.execute("SELECT * FROM attestations ORDER BY attestation_id")
    names = [entry[0] for entry in cursor.description or ()]
    return Statements(was_handed_over, tuple(dict(zip(names, row, strict=True)) for row in cursor.fetchall()))


def _covers(row: Mapping[str, Any], platform_id: str) -> bool:
    """Whether the statement is about the whole platform."""
    return row["scope_kind"] in (None, "platform") and row["scope_id"] in (None, "*", platform_id)


def _is_valid(row: Mapping[str, Any], as_of: datetime) -> bool:
    instant = as_of.astimezone(UTC).replace(tzinfo=None)
    if row["made_at"] is not None and row["made_at"] > instant:
        return False
    return row["valid_until"] is not None and row["valid_until"] > instant


def _until(row: Mapping[str, Any]) -> str:
    return f", valid until {row['valid_until']:%Y-%m-%d}"
