"""Every request to an organisation: read-only queries, what each is about, and what is needed to be answered.

Made from Salesforce's documentation (REST API Developer Guide, Object Reference, Tooling API), not tried against a live
organisation. Only fields that these describe are asked for.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from passmuster.collect.answers import Request
from passmuster.collect.audit_log import MOST_ENTRIES
from passmuster.collect.connectors.salesforce.permissions import (
    CAPABILITIES,
    FORCES_MFA,
    WAIVES_MFA,
    WEAKENS_SIGN_IN,
)

NEWEST = 66  # the API version these queries were written for; a newer organisation answers it too
OLDEST = 50
ROOT = "/services/data"
VERSIONS = Request("versions", f"{ROOT}/")
USERINFO = Request("userinfo", "/services/oauth2/userinfo")
SSO_PERMISSION = "IsSsoEnabled"
API_ONLY = "ApiUserOnly"


@dataclass(frozen=True)
class Question:
    """One query: the object it is about, the permission that answers it, whether the object comes with a feature."""

    name: str
    soql: str
    what: str
    unlock: str = ""
    is_tooling: bool = False
    is_feature: bool = False

    @property
    def object_name(self) -> str:
        """The object whose records come back."""
        return self.soql.partition(" FROM ")[2].split(" ", 1)[0]

    def request(self, version: int) -> Request:
        """The request at an API version."""
        path = f"{ROOT}/v{version}.0/{'tooling/' if self.is_tooling else ''}query"
        return Request(self.name, path, params={"q": self.soql})


_SETUP = "give the user the permission View Setup and Configuration"
_USERS = "give the user the permission View All Users"
_HEALTH = "give the user the permission View Health Check"
_MFA = "give the user the permission Manage Multi-Factor Authentication in API"
_ADMIN = "let a user ask who holds Manage Users, or Customize Application"

ORGANIZATION = Question(
    "organization",
    "SELECT Id, Name, InstanceName, IsSandbox, OrganizationType, TrialExpirationDate, CreatedDate FROM Organization",
    "organisation",
)
ORGANIZATION_AGAIN = Question("organization_again", "SELECT Id FROM Organization", "organisation")

QUESTIONS: tuple[Question, ...] = (
    Question(
        "users",
        "SELECT Id, Name, Username, IsActive, UserType, ProfileId, Profile.Name, Profile.UserLicense.Name, "
        "LastLoginDate, LastPasswordChangeDate, CreatedDate, FederationIdentifier, Manager.Name FROM User",
        "users",
        _USERS,
    ),
    Question("user_logins", "SELECT UserId, IsFrozen FROM UserLogin", "frozen users", _ADMIN),
    Question(
        "second_factors",
        "SELECT UserId, HasTotp, HasSalesforceAuthenticator, HasSecurityKey, HasBuiltInAuthenticator "
        "FROM TwoFactorMethodsInfo",
        "registered second factors",
        _MFA,
    ),
    Question("profiles", "SELECT Id, Name, UserType, UserLicense.Name FROM Profile", "profiles", _SETUP),
    Question(
        "permission_set_groups",
        "SELECT Id, DeveloperName, MasterLabel FROM PermissionSetGroup",
        "permission set groups",
        _SETUP,
    ),
    Question(
        "assignments",
        "SELECT Id, AssigneeId, PermissionSetId, PermissionSetGroupId, ExpirationDate, PermissionSet.IsOwnedByProfile "
        "FROM PermissionSetAssignment",
        "assignments of permission sets",
        _SETUP,
    ),
    Question(
        "object_permissions",
        "SELECT Id, ParentId, SobjectType, PermissionsRead, PermissionsCreate, PermissionsEdit, PermissionsDelete, "
        "PermissionsViewAllRecords, PermissionsModifyAllRecords FROM ObjectPermissions",
        "object permissions",
        _SETUP,
    ),
    Question(
        "groups",
        "SELECT Id, Name, DeveloperName, Type FROM Group WHERE Type IN ('Regular', 'Queue', 'Organization')",
        "groups",
        _SETUP,
    ),
    Question(
        "group_members",
        "SELECT Id, GroupId, UserOrGroupId FROM GroupMember WHERE Group.Type IN ('Regular', 'Queue')",
        "members of groups",
        _SETUP,
    ),
    Question(
        "oauth_tokens",
        "SELECT Id, AppName, UserId, CreatedDate, LastUsedDate FROM OauthToken",
        "OAuth tokens",
        _ADMIN,
    ),
    Question("connected_apps", "SELECT Id, Name, CreatedDate FROM ConnectedApplication", "connected apps", _ADMIN),
    Question(
        "packages",
        "SELECT Id, SubscriberPackage.Name, SubscriberPackage.NamespacePrefix, SubscriberPackageVersion.MajorVersion, "
        "SubscriberPackageVersion.MinorVersion, SubscriberPackageVersion.PatchVersion, "
        "SubscriberPackageVersion.BuildNumber, SubscriberPackageVersion.PublisherName, "
        "SubscriberPackageVersion.IsSecurityReviewed FROM InstalledSubscriberPackage",
        "installed packages",
        "give the user the permission Download AppExchange Packages",
        is_tooling=True,
    ),
    Question(
        "health_check_risks",
        "SELECT DurableId, RiskType, Setting, SettingGroup, SettingRiskCategory, OrgValue, StandardValue "
        "FROM SecurityHealthCheckRisks",
        "Health Check",
        _HEALTH,
        is_tooling=True,
    ),
    Question(
        "certificates",
        "SELECT Id, DeveloperName, ExpirationDate, KeySize, CreatedDate FROM Certificate",
        "certificates",
        "give the user the permission Manage Certificates, or Customize Application",
        is_tooling=True,
    ),
    Question(
        "remote_sites",
        "SELECT Id, SiteName, EndpointUrl, IsActive, ProtocolMismatch FROM RemoteProxy",
        "remote sites",
        _SETUP,
        is_tooling=True,
    ),
    Question(
        "named_credentials",
        "SELECT Id, DeveloperName, Endpoint, PrincipalType FROM NamedCredential",
        "named credentials",
        _SETUP,
    ),
    Question(
        "csp_trusted_sites",
        "SELECT Id, DeveloperName, EndpointUrl, IsActive FROM CspTrustedSite",
        "CSP trusted sites",
        _SETUP,
        is_tooling=True,
    ),
    Question(
        "apex_classes",
        "SELECT Id, Name, Status, CreatedDate, LastModifiedDate, LastModifiedById FROM ApexClass "
        "WHERE NamespacePrefix = null",
        "Apex classes",
        "give the user the permission View Setup and Configuration, or Author Apex",
    ),
    Question(
        "flows",
        "SELECT DurableId, ApiName, Label, IsActive, ProcessType, LastModifiedDate FROM FlowDefinitionView",
        "flows",
        "give the user the permission Manage Flow, or View Setup and Configuration",
    ),
    Question(
        "sites",
        "SELECT Id, Name, MasterLabel, Status, Subdomain, UrlPathPrefix, GuestUserId FROM Site",
        "sites",
        _SETUP,
        is_feature=True,
    ),
    Question(
        "networks",
        "SELECT Id, Name, Status, UrlPathPrefix FROM Network",
        "Experience Cloud sites",
        "give the user the permission Create and Set Up Experiences",
        is_feature=True,
    ),
    Question(
        "objects",
        "SELECT QualifiedApiName, Label, InternalSharingModel, ExternalSharingModel FROM EntityDefinition "
        "WHERE IsCustomizable = true LIMIT 2000",
        "objects",
        _SETUP,
    ),
    Question(
        "setup_audit_trail",
        "SELECT Id, CreatedDate FROM SetupAuditTrail ORDER BY CreatedDate DESC LIMIT 1",
        "Setup Audit Trail",
        _SETUP,
    ),
    Question(
        "login_history",
        "SELECT Id, LoginTime FROM LoginHistory ORDER BY LoginTime DESC LIMIT 1",
        "login history",
        "give the user the permission Manage Users, or Monitor Login History",
    ),
    Question(
        "event_log_files",
        "SELECT Id, EventType, LogDate FROM EventLogFile ORDER BY LogDate DESC LIMIT 1",
        "event log files",
        "give the user the permission View Event Log Files",
        is_feature=True,
    ),
    *(
        Question(name, soql, name.replace("_", " "), _SETUP, is_tooling=True)
        for name, soql in (
            ("security_settings", "SELECT Metadata FROM SecuritySettings"),
            ("oauth_settings", "SELECT Metadata FROM OauthOidcSettings"),
            ("event_settings", "SELECT Metadata FROM EventSettings"),
            ("my_domain_settings", "SELECT Metadata FROM MyDomainSettings"),
        )
    ),
)
SETUP_CHANGES = "setup_changes"


def setup_changes(since: datetime) -> Question:
    """The entries of the Setup Audit Trail from `since` on (UTC), newest first."""
    asked = "SELECT Id, Action, Section, Display, CreatedById, CreatedDate, DelegateUser FROM SetupAuditTrail"
    stretch = f"CreatedDate >= {since:%Y-%m-%dT%H:%M:%SZ} ORDER BY CreatedDate DESC LIMIT {MOST_ENTRIES}"
    return Question(SETUP_CHANGES, f"{asked} WHERE {stretch}", "Setup Audit Trail", _SETUP)


SETTINGS_QUESTIONS = ("security_settings", "oauth_settings", "event_settings", "my_domain_settings")

PERMISSION_FIELDS = "permission_fields"


def describe_request(version: int) -> Request:
    """What the object PermissionSet can tell in this organisation: editions differ in the permissions they have."""
    return Request(PERMISSION_FIELDS, f"{ROOT}/v{version}.0/sobjects/PermissionSet/describe")


def permission_sets(known_fields: Iterable[str]) -> Question:
    """The query of permission sets with the permissions that matter here and that this organisation has."""
    wanted = sorted({*CAPABILITIES, *WEAKENS_SIGN_IN, FORCES_MFA, WAIVES_MFA, SSO_PERMISSION, API_ONLY})
    known = frozenset(known_fields)
    fields = [f"Permissions{name}" for name in wanted if f"Permissions{name}" in known]
    head = (
        *("Id", "Name", "Label", "IsOwnedByProfile", "ProfileId", "IsCustom", "Type", "PermissionSetGroupId"),
        *("HasActivationRequired", "License.Name"),
    )
    soql = " ".join(("SELECT", ", ".join((*head, *fields)), "FROM PermissionSet"))
    return Question("permission_sets", soql, "permission sets", _SETUP)
