"""What is wrong with a pack's file, in plain words."""

from __future__ import annotations

from typing import Any

from passmuster.documents.schema_words import schema_complaints as complaints_about

_SCHEMAS = "passmuster.controls.schemas"


def schema_complaints(name: str, document: Any, where: str, *, package: str = _SCHEMAS) -> list[str]:
    """Every way `document` departs from the schema `name`, each naming file and place; empty if it fits."""
    return complaints_about(name, document, where, package=package)
