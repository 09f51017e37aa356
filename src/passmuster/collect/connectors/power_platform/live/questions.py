"""Every request: its host, its path, and what it is about. All of them only read.

Paths and versions are those of Microsoft's module Microsoft.PowerApps.Administration.PowerShell, of the Power Platform
REST reference (Power Pages), of Microsoft Graph and of the Dataverse Web API.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from urllib.parse import quote

from passmuster.collect.answers import Request
from passmuster.collect.connectors.power_platform.live.places import (
    BAP,
    DATAVERSE,
    FLOW,
    GRAPH,
    POWERAPPS,
    POWERPLATFORM,
)

_ADMIN = "/scopes/admin/environments"
_BAP = "/providers/Microsoft.BusinessAppPlatform"
_APPS = f"/providers/Microsoft.PowerApps{_ADMIN}"
_FLOWS = f"/providers/Microsoft.ProcessSimple{_ADMIN}"
_GOVERNANCE = "/providers/PowerPlatform.Governance"
_WEB_API = "/api/data/v9.2"
_PLAIN = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True)
class Question:
    """A request to one place (a host's name, or `dataverse/<environment id>`); `is_list` where it pages.

    `telling` is the field every record must have (of a single answer: the one within `properties`); one without is
    not what was asked for.
    """

    place: str
    request: Request
    what: str
    is_list: bool = True
    telling: str = "name"

    @property
    def name(self) -> str:
        """The request's name, which is also the file name of a recorded answer."""
        return self.request.name


def named(kind: str, about: str) -> str:
    """The name of a recorded answer about one thing: `apps.<environment id>`."""
    return f"{kind}.{about if _PLAIN.fullmatch(about) else hashlib.sha256(about.encode()).hexdigest()[:32]}"


def _request(name: str, path: str, version: str, **params: str) -> Request:
    return Request(name, path, params={"api-version": version, **params})


# Microsoft gives this reading action the method POST and no body.
TENANT_SETTINGS = Question(
    BAP,
    Request(
        "tenant_settings",
        f"{_BAP}/listTenantSettings",
        method="POST",
        params={"api-version": "2020-10-01"},
    ),
    "tenant settings",
    is_list=False,
    telling="",
)
ENVIRONMENTS = Question(BAP, _request("environments", f"{_BAP}{_ADMIN}", "2020-10-01"), "environments")
POLICIES = Question(BAP, _request("policies", f"{_GOVERNANCE}/v2/policies", "2018-01-01"), "data policies", telling="")
UNBLOCKABLE = Question(
    BAP,
    _request("unblockable_connectors", f"{_GOVERNANCE}/v1/connectors/metadata/unblockable", "2021-04-01"),
    "connectors that cannot be blocked",
    telling="id",
)


def policy(policy_id: str) -> Question:
    """One data policy with its connector groups, which the list may leave out."""
    path = f"{_GOVERNANCE}/v2/policies/{quote(policy_id, safe='')}"
    return Question(
        BAP, _request(named("policy", policy_id), path, "2018-01-01"), "a data policy", is_list=False, telling=""
    )


def isolation(tenant: str) -> Question:
    """The tenant isolation policy."""
    path = f"{_GOVERNANCE}/v1/tenants/{quote(tenant, safe='')}/tenantIsolationPolicy"
    return Question(
        BAP, _request("tenant_isolation", path, "2020-06-01"), "tenant isolation", is_list=False, telling="isDisabled"
    )


def environment_roles(environment: str) -> Question:
    """Who is administrator or maker of an environment without a database."""
    path = f"{_BAP}{_ADMIN}/{quote(environment, safe='')}/roleAssignments"
    return Question(
        BAP,
        _request(named("environment_roles", environment), path, "2016-11-01"),
        "environment roles",
        telling="properties",
    )


def apps(environment: str) -> Question:
    """Canvas apps of an environment."""
    return _of_environment("apps", environment, "apps", "apps")


def connections(environment: str) -> Question:
    """Connections of an environment."""
    return _of_environment("connections", environment, "connections", "connections")


def connectors(environment: str) -> Question:
    """Connectors of an environment, those of the house among them."""
    question = _of_environment("connectors", environment, "apis", "connectors")
    params = {**question.request.params, "showApisWithToS": "true"}
    return Question(POWERAPPS, Request(question.name, question.request.path, params=params), question.what)


def _of_environment(kind: str, environment: str, path: str, what: str) -> Question:
    request = _request(named(kind, environment), f"{_APPS}/{quote(environment, safe='')}/{path}", "2016-11-01")
    return Question(POWERAPPS, request, what)


def app_shares(environment: str, app: str) -> Question:
    """With whom an app is shared."""
    path = f"{_APPS}/{quote(environment, safe='')}/apps/{quote(app, safe='')}/permissions"
    return Question(
        POWERAPPS, _request(named("app_shares", app), path, "2016-11-01"), "shares of apps", telling="properties"
    )


def connection_shares(environment: str, connector: str, connection: str) -> Question:
    """With whom a connection is shared."""
    path = (
        f"{_APPS}/{quote(environment, safe='')}/apis/{quote(connector, safe='')}"
        f"/connections/{quote(connection, safe='')}/permissions"
    )
    name = named("connection_shares", connection)
    return Question(POWERAPPS, _request(name, path, "2017-06-01"), "shares of connections", telling="properties")


def flows(environment: str) -> Question:
    """Cloud flows of an environment, without their definitions."""
    path = f"{_FLOWS}/{quote(environment, safe='')}/v2/flows"
    return Question(FLOW, _request(named("flows", environment), path, "2016-11-01"), "flows")


def flow(environment: str, flow_id: str) -> Question:
    """One flow with its definition."""
    path = f"{_FLOWS}/{quote(environment, safe='')}/flows/{quote(flow_id, safe='')}"
    return Question(
        FLOW, _request(named("flow", flow_id), path, "2016-11-01"), "definitions of flows", False, "definition"
    )


def flow_owners(environment: str, flow_id: str) -> Question:
    """Owners and co-owners of a flow."""
    path = f"{_FLOWS}/{quote(environment, safe='')}/flows/{quote(flow_id, safe='')}/owners"
    return Question(
        FLOW, _request(named("flow_owners", flow_id), path, "2016-11-01"), "owners of flows", telling="properties"
    )


def websites(environment: str) -> Question:
    """Power Pages sites of an environment."""
    path = f"/powerpages/environments/{quote(environment, safe='')}/websites"
    name = named("websites", environment)
    return Question(POWERPLATFORM, _request(name, path, "2022-03-01-preview"), "Power Pages sites", telling="id")


GRAPH_ORGANIZATION = Question(
    GRAPH,
    Request("graph_organization", "/v1.0/organization", params={"$select": "id,displayName"}),
    "the organisation",
    telling="id",
)
GRAPH_USERS = Question(
    GRAPH,
    Request(
        "graph_users",
        "/v1.0/users",
        params={
            "$select": "id,displayName,userPrincipalName,mail,accountEnabled,userType,createdDateTime,"
            "lastPasswordChangeDateTime",
            "$top": "999",
        },
    ),
    "users",
    telling="id",
)
GRAPH_ROLES = Question(
    GRAPH,
    Request("graph_roles", "/v1.0/directoryRoles", params={"$expand": "members"}),
    "administrator roles",
    telling="roleTemplateId",
)


def group_members(group: str) -> Question:
    """Everybody in a group, through nested groups too."""
    path = f"/v1.0/groups/{quote(group, safe='')}/transitiveMembers"
    params = {"$select": "id,displayName", "$top": "999"}
    return Question(
        GRAPH, Request(named("graph_group_members", group), path, params=params), "members of groups", telling="id"
    )


_OF_DATABASE = {
    "users": (
        "systemusers",
        "systemuserid,fullname,internalemailaddress,domainname,isdisabled,accessmode,applicationid,"
        "azureactivedirectoryobjectid,createdon",
    ),
    "roles": ("roles", "roleid,name,ismanaged,_parentrootroleid_value,_roletemplateid_value"),
    "user_roles": ("systemuserrolescollection", "systemuserid,roleid"),
    "teams": ("teams", "teamid,name,teamtype,azureactivedirectoryobjectid"),
    "team_members": ("teammemberships", "teamid,systemuserid"),
    "team_roles": ("teamrolescollection", "teamid,roleid"),
    "solutions": ("solutions", "solutionid,uniquename,friendlyname,version,ismanaged,isvisible,installedon,modifiedon"),
    "organization": (
        "organizations",
        "organizationid,name,isauditenabled,isuseraccessauditenabled,isreadauditenabled,auditretentionperiodv2,"
        "iscontentsecuritypolicyenabled,iscontentsecuritypolicyenabledforcanvas,sessiontimeoutenabled,"
        "sessiontimeoutinmins,inactivitytimeoutenabled,inactivitytimeoutinmins",
    ),
}
DATABASE_KINDS = tuple(_OF_DATABASE)


def database(environment: str, kind: str) -> Question:
    """One table of an environment's database; `kind` is one of DATABASE_KINDS."""
    entity_set, columns = _OF_DATABASE[kind]
    request = Request(named(f"dataverse_{kind}", environment), f"{_WEB_API}/{entity_set}", params={"$select": columns})
    what = f"{kind.replace('_', ' ')} of the database"
    return Question(f"{DATAVERSE}/{environment}", request, what, telling=columns.partition(",")[0])
