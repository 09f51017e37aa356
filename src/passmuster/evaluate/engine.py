"""Evaluating: one shared load of the tables, then every control of every pack."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import duckdb

from passmuster.errors import UsageError
from passmuster.evaluate.judge import (
    Verdict,
    applicability,
    blocked,
    first_conclusive,
    judge_look,
    or_statement,
    with_statement,
)
from passmuster.evaluate.locked import look_locked
from passmuster.evaluate.looking import Looked
from passmuster.evaluate.setting_look import look_by_settings
from passmuster.evaluate.sql_look import BrokenControlError, look_by_sql
from passmuster.evaluate.sql_shape import words_of
from passmuster.evaluate.statements import Statements, read_statements
from passmuster.evaluate.supersede import told_once
from passmuster.evaluate.told import Told
from passmuster.model.control import Control, Look, Pack, SettingLook, SqlLook
from passmuster.model.results import (
    ControlResult,
    Evaluation,
    PackIdentity,
    SnapshotIdentity,
    TableState,
    Unlock,
)
from passmuster.model.words import Outcome
from passmuster.snapshot.derive import READS
from passmuster.snapshot.derived_tables import INPUTS
from passmuster.snapshot.load import EVERYTHING, KNOWN_TABLES, NOTHING_BESIDE, Beside, Choice, LoadedTable, load
from passmuster.snapshot.read import Snapshot
from passmuster.snapshot.tables import TABLES

_ALWAYS = ("platforms", "settings", "attestations")
_LARGE_ROWS = 200_000
_ALWAYS_COLUMNS = {
    "platforms": ("product", "hosting", "version"),
    "settings": tuple(
        "scope_kind scope_id key unit is_set value_kind value_bool value_int value_text value_json".split()
    ),
}


@dataclass(frozen=True)
class Context:
    """What judging needs to know of the snapshot at hand."""

    connection: duckdb.DuckDBPyConnection
    states: Mapping[str, LoadedTable]
    statements: Statements
    platform_id: str
    product: str
    hosting: str | None
    as_of: datetime
    overrides: Mapping[str, Any] = field(default_factory=dict)


def evaluate(
    snapshot: Snapshot,
    packs: Sequence[Pack],
    *,
    as_of: datetime,
    beside: Beside = NOTHING_BESIDE,
    params: Mapping[str, Any] | None = None,
) -> Evaluation:
    """Judge a snapshot by packs at an instant (aware). `params` override the packs' house limits by name."""
    _check_packs(packs, params or {})
    with duckdb.connect() as connection:
        states = load(
            connection,
            snapshot,
            sorted(wanted_tables(packs)),
            as_of=as_of,
            beside=beside,
            choice=_choose(connection, snapshot, packs),
        )
        manifest = snapshot.manifest
        context = context_of(
            connection, states, beside, platform=(manifest.platform_id, manifest.product), as_of=as_of, overrides=params
        )
        results = told_once(packs, [result for pack in packs for result in evaluate_pack(pack, context)])
        identity = _identity(snapshot, connection)
    return Evaluation(
        as_of=as_of,
        snapshot=identity,
        packs=tuple(PackIdentity(pack.id, pack.version, pack.title) for pack in packs),
        results=tuple(results),
        tables=tuple(
            TableState(name, entry.status, entry.reason, entry.unlock, entry.rows)
            for name, entry in snapshot.manifest.tables.items()
        ),
        unlocks=_unlocks(results),
        warnings=snapshot.manifest.warnings,
    )


def _check_packs(packs: Sequence[Pack], params: Mapping[str, Any]) -> None:
    doubled = {pack.id for pack in packs if [other.id for other in packs].count(pack.id) > 1}
    if doubled:
        raise UsageError(f"two packs are called {', '.join(sorted(doubled))}; name each pack once")
    known = {name for pack in packs for name in pack.params}
    unknown = sorted(set(params) - known)
    if unknown:
        names = ", ".join(unknown)
        raise UsageError(f"--params: no chosen pack has the house limit {names}; known: {', '.join(sorted(known))}")


def _looks(packs: Sequence[Pack]) -> list[Look]:
    return [look for pack in packs for control in pack.controls for look in control.looks]


def wanted_tables(packs: Sequence[Pack]) -> set[str]:
    """Every table these packs need, and the few that judging always needs."""
    needed = {name for look in _looks(packs) for name in look.needs}
    return (needed & set(KNOWN_TABLES)) | set(_ALWAYS)


def _choose(connection: duckdb.DuckDBPyConnection, snapshot: Snapshot, packs: Sequence[Pack]) -> Choice:
    """Of a large snapshot only what the packs name; of a small one, finding that out would take longer.

    Packs from outside are judged where no file can be opened, so for them the tables are decoded beforehand.
    """
    if sum(entry.rows for entry in snapshot.manifest.tables.values()) <= _LARGE_ROWS:
        return EVERYTHING
    return Choice(wanted_columns(connection, packs), is_left_in_files=all(pack.is_trusted for pack in packs))


def wanted_columns(connection: duckdb.DuckDBPyConnection, packs: Sequence[Pack]) -> dict[str, set[str]]:
    """The columns to decode of each collected table; a table that is not named is wanted whole."""
    wanted = {name: set(_ALWAYS_COLUMNS.get(name, ())) for name in TABLES}
    whole = set()
    for look in _looks(packs):
        for name in look.needs:
            for read in INPUTS.get(name, ()):
                wanted[read] |= set(READS[read])
        if isinstance(look, SqlLook):
            words = [words_of(connection, sql, look.needs) for sql in (look.population, look.violations)]
            for name in set(look.needs) & set(TABLES):
                wanted[name] |= {word for found in words for word in found or ()}
                whole |= {name} if None in words else set()
    return {name: columns for name, columns in wanted.items() if name not in whole}


def context_of(
    connection: duckdb.DuckDBPyConnection,
    states: Mapping[str, LoadedTable],
    beside: Beside,
    *,
    platform: tuple[str, str],
    as_of: datetime,
    overrides: Mapping[str, Any] | None,
) -> Context:
    """What judging needs, read from the loaded tables; `platform` is its id and product."""
    row = connection.execute("SELECT hosting FROM platforms LIMIT 1").fetchone()
    return Context(
        connection=connection,
        states=states,
        statements=read_statements(connection, was_handed_over="attestations" in beside.registers.tables),
        platform_id=platform[0],
        product=platform[1],
        hosting=row[0] if row else None,
        as_of=as_of,
        overrides=overrides or {},
    )


def evaluate_pack(pack: Pack, context: Context) -> list[ControlResult]:
    """The results of one pack's controls, in the pack's order."""
    limits = {**pack.params, **{name: value for name, value in context.overrides.items() if name in pack.params}}
    instant = context.as_of.astimezone(UTC).replace(tzinfo=None)
    values = {**limits, "as_of": instant}
    looked = _look_all(pack, context, values)
    results = []
    for control in pack.controls:
        verdict = applicability(control, product=context.product, hosting=context.hosting)
        verdict = verdict or _judge(pack, control, context, looked)
        results.append(_result(pack, control, verdict, context))
    return told_once([pack], results)


def _look_all(pack: Pack, context: Context, values: Mapping[str, Any]) -> dict[tuple[str, int], Looked | str]:
    """Every look that can be taken, by control and number; a text says why one broke."""
    open_looks = [
        ((control.id, number), look)
        for control in pack.controls
        if applicability(control, product=context.product, hosting=context.hosting) is None
        for number, look in enumerate(control.looks)
        if not _missing_tables(look) and blocked(look, context.states) is None
    ]
    found: dict[tuple[str, int], Looked | str] = {}
    for key, look in open_looks:
        if isinstance(look, SettingLook):
            found[key] = look_by_settings(
                context.connection,
                look,
                product=context.product,
                params=values,
                is_whole=context.states["settings"].status.is_readable,
            )
    sql = [(key, look) for key, look in open_looks if isinstance(look, SqlLook)]
    if pack.is_trusted:
        found |= {key: _look_here(context.connection, look, values) for key, look in sql}
    elif sql:
        found |= look_locked(context.connection, sql, values)
    return found


def _look_here(connection: duckdb.DuckDBPyConnection, look: SqlLook, values: Mapping[str, Any]) -> Looked | str:
    try:
        return look_by_sql(connection, look, values)
    except (duckdb.Error, BrokenControlError) as error:
        return str(error).splitlines()[0]


def _missing_tables(look: Look) -> list[str]:
    return sorted(set(look.needs) - set(KNOWN_TABLES))


def _judge(pack: Pack, control: Control, context: Context, looked: Mapping[tuple[str, int], Looked | str]) -> Verdict:
    verdict = None
    if control.looks:
        verdicts = [_judge_look(control, number, look, context, looked) for number, look in enumerate(control.looks)]
        verdict = first_conclusive(verdicts)
    if not control.must_attest:
        return verdict or Verdict(Outcome.ERROR, "the control asks nothing")
    names = {control.id, pack.first_name_of(control.id)}
    stated = context.statements.about(names, platform_id=context.platform_id, as_of=context.as_of)
    if verdict is not None and control.statement_suffices:
        return or_statement(verdict, stated, platform_id=context.platform_id)
    return with_statement(verdict, stated, platform_id=context.platform_id)


def _judge_look(
    control: Control, number: int, look: Look, context: Context, looked: Mapping[tuple[str, int], Looked | str]
) -> Verdict:
    missing = _missing_tables(look)
    if missing:
        return Verdict(Outcome.UNKNOWN, f"needs tables this version does not know: {', '.join(missing)}")
    closed = blocked(look, context.states)
    if closed is not None:
        return closed
    answer = looked[control.id, number]
    if isinstance(answer, str):
        return Verdict(Outcome.ERROR, f"the control itself is broken: {answer}")
    return judge_look(look, answer, context.states)


def _result(pack: Pack, control: Control, verdict: Verdict, context: Context) -> ControlResult:
    names = {control.id, pack.first_name_of(control.id)}
    exceptions = context.statements.exceptions(names, platform_id=context.platform_id, as_of=context.as_of)
    prefix = "\x1f".join((pack.id, pack.first_name_of(control.id), context.platform_id))
    violations = Told(verdict.violations, control.severity, prefix, exceptions)
    return ControlResult(
        pack=pack.id,
        control=control.id,
        title=control.title,
        domain=pack.domain_of(control.id),
        severity=control.severity,
        responsibility=control.responsibility,
        outcome=verdict.outcome,
        reason=verdict.reason,
        population=verdict.population,
        violation_count=len(violations),
        unknown_resources=verdict.unknown,
        violations=violations,
        unlocks=verdict.unlocks if not verdict.outcome.is_answered else (),
        remediation=control.remediation,
        rationale=control.rationale,
        maps=control.maps,
    )


def _identity(snapshot: Snapshot, connection: duckdb.DuckDBPyConnection) -> SnapshotIdentity:
    manifest = snapshot.manifest
    row = connection.execute("SELECT hosting, version FROM platforms LIMIT 1").fetchone() or (None, None)
    return SnapshotIdentity(
        id=manifest.id,
        platform_id=manifest.platform_id,
        product=manifest.product,
        name=manifest.name,
        base_url=manifest.base_url,
        hosting=row[0] or "",
        version=row[1] or "",
        taken_at=manifest.taken_at,
        connector=manifest.connector,
        connector_version=manifest.connector_version,
        source_kind=manifest.source_kind,
    )


def _unlocks(results: Sequence[ControlResult]) -> tuple[Unlock, ...]:
    """What would answer more, the most first."""
    by_action: dict[str, list[str]] = {}
    for result in results:
        if result.outcome in (Outcome.UNKNOWN, Outcome.MANUAL):
            for action in result.unlocks:
                by_action.setdefault(action, []).append(result.control)
    unlocks = [Unlock(action, tuple(controls)) for action, controls in by_action.items()]
    return tuple(sorted(unlocks, key=lambda unlock: (-len(unlock.controls), unlock.action)))
