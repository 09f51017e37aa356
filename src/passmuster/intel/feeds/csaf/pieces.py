"""Small pieces that the schemas of CSAF are put together from."""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]

TEXT: Schema = {"type": "string", "minLength": 1}
URI: Schema = {"type": "string", "format": "uri"}
DATE: Schema = {"type": "string", "format": "date-time"}
CVE: Schema = {"type": "string", "pattern": "^CVE-[0-9]{4}-[0-9]{4,}$"}
LANGUAGE: Schema = {"type": "string", "format": "language"}
NAME: Schema = {"type": "string", "pattern": r"^[^\s\-_.](.*[^\s\-_.])?$"}
"""Text that neither begins nor ends with a space, dash, underscore or stop."""
# A whole number, or a semantic version of three numbers with optional pre-release and build.
VERSION: Schema = {
    "type": "string",
    "pattern": r"^(0|[1-9]\d*)$|^(0|[1-9]\d*)(\.(0|[1-9]\d*)){2}"
    r"(-(0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(\.(0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*)?"
    r"(\+[0-9a-zA-Z-]+(\.[0-9a-zA-Z-]+)*)?$",
}
CPE: Schema = {"type": "string", "format": "cpe"}


def mapping(required: str = "", /, **properties: Schema) -> Schema:
    """A mapping with these keys, of which the ones named in `required` must be there; never empty."""
    schema: Schema = {"type": "object", "properties": properties}
    return {**schema, "required": required.split()} if required else {**schema, "minProperties": 1}


def listing(items: Schema, at_least: int = 1, *, is_unique: bool = False) -> Schema:
    """A list of `items`, with at least so many of them."""
    return {"type": "array", "minItems": at_least, "items": items, **({"uniqueItems": True} if is_unique else {})}


def word(words: str) -> Schema:
    """One word of a closed list, given with spaces between."""
    return {"type": "string", "enum": words.split()}


def products() -> dict[str, Schema]:
    """The two keys by which a part of a document names the products it is about."""
    return {"group_ids": listing(TEXT, is_unique=True), "product_ids": listing(TEXT, is_unique=True)}


REFERENCES: Schema = listing(mapping("summary url", category=word("external self"), summary=TEXT, url=URI))
GENERIC_URIS: Schema = listing(mapping("namespace uri", namespace=URI, uri=URI))
