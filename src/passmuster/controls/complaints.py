"""What is wrong with a pack's file, in plain words."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

from jsonschema import Draft202012Validator

from passmuster.documents.schema_words import complaints_of


@cache
def _validator(name: str) -> Draft202012Validator:
    text = files("passmuster.controls.schemas").joinpath(f"{name}.schema.json").read_text(encoding="utf-8")
    return Draft202012Validator(json.loads(text))


def schema_complaints(name: str, document: Any, where: str) -> list[str]:
    """Every way `document` departs from the schema `name`, each naming file and place; empty if it fits."""
    return complaints_of(_validator(name), document, where)
