"""System properties as typed settings; beside them the state of plugins, script actions and address rules."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from passmuster.collect.connectors.servicenow.estate import Estate
from passmuster.collect.connectors.servicenow.plugins import plugins_of
from passmuster.collect.connectors.servicenow.records import Record, flag, moment, text
from passmuster.documents.secrets import is_sensitive_name
from passmuster.snapshot.gathered import Gathered

# Plugins that controls ask for: one that is on no list of plugins is known not to be active.
_ASKED_PLUGINS = (
    "com.snc.snc_access_control com.glide.high_security com.glide.role_management com.glide.email_filter "
    "com.glide.security.audit com.glide.limit.concurrent.sessions com.glide.script.packages_call_removal "
    "com.snc.ipauthenticator com.snc.system_security"
).split()
_LOCKOUT, _AUTO_UNLOCK = "snc user lockout check", "snc user lockout check with auto unlock"
_LOCKOUT_ID = "5e44f9bf0a0a0a0a019a6440b2137767"
_INTEGER = re.compile(r"-?\d{1,15}")
_NUMBER_OR_WORD = re.compile(r"-?[\d.,]{1,20}|true|false", re.IGNORECASE)
_UNITS = {
    "minutes": (
        "glide.ui.session_timeout glide.guest.session_timeout glide.ui.active.session.life_span "
        "glide.guest.active.session.life_span glide.integrations.active.session.life_span "
        "glide.user.unlock_timeout_in_mins glide.zta.high_assurance.session.timeout password_reset.request.expiry "
        "password_reset.request.max_attempt_window password_reset.request.retry_window "
        "password_reset.request.success_window password_reset.request.unlock_window password_reset.sms.expiry "
        "password_reset.sms.pause_window glide.multifactor.onetime.code.validity"
    ),
    "s": "glide.security.csrf_previous.time_limit glide.authenticate.sso.saml2.clockskew "
    "glide.authenticate.session_access.mobile.refresh_token_interval",
    "days": "glide.ui.user_cookie.max_life_span_in_days glide.ui.user_cookie.life_span_in_days "
    "sn_ext_usr_reg.Reg_link_expiration_days com.snc.platform.security.token.auth.days.expired.hmac_secret.is.kept",
    "bits": "sn_disco_certmgmt.private_key_size",
    "count": "glide.user.max_unlock_attempts glide.authenticate.max.concurrent.interactive.sessions",
}
_UNIT_OF = {name: unit for unit, names in _UNITS.items() for name in names.split()}


def settings_table(estate: Estate) -> Gathered:
    """The table `settings`."""
    rows = {
        row["key"]: row for row in (*_properties(estate), *_plugins(estate), *_actions(estate), *_addresses(estate))
    }
    optional = ("v_plugin", "sys_plugins", "sysevent_script_action", "ip_access")
    return estate.table(list(rows.values()), "sys_properties", optional=optional)


def _properties(estate: Estate) -> Iterator[dict[str, Any]]:
    for record in estate.records("sys_properties"):
        name = text(record, "name")
        if name:
            yield {
                **_base(estate, f"sys_properties.{name}", f"sys_properties/{name}"),
                **_value(record, name),
                "modified_at": moment(record, "sys_updated_on"),
                "modified_by": text(record, "sys_updated_by"),
            }


def _base(estate: Estate, key: str, path: str) -> dict[str, Any]:
    return {"scope_kind": "platform", "scope_id": estate.platform_id, "key": key, "native_path": path}


def _value(record: Record, name: str) -> dict[str, Any]:
    """The value by its kind. What is empty is not told, but for a text; secrets are left out."""
    value, kind = record.values.get("value", "").strip(), (text(record, "type") or "").lower()
    if value and _is_secret(name, value, kind):
        return {"value_kind": "text", "is_set": True}
    if not value:
        is_text = kind in ("string", "color", "date_format", "time_format", "timezone", "uploaded_image", "image")
        return {"value_kind": "text", "value_text": "" if is_text else None, "is_set": False}
    word = flag(Record({"value": value}), "value")
    if value.lower() in ("true", "false"):
        return {"value_kind": "bool", "value_bool": word, "is_set": True}
    if _INTEGER.fullmatch(value):
        unit = _UNIT_OF.get(name)
        duration = "duration" if unit in ("s", "minutes", "days") else "int"
        return {"value_kind": duration, "value_int": int(value), "unit": unit, "is_set": True}
    return {"value_kind": "text", "value_text": value, "is_set": True}


def _is_secret(name: str, value: str, kind: str) -> bool:
    # Many harmless properties are called after passwords and tokens; their values are words or numbers.
    return kind.startswith("password") or (is_sensitive_name(name) and not _NUMBER_OR_WORD.fullmatch(value))


def _plugins(estate: Estate) -> Iterator[dict[str, Any]]:
    found = {plugin.identity: plugin for plugin in plugins_of(estate)}
    for plugin in found.values():
        yield _switch(estate, f"plugins.{plugin.identity}", f"v_plugin/{plugin.identity}", plugin.is_active)
    # Every instance has plugins: a list without one was not the list.
    if found and (estate.is_whole("v_plugin") or estate.is_whole("sys_plugins")):
        for name in (name for name in _ASKED_PLUGINS if name not in found):
            yield _switch(estate, f"plugins.{name}", f"v_plugin/{name}", False) | {"is_set": False}


def _switch(estate: Estate, key: str, path: str, is_on: bool | None) -> dict[str, Any]:
    return {**_base(estate, key, path), "value_kind": "bool", "value_bool": is_on, "is_set": is_on is not None}


def _actions(estate: Estate) -> Iterator[dict[str, Any]]:
    """Whether failed sign-ins lock an account: by either script action, and by the one that unlocks again."""
    if not estate.records("sysevent_script_action") and not estate.is_whole("sysevent_script_action"):
        return
    actions = estate.records("sysevent_script_action")
    states = {(text(action, "name") or "").lower(): flag(action, "active") for action in actions}
    by_id = next((flag(a, "active") for a in actions if text(a, "sys_id") == _LOCKOUT_ID), None)
    plain, auto = states.get(_LOCKOUT, by_id), states.get(_AUTO_UNLOCK)
    is_whole = estate.is_whole("sysevent_script_action")
    either = True if True in (plain, auto) else False if is_whole else None
    path = "sysevent_script_action/SNC User Lockout Check"
    yield _switch(estate, "sysevent_script_action.user_lockout_check.active", path, either)
    unlocks = auto if auto is not None else (False if is_whole else None)
    yield _switch(estate, "sysevent_script_action.user_lockout_auto_unlock.active", f"{path} with Auto Unlock", unlocks)


def _addresses(estate: Estate) -> Iterator[dict[str, Any]]:
    if estate.is_whole("ip_access"):
        count = sum(flag(rule, "active") is True for rule in estate.records("ip_access"))
        row = _base(estate, "ip_access.active_count", "ip_access")
        yield row | {"value_kind": "int", "value_int": count, "unit": "count", "is_set": count > 0}
