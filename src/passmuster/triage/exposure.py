"""Who can reach a platform, read from the rows of its snapshot; pure."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

Row = Mapping[str, Any]
SETTING = "network.publicly_exposed"
"""A setting people may declare where no interface can tell; it goes before everything that is read."""
_INSIDE_NAMES = (".local", ".internal", ".lan", ".intranet", ".corp", ".home.arpa", ".localhost")


@dataclass(frozen=True)
class Exposure:
    """What is known of a component's surroundings; None where nobody knows.

    `system_exposure` is small, controlled or open; `criticality` low, medium, high or critical.
    """

    publicly_exposed: bool | None = None
    system_exposure: str | None = None
    criticality: str | None = None
    source: str = ""
    at: datetime | None = None


NOTHING_KNOWN = Exposure()


@dataclass(frozen=True)
class ExposureRows:
    """The rows that tell; `endpoints` None: the table could not be read. `at` is when the snapshot was taken."""

    platform: Row
    endpoints: Sequence[Row] | None = None
    settings: Sequence[Row] = ()
    at: datetime | None = None


def exposure_of(rows: ExposureRows, environment: str = "", *, as_of: datetime) -> Exposure:
    """The exposure of one environment of a platform ("": of the platform).

    Known to be exposed: a public endpoint answers at an address that is no inside one. Known not to be: its
    administration and all its endpoints are closed to the public. What somebody declared goes before both. That a
    vendor hosts it tells nothing: many let only chosen networks in.
    """
    criticality = rows.platform.get("criticality")
    is_public, source = _declared(rows.settings, environment)
    if is_public is None:
        is_public, source = _from_endpoints(rows, environment, as_of)
    if is_public is None:
        return Exposure(criticality=criticality, at=rows.at)
    width = "open" if is_public else "small" if _is_loopback(_host(rows.platform.get("base_url"))) else "controlled"
    return Exposure(is_public, width, criticality, source, rows.at)


def _declared(settings: Iterable[Row], environment: str) -> tuple[bool | None, str]:
    told = [row for row in settings if row.get("key") == SETTING and row.get("value_bool") is not None]
    for kind, scope in (("environment", environment), ("platform", None)):
        for row in told:
            if row.get("scope_kind") == kind and scope in (None, row.get("scope_id")):
                return bool(row["value_bool"]), f"the snapshot: {SETTING} ({row.get('origin') or 'api'})"
    return None, ""


def _from_endpoints(rows: ExposureRows, environment: str, as_of: datetime) -> tuple[bool | None, str]:
    if rows.endpoints is None:
        return None, ""
    live = [row for row in rows.endpoints if _is_of(row, environment) and not _is_over(row, as_of)]
    base = _host(rows.platform.get("base_url"))
    public = [row for row in live if row.get("is_public")]
    outside = [row for row in public if _is_outside(_host(row.get("url")) or base)]
    if outside:
        return True, f"the snapshot: the public endpoint {outside[0].get('url') or outside[0].get('endpoint_id')}"
    # Flows behind an allow list say nothing of the door beside them: the administration must be closed as well.
    has_admin = any(row.get("kind") == "admin_ui" for row in live)
    if has_admin and all(row.get("is_public") is False for row in live):
        return False, "the snapshot: none of its endpoints is public"
    return None, ""


def _is_of(row: Row, environment: str) -> bool:
    return not environment or row.get("environment_id") in (None, "", environment)


def _is_over(row: Row, as_of: datetime) -> bool:
    expires = row.get("expires_at")
    return isinstance(expires, datetime) and expires.replace(tzinfo=expires.tzinfo or as_of.tzinfo) <= as_of


def _host(url: Any) -> str:
    try:
        return (urlsplit(str(url)).hostname or "") if url else ""
    except ValueError:
        return ""


def _is_outside(host: str) -> bool:
    """Whether the name or address is one of the public internet; a name we cannot judge by itself counts as one."""
    if not host or ("." not in host.rstrip(".") and ":" not in host):
        return False
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        return not host.rstrip(".").endswith(_INSIDE_NAMES)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
