"""What an entry touched, by the ids of the snapshot's own tables: an app, a flow and its parts, a grant, a policy."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from passmuster.collect.connectors.power_platform.powershell import as_text
from passmuster.collect.connectors.power_platform.purview.entries import Entry, records_in
from passmuster.collect.connectors.power_platform.purview.operations import Change, Kind, policy_action
from passmuster.collect.connectors.power_platform.tenant_isolation import POLICY
from passmuster.snapshot.gathered import Gathered

Row = dict[str, Any]
Thing = tuple[str, str]
_RESOURCE = "powerplatform.analytics.resource"
_KEYS = {
    "apps": "app_id",
    "environments": "environment_id",
    "data_policies": "policy_id",
    "connections": "connection_id",
    "connectors": "connector_id",
    "endpoints": "endpoint_id",
    "principals": "principal_id",
}
_TABLES = {
    Kind.APP: "apps",
    Kind.FLOW: "apps",
    Kind.SITE: "apps",
    Kind.CONNECTION: "connections",
    Kind.CONNECTOR: "connectors",
    Kind.ENVIRONMENT: "environments",
    Kind.POLICY: "data_policies",
}
# Where records of a kind name the thing. An environment that was renamed has its id where others have its name.
_NAMED_BY = {
    Kind.APP: (f"{_RESOURCE}.power_app.id", "AppName"),
    Kind.CONNECTION: (f"{_RESOURCE}.connection.id", "ResourceId"),
    Kind.CONNECTOR: ("ResourceId",),
    Kind.ENVIRONMENT: (f"{_RESOURCE}.environment.id", f"{_RESOURCE}.environment.name", "EnvironmentId"),
    Kind.POLICY: (f"{_RESOURCE}.id",),
}
_FLOW = re.compile(r"/flows/([^/?#]+)", re.IGNORECASE)
_ID = re.compile(r"(default-)?[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
_ACTORS = ("enduser.id", "UserKey", "UserId", "enduser.principal_name", "UserUPN")
# The longest mail address there can be.
_LONGEST_ACCOUNT, _NOBODY = 320, "not available"
_RECIPIENTS = ("targetuser.id", "RecipientUPN")


@dataclass(frozen=True)
class Known:
    """The snapshot's ids: by table and in lower case (connectors by name); people also by login; what belongs to what.

    `grants` are by object or role and by who holds them, `parts` by the app they are a part of; all in lower case.
    """

    ids: Mapping[str, Mapping[str, str]]
    people: Mapping[str, str]
    grants: Mapping[tuple[str, str], Sequence[str]]
    parts: Mapping[str, Sequence[Thing]]


def known_of(tables: Mapping[str, Gathered]) -> Known:
    """What these tables know."""
    rows = {name: gathered.rows for name, gathered in tables.items()}
    ids = {
        table: {_spelled(table, str(row[key])): str(row[key]) for row in rows.get(table, ())}
        for table, key in _KEYS.items()
    }
    people = dict(ids["principals"])
    for row in rows.get("principals", ()):
        login = str(row.get("login") or "").lower()
        if login:
            # A login that two have names neither.
            own = str(row["principal_id"])
            people[login] = own if people.get(login, own) == own else ""
    grants: dict[tuple[str, str], list[str]] = {}
    for row in rows.get("grants", ()):
        for what in (str(row.get("object_id") or ""), str(row.get("role_id") or "")):
            held = grants.setdefault((what.lower(), str(row.get("subject_id") or "").lower()), [])
            held.append(str(row["grant_id"]))
    return Known(ids, people, grants, _parts(rows))


def _spelled(table: str, key: str) -> str:
    return (_last(key) if table == "connectors" else key).lower()


def _parts(rows: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, list[Thing]]:
    found: dict[str, list[Thing]] = {}
    for table in ("endpoints", "connections"):
        for row in rows.get(table, ()):
            app, own = str(row.get("app_id") or ""), str(row[_KEYS[table]])
            # A connection is also of whoever uses it; a part of a flow has the flow's id before its own.
            if app and (own == app or own.startswith(f"{app}/")):
                found.setdefault(app.lower(), []).append((table, own))
    return found


def rows_of(entry: Entry, known: Known) -> Iterator[Row]:
    """A row for each thing that an entry touched; none where it names nothing that can be told apart."""
    if entry.change is None:
        return
    told = {
        "audit_event_id": entry.number,
        "happened_at": entry.at,
        "actor_principal_id": _actor(entry, known),
        "native_kind": entry.operation,
    }
    for action, (table, key) in _touched(entry, entry.change, known):
        yield {**told, "action": action, "object_table": table, "object_id": key}


def _actor(entry: Entry, known: Known) -> str | None:
    texts = [text for name in _ACTORS if (text := entry.text(name)) and _is_account(text)]
    found = next((who for text in texts if (who := known.people.get(text.lower()))), None)
    # Who is not among the snapshot's people is told as the log has it, by an address rather than by a number.
    return found or next((text for text in texts if "@" in text), None) or next(iter(texts), None)


def _is_account(text: str) -> bool:
    return len(text) <= _LONGEST_ACCOUNT and text.lower() != _NOBODY


def _touched(entry: Entry, change: Change, known: Known) -> Iterator[tuple[str, Thing]]:
    if change.kind is Kind.ISOLATION:
        yield change.action, ("data_policies", POLICY)
    elif change.kind is Kind.OWN_ROLE:
        yield from ((change.action, thing) for thing in _own_role(entry, known))
    elif change.kind is Kind.DIRECTORY_ROLE:
        yield from ((change.action, thing) for thing in _directory_role(entry, known))
    else:
        key = _thing(entry, change.kind, known)
        if key is None:
            return
        action = policy_action(entry.text(_POLICY_OPERATION)) if change.kind is Kind.POLICY else change.action
        yield action, (_TABLES[change.kind], key)
        yield from ((action, part) for part in known.parts.get(key.lower(), ()) if not change.is_share)
        if change.is_share:
            yield from ((action, ("grants", grant)) for grant in _grants(key, _recipients(entry, known), known))


_POLICY_OPERATION = f"{_RESOURCE}.tenant.governance.api_policy.operation_name"


def _thing(entry: Entry, kind: Kind, known: Known) -> str | None:
    """The id of the thing: as the snapshot spells it where it has it, else as the log does where that is an id."""
    named = [_last(text) for name in _NAMED_BY.get(kind, ()) if (text := entry.text(name))]
    if kind is Kind.FLOW:
        named = _FLOW.findall(entry.text("FlowDetailsUrl") or "")[:1]
    ids = known.ids[_TABLES[kind]]
    found = next((ids[text.lower()] for text in named if text.lower() in ids), None)
    if found is None and kind in (Kind.FLOW, Kind.SITE, Kind.CONNECTOR):
        # No page says in which property these are named, so that any will do that holds the id of one.
        texts = (*entry.properties.values(), *(each for each in entry.data.values() if isinstance(each, str)))
        found = next((ids[last] for text in texts if (last := _last(text).lower()) in ids), None)
    is_telling = kind is not Kind.CONNECTOR
    return found or next((text for text in named if is_telling and _ID.fullmatch(text)), None)


def _recipients(entry: Entry, known: Known) -> list[str]:
    texts = [text for name in _RECIPIENTS if (text := entry.text(name))]
    # What is shared with everybody is shared with the tenant itself.
    return [each for text in texts for each in (known.people.get(text.lower()) or text, f"tenant:{text}")]


def _grants(what: str, holders: Iterable[str], known: Known) -> list[str]:
    return [grant for who in holders for grant in known.grants.get((what.lower(), who.lower()), ())]


def _own_role(entry: Entry, known: Known) -> list[Thing]:
    """Whoever made themselves an administrator of an environment's database, and the grants they have there."""
    who, place = _actor(entry, known), _thing(entry, Kind.ENVIRONMENT, known)
    if who is None:
        return []
    return [("principals", who), *(("grants", grant) for grant in _grants(place or "", [who], known))]


def _directory_role(entry: Entry, known: Known) -> list[Thing]:
    """The grants of an administrator role of the directory to whoever was added; none of roles that are not read."""
    template = entry.text("Role.TemplateId") or ""
    named = [as_text(each.get("ID") or each.get("id")) or "" for each in records_in(entry.data.get("Target"))]
    texts = [text.removeprefix("User_").lower() for text in (*named, entry.text("ObjectId") or "") if text]
    holders = dict.fromkeys(known.people.get(text) or text for text in texts)
    return [("grants", grant) for grant in _grants(f"entra:{template}", holders, known)]


def _last(text: str) -> str:
    """The last part of an id that may be written as a path."""
    return text.strip().rstrip("/").rpartition("/")[2]
