"""The kit's tables and columns that are read: by logical name (`admin_...`) or by the English display name.

Names are those of entities, forms and views of the solution CenterofExcellenceCoreComponents in
microsoft/coe-starter-kit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class KitTable:
    """One table: its logical name, its key column, what files of it are called, its columns by our word for them.

    `required` are words of which one at least must be there; without, the file is not understood.
    """

    name: str
    key: str
    files: tuple[str, ...]
    columns: Mapping[str, tuple[str, ...]]
    required: tuple[str, ...]
    deleted: tuple[str, ...] = ()


ENVIRONMENTS = KitTable(
    "admin_environment",
    "admin_environmentid",
    ("environment", "environments"),
    {
        "key": ("admin_environmentid",),
        "id": ("admin_environmentname", "environment name", "name"),
        "name": ("admin_displayname", "display name"),
        "sku": ("admin_environmentsku", "environment sku"),
        "region": ("admin_region", "admin_environmentregion", "environment region"),
        "protection": ("admin_governanceprotectionlevel", "governance protection level"),
        "purpose": ("admin_environmentpurposetext", "environment description"),
        "created": ("admin_environmentcreatedon", "environment created on"),
        "database": ("admin_environmentcdsinstanceurl", "environment cds instance url"),
    },
    ("id",),
    ("admin_environmentdeleted", "has the environment been deleted?", "environment deleted"),
)
APPS = KitTable(
    "admin_app",
    "admin_appid",
    ("app", "apps", "powerapps app", "powerapps apps"),
    {
        "key": ("admin_appid",),
        "id": ("admin_appidstring", "appidstring", "admin_appid"),
        "name": ("admin_displayname", "app display name", "display name"),
        "environment": ("admin_appenvironment", "app environment"),
        "owner": ("admin_appowner", "app owner"),
        "type": ("admin_powerappstype", "app type"),
        "created": ("admin_appcreatedon", "app created on"),
        "modified": ("admin_appmodifiedon", "app modified on"),
        "published": ("admin_apppublished", "app published"),
        "last_run": ("admin_applastlaunchedon", "app last launched on"),
        "everyone": ("admin_appsharedwithtenant", "app shared with tenant"),
        "orphaned": ("cr5d5_appisorphaned", "app is orphaned"),
    },
    ("id",),
    ("admin_appdeleted", "app deleted"),
)
FLOWS = KitTable(
    "admin_flow",
    "admin_flowid",
    ("flow", "flows"),
    {
        "key": ("admin_flowid",),
        "id": ("admin_flowidstring", "id", "admin_flowid"),
        "name": ("admin_displayname", "display name"),
        "environment": ("admin_flowenvironment", "flow environment"),
        "owner": ("admin_derivedowner", "derived owner", "admin_flowcreator", "maker"),
        "state": ("admin_flowstate", "flow state"),
        "trigger": ("cr5d5_flowtrigger", "trigger"),
        "created": ("admin_flowcreatedon", "flow created on"),
        "modified": ("admin_flowmodifiedon", "flow modified on"),
        "last_run": ("admin_flowlastrunon", "flow last run on"),
        "orphaned": ("cr5d5_flowisorphaned", "flow is orphaned"),
    },
    ("id",),
    ("admin_flowdeleted", "flow deleted"),
)
BOTS = KitTable(
    "admin_pva",
    "admin_pvaid",
    ("pva", "pvas", "bots"),
    {
        "key": ("admin_pvaid",),
        "id": ("admin_botid", "bot id", "admin_pvaid"),
        "name": ("admin_pvadisplayname", "pva display name", "admin_name"),
        "environment": ("admin_pvaenvironment", "pva environment"),
        "owner": ("admin_pvaowner", "pva owner"),
        "state": ("admin_pvastate", "pva state"),
        "created": ("admin_pvacreatedon", "pva created on"),
        "modified": ("admin_pvamodifiedon", "pva modified on"),
        "last_run": ("admin_pvalastlaunchedon", "pva last launched on"),
        "orphaned": ("admin_pvaisorphaned", "pva is orphaned"),
    },
    ("id",),
    ("admin_pvadeleted", "pva deleted"),
)
MAKERS = KitTable(
    "admin_maker",
    "admin_makerid",
    ("maker", "makers"),
    {
        "key": ("admin_makerid",),
        "id": ("admin_recordguidasstring", "admin_makerid", "maker"),
        "name": ("admin_displayname", "display name"),
        "login": ("admin_userprincipalname", "user principal name"),
        "mail": ("admin_useremail", "user email"),
        "service": ("admin_userisserviceprinciple", "user is service principle"),
    },
    ("id",),
)
CONNECTORS = KitTable(
    "admin_connector",
    "admin_connectorid",
    ("connector", "connectors", "powerapps connector", "powerapps connectors", "powerappsconnectors"),
    {
        "key": ("admin_connectorid",),
        "id": ("admin_connectorid",),
        "name": ("admin_displayname", "display name"),
        "tier": ("admin_tier", "tier"),
        "publisher": ("admin_publisher", "publisher"),
        "custom": ("admin_iscustomapi", "is custom api"),
        "host": ("admin_customconnectorhost", "custom connector host"),
    },
    ("id",),
    ("admin_connectordeleted", "connector deleted"),
)
IDENTITIES = KitTable(
    "admin_connectionreferenceidentity",
    "admin_connectionreferenceidentityid",
    ("connectionreferenceidentities", "connectionreferenceidentity", "connection reference identities"),
    {
        "key": ("admin_connectionreferenceidentityid",),
        "id": ("admin_connectionreferenceidentityid",),
        "name": ("admin_name", "name"),
        "account": ("admin_accountname", "account name"),
        "environment": ("admin_environment", "environment"),
        "connector": ("admin_connector", "connector"),
        "creator": ("admin_connectionreferencecreatordisplayname", "connection reference creator display name"),
    },
    ("id",),
)
ACTIONS = KitTable(
    "admin_flowactiondetail",
    "admin_flowactiondetailid",
    ("flowactiondetails", "flowactiondetail", "flow action details"),
    {
        "key": ("admin_flowactiondetailid",),
        "id": ("admin_flowactiondetailid",),
        "type": ("admin_actiontype", "action type"),
        "operation": ("admin_operation", "operation", "admin_actioninformation", "action information"),
        "flow": ("admin_flow", "flow"),
        "connector": ("admin_connector", "connector"),
    },
    ("id",),
    ("admin_flowactiondetaildeleted", "flow action detail deleted"),
)
ALL = (ENVIRONMENTS, APPS, FLOWS, BOTS, MAKERS, CONNECTORS, IDENTITIES, ACTIONS)
