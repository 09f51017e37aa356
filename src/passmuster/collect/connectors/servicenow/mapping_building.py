"""What people build: flows, scripts, portals and applications; and what is installed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from passmuster.collect.connectors.servicenow.estate import ENVIRONMENT_ID, Estate, not_told, record_id
from passmuster.collect.connectors.servicenow.plugins import plugins_of
from passmuster.collect.connectors.servicenow.records import Record, flag, moment, shown, text
from passmuster.collect.unlocks import by_declaring
from passmuster.documents.secrets import count_secrets
from passmuster.snapshot.gathered import Gap, Gathered

_SCRIPTS = ("sys_script", "sys_script_include")
_OF_VENDOR = frozenset({"admin", "maint", "glide.maint", "system"})
_VENDOR = "servicenow"
_HTTP_WORDS, _SCRIPT_WORDS = ("rest", "soap", "http"), ("script", "run script")
_APP_GAPS = (
    Gap("runs_30d", "executions of flows are not read"),
    Gap(
        "modified_by",
        "an update set brings along whoever changed the record on another instance",
        by_declaring("apps", "is_managed", "modified_by"),
    ),
    Gap("is_managed", "whether a record came by an update set is not read", by_declaring("apps", "is_managed")),
    Gap(
        "criticality",
        "ServiceNow does not tell how critical an application is",
        by_declaring("apps", "criticality"),
    ),
)


def building_tables(estate: Estate) -> dict[str, Gathered]:
    """The tables of apps, their steps and add-ons."""
    apps = {
        row["app_id"]: row for row in (*_flows(estate), *_scripts(estate), *_portals(estate), *_applications(estate))
    }
    secret_gaps = [gap for table in _SCRIPTS for gap in not_told(estate, table, {"secret_hits": "script"})][:1]
    return {
        "apps": estate.table(
            list(apps.values()),
            *("sys_hub_flow", *_SCRIPTS, "sp_portal", "sys_app"),
            refs=("sys_user",),
            gaps=_APP_GAPS,
        ),
        "app_steps": estate.table(
            [*_flow_steps(estate), *_script_steps(estate)],
            *(*_SCRIPTS, "sys_hub_action_instance"),
            refs=("sys_user",),
            gaps=secret_gaps,
        ),
        "add_ons": estate.table(list(_add_ons(estate)), "sys_store_app", _plugin_table(estate)),
    }


def _plugin_table(estate: Estate) -> str:
    return "sys_plugins" if estate.is_whole("sys_plugins") and not estate.is_whole("v_plugin") else "v_plugin"


def _app(estate: Estate, record: Record, identity: str, kind: str, name: str | None) -> dict[str, Any]:
    return {
        "app_id": identity,
        "environment_id": ENVIRONMENT_ID,
        "kind": kind,
        "name": name,
        "is_active": flag(record, "active"),
        "owner_principal_id": _author(estate, record, "sys_created_by"),
        "co_owner_count": None,
        "created_at": moment(record, "sys_created_on"),
        "modified_at": moment(record, "sys_updated_on"),
    }


def _author(estate: Estate, record: Record, name: str) -> str | None:
    """The user of that name; names of the vendor's own accounts are no owner."""
    author = text(record, name)
    return None if author is None or author.lower() in _OF_VENDOR else estate.users.of(record, name)


def _flows(estate: Estate) -> Iterator[dict[str, Any]]:
    for flow in estate.records("sys_hub_flow"):
        identity = record_id(flow, "name")
        if identity and is_of_house(estate, flow):
            yield _app(estate, flow, identity, "workflow", text(flow, "name"))


def _scripts(estate: Estate) -> Iterator[dict[str, Any]]:
    for table in _SCRIPTS:
        for script in house_scripts(estate, table):
            identity = record_id(script, "name") or ""
            yield _app(estate, script, identity, "script", text(script, "name"))


def _portals(estate: Estate) -> Iterator[dict[str, Any]]:
    for portal in estate.records("sp_portal"):
        identity = record_id(portal, "url_suffix")
        if identity:
            inactive = flag(portal, "inactive")
            row = _app(estate, portal, identity, "site", text(portal, "title") or text(portal, "url_suffix"))
            yield row | {"is_active": None if inactive is None else not inactive}


def _applications(estate: Estate) -> Iterator[dict[str, Any]]:
    for application in estate.records("sys_app"):
        identity = record_id(application, "scope")
        if identity:
            row = _app(estate, application, identity, "app", text(application, "name"))
            yield row | {"version": text(application, "version")}


def is_of_house(estate: Estate, record: Record) -> bool:
    """Whether the house made a record: in a scope of its own, or by one of its users. The rest ships."""
    scope = (shown(record, "sys_scope") or "").lower()
    if scope.startswith(("x_", "u_")):
        return True
    author = text(record, "sys_created_by")
    return author is not None and author.lower() not in _OF_VENDOR and author.lower() in _user_names(estate)


def _user_names(estate: Estate) -> frozenset[str]:
    return frozenset(name.lower() for user in estate.records("sys_user") if (name := text(user, "user_name")))


def house_scripts(estate: Estate, table: str) -> list[Record]:
    """Scripts of a table that the house made; several thousand more ship with every instance."""
    return [record for record in estate.records(table) if record_id(record, "name") and is_of_house(estate, record)]


def _script_steps(estate: Estate) -> Iterator[dict[str, Any]]:
    for table in _SCRIPTS:
        for script in house_scripts(estate, table):
            code = script.values.get("script")
            yield {
                "app_id": record_id(script, "name"),
                "step_id": "script",
                "name": text(script, "name"),
                "step_type": table,
                "category": "script",
                "is_enabled": flag(script, "active"),
                "secret_hits": None if code is None else count_secrets(code),
            }


def _flow_steps(estate: Estate) -> Iterator[dict[str, Any]]:
    flows = {identity for flow in estate.records("sys_hub_flow") if (identity := record_id(flow, "name"))}
    house = {record_id(flow, "name") for flow in estate.records("sys_hub_flow") if is_of_house(estate, flow)}
    for action in estate.records("sys_hub_action_instance"):
        flow, identity = text(action, "flow"), record_id(action, "flow", "order")
        if flow and identity and (flow in house or flow not in flows):
            kind = shown(action, "action_type") or ""
            yield {
                "app_id": flow,
                "step_id": identity,
                "name": kind or None,
                "step_type": kind or None,
                "category": _category(kind),
                "is_enabled": True,
            }


def _category(action_type: str) -> str:
    words = action_type.lower()
    if any(word in words for word in _SCRIPT_WORDS):
        return "script"
    return "http" if any(word in words.split() for word in _HTTP_WORDS) else "connector"


def _add_ons(estate: Estate) -> Iterator[dict[str, Any]]:
    for app in estate.records("sys_store_app"):
        identity = record_id(app, "scope")
        if identity:
            yield _store_app(app, identity)
    for plugin in plugins_of(estate):
        yield {
            "add_on_id": f"plugin:{plugin.identity}",
            "environment_id": ENVIRONMENT_ID,
            "name": plugin.identity,
            "kind": "plugin",
            "publisher": "ServiceNow",
            "publisher_verified": True,
            "version": plugin.version,
            "is_builtin": True,
            "is_enabled": plugin.is_active,
        }


def _store_app(app: Record, identity: str) -> dict[str, Any]:
    vendor = text(app, "vendor")
    is_vendors = _VENDOR in (vendor or "").lower()
    return {
        "add_on_id": identity,
        "environment_id": ENVIRONMENT_ID,
        "name": text(app, "scope") or text(app, "name"),
        "kind": "store_app",
        "publisher": vendor,
        "publisher_verified": True if is_vendors else None,
        "version": text(app, "version"),
        "latest_version": text(app, "latest_version"),
        "installed_at": moment(app, "install_date"),
        "is_builtin": False,
        "is_enabled": flag(app, "active"),
    }
