"""What is wrong with a document, in plain words: a JSON Schema's errors without the words of the schema language."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Any

from jsonschema import Draft202012Validator, ValidationError
from jsonschema.protocols import Validator

from passmuster.documents.schema_quick import Check, quick_check
from passmuster.documents.secrets import mask_secrets

_LONGEST = 400
_TYPES = {
    "object": "a mapping (key: value)",
    "array": "a list",
    "string": "text (quote it)",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
}
_FORMATS = {
    "date-time": "time; write 2026-12-31T17:00:00Z",
    "uri": "address; write https://...",
    "language": "language tag; write en or de-CH",
    "cpe": "CPE name; write cpe:2.3:a:VENDOR:PRODUCT:VERSION:*:*:*:*:*:*:*",
}


@cache
def _validator(name: str, package: str) -> tuple[Draft202012Validator, Check | None]:
    schema = json.loads(files(package).joinpath(f"{name}.schema.json").read_text(encoding="utf-8"))
    return Draft202012Validator(schema), quick_check(schema)


def schema_complaints(name: str, document: Any, where: str, *, package: str) -> list[str]:
    """Every way `document` departs from the schema `NAME.schema.json` in `package`; empty if it fits."""
    validator, fits = _validator(name, package)
    return [] if document is not None and fits and fits(document) else complaints_of(validator, document, where)


def complaints_of(validator: Validator, document: Any, where: str) -> list[str]:
    """Every way `document` departs from the validator's schema, each naming file and place; empty if it fits."""
    if document is None:
        return [f"{where}: is empty; write what the format asks for, or remove the file"]
    found = sorted(validator.iter_errors(document), key=lambda error: [str(part) for part in error.absolute_path])
    told = [f"{where}: {_place(inner)}{_shorten(_plain(inner))}" for error in found for inner in _innermost(error)]
    return list(dict.fromkeys(told))


def _innermost(error: ValidationError) -> list[ValidationError]:
    """Of alternatives, what is wrong with the one that was meant: the one whose type fits."""
    if not error.context:
        return [error]
    branches: dict[Any, list[ValidationError]] = {}
    for inner in error.context:
        branches.setdefault(inner.schema_path[0], []).append(inner)
    meant = [inner for inner in branches.values() if not any(_misses_the_point(each, error) for each in inner)]
    return [found for inner in meant[0] for found in _innermost(inner)] if len(meant) == 1 else [error]


def _misses_the_point(inner: ValidationError, outer: ValidationError) -> bool:
    return inner.validator in ("type", "const", "enum") and inner.absolute_path == outer.absolute_path


def _plain(error: ValidationError) -> str:
    """What is wrong and what would be right, without the words of the schema language."""
    words = _WORDS.get(str(error.validator))
    return (words(error.instance, error.validator_value, error.schema) if words else "") or error.message


def _about_required(value: Any, rule: Any, _schema: Any) -> str:
    return f"{' and '.join(repr(name) for name in rule if name not in value)} must be given"


def _about_unknown_keys(value: Any, rule: Any, schema: Any) -> str:
    known = schema.get("properties", {})
    unknown = ", ".join(repr(name) for name in sorted(set(value) - set(known)))
    return f"unknown key {unknown}; known are {', '.join(known)}" if rule is False else ""


def _about_type(value: Any, rule: Any, _schema: Any) -> str:
    expected = [rule] if isinstance(rule, str) else rule
    return f"{value!r} is not {' or '.join(_TYPES.get(word, word) for word in expected)}"


def _about_alternatives(_value: Any, rule: Any, _schema: Any) -> str:
    if not all("required" in branch for branch in rule):
        return ""
    ways = "; or ".join(" and ".join(branch["required"]) for branch in rule)
    return f"give one of these and nothing of the others: {ways}"


_WORDS: dict[str, Callable[[Any, Any, Any], str]] = {
    "required": _about_required,
    "additionalProperties": _about_unknown_keys,
    "type": _about_type,
    "oneOf": _about_alternatives,
    "enum": lambda value, rule, _schema: f"{value!r} is none of {', '.join(str(word) for word in rule)}",
    "minItems": lambda value, rule, _schema: f"has {len(value)} items; it needs at least {rule}",
    "minProperties": lambda value, rule, _schema: f"has {len(value)} keys; it needs at least {rule}",
    "uniqueItems": lambda _value, _rule, _schema: "holds the same item twice; keep one",
    "format": lambda value, rule, _schema: f"{value!r} is no {_FORMATS.get(rule, rule)}",
    "const": lambda value, rule, _schema: f"{value!r} must be {rule!r}",
    "minLength": lambda value, rule, _schema: f"{value!r} is too short; write at least {rule} characters",
    "maxLength": lambda value, rule, _schema: f"{value!r} is too long; write at most {rule} characters",
    "pattern": lambda value, rule, _schema: f"{value!r} does not fit the pattern {rule}",
}


def _place(error: ValidationError) -> str:
    parts = [str(part) for part in error.absolute_path]
    return f"{'.'.join(parts)}: " if parts else ""


def _shorten(message: str) -> str:
    # A file named by mistake may be the one with the passwords.
    message = mask_secrets(message)
    return message if len(message) <= _LONGEST else f"{message[: _LONGEST - 3]}..."
