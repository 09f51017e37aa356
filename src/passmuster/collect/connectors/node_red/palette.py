"""Palette modules, and the npm modules that function nodes load, as add-ons."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from passmuster.collect.answers import Answer
from passmuster.collect.connectors.node_red.flows import Flows
from passmuster.collect.connectors.node_red.instance import ENVIRONMENT_ID
from passmuster.collect.connectors.node_red.kinds import modules_of
from passmuster.documents.secrets import mask_secrets
from passmuster.snapshot.gathered import Gap

ADD_ON_GAPS = (
    Gap("publisher_verified", "npm packages have no publisher that Node-RED verifies"),
    Gap("latest_version", "Node-RED does not tell newer versions"),
    Gap("installed_at", "Node-RED keeps no dates of modules"),
    Gap("supported_until", "modules state no end of support"),
)
_MODULE = re.compile(r"(?P<name>(?:@[\w.~-]+/)?[\w.~-]+)(?:@(?P<version>.+))?")
_EXACT = re.compile(r"\d+\.\d+\.\d+(?:[-+][\w.+-]+)?")
_NODE_JS_MODULES = (
    "assert async_hooks buffer child_process cluster console crypto dgram diagnostics_channel dns domain events fs "
    "http http2 https inspector module net os path perf_hooks process punycode querystring readline repl stream "
    "string_decoder sys timers tls trace_events tty url util v8 vm wasi worker_threads zlib"
)
_OF_NODE_JS = frozenset(_NODE_JS_MODULES.split())


def node_sets(nodes: Answer) -> list[Mapping[str, Any]] | None:
    """The node sets of `GET /nodes`; None where the answer is no list of such."""
    if not nodes.is_ok or not isinstance(nodes.body, list):
        return None
    are_sets = all(isinstance(entry, Mapping) and isinstance(entry.get("module"), str) for entry in nodes.body)
    return nodes.body if are_sets else None


def module_of_type(sets: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Which module each node type comes from."""
    return {type_: entry["module"] for entry in sets for type_ in _types(entry)}


def add_on_rows(sets: list[Mapping[str, Any]], flows: Flows | None) -> list[dict[str, Any]]:
    """One row a module; `in_use` is NULL where the flows could not be read."""
    modules: dict[str, list[Mapping[str, Any]]] = {}
    for entry in sets:
        modules.setdefault(entry["module"], []).append(entry)
    used = flows.used_types if flows else None
    rows = [_module_row(name, entries, used) for name, entries in modules.items()]
    return rows + (_library_rows(flows) if flows else [])


def _module_row(name: str, entries: list[Mapping[str, Any]], used: frozenset[str] | None) -> dict[str, Any]:
    version = next((entry["version"] for entry in entries if isinstance(entry.get("version"), str)), None)
    types = {type_ for entry in entries for type_ in _types(entry)}
    return {
        "add_on_id": name,
        "environment_id": ENVIRONMENT_ID,
        "name": name,
        "kind": "node_module",
        "version": version,
        "purl": purl_of(name, version),
        "is_builtin": name == "node-red",
        "is_enabled": any(entry.get("enabled") is True for entry in entries),
        "in_use": None if used is None else bool(types & used) or name == "node-red",
        "raw": {"module": name, "version": version, "types": sorted(types)},
    }


def _library_rows(flows: Flows) -> list[dict[str, Any]]:
    """Modules that function nodes load; the version is known only where the flow names an exact one."""
    wanted: dict[str, tuple[str | None, bool]] = {}
    for node in flows.nodes:
        for module in modules_of(node) if node.type == "function" else ():
            match = _MODULE.fullmatch(module)
            if match is None or match["name"].split("/")[0] in _OF_NODE_JS:
                continue
            exact = match["version"] if _EXACT.fullmatch(match["version"] or "") else None
            known, is_used = wanted.get(match["name"], (None, False))
            wanted[match["name"]] = (exact or known, is_used or flows.runs(node))
    return [
        {
            "add_on_id": f"function:{mask_secrets(name)}",
            "environment_id": ENVIRONMENT_ID,
            "name": mask_secrets(name),
            "kind": "package",
            "version": version,
            "purl": purl_of(mask_secrets(name), version),
            "is_builtin": False,
            "is_enabled": True,
            "in_use": is_used,
        }
        for name, (version, is_used) in wanted.items()
    ]


def purl_of(name: str, version: str | None) -> str:
    """The package URL of an npm package."""
    spelled = name.replace("@", "%40", 1) if name.startswith("@") else name
    return f"pkg:npm/{spelled}@{version}" if version else f"pkg:npm/{spelled}"


def _types(entry: Mapping[str, Any]) -> list[str]:
    types = entry.get("types")
    return [type_ for type_ in types if isinstance(type_, str)] if isinstance(types, list) else []
