"""What a reader of one format promises."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol

import pyarrow as pa

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
class ScoreTable:
    """Exploit predictions of one day, too many for a value each: columns `cve`, `probability`, `percentile`."""

    table: pa.Table = field(repr=False)
    model: str = ""
    scored_on: date | None = None


@dataclass(frozen=True)
class Whole:
    """The document whose records a reading holds, all of them; revisions are ordered by number, then by date."""

    kind: str
    feed: str
    document: str
    revision: int = 0
    released_at: datetime | None = None

    @property
    def name(self) -> tuple[str, str, str]:
        """What stays the same from one revision to the next."""
        return self.kind, self.feed, self.document


@dataclass(frozen=True)
class Reading:
    """The records of one document. `is_whole_list`: what this feed no longer holds has been withdrawn.

    `listed_at` is when the publisher made the list; one older than a list already known changes nothing.
    """

    records: tuple[Record, ...]
    problems: tuple[ImportProblem, ...] = ()
    is_whole_list: bool = False
    listed_at: datetime | None = None
    scores: ScoreTable | None = None
    whole: Whole | None = None
    """Where the records are all that one document tells: what an older revision of it told beside them is withdrawn."""


class Feed(Protocol):
    """A reader of one format."""

    @property
    def kind(self) -> str:
        """The format's word."""
        ...

    def recognises(self, document: Document) -> bool:
        """Whether the content (never the name) is of this format, well-formed or not."""
        ...

    def read(self, document: Document) -> Reading:
        """The records; raises UnreadableInput with every complaint where the document is not valid."""
        ...
