"""Recorded answers of Node-RED for tests: the example that ships, those of a real server, and ones made odd."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from passmuster.collect.connectors.node_red.connector import NodeRedConnector
from passmuster.collect.interface import Target
from passmuster.snapshot.gathered import CollectionResult
from passmuster.snapshot.tables import TABLES

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "node-red"
RECORDED = ROOT.parent / "shared" / "platforms" / "recorded" / "nodered"
FROM_FLOWS = ("apps", "app_steps", "connections", "data_flows", "endpoints", "connectors")

needs_recorded = pytest.mark.skipif(not RECORDED.is_dir(), reason="recorded answers are not beside this checkout")


def collect(folder: Path) -> CollectionResult:
    return NodeRedConnector().collect(Target(path=folder))


def by_id(result: CollectionResult, table: str) -> dict[str, Mapping[str, Any]]:
    key = "key" if table == "settings" else next(k for k in reversed(TABLES[table].key) if k != "platform_id")
    return {row[key]: row for row in result.tables[table].rows}


def status(result: CollectionResult, table: str) -> str:
    return result.tables[table].status.value


class Recording:
    """A copy of the example's answers that a test makes odd."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.bodies: dict[str, Any] = {}
        for path in EXAMPLE.glob("*.json"):
            self.bodies[path.stem] = json.loads(path.read_text(encoding="utf-8"))

    def answer(self, name: str, status: int, body: Any = "") -> None:
        self.bodies[name] = {"status": status, "body": body}

    def flows(self, *nodes: Mapping[str, Any]) -> None:
        self.answer("flows_v2", 200, {"rev": "1", "flows": list(nodes)})

    def collect(self) -> CollectionResult:
        for name, document in self.bodies.items():
            (self.folder / f"{name}.json").write_text(json.dumps(document), encoding="utf-8")
        return collect(self.folder)


TAB: dict[str, Any] = {"id": "tab", "type": "tab", "label": "Tab", "disabled": False}


def step(id_: str, type_: str, **properties: Any) -> dict[str, Any]:
    return {"id": id_, "type": type_, "z": "tab", "x": 1, "y": 1, "wires": [], **properties}
