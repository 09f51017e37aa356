"""Apps, cloud flows and sites; the steps of flows; the addresses that answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from passmuster.collect.connectors.power_platform.identifiers import as_id
from passmuster.collect.connectors.power_platform.live.estate import (
    Estate,
    Record,
    Row,
    flag,
    inner,
    properties,
    table,
    text,
)
from passmuster.collect.connectors.power_platform.live.map_steps import Step, steps_of
from passmuster.collect.connectors.power_platform.live.questions import named
from passmuster.collect.connectors.power_platform.powershell import as_time
from passmuster.collect.unlocks import by_declaring
from passmuster.documents.secrets import redact, strip_url
from passmuster.snapshot.gathered import Gap, Gathered

_STATES = {"started": True, "stopped": False, "suspended": False}
_RAW = ("appType", "logicalName", "almMode", "status", "state", "flowSuspensionReason", "usesPremiumApi", "type")
_APP_GAPS = (
    Gap("criticality", "Power Platform does not know how critical an app is", by_declaring("apps", "criticality")),
    Gap("business_contact", "Power Platform does not name a contact", by_declaring("apps", "business_contact")),
    Gap("last_run_at", "runs are not asked for, one flow at a time", by_declaring("apps", "last_run_at")),
    Gap("is_managed", "only flows say whether they came in a managed solution", by_declaring("apps", "is_managed")),
    Gap("error_handler_app_id", "error handling lies inside a flow's own steps"),
)
_STEP_GAPS = (Gap("auth_mode", "older flows do not say who may trigger them", by_declaring("app_steps", "auth_mode")),)
_ENDPOINT_GAPS = (
    Gap("url", "the address of a trigger holds its signature and is not asked for"),
    Gap("tls_min", "Microsoft's services decide about TLS", by_declaring("endpoints", "tls_min")),
    Gap("rate_limited", "no interface tells limits of single addresses", by_declaring("endpoints", "rate_limited")),
    Gap("auth_mode", "sign-in to a site is one of its settings", by_declaring("endpoints", "auth_mode")),
)


@dataclass(frozen=True)
class Built:
    """What people built: rows of `apps`, and steps with the addresses they ask."""

    apps: list[Row]
    steps: list[Step]


def built(estate: Estate) -> Built:
    """Apps, flows and sites of every environment."""
    rows = [row for environment, app in estate.of_each("apps") if (row := _app(estate, environment, app))]
    steps: list[Step] = []
    for environment, flow in estate.of_each("flows"):
        flow_id = as_id(flow.get("name"))
        if flow_id:
            about = {**properties(flow), **properties(estate.read(named("flow", flow_id)).body)}
            rows.append(_flow(estate, environment, flow_id, about))
            steps += steps_of(flow_id, about)
    rows += [row for environment, site in estate.of_each("websites") if (row := _site(environment, site))]
    return Built(_once(rows), steps)


def _once(rows: list[Row]) -> list[Row]:
    return list({row["app_id"]: row for row in reversed(rows)}.values())[::-1]


def _app(estate: Estate, environment: str, app: Record) -> Row | None:
    app_id, about = as_id(app.get("name")), properties(app)
    if app_id is None:
        return None
    quarantine = text(inner(about, "executionRestrictions", "appQuarantineState"), "quarantineStatus") or ""
    return {
        "app_id": app_id,
        "environment_id": environment,
        "kind": "app",
        "name": text(about, "displayName"),
        "is_active": quarantine.lower() != "quarantined",
        "owner_principal_id": text(inner(about, "owner"), "id"),
        "co_owner_count": _co_owners(estate, named("app_shares", app_id)),
        "created_at": as_time(about.get("createdTime")),
        "modified_at": as_time(about.get("lastModifiedTime")),
        "modified_by": text(inner(about, "lastModifiedBy"), "id"),
        "published_at": as_time(about.get("lastPublishTime")),
        "version": text(about, "appVersion"),
        "raw": _raw(app, about),
    }


def _flow(estate: Estate, environment: str, flow_id: str, about: Record) -> Row:
    creator = inner(about, "creator")
    return {
        "app_id": flow_id,
        "environment_id": environment,
        "kind": "workflow",
        "name": text(about, "displayName"),
        "is_active": _STATES.get((text(about, "state") or "").lower()),
        "owner_principal_id": _owner(estate, flow_id) or text(creator, "objectId") or text(creator, "userId"),
        "co_owner_count": _co_owners(estate, named("flow_owners", flow_id)),
        "created_at": as_time(about.get("createdTime")),
        "modified_at": as_time(about.get("lastModifiedTime")),
        "is_managed": flag(about, "isManaged"),
        "raw": _raw({}, about),
    }


def _owner(estate: Estate, flow_id: str) -> str | None:
    owners = [
        principal
        for item in estate.read(named("flow_owners", flow_id)).items
        if text(properties(item), "roleName") == "Owner"
        and (principal := text(inner(properties(item), "principal"), "id"))
    ]
    return owners[0] if len(owners) == 1 else None


def _co_owners(estate: Estate, read: str) -> int | None:
    answer = estate.read(read)
    if not answer.verdict.is_ok:
        return None
    edits = ("CanEdit", "Owner")
    return max(sum(1 for item in answer.items if text(properties(item), "roleName") in edits) - 1, 0)


def _site(environment: str, site: Record) -> Row | None:
    site_id = as_id(site.get("id"))
    if site_id is None:
        return None
    return {
        "app_id": site_id,
        "environment_id": environment,
        "kind": "site",
        "name": text(site, "name"),
        "owner_principal_id": text(site, "ownerId"),
        "created_at": as_time(site.get("createdOn")),
        "version": text(site, "packageVersion"),
        "raw": _raw(site, {}),
    }


def _raw(record: Record, about: Record) -> Any:
    return redact({name: value for name in _RAW if (value := record.get(name, about.get(name))) is not None})


def app_tables(estate: Estate, made: Built) -> dict[str, Gathered]:
    """The tables of what people built."""
    apps, flows = estate.state("apps", "apps"), estate.state("flows", "flows")
    definitions = estate.state("flow_definitions", "flow", after=("flows",))
    websites = estate.state("websites", "websites")
    return {
        "apps": table(made.apps, apps, flows, websites, gaps=_APP_GAPS),
        "app_steps": table([step.row for step in made.steps], definitions, gaps=_STEP_GAPS),
        "endpoints": table(_endpoints(estate, made), definitions, websites, gaps=_ENDPOINT_GAPS),
    }


def _endpoints(estate: Estate, made: Built) -> list[Row]:
    environments = {row["app_id"]: row["environment_id"] for row in made.apps}
    rows = [
        {
            "endpoint_id": f"{step.row['app_id']}/{step.row['step_id']}",
            "app_id": step.row["app_id"],
            "environment_id": environments.get(step.row["app_id"]),
            "kind": "webhook",
            "is_public": True,
            "auth_mode": step.row["auth_mode"],
            "methods": list(step.methods),
        }
        for step in made.steps
        if step.row["category"] == "webhook"
    ]
    for environment, site in estate.of_each("websites"):
        site_id = as_id(site.get("id"))
        if site_id:
            rows.append(_site_endpoint(environment, site_id, site))
    return rows


def _site_endpoint(environment: str, site_id: str, site: Record) -> Row:
    address, visibility = text(site, "websiteUrl"), (text(site, "siteVisibility") or "").lower()
    return {
        "endpoint_id": site_id,
        "app_id": site_id,
        "environment_id": environment,
        "kind": "site",
        "url": strip_url(address) if address else None,
        "is_public": {"public": True, "private": False}.get(visibility),
        # A private site lets in whoever signs in with the tenant; a public one anybody, as far as its pages allow.
        "auth_mode": {"public": "none", "private": "oauth"}.get(visibility),
    }
