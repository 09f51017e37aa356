"""Who changed what, from the Setup Audit Trail, where an entry names what it changed by id or by API name.

The trail has no field for the thing that was changed; only its text (`Display`) tells, in English words that Salesforce
documents by example (Object Reference, "SetupAuditTrail") and may change. Three ways of naming are read: the id of a
user, the unique name of a flow, the name of an Apex class. Names of people say nothing: two may have the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from passmuster.collect.audit_log import Entries, log_table
from passmuster.collect.connectors.salesforce.api_asking import Organization, Record, text_at, time_at
from passmuster.collect.connectors.salesforce.api_questions import SETUP_CHANGES
from passmuster.model.words import CollectionStatus
from passmuster.snapshot.gathered import Gathered

_USER = re.compile(r"\(UserID: \[(?P<id>005\w{12,15})\]\)")
_FLOW = re.compile(r'\bUnique Name "(?P<name>\w+)"')
_CLASS = re.compile(r"(?:Created|Changed|Deleted) (?P<name>\w+) Apex Class code")
_SHORT_ID = 15
_OLDER = "these recorded answers are older than the question for the Setup Audit Trail's entries"


def audit_events(organization: Organization, since: datetime | None) -> Gathered:
    """A row an entry that names what it changed; `since` is how far back a running organisation was asked."""
    if SETUP_CHANGES not in organization.reads:
        unlock = f"record the answer of {SETUP_CHANGES} too, or ask the organisation with --url"
        return Gathered(CollectionStatus.UNSUPPORTED, (), _OLDER, unlock)
    people = _People(organization)
    entries = organization.records(SETUP_CHANGES)
    rows = {
        (row["audit_event_id"], row["object_table"], row["object_id"]): row
        for entry in entries
        for row in _rows(entry, people)
    }
    times = tuple(at for entry in entries if (at := time_at(entry, "CreatedDate")))
    told = Entries(organization.verdict(SETUP_CHANGES), len(entries), times, since)
    return log_table(list(rows.values()), told, source="SetupAuditTrail")


class _People:
    """Users by what the trail calls them: the first 15 letters of an id, or the user name."""

    def __init__(self, organization: Organization) -> None:
        """Of all users that were read."""
        users = [(identity, user) for user in organization.records("users") if (identity := text_at(user, "Id"))]
        self._by_id = {identity[:_SHORT_ID]: identity for identity, _ in users}
        self._by_name = {name.lower(): identity for identity, user in users if (name := text_at(user, "Username"))}

    def by_id(self, told: str) -> str:
        """The id as tables have it; as told where no such user was read."""
        return self._by_id.get(told[:_SHORT_ID], told)

    def by_name(self, told: str) -> str:
        """The id of the user of that name; the name where no such user was read."""
        return self._by_name.get(told.lower(), told)


def _rows(entry: Record, people: _People) -> Iterator[dict[str, Any]]:
    number, display = text_at(entry, "Id"), text_at(entry, "Display") or ""
    if number is None:
        return
    # Whoever acts for another signed in as that one: the trail then names the one who acted beside it.
    delegate, creator = text_at(entry, "DelegateUser"), text_at(entry, "CreatedById")
    told = {
        "audit_event_id": number,
        "happened_at": time_at(entry, "CreatedDate"),
        "actor_principal_id": people.by_name(delegate) if delegate else people.by_id(creator) if creator else None,
        "action": _action(text_at(entry, "Action") or ""),
        "native_kind": text_at(entry, "Action"),
    }
    for table, key in _touched(display, people):
        yield {**told, "object_table": table, "object_id": key}


def _touched(display: str, people: _People) -> Iterator[tuple[str, str]]:
    if found := _USER.search(display):
        yield "principals", people.by_id(found["id"])
    if found := _FLOW.search(display):
        yield "apps", f"flow/{found['name']}"
    if found := _CLASS.fullmatch(display):
        yield "apps", f"apex/class/{found['name']}"


def _action(name: str) -> str:
    """A new version of a flow, or an assignment to a user, changes it and makes no new one."""
    if name in ("createdApexClass", "createdinteractiondefinition", "createduser"):
        return "create"
    return "delete" if name in ("deletedApexClass", "deletedinteractiondefinition") else "update"
