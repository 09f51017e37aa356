"""JSON from outside: bounded in size and depth, with errors that name the place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from passmuster.documents.limits import MAX_BYTES, MAX_DEPTH, depth_of, read_text
from passmuster.errors import UnreadableInput


def read_json(path: Path, *, max_bytes: int = MAX_BYTES, has_unique_keys: bool = False) -> Any:
    """The value of a JSON file; raises UnreadableInput that names file, line and mend.

    `has_unique_keys` is for what people write: a key given twice is refused; of what machines send the last counts.
    """
    return parse_json(read_text(path, max_bytes=max_bytes), str(path), has_unique_keys=has_unique_keys)


def parse_json(text: str, where: str, *, has_unique_keys: bool = False) -> Any:
    """The value of a JSON text of any origin; numbers past what a machine holds, NaN and deep nesting are refused."""
    pairs = _refuse_twins if has_unique_keys else None
    try:
        value = json.loads(text, parse_constant=_refuse_constant, object_pairs_hook=pairs)
    except json.JSONDecodeError as error:
        is_cut = error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string")
        hint = "it ends too early; fetch or export it again" if is_cut else "mend it there"
        raise UnreadableInput(
            f"{where}: is not JSON: line {error.lineno}, column {error.colno}: {error.msg}; {hint}"
        ) from None
    except RecursionError:
        raise UnreadableInput(f"{where}: nests deeper than {MAX_DEPTH} levels; this is no export") from None
    except ValueError as error:
        if isinstance(error, _Twins):
            raise UnreadableInput(f"{where}: {error}; leave one of the two") from None
        problem = "a number has more digits than any export writes" if "digits" in str(error) else str(error)
        raise UnreadableInput(f"{where}: is not JSON we accept: {problem}; export it again") from None
    if depth_of(value) > MAX_DEPTH:
        raise UnreadableInput(f"{where}: nests deeper than {MAX_DEPTH} levels; this is no export")
    return value


def _refuse_constant(word: str) -> Any:
    raise ValueError(f"{word} is not a JSON number")


class _Twins(ValueError):
    """A key that stands twice in one object."""


def _refuse_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [key for key, _ in pairs]
        twin = next(key for position, key in enumerate(names) if key in names[:position])
        name = next((f" of {found[key]!r:.80}" for key in ("id", "job") if isinstance(found.get(key), str)), "")
        raise _Twins(f"the key {twin!r}{name} is given twice")
    return found
