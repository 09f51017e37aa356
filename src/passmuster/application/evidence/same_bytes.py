"""Evidence whose file was handed in before, byte for byte."""

from __future__ import annotations

from passmuster.application.access import Actor
from passmuster.application.evidence.evidence import evidence_for
from passmuster.records.models import Evidence


def same_bytes(actor: Actor, piece: Evidence) -> list[int]:
    """The earlier pieces of just these bytes that the actor may read, the first of them first."""
    return sorted(evidence_for(actor).filter(sha256=piece.sha256, pk__lt=piece.pk).values_list("pk", flat=True)[:20])
