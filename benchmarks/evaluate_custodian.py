"""The same controls with Cloud Custodian's value filters over dictionaries, related resources joined beforehand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from benchmarks.entrant import Run
from benchmarks.evaluate_loops import read_rows
from benchmarks.tenant import NOW

_NOW = NOW.replace(tzinfo=None)
Row = dict[str, Any]


def _filters(*conditions: Row) -> Callable[[Sequence[Row]], list[Row]]:
    from c7n.filters.core import ValueFilter  # noqa: PLC0415 - only `make bench` installs it

    filters = [ValueFilter({"type": "value", **condition}).validate() for condition in conditions]

    def keep(rows: Sequence[Row]) -> list[Row]:
        left = list(rows)
        for each in filters:
            left = [row for row in left if each(row)]
        return left

    return keep


def from_memory(folder: Path, used: Mapping[str, Sequence[str]]) -> Run:
    """Rows are dictionaries already; joining and filtering is the work."""
    rows = read_rows(folder, used)
    # Its comparisons are of numbers; instants are given as days.
    for person in rows["principals"]:
        person["days"] = (_NOW - person["last_sign_in_at"]) / timedelta(days=1)
    for token in rows["credentials"]:
        token["days"] = (_NOW - token["created_at"]) / timedelta(days=1)

    def run() -> dict[str, int]:
        people = {person["principal_id"]: person for person in rows["principals"]}
        privileged = {role["role_id"] for role in rows["roles"] if role["is_privileged"]}
        found = {
            "C1": _filters(
                {"key": "is_enabled", "value": True},
                {"key": "days", "value": 90, "op": "gt"},
                {"key": "length(privileged)", "value": 0, "op": "gt"},
            )(_with_direct_roles(rows, privileged)),
            "C2": _filters({"key": "kind", "value": "service"}, {"key": "length(privileged)", "value": 0, "op": "gt"})(
                _with_effective_roles(rows, privileged)
            ),
            "C3": _filters({"key": "is_named", "value": False})(_with_policy(rows)),
            "C4": _filters({"key": "is_managed", "value": False})(rows["apps"]),
            "C5": _filters({"key": "days", "value": 180, "op": "gt"})(rows["credentials"]),
            "C6": _filters({"key": "owner_is_enabled", "value": False})(
                [{**app, "owner_is_enabled": people[app["owner_principal_id"]]["is_enabled"]} for app in rows["apps"]]
            ),
            "C7": _filters({"key": "departs", "value": True})(_with_platform_value(rows)),
        }
        return {name: len(kept) for name, kept in found.items()}

    return run


def _with_direct_roles(rows: Mapping[str, list[Row]], privileged: set[str]) -> list[Row]:
    held = defaultdict(list)
    for grant in rows["grants"]:
        if grant["subject_kind"] == "principal" and grant["role_id"] in privileged:
            held[grant["subject_id"]].append(grant["role_id"])
    return [{**person, "privileged": held.get(person["principal_id"], [])} for person in rows["principals"]]


def _with_effective_roles(rows: Mapping[str, list[Row]], privileged: set[str]) -> list[Row]:
    below, held = defaultdict(list), defaultdict(set)
    for edge in rows["memberships"]:
        below[edge["group_id"]].append((edge["member_kind"], edge["member_id"]))
    waiting = [
        (grant["subject_kind"], grant["subject_id"], grant["role_id"])
        for grant in rows["grants"]
        if grant["role_id"] in privileged
    ]
    seen = set()
    while waiting:
        kind, subject, role = here = waiting.pop()
        if here not in seen:
            seen.add(here)
            if kind == "principal":
                held[subject].add(role)
            else:
                waiting += [(*member, role) for member in below.get(subject, ())]
    return [{**person, "privileged": list(held.get(person["principal_id"], ()))} for person in rows["principals"]]


def _with_policy(rows: Mapping[str, list[Row]]) -> list[Row]:
    named = {(rule["policy_id"], rule["ref_id"]) for rule in rows["data_policy_rules"]}
    return [
        {**link, "is_named": (link["environment_id"], link["connector_id"]) in named} for link in rows["connections"]
    ]


def _with_platform_value(rows: Mapping[str, list[Row]]) -> list[Row]:
    platform = {each["key"]: each["value_int"] for each in rows["settings"] if each["scope_kind"] == "platform"}
    return [
        {**each, "departs": each["value_int"] != platform[each["key"]]}
        for each in rows["settings"]
        if each["scope_kind"] == "environment"
    ]
