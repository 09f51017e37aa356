"""Every address of the pages and of the API, with something that is there in each of its holes."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

# Nothing has this number or this name.
ABSENT = {"int": "987654321", "slug": "no-such-thing", "str": "no-such-thing"}
_HOLE = re.compile(r"<(?:(?P<kind>\w+):)?(?P<name>\w+)>")
# Of the API's description.
_API_HOLE = re.compile(r"\{(?P<name>\w+)\}")


@dataclass(frozen=True)
class Address:
    """A way to ask: the method and the path; `absent` is the same path where nothing is, empty without a hole."""

    method: str
    path: str
    absent: str
    pattern: str
    body: Mapping[str, Any] | None = None


def addresses_of_pages(there: Mapping[str, Sequence[str]]) -> Iterator[Address]:
    """Every page and every form; `there` gives for a hole's name or kind the values to try."""
    for pattern in _patterns(get_resolver().url_patterns):
        if not pattern.startswith("api/v1/"):
            for path, absent in _filled(pattern, there):
                for method in ("GET", "POST"):
                    yield Address(method, path, absent, f"/{pattern}")


def _patterns(patterns: Sequence[URLPattern | URLResolver], prefix: str = "") -> Iterator[str]:
    for each in patterns:
        path = prefix + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from _patterns(each.url_patterns, path)
        elif not re.search(r"[\\^$|(]", path):
            yield path


def _filled(pattern: str, there: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, str]]:
    holes = [(hole["kind"] or "str", hole["name"]) for hole in _HOLE.finditer(pattern)]
    text = _HOLE.sub("{}", pattern)
    absent = "/" + text.format(*(ABSENT.get(kind, ABSENT["str"]) for kind, _ in holes)) if holes else ""
    for chosen in itertools.product(*_values(holes, there)):
        yield "/" + text.format(*chosen), absent


def _values(holes: Sequence[tuple[str, str]], there: Mapping[str, Sequence[str]]) -> list[Sequence[str]]:
    """What to try in each hole (a kind and a name): what is there of both, else of the name, else of the kind."""
    return [
        there.get(f"{kind} {name}") or there.get(name) or there.get(kind) or [ABSENT["str"]] for kind, name in holes
    ]


def addresses_of_api(description: Mapping[str, Any], there: Mapping[str, Sequence[str]]) -> Iterator[Address]:
    """Every operation of the description, each with a body that fits its schema."""
    for pattern, operations in description["paths"].items():
        names = [hole["name"] for hole in _API_HOLE.finditer(pattern)]
        for method, operation in operations.items():
            kinds = {each["name"]: each["schema"].get("type", "") for each in operation.get("parameters", ())}
            holes = [("int" if kinds.get(name) == "integer" else "str", name) for name in names]
            text = _API_HOLE.sub("{}", pattern)
            absent = text.format(*(ABSENT[kind] for kind, _ in holes)) if names else ""
            body = _body(operation, description)
            for chosen in itertools.product(*_values(holes, there)):
                yield Address(method.upper(), text.format(*chosen), absent, pattern, body)


def _body(operation: Mapping[str, Any], description: Mapping[str, Any]) -> dict[str, Any] | None:
    content = operation.get("requestBody", {}).get("content", {})
    schema = content.get("application/json", {}).get("schema")
    return None if schema is None else _sample(schema, description)


def _sample(schema: Mapping[str, Any], description: Mapping[str, Any]) -> Any:
    """The smallest value that fits: what must be there, and no more."""
    if "$ref" in schema:
        found: Any = description
        for part in schema["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        return _sample(found, description)
    if "enum" in schema or "const" in schema:
        return schema.get("const") or schema["enum"][0]
    if "anyOf" in schema:
        return _sample(schema["anyOf"][0], description)
    kind = schema.get("type")
    if kind == "object":
        told = schema.get("properties", {})
        return {name: _sample(told[name], description) for name in schema.get("required", ())}
    if kind == "array":
        return [_sample(schema["items"], description)] * schema.get("minItems", 0)
    if kind == "string":
        days = {"date": "2026-03-31", "date-time": "2026-03-31T09:00:00Z"}
        return days.get(schema.get("format", ""), "abcdefghij")
    return {"integer": 1, "number": 1, "boolean": True}.get(kind or "")
