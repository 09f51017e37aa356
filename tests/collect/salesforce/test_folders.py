"""Links, clients, keys, code, sites and objects from folders; and what a folder cannot tell."""

from __future__ import annotations

from pathlib import Path

import pytest

from passmuster.collect.connectors.salesforce.connector import SalesforceConnector
from passmuster.collect.interface import Target
from passmuster.errors import UnreadableInput
from tests.collect.conformance import assert_conforms, assert_repeatable
from tests.collect.salesforce.folders import EXAMPLE, D, collect, collected, profile, rows, setting, status, xml


def test_the_example_conforms_and_repeats() -> None:
    result = collect(EXAMPLE)
    assert_conforms(result, canaries=["key-of-the-example", "sk_live_51Harbour"])
    assert_repeatable(SalesforceConnector(), Target(path=EXAMPLE))
    assert (result.platform_id, result.product, result.source_kind) == (
        "salesforce:harbour-lights",
        "salesforce",
        "sfdx",
    )
    assert {status(result, table) for table in ("roles", "settings", "apps", "connections", "data_stores")} == {"ok"}


@pytest.mark.parametrize("make", ["missing", "file"])
def test_what_is_no_folder_is_refused_with_the_mend(make: str, tmp_path: Path) -> None:
    path = tmp_path / "export.zip"
    if make == "file":
        path.write_bytes(b"PK\x03\x04")
    with pytest.raises(UnreadableInput, match="check the path" if make == "missing" else "unpack"):
        collect(path)


def test_kinds_that_are_not_there_are_not_called_empty(tmp_path: Path) -> None:
    result = collected(tmp_path, {f"{D}/profiles/A.profile-meta.xml": profile("X")})
    for table in ("connections", "credentials", "keys", "apps", "add_ons", "groups", "data_stores", "settings"):
        assert status(result, table) == "unsupported", table
        assert result.tables[table].unlock, table


def test_a_manifest_that_asked_for_all_makes_absence_known(tmp_path: Path) -> None:
    asked = "<types><members>*</members><name>InstalledPackage</name></types>"
    named = "<types><members>Only_This</members><name>Certificate</name></types>"
    result = collected(
        tmp_path, {"src/package.xml": xml("Package", asked + named), "src/profiles/A.profile": profile("X")}
    )
    assert status(result, "add_ons") == "empty"
    assert status(result, "keys") == "unsupported"


def test_remote_sites_tell_host_scheme_and_whether_they_are_on(tmp_path: Path) -> None:
    site = "<disableProtocolSecurity>{}</disableProtocolSecurity><isActive>{}</isActive><url>{}</url>"
    result = collected(
        tmp_path,
        {
            f"{D}/remoteSiteSettings/Clear.remoteSite-meta.xml": xml(
                "RemoteSiteSetting", site.format("true", "true", "http://Stock.Example.org:81/x?y=z")
            ),
            f"{D}/remoteSiteSettings/Off.remoteSite-meta.xml": xml(
                "RemoteSiteSetting", site.format("true", "false", "https://b.example.org")
            ),
            f"{D}/remoteSiteSettings/Odd.remoteSite-meta.xml": xml(
                "RemoteSiteSetting", site.format("false", "true", "http://[::bad")
            ),
        },
    )
    assert_conforms(result)
    by_id = {row["connection_id"]: row for row in rows(result, "connections")}
    clear, off, odd = (by_id[f"remoteSite/{name}"] for name in ("Clear", "Off", "Odd"))
    assert (clear["target_host"], clear["scheme"], clear["status"]) == ("stock.example.org", "http", "active")
    assert (off["scheme"], off["status"], off["tls_verify"]) == ("https", "inactive", True)
    assert odd["target_host"] is None
    assert setting(result, "remote_sites.withoutProtocolSecurity")["value_int"] == 1
    # Only what is switched on is allowed.
    assert [row["ref_id"] for row in rows(result, "data_policy_rules")] == ["stock.example.org"]


def test_named_credentials_of_both_forms_tell_where_they_go_and_as_whom(tmp_path: Path) -> None:
    old = "<endpoint>https://a.example.org</endpoint><principalType>{}</principalType><protocol>{}</protocol><password>canary-pw-1</password>"
    new = (
        "<calloutStatus>Disabled</calloutStatus><namedCredentialParameters><parameterName>Url</parameterName>"
        "<parameterType>Url</parameterType><parameterValue>https://b.example.org/v1</parameterValue></namedCredentialParameters>"
        "<namedCredentialParameters><externalCredential>Ext</externalCredential><parameterName>E</parameterName>"
        "<parameterType>Authentication</parameterType></namedCredentialParameters>"
    )
    external = (
        "<externalCredentialParameters><parameterType>PerUserPrincipal</parameterType></externalCredentialParameters>"
    )
    result = collected(
        tmp_path,
        {
            f"{D}/namedCredentials/Own.namedCredential-meta.xml": xml(
                "NamedCredential", old.format("PerUser", "Password")
            ),
            f"{D}/namedCredentials/Shared.namedCredential-meta.xml": xml(
                "NamedCredential", old.format("NamedUser", "Oauth")
            ),
            f"{D}/namedCredentials/Open.namedCredential-meta.xml": xml(
                "NamedCredential", old.format("Anonymous", "NoAuthentication")
            ),
            f"{D}/namedCredentials/New.namedCredential-meta.xml": xml("NamedCredential", new),
            f"{D}/externalCredentials/Ext.externalCredential-meta.xml": xml("ExternalCredential", external),
        },
    )
    assert_conforms(result, canaries=["canary-pw"])
    told = {
        row["connection_id"].partition("/")[2]: (row["target_host"], row["identity_kind"], row["credential_id"])
        for row in rows(result, "connections")
    }
    assert told == {
        "Own": ("a.example.org", "personal", "namedCredential/Own"),
        "Shared": ("a.example.org", "service", "namedCredential/Shared"),
        "Open": ("a.example.org", "none", None),
        "New": ("b.example.org", "personal", "externalCredential/Ext"),
    }
    assert {row["credential_id"] for row in rows(result, "credentials")} == {
        "namedCredential/Own",
        "namedCredential/Shared",
        "externalCredential/Ext",
    }


def test_a_named_credential_of_a_managed_package_is_not_called_unused(tmp_path: Path) -> None:
    parameter = "<namedCredentialParameters><parameterName>N</parameterName><parameterType>{}</parameterType>"
    parameter += "<parameterValue>{}</parameterValue></namedCredentialParameters>"
    body = parameter.format("Url", "https://a.example.org") + parameter.format("AllowedManagedPackageNamespaces", "lbl")
    result = collected(
        tmp_path,
        {
            f"{D}/namedCredentials/A.namedCredential-meta.xml": xml("NamedCredential", body),
            f"{D}/classes/A.cls-meta.xml": xml("ApexClass", "<status>Active</status>"),
        },
    )
    assert_conforms(result)
    (connection,) = rows(result, "connections")
    assert connection["app_id"] == "package/lbl"
    assert {row["app_id"]: row.get("is_active") for row in rows(result, "apps")} == {
        "apex/class/A": True,
        "package/lbl": None,
    }


HEADERS = {
    "a key in clear": ("AuthHeader", "api-key", "canary-9f8e7d6c5b4a3f2e", "plaintext"),
    "a formula": ("AuthHeader", "api-key", "{!$Credential.Ext.Key}", "encrypted"),
    "a harmless header": ("HttpHeader", "Accept", "*/*", "encrypted"),
    "a key in a plain header": ("HttpHeader", "X-Api-Key", "canary-9f8e7d6c5b4a3f2e", "plaintext"),
}


@pytest.mark.parametrize(("kind", "name", "value", "storage"), HEADERS.values(), ids=HEADERS)
def test_a_secret_in_a_header_is_told_and_not_kept(
    kind: str, name: str, value: str, storage: str, tmp_path: Path
) -> None:
    header = f"<parameterName>{name}</parameterName><parameterType>{kind}</parameterType>"
    header += f"<parameterValue>{value}</parameterValue>"
    external = "<externalCredential>Ext</externalCredential><parameterType>Authentication</parameterType>"
    result = collected(
        tmp_path,
        {
            f"{D}/namedCredentials/A.namedCredential-meta.xml": xml(
                "NamedCredential", f"<namedCredentialParameters>{external}</namedCredentialParameters>"
            ),
            f"{D}/externalCredentials/Ext.externalCredential-meta.xml": xml(
                "ExternalCredential", f"<externalCredentialParameters>{header}</externalCredentialParameters>"
            ),
        },
    )
    assert_conforms(result, canaries=["canary-"])
    (credential,) = rows(result, "credentials")
    assert (credential["credential_id"], credential["storage"]) == ("externalCredential/Ext", storage)


def test_steps_are_whole_only_where_flows_and_code_are_there(tmp_path: Path) -> None:
    files = {f"{D}/classes/A.cls-meta.xml": xml("ApexClass", "<status>Active</status>")}
    assert status(collected(tmp_path / "code", files), "app_steps") == "partial"
    files[f"{D}/flows/A.flow-meta.xml"] = xml("Flow", "<status>Active</status><start/>")
    assert status(collected(tmp_path / "both", files), "app_steps") == "ok"


def test_clients_tell_scopes_and_policies_and_no_secret(tmp_path: Path) -> None:
    app = (
        "<label>Sync</label><oauthConfig><callbackUrl>https://a.example.org</callbackUrl><consumerKey>canary-key-1</consumerKey>"
        "<consumerSecret>canary-secret-2</consumerSecret><isAdminApproved>true</isAdminApproved><scopes>Full</scopes>"
        "<scopes>Api</scopes></oauthConfig><oauthPolicy><ipRelaxation>BYPASS</ipRelaxation>"
        "<refreshTokenPolicy>infinite</refreshTokenPolicy></oauthPolicy>"
    )
    eca = "<externalClientApplication>Portal</externalClientApplication>"
    result = collected(
        tmp_path,
        {
            f"{D}/connectedApps/Sync.connectedApp-meta.xml": xml("ConnectedApp", app),
            f"{D}/externalClientApps/Portal.eca-meta.xml": xml("ExternalClientApplication", "<label>Portal</label>"),
            f"{D}/extlClntAppOauthSettings/P.ecaOauth-meta.xml": xml(
                "ExtlClntAppOauthSettings", eca + "<commaSeparatedOauthScopes>OpenID, Api</commaSeparatedOauthScopes>"
            ),
            f"{D}/extlClntAppGlobalOauthSets/P.ecaGlblOauth-meta.xml": xml(
                "ExtlClntAppGlobalOauthSettings",
                eca + "<consumerKey>canary-3</consumerKey><isPkceRequired>true</isPkceRequired>",
            ),
        },
    )
    assert_conforms(result, canaries=["canary-"])
    assert {row["credential_id"]: row["scopes"] for row in rows(result, "credentials")} == {
        "connectedApp/Sync": ["Api", "Full"],
        "externalClientApp/Portal": ["Api", "OpenID"],
    }
    assert setting(result, "oauth_client.oauthPolicy.refreshTokenPolicy", "app")["value_text"] == "infinite"
    assert setting(result, "oauth_client.isPkceRequired", "app")["value_bool"] is True


APEX = {
    "pasted text": ("List<A> x = Database.query('SELECT Id FROM A WHERE N = \\'' + name + '\\'');", True),
    "a bound value": ("List<A> x = Database.query('SELECT Id FROM A WHERE N = :name');", False),
    "escaped text": ("x = Database.query('SELECT Id FROM A WHERE N = ' + String.escapeSingleQuotes(name));", False),
    "a plus within the text": ("x = Database.query('SELECT Id FROM A WHERE N = \\'a+b\\'');", False),
    "a comment": ("// Database.query('a' + b);\n/* Database.query('a' + b); */", None),
    "an address, not a comment": ("String u = 'https://a.example.org'; x = Database.query('a' + b);", True),
    "no dynamic query": ("List<A> x = [SELECT Id FROM A];", None),
}


@pytest.mark.parametrize(("code", "expected"), APEX.values(), ids=APEX)
def test_code_that_pastes_values_into_queries_is_seen(code: str, expected: bool | None, tmp_path: Path) -> None:
    result = collected(
        tmp_path,
        {
            f"{D}/classes/A.cls": f"public class A {{ void f(String name) {{ {code} }} }}",
            f"{D}/classes/A.cls-meta.xml": xml("ApexClass", "<status>Active</status>"),
        },
    )
    (step,) = [step for step in rows(result, "app_steps") if step["step_id"] == "code"]
    assert step["has_expression_in_query"] is expected


def test_classes_that_answer_are_endpoints_and_what_they_call_is_linked(tmp_path: Path) -> None:
    code = """
    @RestResource(urlMapping='/orders/*')
    global class A { @HttpGet global static void a() { r.setEndpoint('callout:Pay/x'); }
      @HttpPost global static void b() { ExternalService.Maps m; } webservice static void c() {} }"""
    result = collected(
        tmp_path,
        {
            f"{D}/classes/A.cls": code,
            f"{D}/classes/A.cls-meta.xml": xml("ApexClass", "<status>Active</status>"),
            f"{D}/classes/Hidden.cls": "(hidden)",
            f"{D}/classes/Hidden.cls-meta.xml": xml("ApexClass", "<status>Active</status>"),
            f"{D}/externalServiceRegistrations/Maps.externalServiceRegistration-meta.xml": xml(
                "ExternalServiceRegistration", "<namedCredentialReference>Map_Host</namedCredentialReference>"
            ),
        },
    )
    assert {row["url"]: row["methods"] for row in rows(result, "endpoints")} == {
        "/services/apexrest/orders/*": ["GET", "POST"],
        "/services/Soap/class/A": ["POST"],
    }
    linked = {step["connection_id"] for step in rows(result, "app_steps") if step.get("connection_id")}
    assert linked == {"namedCredential/Pay", "namedCredential/Map_Host"}
    hidden = next(step for step in rows(result, "app_steps") if step["app_id"] == "apex/class/Hidden")
    assert hidden.get("secret_hits") is None, "what could not be looked at is not known"


def test_visitors_are_judged_by_the_guest_profile_and_its_rules(tmp_path: Path) -> None:
    def right(name: str, *rights: str) -> str:
        on = "".join(f"<{right}>true</{right}>" for right in rights)
        return f"<objectPermissions>{on}<object>{name}</object></objectPermissions>"

    guest = "<userLicense>Guest User License</userLicense>" + right("W__c", "allowRead", "allowCreate")
    guest += right("R__c", "allowRead") + right("S__c", "allowRead") + right("U__c", "allowRead")
    rule = "<sharingGuestRules><fullName>x</fullName></sharingGuestRules>"
    names = ("W__c", "R__c", "S__c", "N__c", "U__c")
    result = collected(
        tmp_path,
        {
            f"{D}/profiles/Guest.profile-meta.xml": profile("X", more=guest),
            **{
                f"{D}/objects/{n}/{n}.object-meta.xml": xml("CustomObject", "<sharingModel>Private</sharingModel>")
                for n in names
            },
            f"{D}/sharingRules/R__c.sharingRules-meta.xml": xml("SharingRules", rule),
            f"{D}/sharingRules/S__c.sharingRules-meta.xml": xml("SharingRules"),
        },
    )
    assert {row["data_store_id"]: row["anonymous_access"] for row in rows(result, "data_stores")} == {
        "W__c": "write",
        "R__c": "read",
        "S__c": "none",
        "N__c": "none",
        "U__c": None,
    }


def test_without_a_guest_profile_nothing_is_said_of_visitors(tmp_path: Path) -> None:
    result = collected(
        tmp_path,
        {
            f"{D}/profiles/A.profile-meta.xml": profile("X"),
            f"{D}/objects/A__c/A__c.object-meta.xml": xml("CustomObject", "<sharingModel>ReadWrite</sharingModel>"),
            f"{D}/objects/A__c/fields/B__c.field-meta.xml": xml(
                "CustomField",
                "<complianceGroup>PII</complianceGroup><securityClassification>Restricted</securityClassification>",
            ),
            f"{D}/objects/C__mdt/C__mdt.object-meta.xml": xml("CustomObject", "<label>Config</label>"),
            f"{D}/objects/D__c/D__c.object-meta.xml": xml(
                "CustomObject", "<customSettingsType>List</customSettingsType>"
            ),
        },
    )
    (store,) = rows(result, "data_stores")
    assert (store["data_store_id"], store["default_access"], store["anonymous_access"]) == ("A__c", "read_write", None)
    assert (store["classification"], store["contains_personal_data"]) == ("restricted", True)


def test_flows_tell_whether_they_run_and_what_they_do(tmp_path: Path) -> None:
    flow = (
        "<label>Order</label><status>{}</status><start><connector><targetReference>Call</targetReference></connector></start>"
        "<actionCalls><name>Call</name><actionName>Rates.get</actionName><actionType>externalService</actionType></actionCalls>"
    )
    result = collected(
        tmp_path,
        {
            f"{D}/flows/Order.flow-meta.xml": xml("Flow", flow.format("Active")),
            "src/flows/Old-1.flow": xml("Flow", flow.format("Obsolete")),
            "src/flows/Old-2.flow": xml("Flow", flow.format("Active")),
            f"{D}/externalServiceRegistrations/Rates.externalServiceRegistration-meta.xml": xml(
                "ExternalServiceRegistration", "<namedCredential>Rates_Host</namedCredential>"
            ),
        },
    )
    assert {row["app_id"]: row["is_active"] for row in rows(result, "apps")} == {"flow/Order": True, "flow/Old": True}
    call = next(step for step in rows(result, "app_steps") if step["step_id"] == "Call")
    assert (call["category"], call["connection_id"]) == ("http", "namedCredential/Rates_Host")


def test_certificates_tell_when_they_end(tmp_path: Path) -> None:
    cert = "<expirationDate>2027-01-31T12:00:00.000Z</expirationDate><keySize>4096</keySize>"
    result = collected(
        tmp_path,
        {
            f"{D}/certs/A.crt": "-----BEGIN CERTIFICATE-----",
            f"{D}/certs/A.crt-meta.xml": xml("Certificate", cert),
            f"{D}/certs/B.crt-meta.xml": xml("Certificate", "<expirationDate>soon</expirationDate>"),
        },
    )
    assert_conforms(result)
    by_id = {row["key_id"]: row for row in rows(result, "keys")}
    assert f"{by_id['certificate/A']['not_after']:%Y-%m-%d}" == "2027-01-31"
    assert by_id["certificate/A"]["size_bits"] == 4096
    assert by_id["certificate/B"]["not_after"] is None
