"""The extensions of CSAF 2.1 that are known here: those the committee publishes to document and test extensions.

What each asks for is in its schema and metadata, csaf_2.1/test/extension/data of github.com/oasis-tcs/csaf.
No extension is official or registered yet; none is ever fetched.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from passmuster.intel.feeds.csaf.pieces import TEXT, Schema, listing

_EVERYWHERE = 4096


@dataclass(frozen=True)
class Extension:
    """Schema of the content, which other it does not go with, how often it may stand at a place (of some by a key)."""

    content: Schema
    excludes: str
    most: int
    most_at: dict[str, int] = field(default_factory=dict)


KNOWN: dict[str, Extension] = {
    "documentation-11-content_1.0.0.json": Extension(
        {"type": "object", "minProperties": 1, "properties": {"documentation": TEXT}, "additionalProperties": False},
        excludes="documentation-12-content_1.0.0.json",
        most=1,
    ),
    "documentation-12-content_1.0.0.json": Extension(
        {
            "type": "object",
            "required": ["documentation"],
            "properties": {"documentation": TEXT, "notes": listing(TEXT)},
            "additionalProperties": False,
        },
        excludes="documentation-11-content_1.0.0.json",
        most=_EVERYWHERE,
        most_at={"full_product_names": 10, "relationships": 2, "metrics": 0},
    ),
}
_HOME = "https://raw.githubusercontent.com/oasis-tcs/csaf/"


def known_extension(url: str) -> tuple[str, Extension] | None:
    """Name and rules of the extension whose schema has the address; None for one that is not known."""
    name = url.rpartition("/")[2]
    return (name, KNOWN[name]) if url.startswith(_HOME) and name in KNOWN else None
