"""JSON from outside: bounded in size and depth, with errors that name the place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from passmuster.documents.limits import MAX_BYTES, MAX_DEPTH, depth_of, read_text
from passmuster.errors import UnreadableInput


def read_json(path: Path, *, max_bytes: int = MAX_BYTES) -> Any:
    """The value of a JSON file; raises UnreadableInput that names file, line and mend."""
    return parse_json(read_text(path, max_bytes=max_bytes), str(path))


def parse_json(text: str, where: str) -> Any:
    """The value of a JSON text of any origin; numbers past what a machine holds, NaN and deep nesting are refused."""
    try:
        value = json.loads(text, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        is_cut = error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string")
        hint = "it ends too early; fetch or export it again" if is_cut else "mend it there"
        raise UnreadableInput(
            f"{where}: is not JSON: line {error.lineno}, column {error.colno}: {error.msg}; {hint}"
        ) from None
    except RecursionError:
        raise UnreadableInput(f"{where}: nests deeper than {MAX_DEPTH} levels; this is no export") from None
    except ValueError as error:
        problem = "a number has more digits than any export writes" if "digits" in str(error) else str(error)
        raise UnreadableInput(f"{where}: is not JSON we accept: {problem}; export it again") from None
    if depth_of(value) > MAX_DEPTH:
        raise UnreadableInput(f"{where}: nests deeper than {MAX_DEPTH} levels; this is no export")
    return value


def _refuse_constant(word: str) -> Any:
    raise ValueError(f"{word} is not a JSON number")
