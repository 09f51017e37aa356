"""All registers of a snapshot at an instant."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import duckdb

from passmuster.model.register_view import EventMatrix, Sheet
from passmuster.snapshot.listing.events import read_events
from passmuster.snapshot.listing.opening import Opened, open_tables
from passmuster.snapshot.listing.sheets import LISTINGS, sheet_of
from passmuster.snapshot.read import Snapshot
from passmuster.snapshot.registers import Registers

_TABLES = (
    *("platforms", "environments", "principals", "apps", "app_steps", "connectors", "connections", "data_stores"),
    *("data_flows", "endpoints", "keys", "credentials", "log_sources", "owners", "allow_lists"),
)


def list_registers(
    snapshot: Snapshot, registers: Registers, *, as_of: datetime, limits: Mapping[str, Any]
) -> tuple[tuple[Sheet, ...], EventMatrix]:
    """The lists, and the matrix of events; `as_of` is aware, `limits` are the house limits in force."""
    with duckdb.connect() as connection:
        opened = Opened(connection, snapshot, as_of, limits)
        open_tables(connection, _TABLES, opened, registers)
        return tuple(sheet_of(listing, opened) for listing in LISTINGS), read_events(opened)
