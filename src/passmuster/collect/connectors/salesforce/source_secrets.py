"""Clients, stored secrets and certificates from a folder. Their values are never looked at."""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element

from passmuster.collect.connectors.salesforce.access import Row
from passmuster.collect.connectors.salesforce.metadata import as_time, flag_of, number_of, shown_text, text_of, texts_of
from passmuster.collect.connectors.salesforce.reading import Reader, only
from passmuster.collect.connectors.salesforce.setting_values import setting_row
from passmuster.collect.connectors.salesforce.source_links import Links
from passmuster.snapshot.gathered import Gap, Gathered

_KINDS = (
    *("connectedApp", "eca", "ecaOauth", "ecaGlblOauth", "ecaOauthPlcy"),
    *("namedCredential", "externalCredential", "dataSource"),
)
# What of an OAuth client bears on security, and is no secret: leaves below the root, by dotted path.
_CLIENT_SETTINGS = (
    *("oauthConfig.isAdminApproved", "oauthConfig.isClientCredentialEnabled", "oauthConfig.isCodeCredentialEnabled"),
    *("oauthConfig.isConsumerSecretOptional", "oauthConfig.isDeviceFlowEnabled", "oauthConfig.isPkceRequired"),
    *("oauthConfig.isRefreshTokenRotationEnabled", "oauthConfig.isSecretRequiredForRefreshToken"),
    *("oauthConfig.isTokenExchangeEnabled", "oauthPolicy.ipRelaxation", "oauthPolicy.refreshTokenPolicy"),
    *("sessionPolicy.policyAction", "sessionPolicy.sessionLevel", "sessionPolicy.sessionTimeout"),
)
_GAPS = (
    Gap("last_used_at", "a folder of metadata does not tell when a client was used", "read it with --url"),
    Gap("created_at", "a folder of metadata has no times", "read it with --url"),
)
_SCOPES = "commaSeparatedOauthScopes"


def read_clients(reader: Reader) -> tuple[list[Row], list[Row]]:
    """OAuth clients and stored secrets as rows of `credentials`, and the settings of clients."""
    connected = only(reader.read("connectedApp", _connected_app))
    external = only(reader.read("eca", _of_type("ExternalClientApplication", _external_app)))
    for suffix, type_name in _PLUGINS.items():
        parts = only(reader.read(suffix, _of_type(type_name, _plugin)))
        for part in parts.values():
            _add_to(external, part)
    providers = only(reader.read("authprovider", _of_type("AuthProvider", _provider)))
    found = [*connected.values(), *external.values()]
    settings = [row for _, own in found for row in own] + [row for own in providers.values() for row in own]
    return [credential for credential, _ in found], settings


_PLUGINS = {
    "ecaOauth": "ExtlClntAppOauthSettings",
    "ecaGlblOauth": "ExtlClntAppGlobalOauthSettings",
    "ecaOauthPlcy": "ExtlClntAppOauthConfigurablePolicies",
}
_Client = tuple[Row, list[Row]]


def credentials_table(reader: Reader, clients: list[Row], links: Links) -> Gathered:
    """The table `credentials`: clients, and one row for each secret a link of the organisation stores."""
    stored = sorted({str(row["credential_id"]) for row in links.tables["connections"].rows if row.get("credential_id")})
    rows = [
        *clients,
        *(
            {
                "credential_id": credential_id,
                "kind": "stored_secret",
                "name": credential_id.partition("/")[2],
                # Salesforce keeps such secrets encrypted and shows them to nobody, unless they stand in a header.
                "storage": "plaintext" if credential_id in links.in_clear else "encrypted",
            }
            for credential_id in stored
        ),
    ]
    return Gathered.from_sources(rows, reader.states(*_KINDS), gaps=_GAPS)


def keys_table(reader: Reader) -> Gathered:
    """The table `keys`: certificates of the organisation, by what stands beside them; the certificate is not read."""
    certificates = only(reader.read("crt", _of_type("Certificate", _certificate)))
    gap = Gap("rotated_at", "a folder of metadata does not tell when a certificate was made", "read it with --url")
    return Gathered.from_sources(list(certificates.values()), reader.states("crt"), gaps=(gap,))


def _of_type(type_name: str, convert: Any) -> Any:
    return lambda name, root: convert(name, root) if root.tag == type_name else None


def _connected_app(name: str, root: Element) -> _Client | None:
    if root.tag != "ConnectedApp":
        return None
    credential_id = f"connectedApp/{name}"
    credential = {
        "credential_id": credential_id,
        "kind": "oauth_client",
        "name": shown_text(root, "label") or name,
        "scopes": sorted(set(texts_of(oauth, "scopes"))) if (oauth := root.find("oauthConfig")) is not None else [],
    }
    settings = []
    for path in _CLIENT_SETTINGS:
        text = text_of(root, *path.split("."))
        if text is not None:
            settings.append(_client_setting(credential_id, path, text))
    return credential, settings


def _external_app(name: str, root: Element) -> _Client:
    return {
        "credential_id": f"externalClientApp/{name}",
        "kind": "oauth_client",
        "name": shown_text(root, "label") or name,
    }, []


def _plugin(_name: str, root: Element) -> Row:
    """What a plug-in of an external client app says about the app it names."""
    wanted = (
        *("isPkceRequired", "isConsumerSecretOptional", "isClientCredentialsFlowEnabled", "isDeviceFlowEnabled"),
        *("isRefreshTokenRotationEnabled", "isSecretRequiredForRefreshToken", "permittedUsersPolicyType"),
        *("ipRelaxationPolicyType", "refreshTokenPolicyType", "requiredSessionLevel", "isTokenExchangeEnabled"),
    )
    scopes = text_of(root, _SCOPES)
    return {
        "app": text_of(root, "externalClientApplication"),
        "scopes": None if scopes is None else sorted({part.strip() for part in scopes.split(",") if part.strip()}),
        "settings": {name: text for name in wanted if (text := text_of(root, name)) is not None},
    }


def _add_to(apps: dict[str, _Client], part: Row) -> None:
    name = str(part["app"] or "")
    if not name:
        return
    credential, settings = apps.get(name, ({"credential_id": f"externalClientApp/{name}", "kind": "oauth_client"}, []))
    scopes = {} if part["scopes"] is None else {"scopes": part["scopes"]}
    seen = {row["key"] for row in settings}
    added = [_client_setting(str(credential["credential_id"]), key, text) for key, text in part["settings"].items()]
    apps[name] = (
        {"name": name, **credential, **scopes},
        [*settings, *(row for row in added if row["key"] not in seen)],
    )


def _client_setting(client_id: str, path: str, text: str) -> Row:
    """Names of flags may speak of secrets (`isConsumerSecretOptional`); their values are words and truth values."""
    row = setting_row(("app", client_id), f"oauth_client.{path}", text, native_path=path)
    return row or {
        "scope_kind": "app",
        "scope_id": client_id,
        "key": f"oauth_client.{path}",
        "is_set": True,
        "native_path": path,
    }


def _provider(name: str, root: Element) -> list[Row]:
    """What an authentication provider, by which people sign in, says of itself."""
    rows = [
        setting_row(("app", f"authprovider/{name}"), f"auth_provider.{path}", text, native_path=f"AuthProvider.{path}")
        for path in ("providerType", "isPkceEnabled", "requireMfa", "includeOrgIdInIdentifier")
        if (text := text_of(root, path)) is not None
    ]
    return [row for row in rows if row is not None]


def _certificate(name: str, root: Element) -> Row:
    return {
        "key_id": f"certificate/{name}",
        "kind": "certificate",
        "algorithm": "RSA" if number_of(root, "keySize") else None,
        "size_bits": number_of(root, "keySize"),
        "custody": "customer" if flag_of(root, "privateKeyExportable") else "unknown",
        "not_after": as_time(text_of(root, "expirationDate")),
    }
