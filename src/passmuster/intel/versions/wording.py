"""What people write around a version, taken away."""

from __future__ import annotations

import re

_NOTHING = frozenset(
    {"", "-", "--", "?", "n/a", "na", "none", "null", "unknown", "unspecified", "not specified", "tbd", "undefined"}
)
_EVERYTHING = frozenset({"*", "all", "all versions", "any", "all version", "every version"})
_ZERO = re.compile(r"^0+(?:\.0+)*$")
_PACKAGE = re.compile(r"^@?[a-z][a-z0-9_./-]*@(?=v?\d)", re.IGNORECASE)
_LEADING = re.compile(
    r"^(?:pega\s+)?(?:platform\s+)?(?:infinity|version|release|ver|rel|build|v)(?:[.:]\s*|\s+|(?=[\d']))", re.IGNORECASE
)
_BRACKETED = re.compile(r"\s*[(\[][^()\[\]]*[)\]]\s*$")
_EDITIONS = re.compile(
    r"[\s_-]+(?:lts|mts|ce|ee|community|enterprise|self[- ]hosted|on[- ]prem(?:ises)?|cloud|edition)$", re.IGNORECASE
)


def tells_nothing(text: str | None) -> bool:
    """Whether a version says nothing at all (`n/a`, `unspecified`, `-`)."""
    return text is None or text.strip().casefold() in _NOTHING


def means_every(text: str | None) -> bool:
    """Whether a version stands for all of them (`*`)."""
    return text is not None and text.strip().casefold() in _EVERYTHING


def means_first(text: str | None) -> bool:
    """Whether the lower end of a range is no end: everything from the first version on."""
    return tells_nothing(text) or means_every(text) or bool(_ZERO.match((text or "").strip()))


def bare(text: str) -> str:
    """The version without package name, leading words (`v`, `Infinity`), bracketed remarks and words of editions."""
    rest = _PACKAGE.sub("", text.strip())
    while True:
        shorter = _EDITIONS.sub("", _BRACKETED.sub("", _LEADING.sub("", rest))).strip().lstrip("'’")
        if shorter == rest or not shorter:
            return rest
        rest = shorter
