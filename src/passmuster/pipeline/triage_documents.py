"""Decisions of one snapshot as documents, with what the keeper asks beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from passmuster.pipeline.triaging import Triaging
from passmuster.pipeline.triaging_store import triage_store
from passmuster.report.triage_writer import document_of
from passmuster.snapshot.manifest import read_manifest


@dataclass(frozen=True)
class TriageDocuments:
    """Decisions as `passmuster/triage@1` spells them, worst first; `platform_id` as the snapshot calls it.

    Each has `forensics_first` too: whether the policy asks for a look for traces before anything else.
    """

    platform_id: str
    documents: Sequence[Mapping[str, Any]]
    warnings: tuple[str, ...] = ()
    has_one_environment: bool = False
    environments: frozenset[str] = frozenset()
    """What the snapshot calls its environments."""


def triage_documents(store: Path, by: Triaging, snapshot: Path) -> TriageDocuments:
    """Triage a snapshot against a store; raises PassmusterError where either cannot be read."""
    found = triage_store(store, by, snapshot=snapshot)
    outcomes = by.policy.outcomes
    documents = [
        {
            **document_of(each),
            "forensics_first": each.outcome in outcomes and outcomes[each.outcome].forensics_first,
        }
        for each in found.decisions
    ]
    manifest = read_manifest(snapshot)
    environments = manifest.tables.get("environments")
    is_single = environments is not None and environments.rows == 1
    return TriageDocuments(manifest.platform_id, documents, found.warnings, is_single, found.environments)
