"""Tables that no ScubaGear export can fill, and what would."""

from __future__ import annotations

from passmuster.collect.connectors.power_platform.purview.collecting import EXPORT
from passmuster.model.words import CollectionStatus
from passmuster.snapshot.gathered import Gathered
from passmuster.snapshot.tables import TABLES

_ADMIN = "read-only sign-in to the Power Platform admin API"
_DATAVERSE = "a Dataverse application user with read access in each environment"
_GRAPH = "Microsoft Graph with Directory.Read.All"
_PURVIEW = "Microsoft Purview audit search with AuditLog.Read.All"

_LATER = "read the tenant itself, not an export: {access}; or declare {table} rows with --declared"

_UNLOCKS = {
    "principals": _GRAPH,
    "groups": _GRAPH,
    "memberships": _GRAPH,
    "roles": f"{_DATAVERSE}; administrator roles come from Microsoft Graph (RoleManagement.Read.Directory)",
    "role_inclusions": _DATAVERSE,
    "role_permissions": _DATAVERSE,
    "grants": f"{_DATAVERSE}; administrator roles come from Microsoft Graph (RoleManagement.Read.Directory)",
    "credentials": f"{_ADMIN} (connections) and Microsoft Graph with Application.Read.All (app registrations)",
    "keys": f"{_ADMIN} (enterprise policies of kind encryption)",
    "apps": f"{_ADMIN} (apps and flows as administrator)",
    "app_steps": f"{_ADMIN} (flow definitions as administrator)",
    "connectors": f"{_ADMIN} (connectors of each environment)",
    "connections": f"{_ADMIN} (connections as administrator)",
    "add_ons": f"{_DATAVERSE} (table solution)",
    "data_stores": f"{_DATAVERSE} (table definitions)",
    "data_flows": f"{_ADMIN} (flow definitions as administrator)",
    "endpoints": f"{_ADMIN} (Power Pages sites and flows with an HTTP trigger)",
    "log_sources": f"{_PURVIEW}; auditing of Dataverse is a setting of each environment",
    "backups": f"{_ADMIN} (backups of each environment)",
}


def tables_not_exported() -> dict[str, Gathered]:
    """Every table a ScubaGear export cannot tell of."""
    reason = "a ScubaGear export does not hold it"
    tables = {
        name: Gathered(CollectionStatus.UNSUPPORTED, (), reason, _LATER.format(access=access, table=name))
        for name, access in _UNLOCKS.items()
    }
    return tables | {"audit_events": Gathered(CollectionStatus.UNSUPPORTED, (), reason, EXPORT)}


def tables_of_a_foreign_document(reason: str, unlock: str) -> dict[str, Gathered]:
    """Every table as an error: the document was readable and held nothing that is known here."""
    return {name: Gathered(CollectionStatus.ERROR, (), reason, unlock) for name in TABLES}
