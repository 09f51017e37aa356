"""What each patch of a problem mends, as `plan-problem` notes it beside the problem."""

from __future__ import annotations

from typing import Any

_MOST_NAMED = 20


def patch_notes(document: Any) -> dict[str, str]:
    """A sentence a patch, by its id; empty where the problem's document notes nothing that can be read."""
    patches = document.get("patches") if isinstance(document, dict) else None
    found: dict[str, list[str]] = {}
    for item in patches if isinstance(patches, list) else ():
        name, advisories = (item.get("id"), item.get("advisories")) if isinstance(item, dict) else (None, None)
        if isinstance(name, str) and isinstance(advisories, list):
            found.setdefault(name, []).extend(str(advisory) for advisory in advisories)
    return {name: _sentence(sorted(set(advisories))) for name, advisories in found.items() if advisories}


def _sentence(advisories: list[str]) -> str:
    rest = len(advisories) - _MOST_NAMED
    return f"Mends {', '.join(advisories[:_MOST_NAMED])}" + (f" and {rest} more." if rest > 0 else ".")
