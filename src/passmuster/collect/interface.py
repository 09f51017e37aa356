"""What a connector is. Each must pass the shared conformance test in `tests/collect/conformance.py`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

from passmuster.snapshot.gathered import CollectionResult


@dataclass(frozen=True)
class Secret:
    """A credential a connector can use: the environment variable, and what it is for."""

    variable: str
    text: str


@dataclass(frozen=True)
class Target:
    """What to read: a live platform (`url`) or an export or folder of recorded answers (`path`); one of the two.

    `since` is how far back the platform's own audit log is wanted; None means the usual stretch (`collect.audit_log`).
    """

    url: str | None = None
    path: Path | None = None
    platform_id: str | None = None
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    progress: Callable[[str], None] = lambda _text: None
    since: datetime | None = None


class Connector(Protocol):
    """Reads one kind of platform. Never judges, never writes to the platform, never raises for what it says."""

    @property
    def kind(self) -> str:
        """The word on the command line."""
        ...

    @property
    def version(self) -> str:
        """Rises when the same answers would give other rows."""
        ...

    @property
    def title(self) -> str:
        """The platform's name for people."""
        ...

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """The environment variables it reads."""
        ...

    def collect(self, target: Target) -> CollectionResult:
        """Everything that can be read; raises PassmusterError only for wrong usage or an unreadable file."""
        ...
