"""Running a pack's own cases, and holding its SQL against what controls may do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import duckdb
import pyarrow as pa

from passmuster.controls.cases import coverage_complaints, read_cases
from passmuster.controls.cases_format import Case
from passmuster.evaluate.allow import refusals
from passmuster.evaluate.engine import Context, context_of, evaluate_pack, wanted_tables
from passmuster.model.control import Control, Pack, SqlLook
from passmuster.model.results import ControlResult
from passmuster.model.words import CollectionStatus
from passmuster.snapshot.coerce import columns_to_arrow
from passmuster.snapshot.load import KNOWN_TABLES, Beside, load_values
from passmuster.snapshot.register_tables import REGISTERS
from passmuster.snapshot.registers import Registers

_PLATFORM = "case:platform"


@dataclass(frozen=True)
class Verified:
    """What verifying one control found: how many cases ran, and every complaint."""

    control: str
    cases: int
    complaints: tuple[str, ...]


def verify_pack(pack: Pack) -> Iterator[Verified]:
    """Verify each control of a pack in turn."""
    for control in pack.controls:
        cases, complaints = read_cases(pack, control)
        complaints += coverage_complaints(control, cases) if cases else []
        complaints += _unknown_tables(control)
        if pack.is_trusted:
            complaints += _refusals(control)
        complaints += _run(pack, control, cases)
        yield Verified(control.id, len(cases), tuple(complaints))


def _unknown_tables(control: Control) -> list[str]:
    unknown = {name for look in control.looks for name in look.needs} - set(KNOWN_TABLES)
    return [f"{control.id}/control.yaml: needs the unknown table {name!r}" for name in sorted(unknown)]


def _refusals(control: Control) -> list[str]:
    """What the locked child would refuse; shipped packs keep to the same rules, though they run in this process."""
    if not any(isinstance(look, SqlLook) for look in control.looks):
        return []
    with duckdb.connect() as connection:
        return [
            f"{control.id}: {text}"
            for look in control.looks
            if isinstance(look, SqlLook)
            for text in refusals(connection, look)
        ]


def _run(pack: Pack, control: Control, cases: Sequence[Case]) -> list[str]:
    """Complaints about the cases; empty if the control says what each expects."""
    if not pack.is_trusted:
        # Its looks are taken on a copy in a file, and one transaction writes to one database alone.
        return [text for case in cases for text in _run_alone(pack, control, case)]
    complaints: list[str] = []
    # A database is opened once a control, on one thread: opening one takes longer than judging a case of a few rows.
    with duckdb.connect(config={"threads": 1}) as connection:
        for case in cases:
            connection.begin()
            complaints += _run_in(connection, pack, control, case)
            connection.rollback()
    return complaints


def _run_alone(pack: Pack, control: Control, case: Case) -> list[str]:
    with duckdb.connect(config={"threads": 1}) as connection:
        return _run_in(connection, pack, control, case)


def _run_in(connection: duckdb.DuckDBPyConnection, pack: Pack, control: Control, case: Case) -> list[str]:
    context, complaints = case_context(connection, pack, control, case)
    complaints = complaints or case_complaints(pack, control, case, context)
    return [f"{control.id}: case {case.name!r}: {text}" for text in complaints]


def case_context(
    connection: duckdb.DuckDBPyConnection, pack: Pack, control: Control, case: Case
) -> tuple[Context | None, list[str]]:
    """What judging a case needs, its tables loaded into `connection`, or complaints about the case itself."""
    complaints: list[str] = []
    tables, registers = _values(control, case, complaints)
    if complaints:
        return None, complaints
    as_of = datetime.fromisoformat(case.as_of).astimezone(UTC)
    beside = Beside(Registers(None, registers), tables.pop("baseline_differences", None))
    unreadable = _sources_asked(control, case) | {n: CollectionStatus(word) for n, word in case.unreadable.items()}
    wanted = sorted(wanted_tables([_alone(pack, control, case)]))
    states = load_values(connection, tables, unreadable, wanted, as_of=as_of, beside=beside)
    platform = (_PLATFORM, case.product)
    return context_of(connection, states, beside, platform=platform, as_of=as_of, overrides=None), []


def case_complaints(pack: Pack, control: Control, case: Case, context: Context | None) -> list[str]:
    """Where the control's verdict on a case departs from what the case expects."""
    if context is None:
        return []
    return _compare(case, evaluate_pack(_alone(pack, control, case), context)[0])


def _alone(pack: Pack, control: Control, case: Case) -> Pack:
    return replace(pack, controls=(control,), params={**pack.params, **case.params})


def _sources_asked(control: Control, case: Case) -> dict[str, CollectionStatus]:
    """Sources the control asks for, of tables of which the case names another source: those were read."""
    of_sources = {name.partition("@")[0] for name in case.unreadable if "@" in name}
    asked = [source for look in control.looks if isinstance(look, SqlLook) for source in look.sources]
    return {f"{table}@{source}": CollectionStatus.OK for table, source in asked if table in of_sources}


def _compare(case: Case, result: ControlResult) -> list[str]:
    found = []
    if result.outcome != case.status:
        found.append(f"expected {case.status}, got {result.outcome} ({result.reason})")
    resources = tuple(sorted(violation.id for violation in result.violations))
    if case.resources is not None and resources != case.resources:
        found.append(f"expected the resources {list(case.resources)}, got {list(resources)}")
    if case.population is not None and result.population != case.population:
        found.append(f"expected {case.population} resource(s) looked at, got {result.population}")
    told = {violation.id: violation for violation in result.violations}
    for identity, severity in case.severities.items():
        got = told[identity].severity if identity in told else "no violation"
        found += [f"expected {identity!r} to be {severity}, got {got}"] if got != severity else []
    for identity, words in case.details.items():
        got = told[identity].detail if identity in told else "no violation"
        found += [f"expected {identity!r} to tell {words!r}, got {got!r}"] if words not in got else []
    if case.reason and case.reason not in result.reason:
        found.append(f"expected a reason with {case.reason!r}, got {result.reason!r}")
    return found


def _values(control: Control, case: Case, complaints: list[str]) -> tuple[dict[str, pa.Table], dict[str, pa.Table]]:
    rows: dict[str, Sequence[Mapping[str, Any]]] = {"platforms": [_platform(control, case)], **case.tables}
    unknown = [*(set(rows) - (set(KNOWN_TABLES) - set(REGISTERS))), *(set(case.registers) - set(REGISTERS))]
    unknown += [name for name in case.unreadable if name.partition("@")[0] not in KNOWN_TABLES]
    complaints += [f"names the unknown table {name!r}" for name in sorted(unknown)]
    if unknown:
        return {}, {}
    tables = {name: _arrow(name, given, complaints) for name, given in rows.items()}
    registers = {name: _arrow(name, given, complaints) for name, given in case.registers.items()}
    return tables, registers


def _platform(control: Control, case: Case) -> dict[str, Any]:
    default = control.hosting if control.hosting != "any" else "vendor"
    hosting = case.hosting or default
    return {"product": case.product, "hosting": None if hosting == "unknown" else hosting, "name": "Case"}


def _arrow(name: str, rows: Sequence[Mapping[str, Any]], complaints: list[str]) -> pa.Table:
    table = KNOWN_TABLES[name]
    for row in rows:
        complaints += [f"{name} has no column {column!r}" for column in sorted(set(row) - set(table.column_names))]
    filled = [{"platform_id": _PLATFORM, "origin": "api", **row} for row in rows]
    bad: list[str] = []
    arrow = columns_to_arrow(table, filled, bad)
    complaints += [f"{name}: {text}" for text in bad]
    return arrow
