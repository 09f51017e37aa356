"""What the framework's OpenAPI description leaves out or gets wrong."""

from __future__ import annotations

from typing import Any

from ninja.openapi.schema import OpenAPISchema

from passmuster.web.api.problems import MEDIA_TYPE, Problem

_ALWAYS = {"400": "malformed", "401": "nobody is known", "403": "not allowed", "429": "too many calls"}
_REFUSED = {"422": "mistakes in the request, all of them told"}
_NOT_FOUND = {"404": "no such thing, or not shown to you"}
_UNSAFE = {
    "409": "conflicts with what is on record",
    "413": "larger than is taken",
    "415": "not JSON, or not the form that is asked for",
}
_FAULT = {"500": "a fault of ours", "503": "the database does not answer"}
_REF = "#/components/schemas/{model}"


def describe(schema: OpenAPISchema) -> OpenAPISchema:
    """Add the problem documents each operation may answer; a query's value is never null."""
    made = Problem.model_json_schema(ref_template=_REF, mode="serialization")
    schema["components"]["schemas"].update(made.pop("$defs", {}) | {"Problem": made})
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            told = _ALWAYS | _REFUSED | _FAULT
            told |= _NOT_FOUND if "{" in path or method != "get" else {}
            told |= _UNSAFE if method != "get" else {}
            for status, meaning in sorted(told.items()):
                content = {MEDIA_TYPE: {"schema": {"$ref": _REF.format(model="Problem")}}}
                operation["responses"][status] = {"description": meaning, "content": content}
            for parameter in operation.get("parameters", ()):
                parameter["schema"] = _never_null(parameter["schema"])
    return schema


def _never_null(schema: dict[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in schema.items() if not (name == "default" and value is None)}
    choices = [each for each in kept.get("anyOf", ()) if each != {"type": "null"}]
    if len(choices) != 1:
        return kept
    kept.pop("anyOf")
    return {**choices[0], **kept}
