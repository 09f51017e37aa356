"""Salesforce's permissions in the words that are the same on every platform.

The names are those of `userPermissions` in the metadata of profiles and permission sets (Metadata API, types Profile
and PermissionSet). Their labels are those of the Field Reference Guide, PermissionSet (`PermissionsNAME`), told here
where they differ much. A permission that no common word fits has none.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

CAPABILITIES: Mapping[str, str] = {
    # Every record of every object, whatever sharing says.
    "ModifyAllData": "write_all",
    "ViewAllData": "read_all",
    "QueryAllFiles": "read_all",
    # Code, what carries it into the organisation, and automations.
    "AuthorApex": "author_code",
    "ModifyMetadata": "deploy",
    "InboundMigrationToolsUser": "deploy",  # Deploy Change Sets
    "OutboundMigrationToolsUser": "deploy",  # Create and Upload Change Sets
    "CreatePackaging": "deploy",
    "PublishPackaging": "deploy",
    "Packaging2": "deploy",
    "InstallPackaging": "install_addons",  # Download AppExchange Packages
    "InstallMultiforce": "install_addons",
    "CanApproveUninstalledApps": "install_addons",
    "ManageInteraction": "create_app",  # Manage Flow
    # People and their rights.
    "ManageUsers": "manage_users",
    "ManageInternalUsers": "manage_users",
    "ManagePartners": "manage_users",  # Manage External Users
    "ManageMyExternalUsers": "manage_users",
    "ManageCssUsers": "manage_users",  # Manage Customer Users
    "ResetPasswords": "manage_users",
    "FreezeUsers": "manage_users",
    "DelegatedTwoFactor": "manage_users",
    "ManageProfilesPermissionsets": "manage_roles",
    "AssignPermissionSets": "manage_roles",
    "ManageAccessPolicies": "manage_roles",
    "ManageRoles": "manage_roles",
    "ManageSharing": "manage_roles",
    "ManageSessionPermissionSets": "manage_roles",
    "ManageCustomPermissions": "manage_roles",
    # The organisation's settings.
    "CustomizeApplication": "manage_settings",
    "ManagePasswordPolicies": "manage_settings",
    "ManageLoginAccessPolicies": "manage_settings",
    "ManageIpAddresses": "manage_settings",
    "ManageHealthCheck": "manage_settings",
    "ManageCertificates": "manage_settings",
    "ManageEncryptionKeys": "manage_settings",
    "ManageCustomDomains": "manage_settings",
    "ManageReleaseUpdates": "manage_settings",
    "ManageSecurityCommandCenter": "manage_settings",  # Manage Security Center
    # Ways in and out.
    "ManageAuthProviders": "manage_connections",
    "ManageNamedCredentials": "manage_connections",
    "ManageRemoteAccess": "manage_connections",  # Manage Connected Apps
    "ManageExternalConnections": "manage_connections",
    "ManageIntegrationConnections": "manage_connections",
    "ManageDataIntegrations": "manage_connections",
    "ExternalClientAppAdmin": "manage_connections",
    "ExternalClientAppDeveloper": "manage_connections",
    "ClientSecretRotation": "manage_connections",
    "ManageHubConnections": "manage_connections",
    "ApiEnabled": "api_access",
    "ApexRestServices": "api_access",
    "DataExport": "export_bulk",
    "ExportReport": "export_bulk",
    "ManageSandboxes": "create_environment",
    "ManageDevSandboxes": "create_environment",
    "ManageNetworks": "publish_site",  # Create and Set Up Experiences
}
OBJECT_CAPABILITIES: Mapping[str, str] = {
    "allowRead": "read",
    "allowCreate": "create",
    "allowEdit": "update",
    "allowDelete": "delete",
    "viewAllRecords": "read",
    "modifyAllRecords": "update",
}
OBJECT_WIDE = frozenset({"viewAllRecords", "modifyAllRecords"})
OBJECT_WRITES = frozenset({"allowCreate", "allowEdit", "allowDelete", "modifyAllRecords"})
# Each of these lets its holder make itself, or others, anything: directly, by code that runs without limits, or by
# handing itself a permission set.
_ADMINISTERS = frozenset(
    {
        *("ModifyAllData", "ManageUsers", "CustomizeApplication", "AuthorApex"),
        *("ManageProfilesPermissionsets", "AssignPermissionSets"),
    }
)
_NEAR = frozenset({"ViewAllData", "ManageSharing", "ModifyMetadata", "DataExport", "ManageInternalUsers"})
FORCES_MFA = "ForceTwoFactor"
WAIVES_MFA = "BypassMFAForUiLogins"
# Ways past sign-in that no common word tells.
WEAKENS_SIGN_IN = ("PasswordNeverExpires", "SkipIdentityConfirmation", "UseAnyApiClient")


def is_administrator(permissions: Collection[str]) -> bool:
    """Whether the holder can administer the organisation: hold every record, users, code, or what others may do."""
    return not _ADMINISTERS.isdisjoint(permissions)


def rank_of(permissions: Collection[str], *, writes: bool) -> int:
    """How much it may do, from 0 to 100: administering 90 to 100, near to it 70, writing records 40, less 10."""
    if "ModifyAllData" in permissions:
        return 100
    if is_administrator(permissions):
        return 90
    if not _NEAR.isdisjoint(permissions):
        return 70
    return 40 if writes else 10 if permissions else 0
