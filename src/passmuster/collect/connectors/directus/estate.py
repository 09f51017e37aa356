"""Everything that was read of one project, before it is sorted into tables."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from passmuster.collect.base_url import BaseUrl
from passmuster.collect.fields import Record, flag, inner, records, text
from passmuster.collect.reads import Reads
from passmuster.collect.statuses import Verdict, worst
from passmuster.documents.secrets import strip_url

ENVIRONMENT_ID = "project"
PUBLIC_ID = "public"
_NAIVE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?")


@dataclass(frozen=True)
class Estate:
    """The answers of one project by name. `since` is how far back a running one was asked for its log."""

    platform_id: str
    base: BaseUrl | None
    reads: Reads
    since: datetime | None = None

    def verdict(self, *names: str) -> Verdict:
        """The worst that became of the questions of these names."""
        return worst(*(self.reads.verdict(name) for name in names))

    def items(self, name: str) -> tuple[Record, ...]:
        """The records read; empty where none were."""
        return self.reads.items(name)

    def data(self, name: str) -> Record:
        """What stands under `data` of a single answer; empty where there is none."""
        return inner(self.reads.body(name), "data")

    @cached_property
    def is_administrator(self) -> bool | None:
        """Whether the token administers, and so sees everything; None where Directus did not tell."""
        return flag(self.data("policies_me_globals"), "admin_access")

    @cached_property
    def policies(self) -> Mapping[str, Record]:
        """Policies by id."""
        return {str(policy["id"]): policy for policy in self.items("policies")}

    @cached_property
    def permissions(self) -> tuple[Record, ...]:
        """Permissions of policies; those that Directus adds by itself belong to none and are left out."""
        return tuple(
            row
            for row in self.items("permissions")
            if flag(row, "system") is not True and all(text(row, key) for key in ("policy", "collection", "action"))
        )

    @cached_property
    def public_policies(self) -> frozenset[str]:
        """Policies of the visitor without sign-in: those that neither a role nor a user holds."""
        return frozenset(
            policy
            for row in self.items("access")
            if not text(row, "role") and not text(row, "user") and (policy := text(row, "policy"))
        )

    @cached_property
    def policies_of_user(self) -> Mapping[str, frozenset[str]]:
        """What each user holds: itself, by its role and the roles above it, or as the public where it has no role."""
        by_role, by_user = self._held("role"), self._held("user")
        parents = {str(role["id"]): text(role, "parent") for role in self.items("roles")}
        held = {}
        for user in self.items("users"):
            found = set(by_user[str(user["id"])])
            chain, role = set(), text(user, "role")
            if role is None:
                found |= self.public_policies
            while role and role not in chain:
                found |= by_role[role]
                chain.add(role)
                role = parents.get(role)
            held[str(user["id"])] = frozenset(found)
        return held

    def _held(self, by: str) -> defaultdict[str, set[str]]:
        found: defaultdict[str, set[str]] = defaultdict(set)
        for row in self.items("access"):
            holder, policy = text(row, by), text(row, "policy")
            if holder and policy:
                found[holder].add(policy)
        return found

    def steps_of(self, flow: Record) -> list[Record]:
        """The operations of a flow that can be told apart, by id."""
        return sorted(
            (step for step in records(flow, "operations") if text(step, "id")), key=lambda step: str(step["id"])
        )

    @cached_property
    def drivers(self) -> Mapping[str, str]:
        """How each identity provider is spoken to: `openid`, `oauth2`, `saml`, `ldap`, `local`."""
        found = ((text(row, "name"), text(row, "driver")) for row in records(self.reads.body("auth_providers"), "data"))
        return {name: driver for name, driver in found if name and driver}

    @cached_property
    def signed_in_at(self) -> Mapping[str, str]:
        """The last sign-in of each user that the activity log still holds."""
        return self._latest("activity_sign_ins", "user")

    @cached_property
    def ran_at(self) -> Mapping[str, str]:
        """The last run of each flow that the activity log still holds."""
        return self._latest("activity_runs", "item")

    @cached_property
    def created_at(self) -> Mapping[str, str]:
        """When users were made, where the activity log still holds it."""
        found = ((text(row, "item"), text(row, "timestamp")) for row in self.items("activity_users"))
        return {user: at for user, at in found if user and at}

    @property
    def address(self) -> str | None:
        """The project's own address, without a slash at the end."""
        told = text(self.data("settings"), "project_url")
        return self.base.text if self.base else strip_url(told).rstrip("/") if told else None

    @property
    def is_rate_limited(self) -> bool | None:
        """Whether the server limits how fast an address may call; only a signed-in caller is told."""
        info = self.data("server_info")
        return info["rateLimit"] is not False if "rateLimit" in info else None

    def _latest(self, name: str, by: str) -> dict[str, str]:
        found = ((text(row, by), text(inner(row, "max"), "timestamp")) for row in self.items(name))
        return {key: at for key, at in found if key and at}


def moment(record: Record, name: str) -> str | None:
    """A time as Directus wrote it. One without a zone is the server's local time; it is taken for UTC."""
    value = text(record, name)
    return f"{value}Z" if value and _NAIVE.fullmatch(value) else value


def is_masked(record: Record, name: str) -> bool | None:
    """Whether a secret is set, by Directus' mask over it; None where the field was not told."""
    if name not in record:
        return None
    value: Any = record[name]
    return value is not None and value != ""
