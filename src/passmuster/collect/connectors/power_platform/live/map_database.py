"""What lies in the databases (Dataverse) of environments: users, roles, teams, solutions, auditing and settings."""

from __future__ import annotations

from dataclasses import dataclass, field

from passmuster.collect.connectors.power_platform.identifiers import as_id
from passmuster.collect.connectors.power_platform.live.estate import Estate, Record, Row, flag, state_of, table, text
from passmuster.collect.connectors.power_platform.live.map_people import People
from passmuster.collect.connectors.power_platform.live.questions import named
from passmuster.collect.connectors.power_platform.live.reading import has_database
from passmuster.collect.connectors.power_platform.live.roles import OF_TEMPLATES
from passmuster.collect.connectors.power_platform.powershell import as_time
from passmuster.collect.connectors.power_platform.tenant_settings import typed
from passmuster.collect.statuses import Verdict
from passmuster.collect.unlocks import by_declaring
from passmuster.model.words import CollectionStatus
from passmuster.snapshot.gathered import Gap, Gathered, SourceState

_ROLE_KINDS = ("users", "roles", "user_roles", "teams", "team_members", "team_roles")
_FOR_EVER, _LONGEST = 36_500, 1_000_000
_UNITS = {"auditretentionperiodv2": "days", "sessiontimeoutinmins": "minutes", "inactivitytimeoutinmins": "minutes"}
# accessmode of systemuser: 3 support user, 4 non-interactive, 5 delegated administrator.
_SERVICE_MODES = {3: "system", 4: "service", 5: "system"}

_NOTHING = SourceState("dataverse", CollectionStatus.OK)
_PURVIEW = (
    "only auditing of databases is read; what Microsoft Purview records of administration and of apps is not",
    "declare log_sources (log_source_id, environment_id, kind, is_enabled, retention_days) with --declared",
)


@dataclass
class Databases:
    """Rows of the named databases, and the states of what they were made from."""

    settings: list[Row] = field(default_factory=list)
    log_sources: list[Row] = field(default_factory=list)
    solutions: list[Row] = field(default_factory=list)
    people: SourceState = _NOTHING
    organization: SourceState = _NOTHING
    add_ons: SourceState = _NOTHING


def read_databases(estate: Estate, people: People) -> Databases:
    """Everything of the databases; users, roles and grants are added to `people`."""
    found = Databases()
    for environment in estate.databases:
        _people(people, estate, environment)
        organization = _first(estate, environment, "organization")
        found.settings += _settings(environment, organization)
        found.log_sources += _log_sources(environment, organization)
        found.solutions += _solutions(estate, environment)
    missing = _not_named(estate)
    found.people = _state(estate, "dataverse_roles", _ROLE_KINDS, missing)
    found.organization = _state(estate, "organization", ("organization",), missing)
    found.add_ons = _state(estate, "solutions", ("solutions",), missing)
    return found


def _not_named(estate: Estate) -> list[Verdict]:
    named_ones = set(estate.databases)
    verdicts = []
    for record in estate.read("environments").items:
        name = text(record, "name")
        if has_database(record) and name not in named_ones:
            unlock = "name the environment's address under `dataverse` in the file of hosts, and hand over its token"
            verdicts.append(Verdict(CollectionStatus.DENIED, f"the database of {name} was not asked", unlock))
    if not estate.read("environments").verdict.is_ok and not named_ones:
        verdicts.append(estate.read("environments").verdict)
    return verdicts


def _state(estate: Estate, source: str, kinds: tuple[str, ...], missing: list[Verdict]) -> SourceState:
    verdicts = [
        estate.read(named(f"dataverse_{kind}", environment)).verdict
        for environment in estate.databases
        for kind in kinds
    ]
    return state_of(source, verdicts + missing)


def _first(estate: Estate, environment: str, kind: str) -> Record:
    return next(iter(_items(estate, environment, kind)), {})


def _items(estate: Estate, environment: str, kind: str) -> tuple[Record, ...]:
    return estate.read(named(f"dataverse_{kind}", environment)).items


def _people(people: People, estate: Estate, environment: str) -> None:
    users: dict[str, str] = {}
    for user in _items(estate, environment, "users"):
        user_id = as_id(user.get("systemuserid"))
        principal_id = _meet(people, user)
        if user_id and principal_id:
            users[user_id] = principal_id
    roles = {
        role_id: _role(people, environment, role)
        for role in _items(estate, environment, "roles")
        if (role_id := as_id(role.get("roleid")))
    }
    teams = _teams(people, environment, _items(estate, environment, "teams"))
    for edge in _items(estate, environment, "team_members"):
        group, member = teams.get(as_id(edge.get("teamid")) or ""), users.get(as_id(edge.get("systemuserid")) or "")
        if group and member:
            row = {"group_id": group, "member_id": member, "member_kind": "principal", "source": "platform"}
            people.memberships[group, member] = row
    for kind, subjects, word in (("user_roles", users, "principal"), ("team_roles", teams, "group")):
        key = "systemuserid" if word == "principal" else "teamid"
        for edge in _items(estate, environment, kind):
            subject, role = subjects.get(as_id(edge.get(key)) or ""), roles.get(as_id(edge.get("roleid")) or "")
            if subject and role:
                _grant(people, environment, (word, subject), role)


def _meet(people: People, user: Record) -> str | None:
    directory, application = text(user, "azureactivedirectoryobjectid"), text(user, "applicationid")
    principal_id = directory or application or as_id(user.get("systemuserid"))
    if principal_id is None:
        return None
    mode, login = user.get("accessmode"), text(user, "domainname") or text(user, "internalemailaddress")
    kind = "application" if application else _SERVICE_MODES.get(mode if isinstance(mode, int) else -1, "human")
    disabled = flag(user, "isdisabled")
    people.meet(
        {
            "principal_id": principal_id,
            "kind": "guest" if kind == "human" and "#ext#" in (login or "").lower() else kind,
            "display_name": text(user, "fullname"),
            "login": login,
            "is_enabled": None if disabled is None else not disabled,
            "created_at": as_time(user.get("createdon")),
        }
    )
    return principal_id


def _role(people: People, environment: str, role: Record) -> str:
    # A role is copied into every business unit; the copy in the root one stands for all.
    root = text(role, "_parentrootroleid_value") or as_id(role.get("roleid")) or ""
    role_id = f"{environment}/{root}"
    known = OF_TEMPLATES.get((text(role, "_roletemplateid_value") or "").lower())
    people.roles.setdefault(
        role_id,
        {
            "role_id": role_id,
            "environment_id": environment,
            "name": text(role, "name") or root,
            "kind": "role",
            "is_builtin": text(role, "_roletemplateid_value") is not None,
            "is_privileged": known.is_privileged if known else None,
            "privilege_rank": known.rank if known else None,
        },
    )
    for capability in known.capabilities if known else ():
        people.permissions.setdefault(
            (role_id, capability),
            {"role_id": role_id, "permission": capability, "capability": capability, "resource_kind": "environment",
             "field_scope": "all", "row_scope": "all", "effect": "allow"},
        )  # fmt: skip
    return role_id


def _teams(people: People, environment: str, teams: tuple[Record, ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    for team in teams:
        team_id = as_id(team.get("teamid"))
        if team_id is None:
            continue
        directory = text(team, "azureactivedirectoryobjectid")
        group_id = directory or f"{environment}/{team_id}"
        found[team_id] = group_id
        source = "directory" if directory else "platform"
        row = {"group_id": group_id, "name": text(team, "name"), "kind": "team", "source": source}
        people.groups.setdefault(group_id, row)
    return found


def _grant(people: People, environment: str, subject: tuple[str, str], role_id: str) -> None:
    grant_id = f"{role_id}/{subject[1]}"
    people.grants[grant_id] = {
        "grant_id": grant_id,
        "subject_kind": subject[0],
        "subject_id": subject[1],
        "role_id": role_id,
        "object_kind": "environment",
        "object_id": environment,
        "environment_id": environment,
        "has_expiry": False,
        "is_eligible_only": False,
    }


def _settings(environment: str, organization: Record) -> list[Row]:
    rows = []
    for name, value in organization.items():
        if name.startswith(("@", "_")) or name in ("organizationid", "name"):
            continue
        row = {
            "scope_kind": "environment",
            "scope_id": environment,
            "key": f"organization.{name}",
            "native_path": f"organization.{name}",
            "is_set": value is not None,
            **typed(value),
        }
        rows.append(row | ({"unit": _UNITS[name]} if name in _UNITS else {}))
    return rows


def _log_sources(environment: str, organization: Record) -> list[Row]:
    days = _days(organization.get("auditretentionperiodv2"))
    parts = (
        ("admin_audit", "isauditenabled", ["admin_change", "permission_change"]),
        ("sign_in", "isuseraccessauditenabled", ["sign_in"]),
        ("data_access", "isreadauditenabled", ["data_access"]),
    )
    return [
        {
            "log_source_id": f"{environment}/{kind}",
            "environment_id": environment,
            "kind": kind,
            "is_enabled": flag(organization, name),
            "event_classes": classes,
            "retention_days": days,
        }
        for kind, name, classes in parts
        if name in organization
    ]


def _days(kept: object) -> int | None:
    """Days for which audit records are kept; -1, which is for ever, as a hundred years."""
    if isinstance(kept, bool) or not isinstance(kept, int) or not -1 <= kept < _LONGEST or kept == 0:
        return None
    return _FOR_EVER if kept == -1 else kept


def _solutions(estate: Estate, environment: str) -> list[Row]:
    return [
        {
            "add_on_id": f"{environment}/{solution_id}",
            "environment_id": environment,
            "name": text(solution, "friendlyname") or text(solution, "uniquename"),
            "kind": "solution",
            "version": text(solution, "version"),
            "installed_at": as_time(solution.get("installedon")),
            "updated_at": as_time(solution.get("modifiedon")),
            "is_enabled": True,
        }
        for solution in _items(estate, environment, "solutions")
        if (solution_id := as_id(solution.get("solutionid"))) and flag(solution, "isvisible") is not False
    ]


def database_tables(found: Databases) -> dict[str, Gathered]:
    """The tables `add_ons` and `log_sources`."""
    log_gaps = (
        Gap("delivered_to", "no interface tells where logs are delivered", by_declaring("log_sources", "delivered_to")),
        Gap("last_event_at", "logs themselves are not read"),
    )
    add_on_gaps = (
        Gap("publisher_verified", "Dataverse does not vouch for publishers"),
        Gap("latest_version", "Dataverse does not tell what is newest"),
        Gap("supported_until", "Dataverse does not tell support dates"),
    )
    return {
        "add_ons": table(found.solutions, found.add_ons, gaps=add_on_gaps),
        "log_sources": _log_table(found, log_gaps),
    }


def _log_table(found: Databases, gaps: tuple[Gap, ...]) -> Gathered:
    """Never whole, as most logs of Power Platform lie in Purview; its rows stay for whoever declares the rest."""
    gathered = table(found.log_sources, found.organization, gaps=gaps)
    if not gathered.status.is_readable:
        return gathered
    reason, unlock = _PURVIEW
    return Gathered(CollectionStatus.UNSUPPORTED, gathered.rows, reason, unlock, gathered.source, gaps)
