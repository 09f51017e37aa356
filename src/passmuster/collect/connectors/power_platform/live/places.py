"""Where the interfaces are, which token each takes, and the file in which a user names the hosts that may be asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from passmuster.collect.base_url import BaseUrl, read_base_url
from passmuster.collect.interface import Secret
from passmuster.documents.yaml_file import plain, read_yaml
from passmuster.errors import UnreadableInput, UsageError

SCHEMA = "passmuster/power-platform-hosts@1"
BAP, POWERAPPS, FLOW, POWERPLATFORM, GRAPH = "bap", "powerapps", "flow", "powerplatform", "graph"
DATAVERSE = "dataverse"
NAMES = (BAP, POWERAPPS, FLOW, POWERPLATFORM, GRAPH)

# The audiences of the public cloud, as Microsoft's module Microsoft.PowerApps.Administration.PowerShell maps hosts to
# them; Power Pages and Graph as their reference pages say.
TOKEN = Secret(
    "PASSMUSTER_POWER_PLATFORM_TOKEN", "access token for https://service.powerapps.com/ (hosts bap, powerapps)"
)
FLOW_TOKEN = Secret(
    "PASSMUSTER_POWER_PLATFORM_FLOW_TOKEN", "access token for https://service.flow.microsoft.com/ (flow)"
)
API_TOKEN = Secret(
    "PASSMUSTER_POWER_PLATFORM_API_TOKEN", "access token for https://api.powerplatform.com (Power Pages)"
)
GRAPH_TOKEN = Secret(
    "PASSMUSTER_POWER_PLATFORM_GRAPH_TOKEN", "access token for https://graph.microsoft.com with Directory.Read.All"
)
DATAVERSE_TOKEN = Secret(
    "PASSMUSTER_POWER_PLATFORM_DATAVERSE_TOKEN",
    "access token for the address of an environment's database; for several, lines of `host token`",
)
SECRETS = (TOKEN, FLOW_TOKEN, API_TOKEN, GRAPH_TOKEN, DATAVERSE_TOKEN)
TOKEN_OF: Mapping[str, Secret] = {
    BAP: TOKEN,
    POWERAPPS: TOKEN,
    FLOW: FLOW_TOKEN,
    POWERPLATFORM: API_TOKEN,
    GRAPH: GRAPH_TOKEN,
    DATAVERSE: DATAVERSE_TOKEN,
}


@dataclass(frozen=True)
class Hosts:
    """The hosts a user named: by interface, and the databases of environments by environment id."""

    named: Mapping[str, BaseUrl]
    databases: Mapping[str, BaseUrl] = field(default_factory=dict)
    tenant: str = ""


def is_hosts_file(path: Path) -> bool:
    """Whether the path is of the kind that names hosts."""
    return path.suffix.lower() in (".yaml", ".yml") and path.is_file()


def hosts_file_in(path: Path) -> Path | None:
    """The file that names hosts: the path itself, or the only one in a folder; raises UnreadableInput for several."""
    if not path.is_dir():
        return path if is_hosts_file(path) else None
    found = [each for each in sorted(path.iterdir()) if is_hosts_file(each) and _begins_as_one(each)]
    if len(found) > 1:
        names = ", ".join(each.name for each in found[:4])
        raise UnreadableInput(f"{path}: holds several files of hosts ({names}); keep the one that is meant")
    return found[0] if found else None


def _begins_as_one(file: Path) -> bool:
    try:
        with file.open("rb") as stream:
            return SCHEMA.encode() in stream.read(4096)
    except OSError:
        return False


def hosts_of_url(url: str) -> Hosts:
    """`--url` names the host `bap` alone; raises UsageError."""
    base = read_base_url(url)
    if base.is_in_clear:
        raise UsageError("--url: a token is not sent over http; write https://")
    return Hosts({BAP: base})


def read_hosts(path: Path) -> Hosts:
    """The hosts a file names; raises UnreadableInput with every mistake."""
    document = plain(read_yaml(path))
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        raise UnreadableInput(f"{path}: must start with `schema: {SCHEMA}`; see the connector's page")
    mistakes: list[str] = []
    mistakes += [
        f"{key!r} is not known; known are schema, tenant, hosts, dataverse"
        for key in document
        if key not in ("schema", "tenant", "hosts", "dataverse")
    ]
    tenant = document.get("tenant", "")
    if not isinstance(tenant, str):
        mistakes.append("tenant: must be the tenant's id, as text")
    named = _named(document.get("hosts"), mistakes)
    databases = _databases(document.get("dataverse", []), mistakes)
    if mistakes:
        raise UnreadableInput("\n".join(f"{path}: {mistake}" for mistake in mistakes))
    return Hosts(named, databases, str(tenant).strip().lower())


def _named(value: Any, mistakes: list[str]) -> dict[str, BaseUrl]:
    if not isinstance(value, dict) or BAP not in value:
        mistakes.append(f"hosts: must name at least {BAP}: https://api.bap.microsoft.com (or your cloud's)")
    found = {}
    for name, url in value.items() if isinstance(value, dict) else ():
        if name not in NAMES:
            mistakes.append(f"hosts: {name!r} is not known; known are {', '.join(NAMES)}")
            continue
        base = _base(url, f"hosts.{name}", mistakes)
        if base is not None:
            found[name] = base
    return found


def _databases(value: Any, mistakes: list[str]) -> dict[str, BaseUrl]:
    found: dict[str, BaseUrl] = {}
    if not isinstance(value, list):
        mistakes.append("dataverse: must be a list of {environment, url}")
    for number, entry in enumerate(value if isinstance(value, list) else (), start=1):
        environment = entry.get("environment") if isinstance(entry, dict) else None
        if not isinstance(environment, str) or not environment or set(entry) != {"environment", "url"}:
            mistakes.append(f"dataverse: entry {number} must have exactly `environment` (its id) and `url`")
            continue
        if environment in found:
            mistakes.append(f"dataverse: the environment {environment} is named twice")
        base = _base(entry["url"], f"dataverse: {environment}", mistakes)
        if base is not None:
            found[environment] = base
    return found


def _base(url: Any, where: str, mistakes: list[str]) -> BaseUrl | None:
    try:
        base = read_base_url(str(url))
    except UsageError as error:
        mistakes.append(f"{where}: {str(error).replace('--url', 'the address')}")
        return None
    if base.is_in_clear:
        mistakes.append(f"{where}: a token is not sent over http; write https://")
    return base
