"""Who can reach a platform, read from the rows of its snapshot."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Exposure:
    """What is known of a component's surroundings; None where nobody knows.

    `system_exposure` is small, controlled or open; `criticality` low, medium, high or critical.
    """

    publicly_exposed: bool | None = None
    system_exposure: str | None = None
    criticality: str | None = None
    source: str = ""
    at: datetime | None = None


NOTHING_KNOWN = Exposure()
