"""Registers: propose them from a snapshot, every item pending, so that from then on only what is new is reported."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from passmuster.controls.catalogue import find_pack
from passmuster.documents.atomic import new_folder
from passmuster.pipeline.assuring import proposed_file
from passmuster.pipeline.evaluating import DEFAULT_PACKS, locate_snapshot
from passmuster.report.csv_writer import safe_cell
from passmuster.snapshot.assurance.read import FOLDER
from passmuster.snapshot.proposals import propose_allow_lists, propose_owners
from passmuster.snapshot.read import open_snapshot
from passmuster.snapshot.register_tables import REGISTERS


def init_registers(snapshot: Path, out: Path) -> dict[str, int]:
    """Write allow_lists, owners, attestations, updates and the vendor's file into the new folder `out`.

    Returns the rows of each CSV file by its name.
    """
    opened = open_snapshot(locate_snapshot(snapshot))
    proposed: dict[str, list[dict[str, Any]]] = {
        "allow_lists": propose_allow_lists(opened),
        "owners": propose_owners(opened),
        "attestations": _open_statements(opened.manifest.platform_id),
        "updates": [],
    }
    vendor_file, text = proposed_file(opened)
    with new_folder(out) as scratch:
        (scratch / FOLDER).mkdir()
        (scratch / FOLDER / vendor_file).write_text(text, encoding="utf-8")
        for name, rows in proposed.items():
            (scratch / f"{name}.csv").write_text(_spell(REGISTERS[name].column_names, rows), encoding="utf-8")
    return {name: len(rows) for name, rows in proposed.items()}


def _open_statements(platform_id: str) -> list[dict[str, Any]]:
    """One line for every control that asks a person, to be filled in; until it has a result it states nothing."""
    return [
        {
            "attestation_id": f"{control.id}/1",
            "control_id": control.id,
            "scope_kind": "platform",
            "scope_id": platform_id,
            "kind": "evidence",
        }
        for name in DEFAULT_PACKS
        for control in find_pack(name).controls
        if control.must_attest
    ]


def _spell(columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([safe_cell(str(row.get(name) or "")) for name in columns])
    return text.getvalue()
