"""How points and values may be written: liberal in spelling, strict in meaning."""

from __future__ import annotations

import re

_JOINTS = re.compile(r"[\s\-_]+")
_YES_NO = {"y": "yes", "true": "yes", "n": "no", "false": "no"}


def plain_word(text: str) -> str:
    """Lower snake case: `Public PoC`, `public-poc` and `public_poc` are one word."""
    return _JOINTS.sub("_", text.strip().lower()).strip("_")


def yes_or_no(word: str) -> str:
    """The usual ways to say yes and no as `yes` and `no`; any other word unchanged."""
    return _YES_NO.get(word, word)
