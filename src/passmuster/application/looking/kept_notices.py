"""What somebody should hear of after a look, kept beside the look's drift for its page."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from passmuster.application.storage.storing import drift_file
from passmuster.documents.atomic import write_text
from passmuster.documents.json_file import read_json
from passmuster.errors import UnreadableInput
from passmuster.records.models import Collection
from passmuster.snapshot.noticing import Notice

# A look that changed everything is told by its drift; a page of more lines than these nobody reads.
_MOST = 500
_AGAINST = "notices"


def keep_notices(collection: Collection, notices: Sequence[Notice]) -> None:
    """Keep the first of the notices of a look, with who did each and by which entry of the platform's log."""
    path = drift_file(collection, _AGAINST)
    path.parent.mkdir(parents=True, exist_ok=True)
    told = [asdict(each) | {"at": each.at.isoformat() if each.at else None} for each in notices[:_MOST]]
    write_text(path, json.dumps({"notices": told}))


def notices_of(collection: Collection) -> tuple[Notice, ...]:
    """The notices kept of a look; none where nothing was noticed, or it was taken before they were kept.

    Raises UnreadableInput where the file is damaged.
    """
    path = drift_file(collection, _AGAINST)
    if not path.is_file():
        return ()
    try:
        return tuple(_notice(each) for each in read_json(path)["notices"])
    except (KeyError, TypeError, ValueError):
        raise UnreadableInput(f"{path.name}: is damaged; restore it from a backup") from None


def _notice(told: dict[str, Any]) -> Notice:
    at = told["at"]
    read = Notice(**{**told, "others": tuple(told["others"])})
    return replace(read, at=datetime.fromisoformat(at) if at else None)
