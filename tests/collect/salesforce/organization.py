"""Answers of an organisation, retyped from Salesforce's documentation; no live organisation was ever asked.

Shapes: REST API Developer Guide ("Query", "sObject Describe", error bodies), Tooling API, Object Reference. Ids, names
and values are invented.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ORG = "00D5g000000AbCdEAK"
FAR = "2030-01-01T00:00:00.000+0000"


def record(kind: str, **fields: Any) -> dict[str, Any]:
    """A record with the attributes every record comes with."""
    url = f"/services/data/v66.0/sobjects/{kind}/{fields.get('Id', '0')}"
    return {"attributes": {"type": kind, "url": url}, **fields}


def page(*records: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A page of records; the only one unless told otherwise."""
    return {"totalSize": len(records), "done": True, "records": list(records), **more}


def user(number: int, profile: str, **fields: Any) -> dict[str, Any]:
    """A user with this profile."""
    login = f"user{number}@example.org"
    names = {"00e1": "System Administrator", "00e2": "Sales User", "00e3": "Shop Profile", "00e4": "Integration"}
    licenses = {"00e3": "Guest User License", "00e4": "Salesforce Integration"}
    return record(
        "User",
        **{
            "Id": f"005{number}",
            "Name": f"User {number}",
            "Username": login,
            "IsActive": True,
            "UserType": "Standard",
            "ProfileId": profile,
            "Profile": {"Name": names[profile], "UserLicense": {"Name": licenses.get(profile, "Salesforce")}},
            "LastLoginDate": "2026-11-20T08:00:00.000+0000",
            "LastPasswordChangeDate": "2026-06-01T08:00:00.000+0000",
            "CreatedDate": "2020-01-01T08:00:00.000+0000",
            "FederationIdentifier": None,
            "Manager": None,
            **fields,
        },
    )


def permission_set(id_: str, label: str, *on: str, **fields: Any) -> dict[str, Any]:
    """A permission set with these permissions on."""
    known = ("ModifyAllData", "ViewAllData", "AuthorApex", "ApiEnabled", "ApiUserOnly", "IsSsoEnabled", "ExportReport")
    flags = {f"Permissions{name}": name in on for name in known}
    return record(
        "PermissionSet",
        **{
            "Id": id_,
            "Name": label.replace(" ", "_"),
            "Label": label,
            "IsOwnedByProfile": False,
            "ProfileId": None,
            "IsCustom": True,
            "Type": "Regular",
            "PermissionSetGroupId": None,
            "HasActivationRequired": False,
            "License": None,
            **flags,
            **fields,
        },
    )


def of_profile(id_: str, profile: str, *on: str) -> dict[str, Any]:
    """The permission set that stands for a profile."""
    own = {"IsOwnedByProfile": True, "ProfileId": profile, "Type": "Profile"}
    return permission_set(id_, f"X00e{id_}", *on, **own)


def assignment(number: int, user_id: str, **fields: Any) -> dict[str, Any]:
    """A permission set or group assigned to a user."""
    base = {"Id": f"0Pa{number}", "AssigneeId": user_id, "PermissionSetId": None, "PermissionSetGroupId": None}
    return record(
        "PermissionSetAssignment",
        **{**base, "ExpirationDate": None, "PermissionSet": {"IsOwnedByProfile": False}, **fields},
    )


def change(number: int, action: str, display: str, **fields: Any) -> dict[str, Any]:
    """An entry of the Setup Audit Trail, later with a higher number."""
    told = {"Action": action, "Section": "Setup", "Display": display, "CreatedById": "0051", "DelegateUser": None}
    at = f"2026-11-2{number}T10:00:00.000+0000"
    return record("SetupAuditTrail", **{"Id": f"0Ym{number}", "CreatedDate": at, **told, **fields})


def setting(kind: str, metadata: Any) -> dict[str, Any]:
    """Settings by the Tooling API."""
    return page(record(kind, Metadata=metadata))


SECURITY = {
    "canUsersGrantLoginAccess": False,
    "enableAdminLoginAsAnyUser": True,
    "networkAccess": {"ipRanges": [{"start": "192.0.2.0", "end": "192.0.2.9", "description": None}]},
    "passwordPolicies": {"maxLoginAttempts": "NoLimit", "minimumPasswordLength": "8", "expiration": "NinetyDays"},
    "sessionSettings": {"sessionTimeout": "TwoHours", "requireHttpOnly": False, "lockSessionsToDomain": True},
    "singleSignOnSettings": {"enableSamlLogin": False},
    "urls": None,
}
VERSION = {
    "MajorVersion": 4,
    "MinorVersion": 2,
    "PatchVersion": 0,
    "BuildNumber": 1,
    "PublisherName": "Label Makers",
    "IsSecurityReviewed": True,
}
ANSWERS: Mapping[str, Any] = {
    "versions": [{"label": "Spring", "url": "/services/data/v66.0", "version": "66.0"}],
    "userinfo": {"user_id": "0051", "organization_id": ORG},
    "organization": page(
        record(
            "Organization",
            Id=ORG,
            Name="Harbour Lights",
            InstanceName="EU42",
            IsSandbox=False,
            OrganizationType="Enterprise Edition",
            TrialExpirationDate=None,
            CreatedDate="2019-01-01T00:00:00.000+0000",
        )
    ),
    "organization_again": page(record("Organization", Id=ORG)),
    "users": page(
        user(1, "00e1"),
        user(2, "00e2", FederationIdentifier="u2"),
        user(3, "00e3", UserType="Guest", Name="Shop Site Guest User", LastLoginDate=None),
        user(4, "00e4", LastLoginDate=None),
        user(5, "00e2", UserType="PowerPartner"),
        user(6, "00e2"),
        user(7, "00e2", IsActive=False),
    ),
    "user_logins": page(record("UserLogin", UserId="0056", IsFrozen=True)),
    "second_factors": page(record("TwoFactorMethodsInfo", UserId="0051", HasTotp=True, HasSecurityKey=True)),
    "profiles": page(
        *(
            record("Profile", Id=id_, Name=name, UserType="Standard", UserLicense={"Name": "Salesforce"})
            for id_, name in (
                *(("00e1", "System Administrator"), ("00e2", "Sales User")),
                *(("00e3", "Shop Profile"), ("00e4", "Integration")),
            )
        )
    ),
    "permission_fields": {
        "name": "PermissionSet",
        "fields": [{"name": f"Permissions{name}"} for name in ("ModifyAllData", "AuthorApex", "ApiEnabled")],
    },
    "permission_sets": page(
        of_profile("0PS1", "00e1", "ModifyAllData", "ViewAllData", "AuthorApex", "ApiEnabled"),
        of_profile("0PS2", "00e2"),
        of_profile("0PS3", "00e3"),
        of_profile("0PS4", "00e4", "ApiEnabled", "ApiUserOnly"),
        permission_set("0PS5", "Exports", "ExportReport"),
        permission_set("0PS6", "Back office", "ExportReport", Type="Group", PermissionSetGroupId="0PG1"),
        permission_set("0PS7", "Night shift", "ViewAllData", Type="Session", HasActivationRequired=True),
    ),
    "permission_set_groups": page(
        record("PermissionSetGroup", Id="0PG1", DeveloperName="Back_Office", MasterLabel="Back office")
    ),
    "assignments": page(
        assignment(1, "0051", PermissionSetId="0PS1", PermissionSet={"IsOwnedByProfile": True}),
        assignment(2, "0052", PermissionSetId="0PS5", ExpirationDate=FAR),
        assignment(3, "0056", PermissionSetId="0PS6", PermissionSetGroupId="0PG1"),
        assignment(4, "0052", PermissionSetId="0PS7"),
    ),
    "object_permissions": page(
        record(
            "ObjectPermissions",
            Id="1101",
            ParentId="0PS3",
            SobjectType="Feedback__c",
            PermissionsRead=True,
            PermissionsCreate=True,
            PermissionsEdit=False,
            PermissionsDelete=False,
            PermissionsViewAllRecords=False,
            PermissionsModifyAllRecords=False,
        )
    ),
    "groups": page(
        record("Group", Id="00G1", Name="Office", DeveloperName="Office", Type="Regular"),
        record("Group", Id="00G2", Name=None, DeveloperName="AllInternalUsers", Type="Organization"),
    ),
    "group_members": page(
        record("GroupMember", Id="0111", GroupId="00G1", UserOrGroupId="0052"),
        record("GroupMember", Id="0112", GroupId="00G1", UserOrGroupId="00G2"),
    ),
    "oauth_tokens": page(
        record(
            "OauthToken",
            Id="0CQ1",
            AppName="Warehouse",
            UserId="0054",
            CreatedDate="2024-01-01T00:00:00.000+0000",
            LastUsedDate="2026-11-24T00:00:00.000+0000",
        )
    ),
    "connected_apps": page(
        record("ConnectedApplication", Id="0H41", Name="Warehouse", CreatedDate="2023-01-01T00:00:00.000+0000")
    ),
    "packages": page(
        record(
            "InstalledSubscriberPackage",
            Id="0A31",
            SubscriberPackage={"Name": "Labels", "NamespacePrefix": "lbl"},
            SubscriberPackageVersion=VERSION,
        )
    ),
    "health_check_risks": page(
        record(
            "SecurityHealthCheckRisks",
            DurableId="PasswordPolicies.maxLoginAttempts",
            RiskType="HIGH_RISK",
            Setting="Maximum invalid login attempts",
            SettingGroup="PasswordPolicies",
            SettingRiskCategory="HIGH_RISK",
            OrgValue="No Limit",
            StandardValue="3",
        )
    ),
    "certificates": page(
        record(
            "Certificate",
            Id="0P11",
            DeveloperName="Partner",
            KeySize=2048,
            ExpirationDate="2025-01-01T00:00:00.000+0000",
            CreatedDate="2023-01-01T00:00:00.000+0000",
        )
    ),
    "remote_sites": page(
        record(
            "RemoteProxy",
            Id="0rp1",
            SiteName="Stock",
            EndpointUrl="http://stock.example.org",
            IsActive=True,
            ProtocolMismatch=True,
        )
    ),
    "named_credentials": page(
        record(
            "NamedCredential",
            Id="0XA1",
            DeveloperName="Pay",
            Endpoint="https://pay.example.com",
            PrincipalType="NamedUser",
        )
    ),
    "csp_trusted_sites": page(
        record("CspTrustedSite", Id="08y1", DeveloperName="Maps", EndpointUrl="https://maps.example.com", IsActive=True)
    ),
    "apex_classes": page(
        record(
            "ApexClass",
            Id="01p1",
            Name="StockClient",
            Status="Active",
            LastModifiedById="0051",
            CreatedDate="2023-01-01T00:00:00.000+0000",
            LastModifiedDate="2024-01-01T00:00:00.000+0000",
        )
    ),
    "flows": page(
        record(
            "FlowDefinitionView",
            DurableId="3001",
            ApiName="Welcome",
            Label="Welcome",
            IsActive=True,
            ProcessType="AutoLaunchedFlow",
            LastModifiedDate="2024-01-01T00:00:00.000+0000",
        )
    ),
    "sites": page(
        record(
            "Site",
            Id="0DM1",
            Name="Shop",
            MasterLabel="Shop",
            Status="Active",
            Subdomain="shop",
            UrlPathPrefix=None,
            GuestUserId="0053",
        )
    ),
    "networks": page(record("Network", Id="0DB1", Name="Partners", Status="Live", UrlPathPrefix="partners")),
    "objects": page(
        record(
            "EntityDefinition",
            QualifiedApiName="Account",
            Label="Account",
            InternalSharingModel="Private",
            ExternalSharingModel="Private",
        ),
        record(
            "EntityDefinition",
            QualifiedApiName="Feedback__c",
            Label="Feedback",
            InternalSharingModel="ReadWrite",
            ExternalSharingModel="Read",
        ),
    ),
    "setup_audit_trail": page(record("SetupAuditTrail", Id="0Ym1", CreatedDate="2026-11-25T10:00:00.000+0000")),
    "setup_changes": page(
        change(3, "createdinteractiondefinition", 'Created flow with Name "Welcome" and Unique Name "Welcome"'),
        change(2, "changedApexClass", "Changed StockClient Apex Class code", CreatedById="0052"),
        change(1, "createduser", "Created new user User 6"),
    ),
    "login_history": page(record("LoginHistory", Id="0Ya1", LoginTime="2026-11-25T10:00:00.000+0000")),
    "event_log_files": page(
        record("EventLogFile", Id="0AT1", EventType="Login", LogDate="2026-11-25T00:00:00.000+0000")
    ),
    "security_settings": setting("SecuritySettings", SECURITY),
    "oauth_settings": setting("OauthOidcSettings", {"blockOAuthUnPwFlow": True}),
    "event_settings": setting("EventSettings", {"enableEventLogGeneration": True, "eventLogRetentionDuration": 30}),
    "my_domain_settings": setting("MyDomainSettings", {"myDomainName": "harbour"}),
}


def refusal(code: str, message: str = "refused") -> list[dict[str, str]]:
    """An error body."""
    return [{"message": message, "errorCode": code}]


def write(folder: Path, **changed: Any) -> Path:
    """Recorded answers; those in `changed` replaced (a pair is status and body, None leaves one out)."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, body in {**ANSWERS, **changed}.items():
        if body is None:
            continue
        status, content = body if isinstance(body, tuple) else (200, body)
        document = {"request": {"name": name}, "status": status, "headers": {}, "body": content}
        (folder / f"{name}.json").write_text(json.dumps(document), encoding="utf-8")
    return folder
