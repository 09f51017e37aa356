"""Policies as roles, their permissions, and who holds them. A role of Directus is a group of people with policies."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from passmuster.collect.connectors.directus.capabilities import (
    ADMINISTRATOR,
    capability_of,
    field_scope_of,
    names_role,
    rank_of,
    row_scope_of,
)
from passmuster.collect.connectors.directus.estate import ENVIRONMENT_ID, PUBLIC_ID, Estate
from passmuster.collect.fields import Record, flag, text
from passmuster.collect.reads import gathered
from passmuster.collect.statuses import Verdict
from passmuster.model.words import CollectionStatus
from passmuster.snapshot.gathered import Gap, Gathered

_WIDTH = {"all": 3, None: 2, "filtered": 1, "some": 1, "own": 0, "none": 0}
_GRANT_GAPS = (
    Gap("granted_at", "Directus does not tell when a policy was given"),
    Gap("granted_by", "Directus does not tell who gave a policy"),
)


def rights_tables(estate: Estate) -> dict[str, Gathered]:
    """The tables of policies, permissions and grants."""
    policies = estate.verdict("policies")
    return {
        "roles": gathered(_roles(estate), policies, estate.verdict("permissions"), source="policies, permissions"),
        "role_inclusions": _no_inclusions(policies),
        "role_permissions": gathered(
            [*_permissions(estate), *_of_administrators(estate)],
            policies,
            estate.verdict("permissions"),
            source="permissions, policies",
        ),
        "grants": gathered(
            list(_grants(estate)), estate.verdict("access", "users"), source="access, users", gaps=_GRANT_GAPS
        ),
    }


def public_reach(estate: Estate, collection: str) -> str | None:
    """What a visitor without sign-in may do with a collection: none, read or write; None where it cannot be known."""
    if not estate.verdict("access", "policies", "permissions").is_ok:
        return None
    if any(flag(estate.policies.get(policy, {}), "admin_access") for policy in estate.public_policies):
        return "write"
    rows = [
        row for row in estate.permissions if row["policy"] in estate.public_policies and row["collection"] == collection
    ]
    if any(row["action"] in ("create", "update", "delete") for row in rows):
        return "write"
    reads = (row for row in rows if row["action"] == "read")
    return "read" if any(field_scope_of("read", row.get("fields")) != "none" for row in reads) else "none"


def _no_inclusions(policies: Verdict) -> Gathered:
    reason = "policies of Directus do not contain policies"
    if policies.is_ok:
        return Gathered(CollectionStatus.EMPTY, reason=reason, source="policies")
    return Gathered(policies.status, reason=policies.reason, unlock=policies.unlock, source="policies")


def _roles(estate: Estate) -> list[dict[str, Any]]:
    words: defaultdict[str, set[str | None]] = defaultdict(set)
    for row in _permissions(estate):
        words[row["role_id"]].add(row["capability"])
    return [_role(policy, words[str(policy["id"])]) for policy in estate.items("policies")]


def _role(policy: Record, capabilities: set[str | None]) -> dict[str, Any]:
    name, administers = text(policy, "name"), flag(policy, "admin_access")
    networks = policy.get("ip_access")
    listed_networks = networks.split(",") if isinstance(networks, str) else networks
    return {
        "role_id": text(policy, "id"),
        "environment_id": ENVIRONMENT_ID,
        "name": "Public" if name == "$t:public_label" else name,
        "kind": "policy",
        "is_builtin": True if name and name.startswith("$t:") else None,
        # Who may write rights, or the role of a user, can make itself an administrator.
        "is_privileged": None if administers is None else administers or "manage_roles" in capabilities,
        "privilege_rank": rank_of(capabilities, is_administrator=administers is True),
        "requires_mfa": flag(policy, "enforce_tfa"),
        "ip_allow": json.dumps(sorted(map(str, listed_networks))) if isinstance(listed_networks, list) else None,
    }


def _permissions(estate: Estate) -> list[dict[str, Any]]:
    """One row for each policy, collection and action; where there are several, the widest scopes count."""
    alike: defaultdict[tuple[str, str, str], list[Record]] = defaultdict(list)
    for record in estate.permissions:
        alike[str(record["policy"]), str(record["collection"]), str(record["action"])].append(record)
    return [_permission(*key, records) for key, records in alike.items()]


def _permission(policy: str, collection: str, action: str, records: list[Record]) -> dict[str, Any]:
    row_scope = max((row_scope_of(action, record.get("permissions")) for record in records), key=_WIDTH.__getitem__)
    fields = [record.get("fields") for record in records]
    return {
        "role_id": policy,
        "permission": action,
        "capability": capability_of(
            collection, action, is_own=row_scope == "own", sets_role=any(map(names_role, fields))
        ),
        "resource_kind": "collection",
        "resource_id": collection,
        "field_scope": max((field_scope_of(action, each) for each in fields), key=_WIDTH.__getitem__),
        "row_scope": row_scope,
        "effect": "allow",
    }


def _of_administrators(estate: Estate) -> Iterator[dict[str, Any]]:
    for policy in estate.items("policies"):
        if flag(policy, "admin_access"):
            for word in ADMINISTRATOR:
                yield {
                    "role_id": text(policy, "id"),
                    "permission": f"admin_access:{word}",
                    "capability": word,
                    "resource_kind": "project",
                    "field_scope": "all",
                    "row_scope": "all",
                    "effect": "allow",
                }


def _grants(estate: Estate) -> Iterator[dict[str, Any]]:
    for row in estate.items("access"):
        policy, role, user = (text(row, name) for name in ("policy", "role", "user"))
        if policy is None:
            continue
        if role:
            yield _grant(estate, str(row["id"]), ("group", role), policy)
        elif user:
            yield _grant(estate, str(row["id"]), ("principal", user), policy)
        else:
            yield _grant(estate, str(row["id"]), ("principal", PUBLIC_ID), policy)
    # Whoever signs in without a role has what the public has.
    for person in estate.items("users"):
        if "role" in person and text(person, "role") is None:
            for policy in sorted(estate.public_policies):
                yield _grant(estate, f"{policy}/{person['id']}", ("principal", str(person["id"])), policy)


def _grant(estate: Estate, grant_id: str, subject: tuple[str, str], policy: str) -> dict[str, Any]:
    return {
        "grant_id": grant_id,
        "subject_kind": subject[0],
        "subject_id": subject[1],
        "role_id": policy,
        "object_kind": "platform",
        "object_id": estate.platform_id,
        "environment_id": ENVIRONMENT_ID,
        "has_expiry": False,
        "is_eligible_only": False,
    }
