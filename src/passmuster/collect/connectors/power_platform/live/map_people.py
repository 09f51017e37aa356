"""People and applications, groups, roles, and who holds which."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from passmuster.collect.connectors.power_platform.identifiers import as_id
from passmuster.collect.connectors.power_platform.live.estate import (
    Estate,
    Record,
    Row,
    flag,
    inner,
    properties,
    state_of,
    table,
    text,
)
from passmuster.collect.connectors.power_platform.live.questions import named
from passmuster.collect.connectors.power_platform.live.reading import groups_seen
from passmuster.collect.connectors.power_platform.live.roles import DIRECTORY_ROLES, KNOWN
from passmuster.collect.connectors.power_platform.powershell import as_time
from passmuster.collect.unlocks import by_declaring
from passmuster.documents.secrets import redact
from passmuster.model.words import CollectionStatus
from passmuster.snapshot.gathered import Gap, Gathered, SourceState

_KINDS = {
    "user": "human",
    "serviceprincipal": "application",
    "application": "application",
    "notspecified": "system",
    "system": "system",
}
_SHARED = (
    ("apps", "app_shares", "app"),
    ("flows", "flow_owners", "flow"),
    ("connections", "connection_shares", "connection"),
)
_RAW = ("id", "displayName", "userPrincipalName", "mail", "accountEnabled", "userType")
_GRAPH_NEEDED = Gap(
    "is_enabled", "Power Platform does not tell who may still sign in", "name the host `graph` and hand over its token"
)
_PRINCIPAL_GAPS = (
    Gap(
        "mfa",
        "Microsoft Entra asks for the second factor, and its policies are not read",
        by_declaring("principals", "mfa"),
    ),
    Gap("last_sign_in_at", "sign-ins are not asked for", by_declaring("principals", "last_sign_in_at")),
    Gap(
        "employment_ended_at",
        "no interface tells who left the organisation",
        by_declaring("principals", "employment_ended_at"),
    ),
)
_GRANT_GAPS = (
    Gap("expires_at", "shares and roles of Power Platform have no end"),
    Gap("granted_by", "only shares of apps say who gave them", by_declaring("grants", "granted_by")),
)


@dataclass
class People:
    """Rows of the tables of people, by key; what is told first stays, later sources only fill what is missing."""

    principals: dict[str, Row] = field(default_factory=dict)
    groups: dict[str, Row] = field(default_factory=dict)
    memberships: dict[tuple[str, str], Row] = field(default_factory=dict)
    roles: dict[str, Row] = field(default_factory=dict)
    permissions: dict[tuple[str, str], Row] = field(default_factory=dict)
    grants: dict[str, Row] = field(default_factory=dict)

    def meet(self, row: Row) -> None:
        """Take a person in."""
        known = self.principals.setdefault(row["principal_id"], {})
        for column, value in row.items():
            if known.get(column) is None and value is not None:
                known[column] = value

    def hold(self, role_id: str, environment: str | None = None) -> None:
        """Take a role in; of one that is not known here, what it may do stays unknown."""
        known = KNOWN.get(role_id)
        self.roles.setdefault(
            role_id,
            {
                "role_id": role_id,
                "environment_id": environment,
                "name": known.name if known else role_id.partition(":")[2],
                "kind": "role",
                "is_builtin": True,
                "is_privileged": known.is_privileged if known else None,
                "privilege_rank": known.rank if known else None,
            },
        )
        for capability in known.capabilities if known else ():
            self.permissions.setdefault(
                (role_id, capability),
                {
                    "role_id": role_id,
                    "permission": capability,
                    "capability": capability,
                    "resource_kind": role_id.partition(":")[0],
                    "field_scope": "all",
                    "row_scope": "all",
                    "effect": "allow",
                },
            )


def people_of(estate: Estate) -> People:
    """Everybody who is seen anywhere, and what they hold."""
    people = People()
    for user in estate.read("graph_users").items:
        _meet_user(people, user)
    _directory_roles(people, estate)
    for kind, answers, scope in _SHARED:
        for environment, name in _shared(estate, kind):
            _shares(people, estate, named(answers, name), (scope, name, environment))
    for environment in estate.environments:
        _shares(people, estate, named("environment_roles", environment), ("environment", environment, environment))
    for kind in ("apps", "connections"):
        for _, record in estate.of_each(kind):
            for role in ("owner", "createdBy"):
                principal_of(people, inner(properties(record), role), estate.tenant)
    _group_members(people, estate)
    return people


def _shared(estate: Estate, kind: str) -> Iterator[tuple[str, str]]:
    for environment, record in estate.of_each(kind):
        name = as_id(record.get("name"))
        if name:
            yield environment, name


def _meet_user(people: People, user: Record) -> None:
    user_id, login = as_id(user.get("id")), text(user, "userPrincipalName")
    if user_id is None:
        return
    is_guest = (text(user, "userType") or "").lower() == "guest"
    people.meet(
        {
            "principal_id": user_id,
            "kind": "guest" if is_guest else "human",
            "display_name": text(user, "displayName"),
            "login": login,
            "email_domain": _domain(text(user, "mail") or login),
            "is_enabled": flag(user, "accountEnabled"),
            "is_external": is_guest if "userType" in user else None,
            "auth_source": "sso",
            "created_at": as_time(user.get("createdDateTime")),
            "password_changed_at": as_time(user.get("lastPasswordChangeDateTime")),
            "raw": redact({name: user[name] for name in _RAW if name in user}),
        }
    )


def _domain(address: str | None) -> str | None:
    return address.rpartition("@")[2].lower() if address and "@" in address else None


def principal_of(people: People, principal: Record, tenant: str) -> str | None:
    """The id of a person or application that a record names, taken in; None where it names none."""
    principal_id = as_id(principal.get("id"))
    kind = _KINDS.get((text(principal, "type") or "").lower())
    if principal_id is None or kind is None:
        return None
    login = text(principal, "userPrincipalName") or text(principal, "email")
    theirs = text(principal, "tenantId")
    is_guest = "#ext#" in (login or "").lower() or bool(theirs and tenant and theirs.lower() != tenant.lower())
    people.meet(
        {
            "principal_id": principal_id,
            "kind": "guest" if kind == "human" and is_guest else kind,
            "display_name": text(principal, "displayName"),
            "login": login,
            "email_domain": _domain(text(principal, "email") or login),
            "is_external": is_guest if kind == "human" and login else None,
            "auth_source": "sso" if kind == "human" else None,
        }
    )
    return principal_id


def _shares(people: People, estate: Estate, read: str, target: tuple[str, str, str]) -> None:
    scope, object_id, environment = target
    for record in estate.read(read).items:
        about = properties(record)
        principal = inner(about, "principal")
        role = text(about, "roleName") or text(inner(about, "roleDefinition"), "name")
        role = role or (text(inner(about, "roleDefinition"), "id") or "").rpartition("/")[2]
        subject = subject_of(people, principal, estate.tenant)
        if subject is None or not role:
            continue
        role_id = f"{scope}:{role}"
        people.hold(role_id)
        grant_id = f"{scope}/{object_id}/{role}/{subject[1]}"
        people.grants[grant_id] = {
            "grant_id": grant_id,
            "subject_kind": subject[0],
            "subject_id": subject[1],
            "role_id": role_id,
            "object_kind": "app" if scope == "flow" else scope,
            "object_id": object_id,
            "environment_id": environment,
            "granted_at": as_time(about.get("createdOn")),
            "granted_by": text(about, "createdBy"),
            "has_expiry": False,
            "is_eligible_only": False,
        }


def subject_of(people: People, principal: Record, tenant: str) -> tuple[str, str] | None:
    """Kind and id of whom something is shared with: a person, a group of the directory, or everybody in the tenant."""
    kind = (text(principal, "type") or "").lower()
    if kind == "tenant":
        group_id = f"tenant:{as_id(principal.get('id')) or tenant}"
        row = {"group_id": group_id, "name": "everyone in the tenant", "kind": "everyone", "source": "directory"}
        people.groups.setdefault(group_id, row)
        return "group", group_id
    if kind == "group" and (group := as_id(principal.get("id"))):
        name = text(principal, "displayName")
        known = people.groups.setdefault(
            group, {"group_id": group, "name": name, "kind": "security", "source": "directory"}
        )
        known["name"] = known["name"] or name
        return "group", group
    principal_id = principal_of(people, principal, tenant)
    return None if principal_id is None else ("principal", principal_id)


def _directory_roles(people: People, estate: Estate) -> None:
    platform = f"power-platform:{estate.tenant}"
    for role in estate.read("graph_roles").items:
        template = text(role, "roleTemplateId")
        if template not in DIRECTORY_ROLES:
            continue
        role_id = f"entra:{template}"
        people.hold(role_id)
        for member in map(dict, _records(role.get("members"))):
            kind = (text(member, "@odata.type") or "").rpartition(".")[2].lower()
            subject = subject_of(people, member | {"type": kind}, estate.tenant)
            if subject is None:
                continue
            grant_id = f"{role_id}/{subject[1]}"
            people.grants[grant_id] = {
                "grant_id": grant_id,
                "subject_kind": subject[0],
                "subject_id": subject[1],
                "role_id": role_id,
                "object_kind": "platform",
                "object_id": platform,
                "is_eligible_only": False,
            }


def _records(value: object) -> list[Record]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _group_members(people: People, estate: Estate) -> None:
    for group in groups_seen(estate.reads):
        for member in estate.read(named("graph_group_members", group)).items:
            member_id = as_id(member.get("id"))
            member_kind = (text(member, "@odata.type") or "#microsoft.graph.user").rpartition(".")[2].lower()
            if member_id and member_kind in ("user", "serviceprincipal"):
                people.memberships[group, member_id] = {
                    "group_id": group,
                    "member_id": member_id,
                    "member_kind": "principal",
                    "source": "directory",
                }


def people_tables(estate: Estate, people: People, database: tuple[SourceState, ...]) -> dict[str, Gathered]:
    """The tables of people; `database` are the states of what lies in the environments' databases."""
    graph = state_of("graph_users", [estate.read("graph_users").verdict])
    shares = (
        estate.state("app_shares", ("app_shares", "flow_owners"), after=("apps", "flows")),
        estate.state("connection_shares", "connection_shares", after=("connections",)),
        estate.state("environment_roles", "environment_roles"),
    )
    directory = state_of("directory_roles", [estate.read("graph_roles").verdict])
    members = [read.verdict for read in estate.each_read("graph_group_members")] or [estate.read("graph_users").verdict]
    grants = (*shares, directory, *database)
    unknown = [role for role in people.roles.values() if role["is_privileged"] is None]
    lacking = SourceState(
        "permissions",
        CollectionStatus.PARTIAL,
        f"what {len(unknown)} role(s) allow is not read, such as {_first(unknown)}",
    )
    return {
        "principals": _principals(people, graph),
        "groups": table(list(people.groups.values()), *shares, *database),
        "memberships": table(list(people.memberships.values()), state_of("group_members", members), *shares, *database),
        "roles": table(list(people.roles.values()), *grants),
        "role_inclusions": Gathered(CollectionStatus.EMPTY, (), "roles of Power Platform do not contain roles"),
        "role_permissions": table(list(people.permissions.values()), *grants, *((lacking,) if unknown else ())),
        "grants": table(list(people.grants.values()), *grants, gaps=_GRANT_GAPS),
    }


def _first(roles: list[Row]) -> str:
    return str(roles[0]["name"]) if roles else ""


def _principals(people: People, graph: SourceState) -> Gathered:
    rows = list(people.principals.values())
    if graph.status is CollectionStatus.OK:
        return table(rows, graph, gaps=_PRINCIPAL_GAPS)
    reason = f"only those who own or share something are seen; {graph.reason}"
    status = CollectionStatus.PARTIAL if rows else graph.status
    return Gathered(status, rows, reason, graph.unlock, "shares", (_GRAPH_NEEDED, *_PRINCIPAL_GAPS))


def share_count(estate: Estate, read: str) -> int | None:
    """With how many others than its owner a thing is shared; None where that was not read."""
    answer = estate.read(read)
    if not answer.verdict.is_ok:
        return None
    return sum(1 for item in answer.items if text(properties(item), "roleName") != "Owner")
