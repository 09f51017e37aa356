"""Reading a policy of the keeper: the house's own file where there is one, else the one that ships."""

from __future__ import annotations

from copy import deepcopy
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from passmuster.documents.limits import read_text
from passmuster.documents.schema_words import schema_complaints
from passmuster.documents.yaml_file import parse_yaml, plain
from passmuster.errors import UnreadableInput

_PACKAGE = "passmuster.application.policies"
_MAX_BYTES = 256 * 1024


def read_policy(file: str, schema: str, home: Path) -> tuple[dict[str, Any], str]:
    """The document and where it stands; raises UnreadableInput with every mistake at once."""
    own = home / "policies" / file
    if own.is_file():
        text, where = read_text(own, max_bytes=_MAX_BYTES), str(own)
    else:
        text, where = files(_PACKAGE).joinpath(file).read_text(encoding="utf-8"), file
    return deepcopy(_document(text, where, schema)), where


# Every use case that keeps to a policy reads it; the file is looked at each time, and what it says is parsed once.
@lru_cache(maxsize=16)
def _document(text: str, where: str, schema: str) -> dict[str, Any]:
    document: dict[str, Any] = plain(parse_yaml(text, where))
    complaints = schema_complaints(schema, document, where, package=_PACKAGE)
    if complaints:
        raise UnreadableInput("\n".join(complaints))
    return document
