"""Collecting: one platform, or an export of one, becomes one immutable snapshot."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from passmuster.collect.declared import apply_declared, read_declared
from passmuster.collect.interface import Connector, Target
from passmuster.collect.registry import all_connectors, find_connector
from passmuster.documents.atomic import new_folder, refuse_full
from passmuster.errors import UsageError
from passmuster.intel.catalogue.load import load_catalogue
from passmuster.model.declared import DeclaredFact
from passmuster.pipeline.credentials import read_credential
from passmuster.snapshot.manifest import Manifest
from passmuster.snapshot.write import write_snapshot


@dataclass(frozen=True)
class Collecting:
    """What to collect: the kind of connector, a URL or a path, and facts declared beside it."""

    kind: str
    url: str | None = None
    path: Path | None = None
    declared: Path | None = None
    platform_id: str | None = None
    name: str | None = None
    environ: Mapping[str, str] = field(default_factory=lambda: dict(os.environ), repr=False)
    progress: Callable[[str], None] = lambda _text: None
    at: datetime | None = None
    """When it is said to happen; None means now."""
    since: datetime | None = None
    """How far back the platform's own audit log is wanted; None means the usual stretch."""


def collect(order: Collecting, out: Path) -> Manifest:
    """Write a snapshot into the new folder `out`; raises PassmusterError before anything is asked where it can."""
    refuse_full(out)
    connector, target, facts = prepare(order)
    with new_folder(out) as scratch:
        return gather(connector, target, facts, scratch, name=order.name, at=order.at)


def prepare(order: Collecting) -> tuple[Connector, Target, tuple[DeclaredFact, ...]]:
    """Check the order as far as that goes without asking the platform."""
    connector = find_connector(_kind(order.kind))
    if (order.url is None) == (order.path is None):
        raise UsageError("say where to read: either --url URL or --from PATH")
    if order.path is not None and not order.path.exists():
        raise UsageError(f"{order.path}: there is no such file or folder; check --from")
    facts = read_declared(order.declared) if order.declared else ()
    target = Target(
        url=order.url,
        path=order.path,
        platform_id=order.platform_id,
        secrets=_secrets(connector, order.environ),
        progress=order.progress,
        since=order.since,
    )
    return connector, target, facts


def gather(
    connector: Connector,
    target: Target,
    facts: tuple[DeclaredFact, ...],
    folder: Path,
    *,
    name: str | None = None,
    at: datetime | None = None,
) -> Manifest:
    """Run the connector and write what it gathered into `folder`; `name` is what people call the platform."""
    started_at = at or datetime.now(UTC)
    result = connector.collect(target)
    if facts:
        result = apply_declared(result, facts)
    if name:
        result = replace(result, name=name)
    return write_snapshot(result, folder, started_at=started_at, taken_at=at or datetime.now(UTC))


def _kind(word: str) -> str:
    """A platform of the catalogue without a connector of its own is declared by its owner."""
    if word in all_connectors() or word not in {platform.id for platform in load_catalogue().platforms}:
        return word
    return "declared"


def _secrets(connector: Connector, environ: Mapping[str, str]) -> dict[str, str]:
    """The connector's secrets, from the environment or from files only their owner can read."""
    found = {}
    for secret in connector.secrets:
        value = read_credential(secret.variable, environ)
        if value:
            found[secret.variable] = value
    return found
