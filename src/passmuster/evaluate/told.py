"""The violations of one control as reports read them: made of the rows found, once somebody looks at them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from functools import cached_property
from typing import Any, overload

from passmuster.evaluate.looking import Row
from passmuster.model.results import Violation
from passmuster.model.words import Severity

_WORDS: dict[str, Severity] = {str(severity): severity for severity in Severity}


@dataclass(frozen=True, eq=False)
class Told(Sequence[Violation]):
    """A million violations cost nothing until they are read, and are made only once then.

    `prefix` is what their fingerprints start from; `exceptions` are by resource id, "*" covers every resource.
    """

    rows: tuple[Row, ...]
    severity: Severity
    prefix: str
    exceptions: Mapping[str, Mapping[str, Any]]

    @overload
    def __getitem__(self, place: int) -> Violation: ...
    @overload
    def __getitem__(self, place: slice) -> list[Violation]: ...
    def __getitem__(self, place: int | slice) -> Violation | list[Violation]:
        """One, or a part of them."""
        return self._made[place]

    def __len__(self) -> int:
        """How many, without making them."""
        return len(self.rows)

    def __iter__(self) -> Iterator[Violation]:
        """All, by resource id."""
        return iter(self._made)

    def __eq__(self, other: object) -> bool:
        """Whether the other sequence holds the same violations."""
        return isinstance(other, Sequence) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]

    @cached_property
    def _made(self) -> list[Violation]:
        start = hashlib.sha256(f"{self.prefix}\x1f".encode())
        return [self._violation(row, start.copy()) for row in self.rows]

    def _violation(self, row: Row, digest: Any) -> Violation:
        resource, name, detail, word = row
        digest.update(resource.encode())
        exception = self.exceptions.get(resource) or self.exceptions.get("*") if self.exceptions else None
        return Violation(
            id=resource,
            name=name or resource,
            detail=detail,
            severity=_WORDS.get(word, self.severity),
            fingerprint=digest.hexdigest()[:32],
            excepted_until=exception["valid_until"].replace(tzinfo=UTC) if exception else None,
            excepted_by=str(exception["made_by"]) if exception else "",
        )
