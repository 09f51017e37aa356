"""The plan to keep to: which window each job had."""

from __future__ import annotations

from typing import Any

from passmuster.errors import UnreadableInput

_MOST_REVISIONS = 1_000_000


def read_kept(document: Any, where: str) -> dict[str, str]:
    """The window of every job a `passmuster/plan@1` document places; raises UnreadableInput."""
    placed = document.get("placements") if isinstance(document, dict) else None
    if not isinstance(document, dict) or document.get("schema") != "passmuster/plan@1" or not isinstance(placed, list):
        raise UnreadableInput(f"{where}: is no passmuster/plan@1 document; hand over what `plan --format json` printed")
    kept: dict[str, str] = {}
    complaints = []
    for index, item in enumerate(placed):
        job, window = (item.get("job"), item.get("window")) if isinstance(item, dict) else (None, None)
        if not isinstance(job, str) or not (window is None or isinstance(window, str)):
            complaints.append(f"{where}: placements.{index}: must name a job and its window (text, or null)")
        elif job in kept:
            complaints.append(f"{where}: placements.{index}: {job!r} is placed twice; keep one of them")
        elif window is not None:
            kept[job] = window
    if complaints:
        raise UnreadableInput("\n".join(complaints[:50]))
    return kept


def next_revision(document: Any) -> int | None:
    """The revision of a plan that keeps to this one; None where this one has none."""
    revision = document.get("revision") if isinstance(document, dict) else None
    is_count = isinstance(revision, int) and not isinstance(revision, bool) and 0 <= revision < _MOST_REVISIONS
    return revision + 1 if isinstance(revision, int) and is_count else None
