"""What a reader of one format promises."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

from passmuster.model.advisory import Record


@dataclass(frozen=True)
class Document:
    """A file's content, decoded within limits. `value` is the parsed JSON or YAML, None where it is neither."""

    where: str
    text: str
    value: Any = field(default=None, repr=False)


@dataclass(frozen=True)
class ImportProblem:
    """Something odd in an accepted file, such as a score that its own vector does not give (`score_differs`)."""

    code: str
    text: str
    record: str = ""


@dataclass(frozen=True)
class Reading:
    """The records of one document. `is_whole_list`: what this feed no longer holds has been withdrawn."""

    records: tuple[Record, ...]
    problems: tuple[ImportProblem, ...] = ()
    is_whole_list: bool = False


class Feed(Protocol):
    """A reader of one format."""

    kind: str

    def recognises(self, document: Document) -> bool:
        """Whether the content (never the name) is of this format, well-formed or not."""
        ...

    def read(self, document: Document) -> Reading:
        """The records; raises UnreadableInput with every complaint where the document is not valid."""
        ...
