"""Where flows reach out: connectors, connections, and the data flows that follow from the wires."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from typing import Any

from passmuster.collect.connectors.node_red.addresses import Address
from passmuster.collect.connectors.node_red.flows import CONFIG_APP, Flows, Node
from passmuster.collect.connectors.node_red.kinds import REACH_OUT
from passmuster.collect.unlocks import by_declaring
from passmuster.documents.secrets import mask_secrets
from passmuster.snapshot.gathered import Gap

CONNECTION_GAPS = (
    Gap(
        "owner_principal_id",
        "Node-RED keeps no owner of a connection",
        by_declaring("connections", "owner_principal_id"),
    ),
    Gap(
        "identity_kind",
        "whose account a stored credential is cannot be told",
        by_declaring("connections", "identity_kind"),
    ),
    Gap("credential_id", "stored credentials are not listed by the interface"),
    Gap("created_at", "Node-RED keeps no dates of nodes"),
    Gap("last_used_at", "Node-RED keeps no history of use"),
)
FLOW_GAPS = (
    Gap("boundary", "who runs a host outside cannot be told from its name", by_declaring("data_flows", "boundary")),
)
Addresses = Mapping[str, Address]


def connection_rows(flows: Flows, addresses: Addresses, environment_id: str) -> list[dict[str, Any]]:
    """Configuration nodes that name a host, and steps that name one themselves."""
    used = {id_ for node in flows.nodes if flows.runs(node) for id_ in _referred(flows, node)}
    return [
        {
            "connection_id": node.id,
            "connector_id": mask_secrets(node.type),
            "environment_id": environment_id,
            "app_id": None if node.app_id == CONFIG_APP else node.app_id,
            "identity_kind": "none" if node.type == "http request" and node.raw.get("authType") == "" else None,
            "target_host": address.host,
            "tls_verify": address.checks_certificate,
            "scheme": address.scheme,
            "status": "in use" if (node.id in used if node.is_config else flows.runs(node)) else "not in use",
        }
        for node in flows.nodes
        if (address := addresses.get(node.id)) is not None
    ]


def connections_of_steps(flows: Flows, addresses: Addresses) -> dict[str, str]:
    """The connection each step uses: itself where it names a host, else the configuration node it refers to."""
    used = {}
    for node in flows.nodes:
        candidates = () if node.is_config else (node.id, *_referred(flows, node))
        found = next((id_ for id_ in candidates if id_ in addresses), None)
        if found is not None:
            used[node.id] = found
    return used


def connector_rows(flows: Flows, addresses: Addresses, modules: Mapping[str, str]) -> list[dict[str, Any]]:
    """Node types that reach out: those the flows use, and those that are known to. `modules`: type to module."""
    used = {node.type for node in flows.nodes if node.id in addresses}
    return [
        {
            "connector_id": mask_secrets(type_),
            "name": mask_secrets(type_),
            "kind": _connector_kind(type_, modules.get(type_)),
            "can_be_blocked": True,
            "raw": {"type": mask_secrets(type_), "module": modules.get(type_)},
        }
        for type_ in sorted(used | (REACH_OUT & modules.keys()))
    ]


def flow_rows(flows: Flows, addresses: Addresses, endpoint_ids: Mapping[str, str]) -> list[dict[str, Any]]:
    """Data flows inferred from wires: from each endpoint to what its messages can reach, else from the app.

    `endpoint_ids` maps step ids to endpoints.
    """
    links = connections_of_steps(flows, addresses)
    running = {node.id: node for node in flows.nodes if flows.runs(node) and not node.is_config}
    edges: set[tuple[str, str, str, str]] = set()
    for step_id, endpoint_id in endpoint_ids.items():
        for reached in _reachable(flows, step_id, running) & links.keys():
            edges.add((running[reached].app_id, "endpoint", endpoint_id, links[reached]))
    fed = {(app_id, connection) for app_id, _, _, connection in edges}
    for step_id, node in running.items():
        if step_id in links and (node.app_id, links[step_id]) not in fed:
            edges.add((node.app_id, "app", node.app_id, links[step_id]))
    return [_flow_row(edge, addresses[edge[3]].host) for edge in sorted(edges)]


def _flow_row(edge: tuple[str, str, str, str], host: str | None) -> dict[str, Any]:
    app_id, from_kind, from_id, connection_id = edge
    return {
        "flow_id": f"{app_id}:{from_id}->{connection_id}",
        "app_id": app_id,
        "from_kind": from_kind,
        "from_id": from_id,
        "to_kind": "connection",
        "to_id": connection_id,
        "to_host": host,
        "boundary": "internal" if host and _is_internal(host) else None,
        "derived_by": "inferred",
    }


def _reachable(flows: Flows, start: str, running: Mapping[str, Node]) -> set[str]:
    seen, frontier = {start}, [start]
    while frontier:
        node = running.get(frontier.pop())
        for target in flows.targets(node) if node else ():
            if target not in seen:
                seen.add(target)
                frontier.append(target)
    return seen & running.keys()


def _referred(flows: Flows, node: Node) -> Iterator[str]:
    for value in node.content.values():
        if isinstance(value, str) and value in flows.config_nodes and value != node.id:
            yield value


def _connector_kind(type_: str, module: str | None) -> str | None:
    if type_ == "http request":
        return "generic_http"
    if module is None:
        return "builtin" if type_ in REACH_OUT and type_ != "e-mail" else None
    return "builtin" if module == "node-red" else "community"


def _is_internal(host: str) -> bool:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host == "localhost" or host.endswith((".local", ".internal", ".localhost")) or "." not in host
    return address.is_private or address.is_loopback
