"""Vendors' assurance: the gaps of a folder of files, and the file a vendor begins with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from passmuster.documents.atomic import write_text
from passmuster.errors import OutputRefused, UnreadableInput
from passmuster.model.assurance import AssuranceLimits, VendorAssurance, VendorGaps
from passmuster.model.register_view import RegisterView
from passmuster.pipeline.evaluating import Judging, limits_in_force
from passmuster.snapshot.assurance.gaps import gaps_of
from passmuster.snapshot.assurance.read import FOLDER, read_assurance
from passmuster.snapshot.assurance.template import file_name_of, template_of
from passmuster.snapshot.listing.listing import list_registers
from passmuster.snapshot.read import Snapshot


def check_assurance(folder: Path, *, as_of: datetime, limits: AssuranceLimits) -> tuple[VendorGaps, ...]:
    """The gaps of every vendor in a folder of registers or of vendors' files; raises UnreadableInput, all mistakes."""
    if not folder.is_dir():
        raise UnreadableInput(f"{folder}: there is no such folder; `passmuster assurance init` starts a file in one")
    inner = folder / FOLDER if (folder / FOLDER).is_dir() else folder
    complaints: list[str] = []
    vendors = read_assurance(inner, complaints)
    if complaints:
        lines = "\n".join(f"  - {complaint}" for complaint in complaints)
        raise UnreadableInput(f"{inner}: {len(complaints)} mistake(s) in vendors' assurance\n{lines}")
    if not vendors:
        raise UnreadableInput(
            f"{inner}: holds no file of a vendor; `passmuster assurance init --out {inner / 'VENDOR.yaml'}` starts one"
        )
    return gaps_of_all(vendors, as_of=as_of, limits=limits)


def gaps_of_all(
    vendors: Sequence[VendorAssurance], *, as_of: datetime, limits: AssuranceLimits
) -> tuple[VendorGaps, ...]:
    """Each vendor held against the day of `as_of` (aware), in UTC."""
    today = as_of.astimezone(UTC).date()
    return tuple(gaps_of(vendor, today=today, limits=limits) for vendor in vendors)


def limits_from(params: Mapping[str, Any]) -> AssuranceLimits:
    """The house limits of assurance among those of packs; what is not there keeps its usual value."""
    usual = AssuranceLimits()
    return AssuranceLimits(
        int(params.get("assurance_warning_days", usual.warning_days)),
        int(params.get("penetration_test_days", usual.penetration_test_days)),
        int(params.get("assurance_review_days", usual.review_days)),
        int(params.get("max_incident_notice_hours", usual.incident_notice_hours)),
    )


def view_registers(snapshot: Snapshot, judging: Judging, *, as_of: datetime) -> RegisterView:
    """The registers and matrices of a snapshot, with the vendors whose files name its platform."""
    limits = limits_in_force(judging)
    sheets, events = list_registers(snapshot, judging.registers, as_of=as_of, limits=limits)
    platform = snapshot.manifest.platform_id
    vendors = [each for each in judging.registers.vendors if platform in [served.id for served in each.platforms]]
    return RegisterView(sheets, events, gaps_of_all(vendors, as_of=as_of, limits=limits_from(limits)))


def init_assurance(out: Path, *, vendor: str, platform_id: str, services: Sequence[str]) -> None:
    """Write the file a vendor begins with; raises OutputRefused where `out` is there already."""
    if out.exists():
        raise OutputRefused(f"{out}: is there already; name a new file")
    write_text(out, template_of(vendor, platform_id, services))


def proposed_file(snapshot: Snapshot) -> tuple[str, str]:
    """Name and text of the file for the vendor of a snapshot's platform."""
    manifest = snapshot.manifest
    rows: list[dict[str, Any]] = []
    if "platforms" in manifest.tables:
        rows = pq.read_table(snapshot.file("platforms"), columns=["vendor", "region"]).to_pylist()
    row = rows[0] if rows else {}
    vendor = row.get("vendor") or manifest.product.replace("_", " ")
    regions = [row["region"]] if row.get("region") else []
    services = [manifest.product.replace("_", " ")]
    return file_name_of(vendor), template_of(vendor, manifest.platform_id, services, regions)
