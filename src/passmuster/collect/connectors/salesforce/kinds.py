"""The kinds of metadata that are read: the ending of their files, their folder, the root of their XML.

From the registry of Salesforce's own library for source (source-deploy-retrieve 12, `metadataRegistry.json`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """One kind of metadata: `suffix` ends its file names, `folder` is where it lies, `type_name` is the XML's root."""

    suffix: str
    folder: str
    type_name: str
    plural: str

    @property
    def unlock(self) -> str:
        """How to have it in the folder next time."""
        return f"retrieve it: sf project retrieve start -m {self.type_name}"


_ALL = (
    Kind("profile", "profiles", "Profile", "profiles"),
    Kind("permissionset", "permissionsets", "PermissionSet", "permission sets"),
    Kind("permissionsetgroup", "permissionsetgroups", "PermissionSetGroup", "permission set groups"),
    Kind("mutingpermissionset", "mutingpermissionsets", "MutingPermissionSet", "muting permission sets"),
    Kind("settings", "settings", "Settings", "settings"),
    Kind("profilePasswordPolicy", "profilePasswordPolicies", "ProfilePasswordPolicy", "password policies of profiles"),
    Kind("profileSessionSetting", "profileSessionSettings", "ProfileSessionSetting", "session settings of profiles"),
    Kind("connectedApp", "connectedApps", "ConnectedApp", "connected apps"),
    Kind("eca", "externalClientApps", "ExternalClientApplication", "external client apps"),
    Kind("ecaOauth", "extlClntAppOauthSettings", "ExtlClntAppOauthSettings", "OAuth settings of external client apps"),
    Kind(
        "ecaGlblOauth",
        "extlClntAppGlobalOauthSets",
        "ExtlClntAppGlobalOauthSettings",
        "global OAuth settings of external client apps",
    ),
    Kind(
        "ecaOauthPlcy",
        "extlClntAppOauthPolicies",
        "ExtlClntAppOauthConfigurablePolicies",
        "OAuth policies of external client apps",
    ),
    Kind("authprovider", "authproviders", "AuthProvider", "authentication providers"),
    Kind("samlssoconfig", "samlssoconfigs", "SamlSsoConfig", "SAML configurations"),
    Kind("crt", "certs", "Certificate", "certificates"),
    Kind("remoteSite", "remoteSiteSettings", "RemoteSiteSetting", "remote sites"),
    Kind("namedCredential", "namedCredentials", "NamedCredential", "named credentials"),
    Kind("externalCredential", "externalCredentials", "ExternalCredential", "external credentials"),
    Kind(
        "externalServiceRegistration",
        "externalServiceRegistrations",
        "ExternalServiceRegistration",
        "external services",
    ),
    Kind("dataSource", "dataSources", "ExternalDataSource", "external data sources"),
    Kind("cspTrustedSite", "cspTrustedSites", "CspTrustedSite", "CSP trusted sites"),
    Kind("corsWhitelistOrigin", "corsWhitelistOrigins", "CorsWhitelistOrigin", "CORS origins"),
    Kind("site", "sites", "CustomSite", "sites"),
    Kind("network", "networks", "Network", "Experience Cloud sites"),
    Kind("flow", "flows", "Flow", "flows"),
    Kind("cls", "classes", "ApexClass", "Apex classes"),
    Kind("trigger", "triggers", "ApexTrigger", "Apex triggers"),
    Kind("object", "objects", "CustomObject", "objects"),
    Kind("field", "objects", "CustomField", "fields"),
    Kind("sharingRules", "sharingRules", "SharingRules", "sharing rules"),
    Kind("installedPackage", "installedPackages", "InstalledPackage", "installed packages"),
    Kind("group", "groups", "Group", "public groups"),
    Kind("queue", "queues", "Queue", "queues"),
    Kind(
        "transactionSecurityPolicy",
        "transactionSecurityPolicies",
        "TransactionSecurityPolicy",
        "transaction security policies",
    ),
)

KINDS: Mapping[str, Kind] = {kind.suffix: kind for kind in _ALL}
BY_LOWER: Mapping[str, Kind] = {kind.suffix.lower(): kind for kind in _ALL}
# Kinds of which the newer source format may put one component into many files, in a folder named after the component.
IN_PIECES: Mapping[str, Kind] = {
    kind.folder: kind
    for kind in (KINDS["profile"], KINDS["permissionset"], KINDS["mutingpermissionset"], KINDS["sharingRules"])
}
