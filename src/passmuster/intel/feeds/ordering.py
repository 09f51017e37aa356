"""The order of plain versions, for putting the events and changes of a record in order; no more than that."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple


class Order(NamedTuple):
    """A version's place among others; compares as the versions do."""

    numbers: tuple[int, ...]
    is_release: bool
    before_release: tuple[tuple[int, int, str], ...]


@lru_cache(maxsize=65_536)
def order_of(version: str) -> Order | None:
    """The place of a version by the rules of semantic versioning; None where it is none."""
    match = re.fullmatch(r"v?(\d{1,9}(?:\.\d{1,9}){0,5})(?:-([0-9A-Za-z.-]+))?(?:\+.*)?", version)
    if match is None:
        return None
    numbers = tuple(map(int, match[1].split(".")))
    parts = (match[2] or "").split(".")
    marks = tuple((0, int(part[:18]), "") if part.isdigit() else (1, 0, part) for part in parts)
    return Order((*numbers, *(0,) * (6 - len(numbers))), match[2] is None, marks)
