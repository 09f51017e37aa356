"""Which hosts nodes reach, by which scheme, and whether they check the certificate of the other side."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from passmuster.collect.connectors.node_red.flows import Flows, Node, is_yes, text_of
from passmuster.documents.secrets import mask_secrets

_HOST_KEYS = (
    "broker",
    "host",
    "hostname",
    "server",
    "url",
    "uri",
    "endpoint",
    "baseUrl",
    "baseurl",
    "address",
    "path",
    "addr",
)
# Configuration nodes with such a property that reach nobody.
_NO_CONNECTION = re.compile(r"^(?:tls-config|websocket-listener|global-config|ui[_-].*)$")
_DYNAMIC = re.compile(r"\{\{|\$\{|\$\(")
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*)://", re.IGNORECASE)
_SOCKETS = {"tcp request": "tcp", "tcp out": "tcp", "tcp in": "tcp", "udp out": "udp"}
_OVERRIDE = "rejectUnauthorized"


@dataclass(frozen=True)
class Address:
    """What a node reaches. NULL: no certificate to check, or decided at run time."""

    host: str | None
    scheme: str | None
    checks_certificate: bool | None = None


def addresses_of(flows: Flows) -> dict[str, Address]:
    """The address of each node that names one, by its id."""
    overriding = _apps_that_override(flows)
    found = {}
    for node in flows.nodes:
        named = _named_by(flows, node)
        if named is not None:
            found[node.id] = _secured(flows, node, named, may_be_overridden=node.app_id in overriding)
    return found


def _named_by(flows: Flows, node: Node) -> Address | None:
    """The address a node names itself; None where it reaches nothing, or only through a configuration node."""
    if node.type == "http request":
        return _parse(text_of(node.raw.get("url")), "https" if text_of(node.raw.get("tls")) else "http")
    if node.type in _SOCKETS:
        return _socket(node)
    if node.is_config:
        text = "" if _NO_CONNECTION.match(node.type) else _first_host(flows, node)
    else:
        text = next((text for key in _HOST_KEYS if "://" in (text := text_of(node.raw.get(key)))), "")
        if not text and node.type in ("e-mail", "e-mail in"):
            text = text_of(node.raw.get("server"))
    return _parse(text, None) if text else None


def _first_host(flows: Flows, node: Node) -> str:
    texts = (text_of(node.raw.get(key)) for key in _HOST_KEYS)
    return next((text for text in texts if text and text not in flows.config_nodes), "")


def _socket(node: Node) -> Address | None:
    mode = {"tcp in": "server", "tcp out": "beserver"}.get(node.type)
    if mode and node.raw.get(mode) != "client":
        return None
    key = {"tcp request": "server", "udp out": "addr"}.get(node.type, "host")
    return _parse(text_of(node.raw.get(key)), _SOCKETS[node.type])


def _parse(text: str, default_scheme: str | None) -> Address:
    scheme = _SCHEME.match(text)
    if not text or _DYNAMIC.search(text):
        # `https://{{host}}/x` still tells the scheme.
        return Address(None, scheme[1].lower() if scheme else None)
    try:
        host = urlsplit(text if scheme else f"//{text}").hostname
    except ValueError:
        host = None
    return Address(mask_secrets(host) if host else None, scheme[1].lower() if scheme else default_scheme)


def _secured(flows: Flows, node: Node, named: Address, *, may_be_overridden: bool) -> Address:
    tls = flows.config_nodes.get(text_of(node.raw.get("tls")))
    checks = None if tls is None else tls.raw.get("verifyservercert") not in (False, "false")
    if node.type == "mqtt-broker":
        return _mqtt(node, named, checks)
    if node.type in _SOCKETS:
        return Address(named.host, "tls", checks) if tls else named
    if node.type in ("e-mail", "e-mail in"):
        return _mail(node, named)
    # Where the address comes with the message, there may be no TLS at all.
    if named.scheme in ("http", "ws") or (named.scheme is None and checks is not False):
        return named
    if tls is None and node.type in ("http request", "websocket-client"):
        # Node.js checks certificates unless told otherwise, and a flow can tell it otherwise by the message.
        is_sure = node.type == "websocket-client" or not may_be_overridden
        return Address(named.host, named.scheme, True if is_sure else None)
    return Address(named.host, named.scheme, checks)


def _mqtt(node: Node, named: Address, checks: bool | None) -> Address:
    is_tls = is_yes(node.raw.get("usetls")) or named.scheme in ("mqtts", "wss", "ssl", "tls")
    scheme = named.scheme or ("mqtts" if is_tls else "mqtt")
    if not is_tls:
        return Address(named.host, scheme)
    # With TLS and no TLS configuration, Node-RED checks only where an old option on the broker says so.
    return Address(named.host, scheme, checks if checks is not None else is_yes(node.raw.get("verifyservercert")))


def _mail(node: Node, named: Address) -> Address:
    if not is_yes(node.raw.get("secure")):
        return Address(named.host, None)  # whether it changes to TLS on the way is between the servers
    return Address(named.host, "smtps" if node.type == "e-mail" else "imaps", is_yes(node.raw.get("tls")))


def _apps_that_override(flows: Flows) -> frozenset[str]:
    return frozenset(
        node.app_id
        for node in flows.nodes
        if node.type in ("function", "change", "inject") and _OVERRIDE in str(node.content)
    )
