"""Requests, answers, and the two places answers come from (a live server, a folder of recorded ones)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True)
class Request:
    """One question to a platform. `name` is also the file name of its recorded answer, without `.json`."""

    name: str
    path: str
    method: str = "GET"
    params: Mapping[str, str] = field(default_factory=dict)
    json: Any = None
    form: Mapping[str, str] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """What came back. `status` is None and `problem` says why, where there was no usable answer.

    `problem` is also set (with a status) when the body could not be understood.
    """

    status: int | None
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""

    @property
    def is_ok(self) -> bool:
        """Whether the platform answered and the answer could be read."""
        return self.status is not None and 200 <= self.status < 300 and not self.problem


class Answers(Protocol):
    """Where a connector's answers come from."""

    def ask(self, request: Request) -> Answer:
        """The answer to one request; trouble is in the answer, never raised."""
        ...

    def has(self, name: str) -> bool:
        """Whether there could be an answer to the request of that name."""
        ...
