"""A synthetic tenant as a real snapshot: seeded, written column by column, verified when it is opened."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from passmuster.documents.atomic import new_folder
from passmuster.model.words import CollectionStatus
from passmuster.snapshot.manifest import FILE_NAME, Manifest, TableEntry
from passmuster.snapshot.tables import TABLES
from passmuster.snapshot.write import digest_of, write_parquet

NOW = datetime(2026, 6, 1, tzinfo=UTC)
PLATFORM = "benchmark:tenant"
ENVIRONMENTS, ROLES, PRIVILEGED, CONNECTORS, SETTINGS = 50, 200, 10, 1200, 300
_DAY = 86_400_000_000
_NOW_US = int(NOW.timestamp()) * 1_000_000

Ints = NDArray[np.int64]
Columns = Mapping[str, Any]


def write_tenant(folder: Path, grants: int, *, seed: int = 1) -> Path:
    """A snapshot with `grants` memberships and role grants together, and everything else in proportion to them."""
    if not folder.exists():
        chance = np.random.default_rng(seed)
        write_columns(folder, {**_people(chance, grants), **_estate(chance, grants), **_settings(chance)})
    return folder


def write_columns(folder: Path, tables: Mapping[str, Columns]) -> None:
    """A snapshot whose named tables hold these columns (the others NULL); tables not named are empty."""
    with new_folder(folder) as scratch:
        entries = {name: _write(scratch, name, tables.get(name, {})) for name in TABLES}
        manifest = Manifest(
            platform_id=PLATFORM,
            product="other",
            name="Synthetic tenant",
            base_url="https://tenant.example",
            connector="benchmark",
            connector_version="1",
            source_kind="api",
            source_sha256="",
            started_at=NOW,
            taken_at=NOW,
            tables=entries,
        )
        (scratch / FILE_NAME).write_text(manifest.to_text(), encoding="utf-8")


def _write(folder: Path, name: str, columns: Columns) -> TableEntry:
    rows = len(next(iter(columns.values()))) if columns else 0
    filled = {"platform_id": constant(PLATFORM, rows), "origin": constant("api", rows), **columns}
    arrays = [
        _typed(filled[column.name], column.arrow_type) if column.name in filled else pa.nulls(rows, column.arrow_type)
        for column in TABLES[name].columns
    ]
    path = folder / f"{name}.parquet"
    write_parquet(pa.Table.from_arrays(arrays, schema=TABLES[name].schema), path)
    return TableEntry(rows, digest_of(path), CollectionStatus.OK if rows else CollectionStatus.EMPTY)


def _typed(values: Any, kind: pa.DataType) -> pa.Array:
    return values.cast(kind) if isinstance(values, pa.Array | pa.ChunkedArray) else pa.array(values).cast(kind)


def constant(value: Any, rows: int) -> pa.Array:
    """One value in every row."""
    return pa.repeat(pa.scalar(value), rows)


def spell(prefix: str, numbers: Ints, width: int = 8) -> pa.Array:
    """Ids such as `u00000042`; padded, so that their order is that of the numbers."""
    digits = pc.utf8_lpad(pa.array(numbers).cast(pa.string()), width, "0")
    return pc.binary_join_element_wise(prefix, digits, "")


def ago(days: NDArray[Any]) -> pa.Array:
    """Instants that many days before now."""
    return pa.array(_NOW_US - days.astype(np.int64) * _DAY, pa.timestamp("us"))


def chosen(places: NDArray[Any], words: list[str]) -> pa.Array:
    """The word at each place."""
    return pa.DictionaryArray.from_arrays(pa.array(places.astype(np.int32)), words).cast(pa.string())


def nesting(chance: np.random.Generator, groups: int, edges_per_group: float) -> tuple[Ints, Ints]:
    """(parent, child) numbers: parents drawn from lower numbers, and a few edges back that close cycles."""
    count = int(groups * edges_per_group)
    child = chance.integers(1, groups, count)
    parent = (child * chance.beta(2, 2, count)).astype(np.int64)
    back = max(1, groups // 200)
    parent = np.concatenate([parent, chance.integers(0, groups, back)])
    child = np.concatenate([child, chance.integers(0, groups, back)])
    pairs = np.unique(parent * groups + child)
    parent, child = pairs // groups, pairs % groups
    return parent[parent != child], child[parent != child]


def group_count(grants: int) -> int:
    """How many groups a tenant of this scale has."""
    return max(20, grants // 100)


def _people(chance: np.random.Generator, grants: int) -> dict[str, Columns]:
    people, groups = grants // 10, group_count(grants)
    ids = np.arange(people)
    principals = {
        "principal_id": spell("u", ids),
        "kind": chosen(chance.random(people) < 0.1, ["human", "service"]),
        "display_name": spell("Person ", ids),
        "login": pc.binary_join_element_wise(spell("u", ids), "tenant.example", "@"),
        "is_enabled": chance.random(people) < 0.95,
        "is_external": chance.random(people) < 0.1,
        "last_sign_in_at": ago(np.minimum(chance.exponential(60, people), 900)),
    }
    return {
        "principals": principals,
        "groups": {
            "group_id": spell("g", np.arange(groups)),
            "name": spell("Group ", np.arange(groups)),
            "kind": constant("security", groups),
        },
        "memberships": _memberships(chance, people, groups, int(grants * 0.6)),
        "roles": {
            "role_id": spell("r", np.arange(ROLES), 3),
            "name": spell("Role ", np.arange(ROLES), 3),
            "is_privileged": np.arange(ROLES) < PRIVILEGED,
        },
        "grants": role_grants(chance, people, groups, int(grants * 0.4)),
    }


def _memberships(chance: np.random.Generator, people: int, groups: int, count: int) -> Columns:
    """Half of the memberships in a few large groups, half spread evenly; less than one group in two is nested."""
    crowded = np.minimum((chance.pareto(1.0, count) * groups * 0.02).astype(np.int64), groups - 1)
    group = np.where(chance.random(count) < 0.5, chance.integers(0, groups, count), crowded)
    pairs = np.unique(group * people + chance.integers(0, people, count))
    parent, child = nesting(chance, groups, 0.4)
    group = np.concatenate([parent, pairs // people])
    nested = len(parent)
    return {
        "group_id": spell("g", group),
        "member_kind": chosen(np.arange(len(group)) >= nested, ["group", "principal"]),
        "member_id": pa.concat_arrays([spell("g", child), spell("u", pairs % people)]),
    }


def role_grants(chance: np.random.Generator, people: int, groups: int, count: int) -> Columns:
    """Role grants on environments: one in forty to a group, one in two thousand, but twenty at least, privileged."""
    to_group = chance.random(count) < 0.025
    person = spell("u", chance.integers(0, people, count))
    role = np.where(
        chance.random(count) < max(0.0005, 20 / count),
        chance.integers(0, PRIVILEGED, count),
        chance.integers(PRIVILEGED, ROLES, count),
    )
    environment = spell("e", chance.integers(0, ENVIRONMENTS, count), 3)
    return {
        "grant_id": spell("x", np.arange(count), 9),
        "subject_kind": chosen(to_group, ["principal", "group"]),
        "subject_id": pc.if_else(pa.array(to_group), spell("g", chance.integers(0, groups, count)), person),
        "role_id": spell("r", role, 3),
        "object_kind": constant("environment", count),
        "object_id": environment,
        "environment_id": environment,
        "granted_at": ago(chance.integers(0, 1000, count)),
        "has_expiry": constant(False, count),
        "is_eligible_only": constant(False, count),
    }


def _estate(chance: np.random.Generator, grants: int) -> dict[str, Columns]:
    people, apps, links, tokens = grants // 10, grants // 10, grants // 2, grants // 10
    connector = np.minimum((chance.pareto(1.2, links) * 20).astype(np.int64), CONNECTORS - 1)
    allowed = np.flatnonzero(
        (np.tile(np.arange(CONNECTORS), ENVIRONMENTS) < 200) | (chance.random(ENVIRONMENTS * CONNECTORS) < 0.6)
    )
    return {
        "apps": {
            "app_id": spell("a", np.arange(apps)),
            "environment_id": spell("e", chance.integers(0, ENVIRONMENTS, apps), 3),
            "name": spell("App ", np.arange(apps)),
            "owner_principal_id": spell("u", chance.integers(0, people, apps)),
            "is_managed": chance.random(apps) >= 0.01,
            "modified_at": ago(chance.integers(0, 1000, apps)),
        },
        "connections": {
            "connection_id": spell("c", np.arange(links), 9),
            "connector_id": spell("k", connector, 4),
            "environment_id": spell("e", chance.integers(0, ENVIRONMENTS, links), 3),
            "app_id": spell("a", chance.integers(0, apps, links)),
        },
        "data_policy_rules": {
            "policy_id": spell("e", allowed // CONNECTORS, 3),
            "rule_kind": constant("connector", len(allowed)),
            "ref_id": spell("k", allowed % CONNECTORS, 4),
            "classification": constant("business", len(allowed)),
        },
        "credentials": {
            "credential_id": spell("t", np.arange(tokens)),
            "kind": constant("api_key", tokens),
            "owner_principal_id": spell("u", chance.integers(0, people, tokens)),
            "created_at": ago(np.minimum(chance.exponential(80, tokens), 900)),
        },
    }


def _settings(chance: np.random.Generator) -> dict[str, Columns]:
    """Each environment holds the platform's value of every setting, but for three in a hundred."""
    keys = np.tile(np.arange(SETTINGS), ENVIRONMENTS + 1)
    scope = np.repeat(np.arange(ENVIRONMENTS + 1), SETTINGS)
    departs = (scope < ENVIRONMENTS) & (chance.random(len(keys)) < 0.03)
    return {
        "platforms": {"product": ["other"], "name": ["Synthetic tenant"], "hosting": ["vendor"]},
        "settings": {
            "scope_kind": chosen(scope == ENVIRONMENTS, ["environment", "platform"]),
            "scope_id": spell("e", scope, 3),
            "key": spell("setting.", keys, 3),
            "value_kind": constant("int", len(keys)),
            "value_int": np.where(departs, 9, keys % 7),
            "is_set": constant(True, len(keys)),
        },
    }
