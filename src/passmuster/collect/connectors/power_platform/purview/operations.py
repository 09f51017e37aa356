"""Which operations of the audit log change something, what kind of thing, and how.

What Microsoft documents: "View Power Apps activity logs", "View Power Automate activity logs", "View Power Platform
connector activity logs", "View Power Pages activity logs" and "View Power Platform admin logs in Microsoft Purview"
(learn.microsoft.com/power-platform/admin/activity-logging-auditing/...), of Power Apps with the names of operations in
its older page "Power Apps activity logging", of roles of the directory "Audit log activities" (learn.microsoft.com/
purview/audit-log-activities). The pages on connectors and on environments tell what happens and not what the operation
is called; names of these, and of tenant isolation, are those that Microsoft's own rules for Sentinel ask for
(github.com/Azure/Azure-Sentinel, Solutions/Microsoft Business Applications) and others of the same build.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What an operation is about."""

    APP = "app"
    FLOW = "flow"
    SITE = "site"
    CONNECTION = "connection"
    CONNECTOR = "connector"
    ENVIRONMENT = "environment"
    POLICY = "policy"
    ISOLATION = "isolation"
    DIRECTORY_ROLE = "directory_role"
    OWN_ROLE = "own_role"


@dataclass(frozen=True)
class Change:
    """What an operation does to a kind of thing: create, update or delete; `is_share` where it changes its rights."""

    kind: Kind
    action: str
    is_share: bool = False


_CREATE, _UPDATE, _DELETE = "create", "update", "delete"
# Launching an app, consenting to what it reads and evaluating a data policy change nothing.
_APPS = {
    "CreatePowerApp": _CREATE,
    "ImportNewCanvasApp": _CREATE,
    "DeletePowerApp": _DELETE,
    "AdminDeleteApp": _DELETE,
    **dict.fromkeys(
        (
            "UpdatePowerApp",
            "PatchPowerApp",
            "PublishPowerApp",
            "PromotePowerAppVersion",
            "DeletePowerAppVersion",
            "ImportExistingCanvasApp",
            "PublishSolutionCanvasAppVersion",
            "MarkPowerAppAsFeatured",
            "RemoveFeaturedApp",
            "MarkPowerAppAsHero",
            "RemoveHeroApp",
            "AdminRestoreDeletePowerApp",
            "AdminSetAppDesiredLogicalName",
            "AdminModifyAppOwner",
            "AdminQuarantineApp",
            "AdminSetAppConditionalAccess",
            "AdminSetAppBypassConsent",
            "AdminSetAppAsFeatured",
            "AdminSetAllowedThirdPartyApps",
        ),
        _UPDATE,
    ),
}
_APP_SHARES = ("PowerAppPermissionEdited", "PowerAppPermissionDeleted", "AdminModifyAppPermissions")
_FLOWS = {"CreateFlow": _CREATE, "EditFlow": _UPDATE, "DeleteFlow": _DELETE}
_FLOW_SHARES = ("PutPermissions", "DeletePermissions")
_SITES = {
    "SiteCreated": _CREATE,
    "SiteDeleted": _DELETE,
    **dict.fromkeys(
        (
            "SiteVisibilityUpdated",
            "SiteVisibilityPermissionsUpdated",
            "SiteURLUpdated",
            "SiteNameUpdated",
            "WebsiteRecordUpdated",
            "SiteShutDown",
            "SiteArchived",
            "SiteUnarchived",
            "ConvertedToProduction",
            "CustomDomainConnected",
            "CustomDomainDeleted",
            "CustomCertificateUpdated",
            "IPRestrictionsAdded",
            "IPRestrictionsDeleted",
            "WAFEnabled",
            "WAFDisabled",
            "AnonymousSettingExceptionListChanged",
            "MaintenanceModeEnabled",
            "MaintenanceModeDisabled",
            "WebsiteAuthenticationKeyUpdated",
        ),
        _UPDATE,
    ),
}
_KNOWN: dict[str, Change] = {
    name.lower(): change
    for table, kind in ((_APPS, Kind.APP), (_FLOWS, Kind.FLOW), (_SITES, Kind.SITE))
    for name, change in ((name, Change(kind, action)) for name, action in table.items())
}
_KNOWN |= {name.lower(): Change(Kind.APP, _UPDATE, is_share=True) for name in _APP_SHARES}
_KNOWN |= {name.lower(): Change(Kind.FLOW, _UPDATE, is_share=True) for name in _FLOW_SHARES}
_KNOWN |= {
    # One operation for all that is done to data policies; what was done stands among its properties.
    "governanceapipolicyoperation": Change(Kind.POLICY, _UPDATE),
    "tenantisolationoperation": Change(Kind.ISOLATION, _UPDATE),
    "environmentpropertychange": Change(Kind.ENVIRONMENT, _UPDATE),
    "applyadminrole": Change(Kind.OWN_ROLE, _UPDATE),
    "add member to role.": Change(Kind.DIRECTORY_ROLE, _CREATE),
    "remove member from role.": Change(Kind.DIRECTORY_ROLE, _DELETE),
    # These name an environment, and are about its group.
    "environmentaddedtoenvironmentgroup": Change(Kind.ENVIRONMENT, _UPDATE),
    "environmentremovedfromenvironmentgroup": Change(Kind.ENVIRONMENT, _UPDATE),
}
# A connection is put both where it is made and where it is edited, so that no put is said to have made one.
_CONNECTORS = re.compile(
    r"(?P<verb>put|patch|delete|move)(?P<what>connection|api)(?P<share>permissions?)?(tosolution)?"
)
_LIFECYCLE = re.compile(
    r"(?P<verb>provision|creat|new|harddelet|delet|recover|mov|cop|restor|convert|reset|upgrad|chang|cmkrenew|cmkrevert)"
    r"[a-z]*environment(?!group)[a-z]*"
)
_VERBS = {"provision": _CREATE, "creat": _CREATE, "new": _CREATE, "delet": _DELETE, "harddelet": _DELETE}
_POLICIES = {"createdlppolicy": _CREATE, "deletedlppolicy": _DELETE}
_NO_LETTERS = re.compile(r"[^a-z]")
# What a search may ask for: every operation whose name is known, which those of an environment's life are not.
OPERATIONS = (
    *_APPS,
    *_APP_SHARES,
    *_FLOWS,
    *_FLOW_SHARES,
    *_SITES,
    *(f"{verb}{what}{of}" for verb in ("Put", "Delete") for what in ("Connection", "Api") for of in ("", "Permission")),
    "PatchConnection",
    "PatchApi",
    "GovernanceApiPolicyOperation",
    "TenantIsolationOperation",
    "EnvironmentPropertyChange",
    "EnvironmentAddedToEnvironmentGroup",
    "EnvironmentRemovedFromEnvironmentGroup",
    "ApplyAdminRole",
    "Add member to role.",
    "Remove member from role.",
)


def change_of(operation: str) -> Change | None:
    """What an operation changes; None where it changes nothing, or is none that is known here."""
    name = operation.strip().lower()
    if name in _KNOWN:
        return _KNOWN[name]
    about_link = _CONNECTORS.fullmatch(name)
    if about_link:
        kind = Kind.CONNECTION if about_link["what"] == "connection" else Kind.CONNECTOR
        is_share = about_link["share"] is not None
        return Change(kind, _DELETE if about_link["verb"] == "delete" and not is_share else _UPDATE, is_share)
    about_place = _LIFECYCLE.fullmatch(_NO_LETTERS.sub("", name))
    return Change(Kind.ENVIRONMENT, _VERBS.get(about_place["verb"], _UPDATE)) if about_place else None


def policy_action(operation_name: str | None) -> str:
    """What became of a data policy, by the operation among the properties; what is done to a part of it updates it."""
    return _POLICIES.get((operation_name or "").strip().lower(), _UPDATE)
