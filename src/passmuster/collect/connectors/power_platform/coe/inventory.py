"""The kit's rows as rows of the snapshot, with links between tables followed to the platform's own ids."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from passmuster.collect.connectors.power_platform.coe import kit_tables as kit
from passmuster.collect.connectors.power_platform.coe.files import Exported
from passmuster.collect.connectors.power_platform.identifiers import as_id

Row = dict[str, Any]
_KINDS = {
    "production": "production",
    "sandbox": "sandbox",
    "developer": "developer",
    "trial": "trial",
    "subscriptionbasedtrial": "trial",
    "default": "default",
}
_GOVERNED = {"standard": True, "basic": False}
_STATES = {
    "started": True,
    "stopped": False,
    "suspended": False,
    "active": True,
    "inactive": False,
    "published": True,
}
_TIERS = {"standard": "builtin", "premium": "premium"}


@dataclass
class Inventory:
    """Everything the folder tells. `unlinked` counts links that lead to no row of the folder."""

    tables: Mapping[str, Exported]
    environments: list[Row] = field(default_factory=list)
    apps: list[Row] = field(default_factory=list)
    principals: dict[str, Row] = field(default_factory=dict)
    connectors: list[Row] = field(default_factory=list)
    connections: list[Row] = field(default_factory=list)
    grants: list[Row] = field(default_factory=list)
    triggers: dict[str, str] = field(default_factory=dict)
    unlinked: int = 0
    _places: dict[str, str] = field(default_factory=dict)
    _people: dict[str, str] = field(default_factory=dict)

    def link(self, index: Mapping[str, str], exported: Exported, row: Mapping[str, Any], word: str) -> str | None:
        """The platform's id behind a link, by the row's id in Dataverse or by its name; None where it leads nowhere."""
        for value in (exported.text(row, word), exported.shown(row, word)):
            if value and value.lower() in index:
                return index[value.lower()]
        if exported.text(row, word):
            self.unlinked += 1
        return None


def take_in(tables: Mapping[str, Exported]) -> Inventory:
    """The rows of every table that is there."""
    found = Inventory(tables)
    for name, take in (
        (kit.ENVIRONMENTS.name, _environments),
        (kit.MAKERS.name, _makers),
        (kit.CONNECTORS.name, _connectors),
        (kit.APPS.name, _apps),
        (kit.FLOWS.name, _flows),
        (kit.BOTS.name, _bots),
        (kit.IDENTITIES.name, _identities),
    ):
        if name in tables:
            take(found, tables[name])
    return found


def _index(index: dict[str, str], own: str, *spellings: str | None) -> None:
    for spelling in spellings:
        if spelling:
            # A name that two rows have leads to neither.
            index[spelling.lower()] = own if index.get(spelling.lower(), own) == own else ""


def _environments(found: Inventory, exported: Exported) -> None:
    for row in exported.rows:
        environment_id = as_id(exported.text(row, "id"))
        if environment_id is None:
            continue
        name, sku = exported.text(row, "name"), (exported.shown(row, "sku") or "").lower()
        _index(found._places, environment_id, environment_id, exported.text(row, "key"), name)
        found.environments.append(
            {
                "environment_id": environment_id,
                "name": name,
                "kind": _KINDS.get(sku, "other") if sku else None,
                "is_default": sku == "default" if sku else None,
                "region": exported.text(row, "region"),
                "governed": _GOVERNED.get((exported.shown(row, "protection") or "").lower()),
                "purpose": exported.text(row, "purpose"),
                "created_at": exported.time(row, "created"),
                "has_database": True if exported.text(row, "database") else None,
            }
        )
    found._places = {spelling: own for spelling, own in found._places.items() if own}


def _makers(found: Inventory, exported: Exported) -> None:
    for row in exported.rows:
        maker_id = as_id(exported.text(row, "id"))
        if maker_id is None:
            continue
        name, login = exported.text(row, "name"), exported.text(row, "login")
        is_service = exported.truth(row, "service")
        is_guest = "#ext#" in (login or "").lower()
        _index(found._people, maker_id, maker_id, exported.text(row, "key"), login, name)
        mail = exported.text(row, "mail") or login or ""
        found.principals[maker_id] = {
            "principal_id": maker_id,
            "kind": "application" if is_service else "guest" if is_guest else "human",
            "display_name": name,
            "login": login,
            "email_domain": mail.rpartition("@")[2].lower() if "@" in mail else None,
            "is_external": is_guest if login and not is_service else None,
        }
    found._people = {spelling: own for spelling, own in found._people.items() if own}


def _connectors(found: Inventory, exported: Exported) -> None:
    for row in exported.rows:
        connector_id = as_id(exported.text(row, "id"))
        if connector_id is not None:
            is_custom = exported.truth(row, "custom")
            tier = _TIERS.get((exported.shown(row, "tier") or "").lower())
            found.connectors.append(
                {
                    "connector_id": connector_id,
                    "name": exported.text(row, "name"),
                    "kind": "custom" if is_custom else tier,
                    "publisher": exported.text(row, "publisher"),
                    "host": exported.text(row, "host") if is_custom else None,
                }
            )


def _built(found: Inventory, exported: Exported, row: Mapping[str, Any], kind: str) -> Row | None:
    app_id = as_id(exported.text(row, "id"))
    if app_id is None:
        return None
    owner = found.link(found._people, exported, row, "owner")
    if owner and exported.truth(row, "orphaned") is True:
        # The kit calls orphaned what belongs to somebody who is no longer in the directory.
        found.principals[owner]["is_enabled"] = False
    made = {
        "app_id": app_id,
        "environment_id": found.link(found._places, exported, row, "environment"),
        "kind": kind,
        "name": exported.text(row, "name"),
        "owner_principal_id": owner,
        "created_at": exported.time(row, "created"),
        "modified_at": exported.time(row, "modified"),
        "last_run_at": exported.time(row, "last_run"),
    }
    found.apps.append(made)
    return made


def _apps(found: Inventory, exported: Exported) -> None:
    for row in exported.rows:
        made = _built(found, exported, row, "app")
        if made is None:
            continue
        made |= {"published_at": exported.time(row, "published"), "is_active": True}
        if exported.truth(row, "everyone") is True:
            found.grants.append(
                {
                    "grant_id": f"app/{made['app_id']}/CanView/tenant",
                    "subject_kind": "group",
                    "subject_id": "tenant",
                    "role_id": "app:CanView",
                    "object_kind": "app",
                    "object_id": made["app_id"],
                    "environment_id": made["environment_id"],
                }
            )


def _flows(found: Inventory, exported: Exported) -> None:
    for row in exported.rows:
        made = _built(found, exported, row, "workflow")
        if made is not None:
            made["is_active"] = _STATES.get((exported.shown(row, "state") or "").lower())
            trigger = exported.text(row, "trigger")
            if trigger:
                found.triggers[made["app_id"]] = trigger


def _bots(found: Inventory, exported: Exported) -> None:
    for row in exported.rows:
        made = _built(found, exported, row, "bot")
        if made is not None:
            made["is_active"] = _STATES.get((exported.shown(row, "state") or "").lower())


def _identities(found: Inventory, exported: Exported) -> None:
    known = {row["connector_id"] for row in found.connectors}
    names = {str(row["name"]).lower(): row["connector_id"] for row in found.connectors}
    for row in exported.rows:
        connection_id, account = as_id(exported.text(row, "id")), exported.text(row, "account")
        if connection_id is None:
            continue
        link = exported.text(row, "connector")
        shown = exported.shown(row, "connector") or exported.text(row, "name")
        maker = exported.text(row, "creator")
        is_own = bool(account and maker and account.lower() == maker.lower())
        found.connections.append(
            {
                "connection_id": connection_id,
                "connector_id": link if link in known else names.get((shown or "").lower(), shown),
                "environment_id": found.link(found._places, exported, row, "environment"),
                "owner_principal_id": found._people.get((maker or "").lower()),
                "identity_kind": "personal" if is_own else None,
            }
        )
