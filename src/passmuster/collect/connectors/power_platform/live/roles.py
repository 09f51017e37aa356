"""The roles of environments, apps, flows and connections, and the administrator roles that reach all of them.

What each may do is Microsoft's description of "environment roles" (Environment Admin, Environment Maker), of sharing
(owner, co-owner, user, run-only user) and of connections (can use, can use and share, can edit); ids of directory roles
are the role template ids of the list "Microsoft Entra built-in roles".
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Known:
    """A role: its name, rank from 0 to 100, whether it administers, and what it may do in the common words."""

    name: str
    rank: int
    is_privileged: bool
    capabilities: tuple[str, ...]


_EVERYTHING = (
    "read_all", "write_all", "manage_users", "manage_roles", "manage_settings", "manage_connections", "author_code",
    "create_environment", "create_app", "publish_site", "share", "export_bulk", "install_addons", "deploy",
)  # fmt: skip
# Whoever edits a flow or an app can put any action into it.
_EDITS = ("read", "update", "author_code")
KNOWN: dict[str, Known] = {
    "entra:62e90394-69f5-4237-9190-012177145e10": Known("Global Administrator", 100, True, _EVERYTHING),
    "entra:11648597-926c-4cf3-9c36-bcebb0ba8dcc": Known("Power Platform Administrator", 100, True, _EVERYTHING),
    "entra:44367163-eba1-44c3-98af-f5787879f96a": Known("Dynamics 365 Administrator", 100, True, _EVERYTHING),
    "environment:EnvironmentAdmin": Known(
        "Environment Admin", 90, True, ("read_all", "write_all", "manage_users", "manage_roles", "manage_settings")
    ),
    "environment:EnvironmentMaker": Known(
        "Environment Maker", 50, False, ("create_app", "author_code", "manage_connections", "share")
    ),
    "app:Owner": Known("App owner", 30, False, (*_EDITS, "delete", "share")),
    "app:CanEdit": Known("App co-owner", 30, False, (*_EDITS, "share")),
    "app:CanView": Known("App user", 10, False, ("read",)),
    "app:CanViewWithShare": Known("App user who may share", 20, False, ("read", "share")),
    "flow:Owner": Known("Flow owner", 30, False, (*_EDITS, "delete", "share")),
    "flow:CanEdit": Known("Flow co-owner", 30, False, (*_EDITS, "delete", "share")),
    "flow:CanView": Known("Flow run-only user", 10, False, ("read",)),
    "connection:Owner": Known("Connection owner", 30, False, ("read", "update", "delete", "share")),
    "connection:CanEdit": Known("Connection editor", 30, False, ("read", "update", "share")),
    "connection:CanUse": Known("Connection user", 10, False, ("read",)),
    "connection:CanUseAndShare": Known("Connection user who may share", 20, False, ("read", "share")),
    "connection:CanView": Known("Connection user", 10, False, ("read",)),
    "connection:CanViewWithShare": Known("Connection user who may share", 20, False, ("read", "share")),
}
DIRECTORY_ROLES = frozenset(name.removeprefix("entra:") for name in KNOWN if name.startswith("entra:"))
# Dataverse: roles by the id of the template they were made from.
DATABASE_ADMINISTRATOR = "627090ff-40a3-4053-8790-584edc5be201"
DATABASE_CUSTOMIZER = "119f245c-3cc8-4b62-b31c-d1a046ced15d"
OF_TEMPLATES: dict[str, Known] = {
    DATABASE_ADMINISTRATOR: Known("System Administrator", 90, True, _EVERYTHING),
    DATABASE_CUSTOMIZER: Known("System Customizer", 60, False, ("create_app", "author_code", "deploy")),
}
