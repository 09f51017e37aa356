"""Apps, links, packages, objects, keys and logs of an organisation, from its answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from passmuster.collect.connectors.salesforce.access import ENVIRONMENT_ID, Row
from passmuster.collect.connectors.salesforce.api_asking import Organization, Record, flag_at, text_at, time_at
from passmuster.collect.connectors.salesforce.api_tables import gathered
from passmuster.collect.connectors.salesforce.metadata import host_and_scheme
from passmuster.collect.connectors.salesforce.source_links import CALLOUT, IDENTITIES
from passmuster.collect.connectors.salesforce.source_logs import DELIVERY, always_on
from passmuster.collect.statuses import OK, Verdict
from passmuster.documents.secrets import strip_url
from passmuster.model.words import CollectionStatus
from passmuster.snapshot.gathered import Gap, Gathered

_FOLDER = "read the organisation's metadata as a folder with --from"
_SHARING = {
    "Private": "private",
    "None": "private",
    "Read": "read",
    "Edit": "read_write",
    "ReadWrite": "read_write",
    "ReadWriteTransfer": "read_write",
    "FullAccess": "read_write",
}
_STATES = {"True": "active", "False": "inactive"}
_OK_OR_ABSENT = frozenset({CollectionStatus.NOT_LICENSED})
_UNTOLD = {
    "app_steps": "the query API does not tell what flows and classes do",
    "data_flows": "flows of data are not derived from an organisation's answers",
    "backups": "Salesforce tells of no backup",
}


def built_tables(organization: Organization) -> dict[str, Gathered]:
    """Everything but people and settings."""
    sites = _of_feature(organization, "sites", "networks")
    tables = {
        "apps": gathered(_apps(organization), _worst_of(organization.verdict("flows", "apex_classes"), sites)),
        "endpoints": gathered(_endpoints(organization), sites, empty="the organisation has no sites"),
        "connections": gathered(_connections(organization), organization.verdict("remote_sites", "named_credentials")),
        "connectors": gathered(_connectors(organization), organization.verdict("remote_sites", "named_credentials")),
        "data_policies": gathered(_policies(organization), organization.verdict("csp_trusted_sites", "remote_sites")),
        "data_policy_rules": gathered(_rules(organization), organization.verdict("csp_trusted_sites", "remote_sites")),
        "add_ons": gathered(_packages(organization), organization.verdict("packages"), gaps=(_INSTALLED,)),
        "data_stores": gathered(_stores(organization), organization.verdict("objects"), gaps=(_CLASSIFIED,)),
        "keys": gathered(_keys(organization), organization.verdict("certificates")),
        "log_sources": gathered(
            _logs(organization), organization.verdict("setup_audit_trail", "login_history"), gaps=(DELIVERY,)
        ),
        "verdicts": gathered(_verdicts(organization), organization.verdict("health_check_risks")),
    }
    untold = {name: Gathered(CollectionStatus.UNSUPPORTED, (), why, _FOLDER) for name, why in _UNTOLD.items()}
    return tables | untold


_INSTALLED = Gap("installed_at", "the query API does not tell when a package was installed", "")
_CLASSIFIED = Gap("classification", "fields are not asked about one by one", _FOLDER)


def _of_feature(organization: Organization, *names: str) -> Verdict:
    """The verdict on features: what the organisation does not have is none, not unknown."""
    found = [organization.verdict(name) for name in names]
    return _worst_of(*(verdict for verdict in found if verdict.status not in _OK_OR_ABSENT))


def _worst_of(*verdicts: Verdict) -> Verdict:
    return max((OK, *verdicts), key=lambda verdict: verdict.status.rank)


def _apps(organization: Organization) -> list[Row]:
    flows = [
        _app(
            record,
            f"flow/{text_at(record, 'ApiName')}",
            "workflow",
            text_at(record, "Label") or text_at(record, "ApiName"),
            is_active=flag_at(record, "IsActive"),
        )
        for record in organization.records("flows")
        if text_at(record, "ApiName")
    ]
    classes = [
        {
            **_app(
                record,
                f"apex/class/{text_at(record, 'Name')}",
                "script",
                text_at(record, "Name"),
                is_active={"Active": True, "Inactive": False, "Deleted": False}.get(text_at(record, "Status") or ""),
            ),
            "created_at": time_at(record, "CreatedDate"),
            "modified_by": text_at(record, "LastModifiedById"),
        }
        for record in organization.records("apex_classes")
        if text_at(record, "Name")
    ]
    sites = [
        _app(record, f"{kind}/{text_at(record, 'Id')}", "site", _site_name(record), is_active=_is_public(record, word))
        for kind, word in (("sites", "Active"), ("networks", "Live"))
        for record in organization.records(kind)
    ]
    return [*flows, *classes, *sites]


def _app(record: Record, app_id: str, kind: str, name: str | None, *, is_active: bool | None) -> Row:
    return {
        "app_id": app_id,
        "environment_id": ENVIRONMENT_ID,
        "kind": kind,
        "name": name,
        "is_active": is_active,
        "modified_at": time_at(record, "LastModifiedDate"),
    }


def _site_name(record: Record) -> str | None:
    return text_at(record, "MasterLabel") or text_at(record, "Name")


def _is_public(record: Record, word: str) -> bool | None:
    status = text_at(record, "Status")
    return None if status is None else status == word


def _endpoints(organization: Organization) -> list[Row]:
    return [
        {
            "endpoint_id": f"{kind}/{text_at(record, 'Id')}",
            "app_id": f"{kind}/{text_at(record, 'Id')}",
            "environment_id": ENVIRONMENT_ID,
            "kind": "site",
            "url": f"/{text_at(record, 'UrlPathPrefix') or ''}",
            "is_public": _is_public(record, word),
            "tls_min": "1.2",
        }
        for kind, word in (("sites", "Active"), ("networks", "Live"))
        for record in organization.records(kind)
    ]


def _connections(organization: Organization) -> list[Row]:
    remote = [
        _connection(
            f"remoteSite/{text_at(record, 'SiteName')}",
            text_at(record, "EndpointUrl"),
            identity_kind="none",
            status=_STATES.get(str(record.get("IsActive"))),
        )
        for record in organization.records("remote_sites")
    ]
    named = [
        _connection(
            f"namedCredential/{text_at(record, 'DeveloperName')}",
            text_at(record, "Endpoint"),
            identity_kind=IDENTITIES.get(text_at(record, "PrincipalType") or ""),
        )
        for record in organization.records("named_credentials")
    ]
    return [*remote, *named]


def _connection(connection_id: str, url: str | None, **columns: Any) -> Row:
    host, scheme = host_and_scheme(url)
    return {
        "connection_id": connection_id,
        "connector_id": CALLOUT,
        "environment_id": ENVIRONMENT_ID,
        "target_host": host,
        "scheme": scheme,
        "tls_verify": True if scheme == "https" else None,
        **columns,
    }


def _connectors(organization: Organization) -> list[Row]:
    if not _connections(organization):
        return []
    row = {"connector_id": CALLOUT, "name": "HTTP callout", "kind": "generic_http", "publisher": "Salesforce"}
    return [{**row, "can_be_blocked": True}]


def _policies(organization: Organization) -> list[Row]:
    names = {"csp": "CSP trusted sites", "remote_sites": "Remote sites"}
    found = {"csp": organization.records("csp_trusted_sites"), "remote_sites": organization.records("remote_sites")}
    return [
        {
            "policy_id": kind,
            "name": names[kind],
            "kind": "egress",
            "scope": "all",
            "default_classification": "block",
            "is_enabled": True,
        }
        for kind, records in found.items()
        if records
    ]


def _rules(organization: Organization) -> list[Row]:
    hosts = {
        "csp": _active(organization.records("csp_trusted_sites"), is_host=False),
        "remote_sites": _active(organization.records("remote_sites"), is_host=True),
    }
    return [
        {
            "policy_id": policy_id,
            "rule_kind": "endpoint",
            "ref_id": endpoint,
            "classification": "allow",
            "direction": "outbound",
            "ordinal": ordinal,
        }
        for policy_id, endpoints in hosts.items()
        for ordinal, endpoint in enumerate(endpoints, start=1)
    ]


def _active(records: tuple[Record, ...], *, is_host: bool) -> list[str]:
    urls = [text_at(record, "EndpointUrl") for record in records if flag_at(record, "IsActive")]
    if is_host:
        return sorted({host for url in urls if (host := host_and_scheme(url)[0])})
    return sorted({strip_url(url) for url in urls if url})


def _packages(organization: Organization) -> list[Row]:
    rows = []
    for record in organization.records("packages"):
        version = record.get("SubscriberPackageVersion")
        version = version if isinstance(version, Mapping) else {}
        numbers = [version.get(f"{part}Version") for part in ("Major", "Minor", "Patch")]
        rows.append(
            {
                "add_on_id": text_at(record, "SubscriberPackage.NamespacePrefix") or text_at(record, "Id"),
                "environment_id": ENVIRONMENT_ID,
                "name": text_at(record, "SubscriberPackage.Name"),
                "kind": "package",
                "publisher": text_at(version, "PublisherName"),
                "publisher_verified": flag_at(version, "IsSecurityReviewed"),
                "version": ".".join(str(number) for number in numbers) if all(map(_is_number, numbers)) else None,
                "is_enabled": True,
            }
        )
    return rows


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _stores(organization: Organization) -> list[Row]:
    return [
        {
            "data_store_id": name,
            "environment_id": ENVIRONMENT_ID,
            "name": text_at(record, "Label") or name,
            "kind": "external" if name.endswith("__x") else "object",
            "default_access": _SHARING.get(model, "unknown")
            if (model := text_at(record, "InternalSharingModel"))
            else None,
        }
        for record in organization.records("objects")
        if (name := text_at(record, "QualifiedApiName")) and not name.endswith(("__mdt", "__e"))
    ]


def _keys(organization: Organization) -> list[Row]:
    return [
        {
            "key_id": f"certificate/{text_at(record, 'DeveloperName') or text_at(record, 'Id')}",
            "kind": "certificate",
            "algorithm": "RSA" if _is_number(record.get("KeySize")) else None,
            "size_bits": record["KeySize"] if _is_number(record.get("KeySize")) else None,
            "created_at": time_at(record, "CreatedDate"),
            "not_after": time_at(record, "ExpirationDate"),
        }
        for record in organization.records("certificates")
    ]


def _logs(organization: Organization) -> list[Row]:
    last = {
        "setup_audit_trail": ("setup_audit_trail", "CreatedDate"),
        "login_history": ("login_history", "LoginTime"),
    }
    rows = []
    for row in always_on():
        question, column = last[str(row["log_source_id"])]
        newest = next(iter(organization.records(question)), {})
        rows.append({**row, "last_event_at": time_at(newest, column)})
    files = organization.records("event_log_files")
    if files:
        rows.append(
            {
                "log_source_id": "event_log_file",
                "environment_id": ENVIRONMENT_ID,
                "kind": "data_access",
                "is_enabled": True,
                "event_classes": ["sign_in", "data_access", "data_export", "execution", "integration"],
                "last_event_at": time_at(files[0], "LogDate"),
            }
        )
    return rows


def _verdicts(organization: Organization) -> list[Row]:
    results = {"HIGH_RISK": "fail", "MEDIUM_RISK": "warning", "MEETS_STANDARD": "pass"}
    return [
        {
            "tool": "Salesforce Health Check",
            "policy_id": text_at(record, "DurableId") or text_at(record, "Setting"),
            "criticality": text_at(record, "SettingRiskCategory"),
            "result": results.get(text_at(record, "RiskType") or "", "error"),
            "details": f"{text_at(record, 'Setting')}: is {text_at(record, 'OrgValue')}, "
            f"standard is {text_at(record, 'StandardValue')}",
        }
        for record in organization.records("health_check_risks")
    ]
