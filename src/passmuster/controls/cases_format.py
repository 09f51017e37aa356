"""One case of a control: what was found, and what the control must say of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

AS_OF = "2026-06-01T00:00:00Z"


@dataclass(frozen=True)
class Case:
    """One example of what a control must find. Tables not named are empty, registers not named not handed over."""

    name: str
    status: str
    product: str = "other"
    hosting: str = ""
    as_of: str = AS_OF
    tables: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    unreadable: Mapping[str, str] = field(default_factory=dict)
    registers: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    params: Mapping[str, Any] = field(default_factory=dict)
    resources: tuple[str, ...] | None = None
    population: int | None = None
    severities: Mapping[str, str] = field(default_factory=dict)
    details: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""
