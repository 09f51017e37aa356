"""Holding a bill of materials against CycloneDX's own schema, and against what that schema cannot tell."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any

from jsonschema import Draft7Validator, ValidationError, validators
from referencing import Registry
from referencing.jsonschema import DRAFT7

from passmuster.documents.schema_words import complaints_of
from passmuster.errors import UnreadableInput
from passmuster.intel.feeds.cyclonedx.texts import Properties
from passmuster.intel.feeds.formats import FORMATS
from passmuster.intel.feeds.interface import Document

VERSIONS = ("1.4", "1.5", "1.6", "1.7")
_MOST_TOLD = 100
_SHARED = ("spdx", "cryptography-defs", "jsf-0.82")
Found = tuple[str, dict[str, Any]]
"""A path in the document, and the mapping there."""


def is_xml(text: str) -> bool:
    """Whether it is a bill of materials as XML."""
    start = text[:2000].lstrip("\ufeff \t\r\n")
    return start.startswith("<") and "cyclonedx.org/schema/bom" in start


def is_bom(document: Document) -> bool:
    """Whether a document is of CycloneDX, valid or not, JSON or XML."""
    value = document.value
    if isinstance(value, dict):
        return value.get("bomFormat") == "CycloneDX" or "cyclonedx.org" in str(value.get("$schema", ""))
    return value is None and is_xml(document.text)


def valid_bom(document: Document) -> dict[str, Any]:
    """The document once it is valid; raises UnreadableInput with all complaints."""
    if is_xml(document.text):
        raise UnreadableInput(f"{document.where}: is CycloneDX as XML, which is not read; export it as JSON")
    value = document.value
    if not isinstance(value, dict) or value.get("bomFormat") != "CycloneDX":
        raise UnreadableInput(f"{document.where}: bomFormat: must be CycloneDX; export it as CycloneDX JSON")
    if value.get("specVersion") not in VERSIONS:
        raise UnreadableInput(
            f"{document.where}: specVersion: {value.get('specVersion')!r} is none of {', '.join(VERSIONS)}; "
            "export it in one of these versions"
        )
    complaints = complaints_of(_validator(value["specVersion"]), value, document.where)
    complaints = complaints or [f"{document.where}: {complaint}" for complaint in _about_references(value)]
    if complaints:
        more = len(complaints) - _MOST_TOLD
        raise UnreadableInput("\n".join([*complaints[:_MOST_TOLD], *([f"and {more} more"] if more > 0 else [])]))
    return value


def all_components(bom: dict[str, Any]) -> Iterator[Found]:
    """Every component with its path: the one the bill is about, those listed, and those inside others."""
    subject = bom.get("metadata", {}).get("component")
    if subject is not None:
        yield "metadata.component", subject
        yield from _nested(subject, "metadata.component.components", "components")
    yield from _nested(bom, "components", "components")


def all_services(bom: dict[str, Any]) -> Iterator[Found]:
    """Every service with its path, and those inside others."""
    yield from _nested(bom, "services", "services")


def _nested(holder: dict[str, Any], path: str, key: str) -> Iterator[Found]:
    for number, item in enumerate(holder.get(key, [])):
        yield f"{path}.{number}", item
        yield from _nested(item, f"{path}.{number}.{key}", key)


def _about_references(bom: dict[str, Any]) -> Iterator[str]:
    """What the schema cannot tell: a reference that is given twice, or leads nowhere."""
    seen: dict[str, str] = {}
    for path, item in (*all_components(bom), *all_services(bom)):
        ref = item.get("bom-ref")
        if ref in seen:
            yield f"{path}.bom-ref: {ref!r} is that of {seen[ref]} already; give each its own"
        elif ref is not None:
            seen[ref] = path
    for number, vulnerability in enumerate(bom.get("vulnerabilities", [])):
        for place, affected in enumerate(vulnerability.get("affects", [])):
            ref = affected["ref"]
            if ref not in seen and not ref.startswith("urn:cdx:"):
                yield (
                    f"vulnerabilities.{number}.affects.{place}.ref: nothing has the bom-ref {ref!r}; "
                    "add the component or service it is about"
                )


@cache
def _validator(version: str) -> Any:
    """The validator of one version: the schema that cyclonedx-python-lib carries, but quicker for doubles and texts."""
    registry: Registry[Any] = Registry().with_resources(
        (f"http://cyclonedx.org/schema/{name}.SNAPSHOT.schema.json", DRAFT7.create_resource(_schema(name)))
        for name in _SHARED
    )
    # The library tests for doubles by comparing each pair, which takes minutes for a bill of some thousand components.
    schema = _schema(f"bom-{version}")
    rules = {"uniqueItems": _doubles, "properties": Properties(schema)}
    quick = validators.extend(Draft7Validator, rules)  # type: ignore[no-untyped-call]
    return quick(schema, registry=registry, format_checker=FORMATS)


def _schema(name: str) -> Any:
    path = files("cyclonedx.schema._res").joinpath(f"{name}.SNAPSHOT.schema.json")
    return json.loads(path.read_text(encoding="utf-8"))


def _doubles(_validator: Any, rule: Any, value: Any, _schema: Any) -> Iterator[ValidationError]:
    if rule and isinstance(value, list):
        spelled = {json.dumps(item, sort_keys=True) for item in value}
        if len(spelled) < len(value):
            yield ValidationError("holds the same item twice")
