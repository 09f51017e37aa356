"""The same controls as loops over Python objects, one pass a control: how many scanners are written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow.parquet as pq

from benchmarks.entrant import Run
from benchmarks.tenant import NOW

Rows = Mapping[str, Sequence[Any]]
_NOW = NOW.replace(tzinfo=None)


def read_rows(folder: Path, used: Mapping[str, Sequence[str]]) -> dict[str, list[dict[str, Any]]]:
    """The used columns of every table as dictionaries."""
    return {
        table: pq.read_table(folder / "tenant" / f"{table}.parquet", columns=list(columns)).to_pylist()
        for table, columns in used.items()
    }


def from_memory(folder: Path, used: Mapping[str, Sequence[str]]) -> Run:
    """Rows are objects already; judging them is the work."""
    rows = {name: [SimpleNamespace(**row) for row in table] for name, table in read_rows(folder, used).items()}

    def run() -> dict[str, int]:
        people = {person.principal_id: person for person in rows["principals"]}
        privileged = {role.role_id for role in rows["roles"] if role.is_privileged}
        found = {
            "C1": _dormant(rows, people, privileged),
            "C2": _privileged_services(rows, people, privileged),
            "C3": _unnamed_connectors(rows),
            "C4": [_fail(app.app_id) for app in rows["apps"] if app.is_managed is False],
            "C5": [
                _fail(token.credential_id)
                for token in rows["credentials"]
                if token.created_at < _NOW - timedelta(days=180)
            ],
            "C6": [_fail(app.app_id) for app in rows["apps"] if not people[app.owner_principal_id].is_enabled],
            "C7": _departing_settings(rows),
        }
        return {name: len(findings) for name, findings in found.items()}

    return run


def _fail(resource: str) -> dict[str, str]:
    return {"status": "FAIL", "id": resource}


def _dormant(rows: Rows, people: Mapping[str, Any], privileged: set[str]) -> dict[str, dict[str, str]]:
    limit = _NOW - timedelta(days=90)
    found = {}
    for grant in rows["grants"]:
        if grant.role_id in privileged and grant.subject_kind == "principal":
            person = people.get(grant.subject_id)
            if person and person.is_enabled and person.last_sign_in_at < limit:
                found[person.principal_id] = _fail(person.principal_id)
    return found


def _privileged_services(rows: Rows, people: Mapping[str, Any], privileged: set[str]) -> dict[str, dict[str, str]]:
    """A walk from the groups that hold a privileged role down to the members of their members."""
    subgroups, members = defaultdict(list), defaultdict(list)
    for edge in rows["memberships"]:
        (members if edge.member_kind == "principal" else subgroups)[edge.group_id].append(edge.member_id)
    holders = set()
    waiting = []
    for grant in rows["grants"]:
        if grant.role_id in privileged:
            if grant.subject_kind == "principal":
                holders.add((grant.subject_id, grant.role_id))
            else:
                waiting.append((grant.subject_id, grant.role_id))
    seen = set()
    while waiting:
        here = waiting.pop()
        if here in seen:
            continue
        seen.add(here)
        waiting += [(child, here[1]) for child in subgroups.get(here[0], ())]
        holders |= {(person, here[1]) for person in members.get(here[0], ())}
    return {who: _fail(who) for who, _ in holders if people[who].kind == "service"}


def _unnamed_connectors(rows: Rows) -> list[dict[str, str]]:
    named = {(rule.policy_id, rule.ref_id) for rule in rows["data_policy_rules"] if rule.rule_kind == "connector"}
    return [
        _fail(link.connection_id)
        for link in rows["connections"]
        if (link.environment_id, link.connector_id) not in named
    ]


def _departing_settings(rows: Rows) -> list[dict[str, str]]:
    platform = {each.key: each.value_int for each in rows["settings"] if each.scope_kind == "platform"}
    return [
        _fail(f"{each.scope_id}/{each.key}")
        for each in rows["settings"]
        if each.scope_kind == "environment" and each.value_int != platform[each.key]
    ]
