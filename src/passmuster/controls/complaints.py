"""Holding a document against its JSON Schema, with complaints a person can act on."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

from jsonschema import Draft202012Validator


@cache
def _validator(name: str) -> Draft202012Validator:
    text = files("passmuster.controls.schemas").joinpath(f"{name}.schema.json").read_text(encoding="utf-8")
    return Draft202012Validator(json.loads(text))


def schema_complaints(name: str, document: Any, where: str) -> list[str]:
    """Every way `document` departs from the schema `name`, each naming file and place; empty if it fits."""
    found = sorted(
        _validator(name).iter_errors(document), key=lambda error: [str(part) for part in error.absolute_path]
    )
    return [f"{where}: {_place(error.absolute_path)}{_shorten(error.message)}" for error in found]


def _place(path: Any) -> str:
    parts = [str(part) for part in path]
    return f"{'.'.join(parts)}: " if parts else ""


def _shorten(message: str) -> str:
    return message if len(message) <= 240 else message[:237] + "..."
