"""Who changed what, from the audit records of an instance (`sys_audit`), by the ids of what they touched.

A record tells of one field of one record, and only of tables whose dictionary entry is marked Audit (ServiceNow's
documentation, "Viewing Sys Audit and Audit Relationship Change tables"). Old and new values are not asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from passmuster.collect.audit_log import Entries, log_table, with_unread
from passmuster.collect.connectors.servicenow.estate import Estate
from passmuster.collect.connectors.servicenow.records import Record, moment, text
from passmuster.model.words import CollectionStatus
from passmuster.snapshot.gathered import Gathered

SYS_AUDIT = "sys_audit"
# Tables whose records have a row of their own in the snapshot, under ServiceNow's id.
_BY_ID: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("sys_user",), ("principals",)),
    **dict.fromkeys(("sys_user_group",), ("groups",)),
    **dict.fromkeys(("sys_user_has_role", "sys_group_has_role"), ("grants",)),
    **dict.fromkeys(("sys_hub_flow", "sys_script", "sys_script_include", "sys_app"), ("apps",)),
    **dict.fromkeys(("sp_portal",), ("apps", "endpoints")),
    **dict.fromkeys(("sys_ws_operation", "sys_public"), ("endpoints",)),
    **dict.fromkeys(("http_connection", "ecc_agent"), ("connections",)),
    **dict.fromkeys(("sys_rest_message",), ("connectors", "connections")),
    **dict.fromkeys(("sys_store_app",), ("add_ons",)),
    **dict.fromkeys(("oauth_entity", "api_key", "oauth_credential"), ("credentials",)),
    **dict.fromkeys(("sys_auth_profile_basic", "discovery_credentials"), ("credentials",)),
    **dict.fromkeys(("sys_certificate",), ("keys",)),
}
# Tables whose records change something that the snapshot has under another name.
_BY_RECORD = ("sys_user_grmember", "sys_user_role", "sys_security_acl", "sys_dictionary", "sys_auto_flush")
AUDITED_TABLES = (*_BY_ID, *_BY_RECORD)
# Tables whose own records tell what else was touched.
_TELLING = (*_BY_RECORD, "sys_user_has_role", "sys_group_has_role")
_DELETED = "DELETED"
Thing = tuple[str, str | None]


def audit_events(estate: Estate, since: datetime | None) -> Gathered:
    """A row an audit record and thing that it touched; `since` is how far back an instance was asked."""
    read = estate.read(SYS_AUDIT)
    if read.verdict.status is CollectionStatus.UNSUPPORTED:
        return Gathered(read.verdict.status, (), read.verdict.reason, read.verdict.unlock)
    records = {name: _by_id(estate, name) for name in _TELLING}
    named = {table for entry in read.records if (table := text(entry, "tablename")) in _TELLING}
    verdict = with_unread(read.verdict, {name: estate.read(name).verdict for name in named if name})
    rows = {
        (row["audit_event_id"], row["object_table"], row["object_id"]): row
        for entry in read.records
        for row in _rows(estate, entry, records)
    }
    times = tuple(at for entry in read.records if (at := moment(entry, "sys_created_on")))
    return log_table(list(rows.values()), Entries(verdict, len(read.records), times, since), source=SYS_AUDIT)


def _by_id(estate: Estate, name: str) -> dict[str, Record]:
    return {identity: record for record in estate.records(name) if (identity := text(record, "sys_id"))}


def _rows(estate: Estate, entry: Record, records: Mapping[str, Mapping[str, Record]]) -> Iterator[dict[str, Any]]:
    table, item, number = (text(entry, name) for name in ("tablename", "documentkey", "sys_id"))
    if table not in AUDITED_TABLES or item is None or number is None:
        return
    told = {
        "audit_event_id": number,
        "happened_at": moment(entry, "sys_created_on"),
        "actor_principal_id": estate.users.of(entry, "user"),
        "native_kind": table,
    }
    action = "delete" if text(entry, "fieldname") == _DELETED else "update"
    for kind in _BY_ID.get(table, ()):
        yield {**told, "action": action, "object_table": kind, "object_id": item}
    record = records.get(table, {}).get(item)
    for kind, key in _touched(estate, table, record) if record else ():
        if key:
            yield {**told, "action": "update", "object_table": kind, "object_id": key}


def _touched(estate: Estate, table: str, record: Record) -> list[Thing]:
    """What a record that was changed gives or takes, where the record is still there to tell."""
    user, group = estate.users.of(record, "user"), estate.groups.of(record, "group")
    name = text(record, "name")
    touched: dict[str, list[Thing]] = {
        "sys_user_has_role": [("principals", user)],
        "sys_user_grmember": [("principals", user), ("groups", group)],
        "sys_group_has_role": [("groups", group)],
        "sys_user_role": [("roles", name)],
        # A rule is called after its table, or after table and field.
        "sys_security_acl": [("data_stores", (name or "").partition(".")[0])],
        "sys_dictionary": [("data_stores", name), ("log_sources", SYS_AUDIT)],
        "sys_auto_flush": [("log_sources", text(record, "tablename"))],
    }
    return touched.get(table, [])
