"""Plugins as either of ServiceNow's two lists tells them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from passmuster.collect.connectors.servicenow.estate import Estate
from passmuster.collect.connectors.servicenow.records import Record, flag, shown, text

_STATES = {"active": True, "activated": True, "inactive": False, "deactivated": False, "installed": True}


@dataclass(frozen=True)
class Plugin:
    """One plugin: its id such as `com.glide.high_security`, name, version, and whether it is active."""

    identity: str
    name: str | None
    version: str | None
    is_active: bool | None


def plugins_of(estate: Estate) -> Iterator[Plugin]:
    """Every plugin once; the list of all plugins (v_plugin) goes before the list of installed ones (sys_plugins)."""
    seen = set()
    for table, name in (("v_plugin", "id"), ("sys_plugins", "source")):
        for record in estate.records(table):
            identity = text(record, name)
            if identity and identity not in seen:
                seen.add(identity)
                yield Plugin(identity, text(record, "name"), text(record, "version"), _is_active(record))


def _is_active(record: Record) -> bool | None:
    word = (shown(record, "active") or "").lower()
    told = flag(record, "active")
    return told if told is not None else _STATES.get((text(record, "active") or "").lower(), _STATES.get(word))
