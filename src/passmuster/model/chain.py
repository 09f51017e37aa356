"""The arithmetic of the tamper-evident record: digests of events, and Merkle roots over them. Pure.

Events are chained by SHA-256 over their canonical JSON; roots follow RFC 9162 (leaf prefix 0, node prefix 1).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

START = "0" * 64
FIELDS = (
    *("number", "at", "actor", "by", "action", "subject_kind", "subject_id", "platform", "before", "after", "why"),
    "previous_digest",
)


def event_digest(event: Mapping[str, Any]) -> str:
    """The digest of an event's `FIELDS` (`at` as RFC 3339 text), hexadecimal."""
    told = {name: event[name] for name in FIELDS}
    text = json.dumps(told, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


class MerkleTree:
    """A root over digests added one by one; keeps one digest a level."""

    def __init__(self) -> None:
        self._peaks: list[tuple[int, bytes]] = []

    def add(self, digest: str) -> None:
        """Append a leaf."""
        node = (0, hashlib.sha256(b"\0" + bytes.fromhex(digest)).digest())
        while self._peaks and self._peaks[-1][0] == node[0]:
            height, left = self._peaks.pop()
            node = (height + 1, hashlib.sha256(b"\1" + left + node[1]).digest())
        self._peaks.append(node)

    @property
    def root(self) -> str:
        """The root, hexadecimal; of no leaves the digest of nothing."""
        if not self._peaks:
            return hashlib.sha256(b"").hexdigest()
        found = self._peaks[-1][1]
        for _, left in reversed(self._peaks[:-1]):
            found = hashlib.sha256(b"\1" + left + found).digest()
        return found.hex()
