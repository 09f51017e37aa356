"""What a page shows of a snapshot: inventory, data flows, and who can administer it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from passmuster.model.report import FlowMap, InventoryItem
from passmuster.snapshot.inventory import map_flows, take_inventory
from passmuster.snapshot.noticing import administrators
from passmuster.snapshot.read import open_snapshot


@dataclass(frozen=True)
class Picture:
    """`administrators` are (name, role, granted by), None where who holds what was not read in full."""

    version: str
    taken_at: datetime
    inventory: tuple[InventoryItem, ...]
    flows: FlowMap | None
    administrators: tuple[tuple[str, str, str], ...] | None


def picture_snapshot(folder: Path, *, as_of: datetime) -> Picture:
    """Read a snapshot for its page; raises PassmusterError where it is gone or was altered."""
    snapshot = open_snapshot(folder)
    held = administrators(snapshot, as_of)
    return Picture(
        version=snapshot.manifest.connector_version,
        taken_at=snapshot.manifest.taken_at,
        inventory=take_inventory(snapshot),
        flows=map_flows(snapshot),
        administrators=None if held is None else tuple(sorted(held.values())),
    )
