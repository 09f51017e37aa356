"""Ways out and in from a folder: remote sites, named credentials, data sources, CSP and CORS, as links and rules."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element

from passmuster.collect.connectors.salesforce.access import ENVIRONMENT_ID, Row
from passmuster.collect.connectors.salesforce.metadata import flag_of, host_and_scheme, text_of
from passmuster.collect.connectors.salesforce.reading import Reader, only
from passmuster.collect.unlocks import by_declaring
from passmuster.documents.secrets import is_sensitive_name, mask_secrets, strip_url
from passmuster.snapshot.gathered import Gap, Gathered

CALLOUT = "http_callout"
_CONNECTION_KINDS = ("remoteSite", "namedCredential", "externalCredential", "dataSource")
_POLICY_KINDS = ("cspTrustedSite", "corsWhitelistOrigin", "remoteSite")
# The parameter types of a named credential since API 56 that tell where it goes and as whom.
_ENDPOINT_PARAMETER = "Url"
_CREDENTIAL_PARAMETER = "Authentication"
_PACKAGE_PARAMETER = "AllowedManagedPackageNamespaces"
# Parameters whose value goes out as a header: a credential, unless a formula fetches it from where it is kept.
_HEADER_PARAMETERS = frozenset({"AuthHeader", "HttpHeader"})
_SECRET_ELEMENTS = ("password", "oauthToken", "oauthRefreshToken", "awsAccessSecret")
# Who a callout acts as: the words of ExternalPrincipalType, and of the parameters of an external credential.
IDENTITIES = {
    "NamedUser": "service",
    "PerUser": "personal",
    "Anonymous": "none",
    "NamedPrincipal": "service",
    "PerUserPrincipal": "personal",
    "AwsStsPrincipal": "service",
}
_PROTOCOLS_WITHOUT_IDENTITY = frozenset({"NoAuthentication", ""})


@dataclass(frozen=True)
class Links:
    """The tables of links and of the rules about them, counts for settings by key, credentials that stand in clear."""

    tables: dict[str, Gathered]
    counts: dict[str, int]
    in_clear: frozenset[str]


def read_links(reader: Reader) -> Links:
    """Reads `connections`, `connectors`, `data_policies` and their lines from the kinds they are made from."""
    externals = only(reader.read("externalCredential", _typed("ExternalCredential", _external)))
    sites = only(reader.read("remoteSite", _typed("RemoteSiteSetting", _remote_site)))
    named = only(reader.read("namedCredential", _typed("NamedCredential", _named_credential)))
    sources = only(reader.read("dataSource", _typed("ExternalDataSource", _data_source)))
    trusted = only(reader.read("cspTrustedSite", _typed("CspTrustedSite", _trusted_site)))
    origins = only(reader.read("corsWhitelistOrigin", _typed("CorsWhitelistOrigin", _origin)))
    connections = [*sites.values(), *(_with_identity(row, externals) for row in named.values()), *sources.values()]
    states = reader.states(*_CONNECTION_KINDS)
    policies = reader.states(*_POLICY_KINDS)
    ways = {"csp": trusted, "cors": origins, "remote_sites": sites}
    unused = Gap("last_used_at", "a folder of metadata does not tell when a link was used", "read it with --url")
    tables = {
        "connections": Gathered.from_sources([_public(row) for row in connections], states, gaps=(unused,)),
        "connectors": Gathered.from_sources(_connectors(connections), states, gaps=(_RETIRED,)),
        "data_policies": Gathered.from_sources([_policy(kind) for kind, found in ways.items() if found], policies),
        "data_policy_rules": Gathered.from_sources(
            [*_rules("csp", trusted.values()), *_rules("cors", origins.values()), *_site_rules(sites.values())],
            policies,
        ),
    }
    unprotected = sum(1 for row in sites.values() if row["_unprotected"] and row["status"] == "active")
    in_clear = {str(row["credential_id"]) for row in connections if row.get("_in_clear") and row["credential_id"]}
    counts = {"remote_sites.withoutProtocolSecurity": unprotected} if sites else {}
    return Links(tables, counts, frozenset(in_clear))


_RETIRED = Gap("retired_at", "metadata does not tell what the vendor retires", by_declaring("connectors", "retired_at"))


def _typed(type_name: str, convert: Any) -> Any:
    return lambda name, root: convert(name, root) if root.tag == type_name else None


def _connection(kind: str, name: str, url: str | None, **columns: Any) -> Row:
    host, scheme = host_and_scheme(url)
    return {
        "connection_id": f"{kind}/{name}",
        "connector_id": CALLOUT,
        "environment_id": ENVIRONMENT_ID,
        "target_host": host,
        "scheme": scheme,
        # Salesforce calls no host over TLS whose certificate it cannot check (Apex Developer Guide, callouts).
        "tls_verify": True if scheme == "https" else None,
        **columns,
    }


def _remote_site(name: str, root: Element) -> Row:
    active = flag_of(root, "isActive")
    return _connection(
        "remoteSite",
        name,
        text_of(root, "url"),
        identity_kind="none",
        status=None if active is None else "active" if active else "inactive",
        _unprotected=flag_of(root, "disableProtocolSecurity") is True,
    )


def _named_credential(name: str, root: Element) -> Row:
    parameters = root.findall("namedCredentialParameters")
    urls = [text_of(entry, "parameterValue") for entry in parameters if _is(entry, _ENDPOINT_PARAMETER)]
    external = [text_of(entry, "externalCredential") for entry in parameters if _is(entry, _CREDENTIAL_PARAMETER)]
    protocol, principal = text_of(root, "protocol"), text_of(root, "principalType")
    identity = IDENTITIES.get(principal or "")
    status = (text_of(root, "calloutStatus") or "").lower() or None
    row = _connection(
        "namedCredential", name, next(filter(None, urls), None) or text_of(root, "endpoint"), identity_kind=identity
    )
    holds_secret = protocol is not None and protocol not in _PROTOCOLS_WITHOUT_IDENTITY
    packages = [text_of(entry, "parameterValue") for entry in parameters if _is(entry, _PACKAGE_PARAMETER)]
    package = min(filter(None, packages), default=None)
    return {
        **row,
        "status": {"enabled": "active", "disabled": "inactive"}.get(status or "", status),
        "credential_id": f"namedCredential/{name}" if holds_secret else None,
        # A managed package that may call by it: nobody outside sees whether it does.
        "app_id": f"package/{package}" if package else None,
        "_external": next(filter(None, external), None),
        "_in_clear": _has_secret(parameters) or any(text_of(root, name) for name in _SECRET_ELEMENTS),
    }


def _is(entry: Element, kind: str) -> bool:
    return text_of(entry, "parameterType") == kind


def _has_secret(parameters: list[Element]) -> bool:
    """Whether a header of these parameters holds a credential in clear; its value is looked at and not kept."""
    literal = [
        entry
        for entry in parameters
        if text_of(entry, "parameterType") in _HEADER_PARAMETERS
        and (value := text_of(entry, "parameterValue"))
        and "{!" not in value
    ]
    return any(
        _is(entry, "AuthHeader") or is_sensitive_name(text_of(entry, "parameterName") or "") for entry in literal
    )


def _external(name: str, root: Element) -> Row:
    parameters = root.findall("externalCredentialParameters")
    kinds = {text_of(entry, "parameterType") or "" for entry in parameters}
    identities = {IDENTITIES[kind] for kind in kinds if kind in IDENTITIES}
    identity = identities.pop() if len(identities) == 1 else "shared" if identities else None
    return {"name": name, "identity": identity, "in_clear": _has_secret(parameters)}


def _with_identity(row: Row, externals: dict[str, Row]) -> Row:
    """A newer named credential acts as its external credential says."""
    name = row.get("_external")
    if not name:
        return row
    known = externals.get(str(name))
    return {
        **row,
        "credential_id": f"externalCredential/{name}",
        "identity_kind": row["identity_kind"] or (known["identity"] if known else None),
        "_in_clear": row["_in_clear"] or bool(known and known["in_clear"]),
    }


def _data_source(name: str, root: Element) -> Row:
    kind = text_of(root, "type") or "unknown"
    protocol = text_of(root, "protocol") or ""
    row = _connection(
        "dataSource",
        name,
        text_of(root, "endpoint"),
        identity_kind=IDENTITIES.get(text_of(root, "principalType") or ""),
        credential_id=f"dataSource/{name}" if protocol not in _PROTOCOLS_WITHOUT_IDENTITY else None,
    )
    return {**row, "connector_id": f"external_data_source/{kind}"}


def _trusted_site(_name: str, root: Element) -> Row:
    return {"endpoint": text_of(root, "endpointUrl"), "is_active": flag_of(root, "isActive")}


def _origin(_name: str, root: Element) -> Row:
    return {"endpoint": text_of(root, "urlPattern"), "is_active": True}


def _public(row: Row) -> Row:
    return {column: value for column, value in row.items() if not column.startswith("_")}


def _connectors(connections: Iterable[Row]) -> list[Row]:
    found = sorted({str(row["connector_id"]) for row in connections})
    return [
        {
            "connector_id": connector_id,
            "name": "HTTP callout" if connector_id == CALLOUT else connector_id.rpartition("/")[2],
            "kind": "generic_http" if connector_id == CALLOUT else "builtin",
            "publisher": "Salesforce",
            # A callout goes only to hosts that a remote site or a named credential names.
            "can_be_blocked": True if connector_id == CALLOUT else None,
        }
        for connector_id in found
    ]


def _policy(kind: str) -> Row:
    names = {"csp": "CSP trusted sites", "cors": "CORS allow list", "remote_sites": "Remote sites"}
    return {
        "policy_id": kind,
        "name": names[kind],
        "kind": "cors" if kind == "cors" else "egress",
        "scope": "all",
        "default_classification": "block",
        "is_enabled": True,
    }


def _rules(policy_id: str, found: Iterable[Row]) -> list[Row]:
    """What is allowed past the policy, once each; what is switched off is not."""
    endpoints = sorted(
        {mask_secrets(strip_url(str(row["endpoint"]))) for row in found if row["endpoint"] and row["is_active"]}
    )
    return [_rule(policy_id, endpoint, ordinal) for ordinal, endpoint in enumerate(endpoints, start=1)]


def _site_rules(sites: Iterable[Row]) -> list[Row]:
    hosts = sorted({str(row["target_host"]) for row in sites if row["target_host"] and row["status"] == "active"})
    return [_rule("remote_sites", host, ordinal) for ordinal, host in enumerate(hosts, start=1)]


def _rule(policy_id: str, endpoint: str, ordinal: int) -> Row:
    return {
        "policy_id": policy_id,
        "rule_kind": "endpoint",
        "ref_id": endpoint,
        "classification": "allow",
        "direction": "inbound" if policy_id == "cors" else "outbound",
        "ordinal": ordinal,
    }
