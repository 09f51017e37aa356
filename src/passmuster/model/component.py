"""What an organisation runs that advisories may speak of."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from passmuster.model.words import Hosting


class ComponentKind(StrEnum):
    """What kind of thing it is."""

    PLATFORM = "platform"
    ADD_ON = "add_on"
    EMBEDDED = "embedded"
    SERVICE = "service"


@dataclass(frozen=True)
class Site:
    """An environment of a platform and where it runs; no regions: nobody knows."""

    environment_id: str
    regions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Component:
    """One installed thing. `version` None: nobody can tell it (an evergreen service, or not collected)."""

    id: str
    name: str
    kind: ComponentKind = ComponentKind.PLATFORM
    version: str | None = None
    purl: str = ""
    vendor: str = ""
    hosting: Hosting | None = None
    platform_id: str = ""
    product: str = ""
    """The platform's product word (`n8n`, `power_platform`, ...), where it belongs to one."""
    environment_id: str = ""
    regions: tuple[str, ...] = ()
    """Where it runs, in the platform's words; of a platform every region of its environments. Empty: not known."""
    sites: tuple[Site, ...] = ()
    """Of a platform whose environments do not all run in the same region: each of them."""
