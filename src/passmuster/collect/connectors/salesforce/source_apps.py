"""What people built, from a folder: flows, Apex, sites; their steps, and the addresses that answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from xml.etree.ElementTree import Element

from passmuster.collect.connectors.salesforce.access import ENVIRONMENT_ID, Row
from passmuster.collect.connectors.salesforce.metadata import as_flag, flag_of, shown_text, text_of
from passmuster.collect.connectors.salesforce.reading import Reader, only
from passmuster.collect.connectors.salesforce.setting_values import setting_row
from passmuster.collect.connectors.salesforce.source_code import code_of, content_beside
from passmuster.collect.connectors.salesforce.source_flows import flow_of, merged_flow
from passmuster.documents.secrets import strip_url
from passmuster.snapshot.gathered import Gap, Gathered

_SITE_SETTINGS = (
    *("clickjackProtectionLevel", "browserXssProtection", "contentSniffingProtection", "enableAuraRequests"),
    *("referrerPolicyOriginWhenCrossOrigin", "redirectToCustomDomain", "siteType"),
)
_NETWORK_SETTINGS = (
    *("selfRegistration", "enableGuestChatter", "enableGuestFileAccess", "enableGuestMemberVisibility", "status"),
    *("enableMemberVisibility", "allowInternalUserLogin"),
)
_NO_TIMES = Gap("modified_at", "a folder of metadata has no times", "read it with --url")
_NO_OWNERS = Gap("owner_principal_id", "metadata does not tell who answers for a flow, a class or a site", "")
_APPS = ("flow", "cls", "trigger", "site", "network")


def app_tables(reader: Reader) -> tuple[dict[str, Gathered], list[Row]]:
    """The tables `apps`, `app_steps` and `endpoints`, and the settings of sites."""
    services = only(reader.read("externalServiceRegistration", _service))
    flows = reader.read("flow", lambda name, root: flow_of(name, root, services))
    code = [rows[0] for suffix in ("cls", "trigger") for rows in _read_code(reader, suffix, services).values()]
    sites = [rows[0] for rows in reader.read("site", _site).values()]
    networks = [rows[0] for rows in reader.read("network", _network).values()]
    built = [*map(merged_flow, flows.values()), *code, *sites, *networks]
    states = reader.states(*_APPS)
    tables = {
        "apps": Gathered.from_sources([row["app"] for row in built], states, gaps=(_NO_TIMES, _NO_OWNERS)),
        "app_steps": Gathered.from_sources(
            [step for row in built for step in _distinct(row.get("steps", []))],
            # Whoever asks what uses a link must have seen flows and code alike.
            reader.strict_states("flow", "cls"),
        ),
        "endpoints": Gathered.from_sources(
            [endpoint for row in built for endpoint in row.get("endpoints", [])],
            reader.states("site", "network", "cls"),
        ),
    }
    return tables, [row for built_row in (*sites, *networks) for row in built_row["settings"]]


def _service(_name: str, root: Element) -> str | None:
    """The named credential an external service calls by; empty where it names none."""
    if root.tag not in ("ExternalServiceRegistration", "ExternalServicesRegistration"):
        return None
    return text_of(root, "namedCredentialReference") or text_of(root, "namedCredential") or ""


def with_packages(apps: Gathered, connections: Gathered) -> Gathered:
    """The managed packages that named credentials name as their callers, as apps of which little is known."""
    known = {row["app_id"] for row in apps.rows}
    named = sorted({str(row["app_id"]) for row in connections.rows if row.get("app_id")} - known)
    rows = [
        {
            "app_id": app_id,
            "environment_id": ENVIRONMENT_ID,
            "kind": "app",
            "name": app_id.partition("/")[2],
            "is_managed": True,
        }
        for app_id in named
    ]
    return replace(apps, rows=[*apps.rows, *rows]) if apps.rows else apps


def _read_code(reader: Reader, suffix: str, services: Mapping[str, str]) -> dict[str, list[Row]]:
    files = reader.found.of(suffix)

    def convert(name: str, root: Element) -> Row | None:
        contents = (content_beside(file) for file in files[name])
        content = next((content for content in contents if content is not None), None)
        return code_of(name, root, content, services)

    return reader.read(suffix, convert)


def _distinct(steps: list[Row]) -> list[Row]:
    """Steps of one app by their id; where a broken flow gives an id twice, the first."""
    found: dict[Any, Row] = {}
    for step in steps:
        found.setdefault(step["step_id"], step)
    return list(found.values())


def _site(name: str, root: Element) -> Row | None:
    """A site on the web. What visitors may do there is the guest profile's matter."""
    if root.tag != "CustomSite":
        return None
    app_id, active = f"site/{name}", flag_of(root, "active")
    domain = next((text_of(entry, "domainName") for entry in root.findall("customWebAddresses")), None)
    prefix = text_of(root, "urlPathPrefix")
    return {
        "app": _app(app_id, shown_text(root, "masterLabel") or name, active),
        "endpoints": [_endpoint(app_id, domain, prefix, is_public=active)],
        "settings": _settings(app_id, "site", root, _SITE_SETTINGS),
    }


def _network(name: str, root: Element) -> Row | None:
    """An Experience Cloud site; without `Live` nobody but its builders gets in."""
    if root.tag != "Network":
        return None
    app_id = f"network/{name}"
    status = text_of(root, "status")
    is_live = {"Live": True, "DownForMaintenance": False, "UnderConstruction": False}.get(status or "")
    return {
        "app": _app(app_id, name, is_live),
        "endpoints": [_endpoint(app_id, None, text_of(root, "urlPathPrefix"), is_public=is_live)],
        "settings": _settings(app_id, "network", root, _NETWORK_SETTINGS),
    }


def _app(app_id: str, name: str, is_active: bool | None) -> Row:
    return {
        "app_id": app_id,
        "environment_id": ENVIRONMENT_ID,
        "kind": "site",
        "name": name,
        "is_active": is_active,
    }


def _endpoint(app_id: str, host: str | None, prefix: str | None, *, is_public: bool | None) -> Row:
    path = f"/{prefix.strip('/')}" if prefix else ""
    return {
        "endpoint_id": app_id,
        "app_id": app_id,
        "environment_id": ENVIRONMENT_ID,
        "kind": "site",
        "url": strip_url(f"https://{host}{path}") if host else path or None,
        "is_public": is_public,
        # Salesforce answers sites over HTTPS, with TLS 1.2 or later (Salesforce Help, "TLS 1.2 or later").
        "tls_min": "1.2",
    }


def _settings(app_id: str, prefix: str, root: Element, names: tuple[str, ...]) -> list[Row]:
    rows = [
        setting_row(("site", app_id), f"{prefix}.{name}", text, native_path=f"{root.tag}.{name}")
        for name in names
        if (text := text_of(root, name)) is not None
    ]
    return [row for row in rows if row is not None]


def requires_mfa(settings: Mapping[str, Row]) -> bool | None:
    """Whether the organisation asks everybody for a second factor at the sign-in of its own pages."""
    row = settings.get("security.sessionSettings.enableMFADirectUILoginOptIn")
    value = row.get("value_bool") if row else None
    return as_flag(str(value)) if value is not None else None
