"""A small Power Platform on loopback that answers with the shipped example, except where a test says otherwise."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from passmuster.collect.connectors.power_platform.connector import PowerPlatformConnector
from passmuster.collect.http import Clock, Patience
from passmuster.collect.interface import Target
from passmuster.snapshot.gathered import CollectionResult
from tests.collect.answering import Asked, Reply, Server, answering

EXAMPLES = Path(__file__).parents[2] / "examples"
LIVE, KIT = EXAMPLES / "power-platform-live", EXAMPLES / "power-platform-coe"
TENANT = "7b1d6a52-0c3e-4f7a-9a44-5d2c8e91f0b3"
DEFAULT = f"Default-{TENANT}"
PRODUCTION, TEST = "a3f0c1d8-6b52-4e19-8c77-1f2e3d4c5b6a", "b81e52f4-9d03-4c6a-a1b5-7e8f9a0b1c2d"
CANARY = "canary-3f9d2b7c61e84a50a7f2c8d1"
_V = "PASSMUSTER_POWER_PLATFORM_"
HOSTS = ("bap", "powerapps", "flow", "powerplatform", "graph")
_ADMIN = "/scopes/admin/environments"
_PATHS = tuple(
    (re.compile(pattern), name)
    for pattern, name in (
        (r"/providers/Microsoft\.BusinessAppPlatform/listTenantSettings", "tenant_settings"),
        (rf"/providers/Microsoft\.BusinessAppPlatform{_ADMIN}", "environments"),
        (r"/providers/PowerPlatform\.Governance/v2/policies", "policies"),
        (r"/providers/PowerPlatform\.Governance/v2/policies/([^/]+)", "policy.{}"),
        (rf"/providers/PowerPlatform\.Governance/v1/tenants/{TENANT}/tenantIsolationPolicy", "tenant_isolation"),
        (r"/providers/PowerPlatform\.Governance/v1/connectors/metadata/unblockable", "unblockable_connectors"),
        (rf"/providers/Microsoft\.BusinessAppPlatform{_ADMIN}/([^/]+)/roleAssignments", "environment_roles.{}"),
        (rf"/providers/Microsoft\.PowerApps{_ADMIN}/([^/]+)/apps", "apps.{}"),
        (rf"/providers/Microsoft\.PowerApps{_ADMIN}/[^/]+/apps/([^/]+)/permissions", "app_shares.{}"),
        (rf"/providers/Microsoft\.PowerApps{_ADMIN}/([^/]+)/connections", "connections.{}"),
        (rf"/providers/Microsoft\.PowerApps{_ADMIN}/([^/]+)/apis", "connectors.{}"),
        (
            rf"/providers/Microsoft\.PowerApps{_ADMIN}/[^/]+/apis/[^/]+/connections/([^/]+)/permissions",
            "connection_shares.{}",
        ),
        (rf"/providers/Microsoft\.ProcessSimple{_ADMIN}/([^/]+)/v2/flows", "flows.{}"),
        (rf"/providers/Microsoft\.ProcessSimple{_ADMIN}/[^/]+/flows/([^/]+)", "flow.{}"),
        (rf"/providers/Microsoft\.ProcessSimple{_ADMIN}/[^/]+/flows/([^/]+)/owners", "flow_owners.{}"),
        (r"/powerpages/environments/([^/]+)/websites", "websites.{}"),
        (r"/v1\.0/organization", "graph_organization"),
        (r"/v1\.0/users", "graph_users"),
        (r"/v1\.0/directoryRoles", "graph_roles"),
        (r"/v1\.0/groups/([^/]+)/transitiveMembers", "graph_group_members.{}"),
        (r"/v1\.0/security/auditLog/queries(?:/[^/]+)?", "graph_audit_query"),
        (r"/v1\.0/security/auditLog/queries/[^/]+/records", "graph_audit_records"),
    )
)
_DATABASE = re.compile(r"/db/([^/]+)/api/data/v9\.2/(\w+)")
_KINDS = {
    "systemusers": "users",
    "roles": "roles",
    "systemuserrolescollection": "user_roles",
    "teams": "teams",
    "teammemberships": "team_members",
    "teamrolescollection": "team_roles",
    "solutions": "solutions",
    "organizations": "organization",
}


def token(name: str, tenant: str = TENANT, **claims: Any) -> str:
    """A token that looks like one of Microsoft Entra and is signed by nobody."""
    parts = ({"alg": "none"}, {"tid": tenant, "name": name, **claims})
    encoded = (base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts)
    return ".".join([*encoded, "unsigned"])


SECRETS = {
    f"{_V}TOKEN": token("apps"),
    f"{_V}FLOW_TOKEN": token("flow"),
    f"{_V}API_TOKEN": token("pages"),
    f"{_V}GRAPH_TOKEN": token("graph"),
    f"{_V}DATAVERSE_TOKEN": token("dataverse"),
}
OF_HOST = {
    "bap": "apps",
    "powerapps": "apps",
    "flow": "flow",
    "powerplatform": "pages",
    "graph": "graph",
    "db": "dataverse",
}


class Tenant:
    """Answers with the example by the path asked for; `replies` by the name of the recorded answer."""

    def __init__(self, **replies: Callable[[Asked], Reply] | Reply) -> None:
        self.replies = {name.replace("__", "."): reply for name, reply in replies.items()}
        self.url = ""

    def __call__(self, asked: Asked) -> Reply:
        name = self.name_of(asked.path) + ("_page2" if "$skiptoken" in asked.params else "")
        wanted = self.replies.get(name) or self.replies.get(name.partition(".")[0])
        if wanted is not None:
            return wanted(asked) if callable(wanted) else wanted
        file = LIVE / f"{name}.json"
        if not file.is_file():
            return Reply(404, {"error": {"code": "NotFound", "message": "no such thing"}})
        text = file.read_text(encoding="utf-8").replace("https://graph.microsoft.com", f"{self.url}/graph")
        document = json.loads(text)
        return Reply(document["status"], document["body"])

    @staticmethod
    def name_of(path: str) -> str:
        """The name of the recorded answer to a path."""
        database = _DATABASE.fullmatch(path)
        if database:
            return f"dataverse_{_KINDS[database[2]]}.{database[1]}"
        rest = "/" + path.lstrip("/").partition("/")[2]
        for pattern, name in _PATHS:
            found = pattern.fullmatch(rest)
            if found:
                return name.format(*found.groups())
        return "unknown"


def hosts_file(
    folder: Path, url: str, *, hosts: tuple[str, ...] = HOSTS, databases: bool = True, tenant: str = ""
) -> Path:
    """A file that names the server as every host."""
    lines = ["schema: passmuster/power-platform-hosts@1", *([f"tenant: {tenant}"] if tenant else []), "hosts:"]
    lines += [f"  {name}: {url}/{name}" for name in hosts]
    if databases:
        lines.append("dataverse:")
        lines += [f"  - {{environment: {name}, url: '{url}/db/{name}'}}" for name in (PRODUCTION, TEST)]
    file = folder / "hosts.yaml"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def live(
    platform: Tenant, folder: Path, secrets: dict[str, str] = SECRETS, **named: Any
) -> tuple[CollectionResult, Server]:
    """What the connector makes of that tenant, and the server it asked."""
    patience = Patience(attempts=2, first_wait_s=0.01, longest_wait_s=0.02, budget_s=0.1)
    connector = PowerPlatformConnector(patience=patience, clock=Clock(sleep=lambda _seconds: None))
    with answering(platform) as server:
        platform.url = server.url
        path = hosts_file(folder, server.url, **named)
        return connector.collect(Target(path=path, secrets=secrets)), server
