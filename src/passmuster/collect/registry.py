"""The connectors that ship, and those that other packages offer under the entry point `passmuster.connectors`."""

from __future__ import annotations

from importlib.metadata import entry_points

from passmuster.collect.connectors.declared.connector import DeclaredConnector
from passmuster.collect.connectors.directus.connector import Directus
from passmuster.collect.connectors.n8n.connector import N8n
from passmuster.collect.connectors.nocodb.connector import NocoDb
from passmuster.collect.connectors.node_red.connector import NodeRedConnector
from passmuster.collect.connectors.power_platform.connector import PowerPlatformConnector
from passmuster.collect.connectors.salesforce.connector import SalesforceConnector
from passmuster.collect.connectors.servicenow.connector import ServiceNow
from passmuster.collect.interface import Connector
from passmuster.errors import UsageError

_SHIPPED: tuple[Connector, ...] = (
    DeclaredConnector(),
    Directus(),
    N8n(),
    NocoDb(),
    NodeRedConnector(),
    PowerPlatformConnector(),
    SalesforceConnector(),
    ServiceNow(),
)


def all_connectors() -> dict[str, Connector]:
    """Every connector by its kind; one that ships is not replaced by a stranger of the same name."""
    found: dict[str, Connector] = {}
    for entry in entry_points(group="passmuster.connectors"):
        connector: Connector = entry.load()()
        found[connector.kind] = connector
    return found | {connector.kind: connector for connector in _SHIPPED}


def find_connector(kind: str) -> Connector:
    """The connector of that kind; raises UsageError that names those there are."""
    connectors = all_connectors()
    if kind not in connectors:
        raise UsageError(f"there is no connector {kind!r}; known are {', '.join(sorted(connectors))}")
    return connectors[kind]
