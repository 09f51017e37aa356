"""The answer of `GET /flows` as a graph: tabs and subflows, the nodes in them, configuration nodes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

CONFIG_APP = "config"
_CONTAINERS = ("tab", "subflow")
_PLACE = frozenset({"id", "type", "z", "x", "y", "w", "h", "wires", "d", "g", "nodes", "links", "in", "out"})


@dataclass(frozen=True)
class Node:
    """One node as the platform gives it. `app_id` is its tab or subflow, or `config` where it belongs to none."""

    id: str
    type: str
    app_id: str
    is_enabled: bool
    raw: Mapping[str, Any] = field(repr=False)

    @property
    def name(self) -> str:
        """What its builder calls it; empty where it has no name."""
        return text_of(self.raw.get("name")) or text_of(self.raw.get("label"))

    @property
    def is_config(self) -> bool:
        """Whether it is a configuration node: it stands in no flow, other nodes refer to it."""
        return not isinstance(self.raw.get("wires"), list) and "x" not in self.raw and self.type != "group"

    @property
    def content(self) -> dict[str, Any]:
        """Its properties without those that only say where it stands."""
        return {name: value for name, value in self.raw.items() if name not in _PLACE}

    @property
    def next_ids(self) -> list[str]:
        """The nodes its messages go to, by wire or by link, in order and once each."""
        wires = self.raw.get("wires")
        ports = wires if isinstance(wires, list) else []
        targets = [target for port in ports if isinstance(port, list) for target in port if isinstance(target, str)]
        links = self.raw.get("links")
        if self.type in ("link out", "link call") and isinstance(links, list):
            targets += [target for target in links if isinstance(target, str)]
        return list(dict.fromkeys(targets))


@dataclass(frozen=True)
class Flows:
    """Everything that is deployed.

    `config_nodes` are by id, `entries` by the type of a subflow's instance; `unreadable` counts what is no node.
    """

    containers: tuple[Node, ...]
    nodes: tuple[Node, ...]
    active_ids: frozenset[str]
    config_nodes: Mapping[str, Node]
    entries: Mapping[str, tuple[str, ...]]
    unreadable: int = 0

    @property
    def used_types(self) -> frozenset[str]:
        """The types of all nodes, enabled or not."""
        return frozenset(node.type for node in self.nodes)

    def targets(self, node: Node) -> list[str]:
        """Where its messages go: along wires and links, and into the subflow it is an instance of."""
        return [*node.next_ids, *self.entries.get(node.type, ())]

    def runs(self, node: Node) -> bool:
        """Whether the node is deployed to run: it and the tab around it are switched on."""
        return node.is_enabled and (node.app_id == CONFIG_APP or node.app_id in self.active_ids)


def parse_flows(body: Any) -> Flows | None:
    """The graph from an answer of either API version; None where the answer holds no flows."""
    listed = body.get("flows") if isinstance(body, Mapping) else body
    if not isinstance(listed, list):
        return None
    readable = [entry for entry in listed if _is_node(entry)]
    homes = {entry["id"] for entry in readable if entry["type"] in _CONTAINERS}
    nodes = tuple(_node(entry, homes) for entry in readable)
    inner = tuple(node for node in nodes if node.type not in _CONTAINERS)
    containers = tuple(node for node in nodes if node.type in _CONTAINERS)
    config = {node.id: node for node in inner if node.is_config}
    entries = {f"subflow:{node.id}": tuple(_entries(node.raw)) for node in containers if node.type == "subflow"}
    return Flows(containers, inner, _active_ids(containers, inner), config, entries, len(listed) - len(readable))


def text_of(value: Any) -> str:
    """The value where it is text, else nothing."""
    return value.strip() if isinstance(value, str) else ""


def is_yes(value: Any) -> bool:
    """How Node-RED stores a ticked box: true, or the word."""
    return value is True or value == "true"


def _is_node(entry: Any) -> bool:
    return isinstance(entry, Mapping) and all(
        isinstance(entry.get(name), str) and entry[name] for name in ("id", "type")
    )


def _node(entry: Mapping[str, Any], homes: set[str]) -> Node:
    home = entry.get("z")
    app_id = home if isinstance(home, str) and home in homes else CONFIG_APP
    is_off = entry.get("disabled") if entry["type"] in _CONTAINERS else entry.get("d")
    return Node(entry["id"], entry["type"], app_id, not is_yes(is_off), entry)


def _active_ids(containers: tuple[Node, ...], nodes: tuple[Node, ...]) -> frozenset[str]:
    """Tabs that are switched on, and the subflows that something in them uses, however deep."""
    inside: dict[str, set[str]] = {}
    for app_id, used in _subflow_uses(nodes):
        inside.setdefault(app_id, set()).add(used)
    active = {node.id for node in containers if node.type == "tab" and node.is_enabled}
    frontier = set(active)
    while frontier:
        frontier = {used for app_id in frontier for used in inside.get(app_id, ())} - active
        active |= frontier
    return frozenset(active)


def _subflow_uses(nodes: tuple[Node, ...]) -> Iterator[tuple[str, str]]:
    for node in nodes:
        if node.type.startswith("subflow:") and node.is_enabled:
            yield node.app_id, node.type.removeprefix("subflow:")


def _entries(subflow: Mapping[str, Any]) -> Iterator[str]:
    """The nodes in a subflow that get what comes in."""
    inputs = subflow.get("in")
    for port in inputs if isinstance(inputs, list) else []:
        wires = port.get("wires") if isinstance(port, Mapping) else None
        for wire in wires if isinstance(wires, list) else []:
            if isinstance(wire, Mapping) and isinstance(wire.get("id"), str):
                yield wire["id"]
