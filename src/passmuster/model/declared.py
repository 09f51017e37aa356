"""A fact that no interface gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class DeclaredFact:
    """One fact no interface gave: who said it, when, and from which source."""

    table: str
    row: Mapping[str, Any]
    said_by: str
    said_at: datetime
    source: str
