"""Putting declared facts beside collected rows: they fill what is NULL, and never overrule the platform."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from passmuster.model.declared import DeclaredFact
from passmuster.model.words import CollectionStatus
from passmuster.snapshot.gathered import CollectionResult, Gathered
from passmuster.snapshot.tables import TABLES

Row = dict[str, Any]

# An id that a declared row does not give is made from these columns, in this order.
DERIVED_IDS: dict[str, tuple[str, ...]] = {
    "environments": ("name",),
    "principals": ("login",),
    "groups": ("name",),
    "roles": ("name",),
    "grants": ("subject_id", "role_id"),
    "credentials": ("name",),
    "keys": ("purpose",),
    "apps": ("name",),
    "connectors": ("name",),
    "connections": ("connector_id", "target_host"),
    "data_policies": ("name",),
    "add_ons": ("name",),
    "data_stores": ("name",),
    "data_flows": ("from_id", "to_host"),
    "endpoints": ("url",),
    "log_sources": ("kind",),
    "backups": ("kind", "taken_at"),
}
# Columns that also tell such rows apart where they are given.
_ALSO_IN_ID: dict[str, tuple[str, ...]] = {
    "grants": ("object_kind", "object_id", "environment_id"),
    "credentials": ("owner_principal_id",),
    "log_sources": ("delivered_to",),
    "connections": ("app_id",),
    "data_flows": ("app_id",),
}
# What is filled in where a row says nothing; None stands for the platform's own id.
PLATFORM_DEFAULTS: dict[str, dict[str, str | None]] = {
    "settings": {"scope_kind": "platform", "scope_id": None},
    "memberships": {"member_kind": "principal"},
    "role_permissions": {"effect": "allow"},
    "data_flows": {"derived_by": "declared"},
    "grants": {"subject_kind": "principal"},
}
_NAMES: dict[str, str] = {
    "environments": "name",
    "principals": "login",
    "groups": "name",
    "roles": "name",
    "credentials": "name",
    "apps": "name",
    "connectors": "name",
    "data_policies": "name",
    "add_ons": "name",
    "data_stores": "name",
}
_REFERENCES: dict[str, str] = {
    "owner_principal_id": "principals",
    "environment_id": "environments",
    "group_id": "groups",
    "role_id": "roles",
    "included_role_id": "roles",
    "app_id": "apps",
    "error_handler_app_id": "apps",
    "connector_id": "connectors",
    "credential_id": "credentials",
    "policy_id": "data_policies",
    "data_store_id": "data_stores",
}
_KINDS: dict[str, str] = {
    "principal": "principals",
    "group": "groups",
    "app": "apps",
    "environment": "environments",
    "data_store": "data_stores",
}
_VALUE_KINDS = {"value_bool": "bool", "value_int": "int", "value_text": "text", "value_json": "list"}
# Two columns that tell one fact: a conflict about the first keeps the second as it is too.
_TIED = {"expires_at": "has_expiry", "last_sign_in_at": "never_signed_in"}
_REASON = "{said}; the interface cannot tell"


@dataclass
class _Names:
    """Ids of one table, and the id behind each name; a name of several rows stands for None."""

    ids: set[str] = field(default_factory=set)
    by_name: dict[str, str | None] = field(default_factory=dict)

    def add(self, identity: str, names: Iterable[Any]) -> None:
        self.ids.add(identity)
        for name in names:
            if isinstance(name, str):
                known = self.by_name.get(name.casefold(), identity)
                self.by_name[name.casefold()] = identity if known == identity else None

    def find(self, text: Any) -> str | None:
        """The id that the text is, or names; None if it is neither, or names several."""
        if not isinstance(text, str):
            return None
        return text if text in self.ids else self.by_name.get(text.casefold())

    def is_ambiguous(self, text: Any) -> bool:
        return isinstance(text, str) and text not in self.ids and self.by_name.get(text.casefold(), "") is None


@dataclass
class _Desk:
    """What is being put together: rows of each table, names, warnings."""

    result: CollectionResult
    rows: dict[str, list[Row]]
    names: dict[str, _Names]
    warnings: list[str] = field(default_factory=list)
    positions: dict[str, dict[tuple[Any, ...], int]] = field(default_factory=dict)


def apply_declared(result: CollectionResult, facts: Sequence[DeclaredFact]) -> CollectionResult:
    """The result with the facts in it; conflicts, unresolved references and unusable facts become warnings."""
    touched = {fact.table for fact in facts} & result.tables.keys()
    desk = _Desk(result, {table: [dict(row) for row in result.tables[table].rows] for table in touched}, {})
    _learn_names(desk, facts)
    used = [fact for fact in facts if _place(desk, fact)]
    tables = dict(result.tables)
    for table in dict.fromkeys(fact.table for fact in used):
        said = [fact for fact in used if fact.table == table]
        tables[table] = _gathered(tables.get(table), desk.rows.get(table, []), said)
    warnings = (*result.warnings, *desk.warnings)
    return replace(result, tables=tables, declared=(*result.declared, *facts), warnings=warnings)


def _learn_names(desk: _Desk, facts: Sequence[DeclaredFact]) -> None:
    for table, name in _NAMES.items():
        names = desk.names.setdefault(table, _Names())
        collected = desk.result.tables.get(table)
        for known in collected.rows if collected else ():
            _learn(names, table, known, name)
        identity = TABLES[table].key[0]
        for row in (dict(fact.row) for fact in facts if fact.table == table):
            if row.get(identity) is not None or not names.is_ambiguous(row.get(name)):
                row[identity] = _known_id(names, table, row) or _own_id(table, row)
                _learn(names, table, row, name)


def _learn(names: _Names, table: str, row: Mapping[str, Any], name: str) -> None:
    identity = row.get(TABLES[table].key[0])
    if isinstance(identity, str):
        # People write logins in any case, and ids of people often are logins.
        names.add(identity, (row.get(name), identity if table == "principals" else None))


def _known_id(names: _Names, table: str, row: Mapping[str, Any]) -> str | None:
    given = row.get(TABLES[table].key[0])
    if given is not None and table != "principals":
        return given if isinstance(given, str) else None
    return names.find(given) or names.find(row.get(_NAMES[table]))


def _own_id(table: str, row: Mapping[str, Any]) -> str | None:
    given = row.get(TABLES[table].key[0])
    if isinstance(given, str):
        return given
    if table in _ALSO_IN_ID or len(DERIVED_IDS[table]) > 1:
        return None
    return row.get(DERIVED_IDS[table][0])


def _place(desk: _Desk, fact: DeclaredFact) -> bool:
    """Put one fact into the rows; False, with a warning, where it cannot be told what it is about."""
    row = _resolved(desk, fact)
    _fill_defaults(desk, fact.table, row)
    identity = TABLES[fact.table].key[0]
    if fact.table in DERIVED_IDS and row.get(identity) is None and not _fill_id(desk, fact.table, row):
        desk.warnings.append(
            f"declared fact about {fact.table} was not used: several rows are called "
            f"{row.get(_NAMES[fact.table])!r}; give {identity}"
        )
        return False
    rows = desk.rows.setdefault(fact.table, [])
    positions = desk.positions.setdefault(fact.table, {})
    if not positions:
        positions.update({_key(desk, fact.table, existing): index for index, existing in enumerate(rows)})
    key = _key(desk, fact.table, row)
    index = positions.get(key)
    if index is None:
        positions[key] = len(rows)
        rows.append({**row, "origin": "declared"})
    else:
        _fill(desk, fact, rows[index], row)
    return True


def _fill_id(desk: _Desk, table: str, row: Row) -> bool:
    name = _NAMES.get(table)
    if name is not None:
        names = desk.names[table]
        if names.is_ambiguous(row.get(name)):
            return False
        known = names.find(row.get(name))
        if known is not None:
            row[TABLES[table].key[0]] = known
            return True
    parts = [*DERIVED_IDS[table], *_ALSO_IN_ID.get(table, ())]
    spelled = [str(row[part]) for part in parts if row.get(part) is not None]
    row[TABLES[table].key[0]] = spelled[0] if len(spelled) == 1 else "declared:" + ":".join(spelled)
    return True


def _fill_defaults(desk: _Desk, table: str, row: Row) -> None:
    for name, value in PLATFORM_DEFAULTS.get(table, {}).items():
        row.setdefault(name, desk.result.platform_id if value is None else value)
    if table == "settings" and "value_kind" not in row:
        kinds = [kind for column, kind in _VALUE_KINDS.items() if row.get(column) is not None]
        row["value_kind"] = kinds[0] if len(kinds) == 1 else None
    if table == "platforms":
        row["platform_id"] = desk.result.platform_id
    if table == "grants" and not any(row.get(name) for name in ("object_kind", "object_id", "environment_id")):
        row.update(object_kind="platform", object_id=desk.result.platform_id)


def _resolved(desk: _Desk, fact: DeclaredFact) -> Row:
    """The row with names given instead of ids replaced by ids; its own id too, where it names an existing row."""
    row = dict(fact.row)
    own = TABLES[fact.table].key[0]
    if fact.table == "principals" and isinstance(row.get(own), str):
        row[own] = desk.names["principals"].find(row[own]) or row[own]
    for column, table in _references(fact.table, row):
        if not isinstance(row.get(column), str):
            continue
        found = desk.names[table].find(row[column])
        if found is None:
            unknown = f"{column} {row[column]!r} is not among the {table} that are known"
            desk.warnings.append(f"declared fact about {fact.table}: {unknown}")
        row[column] = found or row[column]
    return row


def _references(table: str, row: Mapping[str, Any]) -> list[tuple[str, str]]:
    own = TABLES[table].key[0] if table in _NAMES else None
    columns = [(column, target) for column, target in _REFERENCES.items() if column in row and column != own]
    for column, kind in (("subject_id", "subject_kind"), ("member_id", "member_kind"), ("object_id", "object_kind")):
        default = None if column == "object_id" else "principal"
        target = _KINDS.get(str(row.get(kind) or default))
        if column in row and target:
            columns.append((column, target))
    return columns


def _fill(desk: _Desk, fact: DeclaredFact, existing: Row, declared: Row) -> None:
    key = " / ".join(str(part) for part in _key(desk, fact.table, existing))
    conflicts = {
        name
        for name, value in declared.items()
        if name not in TABLES[fact.table].key and existing.get(name) is not None and not _is_same(existing[name], value)
    }
    for name, value in declared.items():
        if name in conflicts:
            kept = "an earlier declaration" if existing.get("origin") == "declared" else "the platform"
            desk.warnings.append(
                f"{fact.table} {key}: {name} is {existing[name]!s} by {kept}, {fact.said_by} said {value!s} "
                f"on {fact.said_at:%Y-%m-%d}; the first is kept"
            )
        elif existing.get(name) is None and _TIED.get(name) not in conflicts:
            existing[name] = value


def _is_same(left: Any, right: Any) -> bool:
    return bool(left == right) or (
        isinstance(left, str) and isinstance(right, str) and left.casefold() == right.casefold()
    )


def _key(desk: _Desk, table: str, row: Mapping[str, Any]) -> tuple[Any, ...]:
    # Connectors may leave the platform's own id to the writer.
    own = desk.result.platform_id
    return tuple(row.get(name, own if name == "platform_id" else None) for name in TABLES[table].key)


def _gathered(before: Gathered | None, rows: list[Row], facts: Sequence[DeclaredFact]) -> Gathered:
    known = before or Gathered(CollectionStatus.UNSUPPORTED)
    gaps = tuple(gap for gap in known.gaps if any(row.get(gap.column) is None for row in rows))
    sources: dict[str, list[str]] = {}
    for fact in facts:
        sources.setdefault(f"declared by {fact.said_by} on {fact.said_at:%Y-%m-%d}", []).append(fact.source)
    said = "; ".join(f"{who} ({', '.join(dict.fromkeys(where))})" for who, where in sources.items())
    if known.status in (CollectionStatus.UNSUPPORTED, CollectionStatus.NOT_LICENSED):
        reason = _REASON.format(said=said)
        return Gathered(CollectionStatus.OK, rows, reason, source="declared", gaps=gaps)
    if known.status is CollectionStatus.EMPTY:
        return replace(known, status=CollectionStatus.OK, rows=rows, reason=said, gaps=gaps)
    return replace(known, rows=rows, gaps=gaps)
