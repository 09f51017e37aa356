"""The job that makes a pack from a customer's own Health Check baseline."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from passmuster.controls.health_check.baseline import MAX_BYTES, parse_baseline
from passmuster.controls.health_check.pack_files import files_of
from passmuster.documents.atomic import new_folder
from passmuster.errors import UnreadableInput


@dataclass(frozen=True)
class Imported:
    """What was written: the pack's id, how many controls, and settings that a person has to look at."""

    pack_id: str
    controls: int
    unknown: tuple[str, ...]


def import_health_check(source: Path, folder: Path) -> Imported:
    """Write the pack of a baseline into the new `folder`; raises UnreadableInput, OutputRefused where it is full."""
    try:
        with source.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise UnreadableInput(f"{source}: cannot be read: {error.strerror}; check the path") from None
    if len(data) > MAX_BYTES:
        raise UnreadableInput(f"{source}: is larger than {MAX_BYTES // 1024} KiB; Salesforce takes baselines of 20 KB")
    baseline = parse_baseline(data, str(source))
    pack_id = _pack_id(baseline.developer_name or baseline.name)
    description = (
        f"The Health Check baseline {baseline.name!r} of this house: one control a setting, with its values and risks."
    )
    title = f"Salesforce Health Check: {baseline.name}"
    files = files_of(baseline, {"id": pack_id, "version": "1.0.0", "title": title, "description": description})
    with new_folder(folder) as scratch:
        for name, text in files.items():
            path = scratch / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    return Imported(pack_id, len(baseline.wanted), baseline.unknown)


def _pack_id(name: str) -> str:
    """`SFDCRecommended` becomes `health-check-sfdc-recommended`."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-", name)
    words = re.sub(r"[^a-z0-9]+", "-", spaced.lower()).strip("-")
    return f"health-check-{words[:40].strip('-')}" if words else "health-check-baseline"
