"""Reading what triage asks of a snapshot: exposure, and what uses a connector, module or add-on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

import duckdb

from passmuster.model.words import CollectionStatus
from passmuster.snapshot.load import Choice, load
from passmuster.snapshot.read import Snapshot
from passmuster.triage.exposure import SETTING, Exposure, ExposureRows, Row, exposure_of
from passmuster.triage.touched import Uses

_COLUMNS = {
    "platforms": ("product", "name", "base_url", "hosting", "criticality"),
    "environments": ("environment_id", "name", "kind"),
    "endpoints": ("endpoint_id", "environment_id", "kind", "url", "is_public", "auth_mode", "expires_at"),
    "settings": ("origin", "scope_kind", "scope_id", "key", "value_bool"),
    "apps": ("app_id", "name"),
    "app_steps": ("app_id", "step_id", "name", "step_type", "connector_id", "connection_id"),
    "connectors": ("connector_id", "name"),
    "connections": ("connection_id", "connector_id", "app_id", "environment_id"),
    "add_ons": ("add_on_id", "name", "purl", "supported_until"),
}
_ONLY = {"settings": f"key = '{SETTING}'"}


@dataclass(frozen=True)
class Surroundings:
    """What one snapshot tells of the things in it."""

    exposure: ExposureRows
    uses: Uses = field(repr=False)
    supported_until: Mapping[str, date] = field(default_factory=dict)
    """Add-on ids to the last day of their support."""
    only_environment: str = ""
    """The id of the platform's environment where it has just one."""
    environments: frozenset[str] = frozenset()
    """The ids of all environments."""
    warnings: tuple[str, ...] = ()

    def exposure_in(self, environment: str, *, as_of: datetime) -> Exposure:
        """The exposure of one environment ("": of the platform)."""
        return exposure_of(self.exposure, environment, as_of=as_of)


def _told(unread: Sequence[str], platform: str) -> tuple[str, ...]:
    if not unread:
        return ()
    tables = f"table{'s' if len(unread) > 1 else ''} {', '.join(unread)}"
    return (f"of {platform} the {tables} could not be read: what depends on that is unknown",)


def read_surroundings(snapshot: Snapshot, *, as_of: datetime) -> Surroundings:
    """Load the few columns that are asked; a table that could not be read leaves its answers unknown."""
    with duckdb.connect() as connection:
        states = load(connection, snapshot, list(_COLUMNS), as_of=as_of, choice=Choice(_COLUMNS))
        rows = {name: _rows(connection, name) for name in _COLUMNS}
    unread = sorted(name for name, state in states.items() if not _is_usable(state.status))
    platform = rows["platforms"][0] if rows["platforms"] else {}
    environments = rows["environments"]
    endpoints = rows["endpoints"] if states["endpoints"].status.is_readable else None
    return Surroundings(
        exposure=ExposureRows(platform, endpoints, rows["settings"], snapshot.manifest.taken_at.astimezone(UTC)),
        uses=Uses.of(rows),
        supported_until={
            row["add_on_id"]: row["supported_until"] for row in rows["add_ons"] if row["supported_until"] is not None
        },
        only_environment=environments[0]["environment_id"] if len(environments) == 1 else "",
        environments=frozenset(row["environment_id"] for row in environments),
        warnings=_told(unread, snapshot.manifest.platform_id),
    )


def _is_usable(status: CollectionStatus) -> bool:
    return status.is_readable or status is CollectionStatus.NOT_LICENSED


def _rows(connection: duckdb.DuckDBPyConnection, table: str) -> list[Row]:
    where = f" WHERE {_ONLY[table]}" if table in _ONLY else ""
    columns = ", ".join(f'"{name}"' for name in _COLUMNS[table])
    found = connection.execute(f'SELECT {columns} FROM "{table}"{where}')  # noqa: S608 - declared names
    return [dict(zip(_COLUMNS[table], row, strict=True)) for row in found.fetchall()]
