"""Documents that tell of several vulnerabilities: what a newer revision leaves out, it has withdrawn."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from passmuster.intel.feeds.interface import Whole
from passmuster.intel.record_json import from_text
from passmuster.intel.store.reading import DocumentPart, Store
from passmuster.intel.store.rows import Version, version_of
from passmuster.intel.store.tables import PRESENT

Rank = tuple[int, datetime]
_NEVER = datetime(1, 1, 1, tzinfo=UTC)
Name = tuple[str, str, str]
"""Kind, feed and id of a document."""


@dataclass(frozen=True)
class Held:
    """What is known of one record of a document: the rank of the revision that told it, and whether it stands."""

    rank: Rank
    is_present: bool


@dataclass
class Revisions:
    """The documents of a store as seen at its instant, and those taken in since by this import."""

    store: Store
    _known: dict[Name, dict[str, Held]] | None = None
    _later: dict[Name, tuple[datetime, frozenset[str]]] = field(default_factory=dict)
    _texts: dict[str, bytes] = field(default_factory=dict)

    def held(self, whole: Whole) -> Mapping[str, Held]:
        """The records of a document by key."""
        return self._read().get(whole.name, {})

    def next_after(self, whole: Whole) -> tuple[datetime, frozenset[str]] | None:
        """When the document was next seen after the store's instant, and the keys of what it told then."""
        self._read()
        return self._later.get(whole.name)

    def note(self, whole: Whole, versions: Mapping[str, Version], gone: Iterable[str]) -> None:
        """Remember what a revision told and what it left out."""
        held = self._read().setdefault(whole.name, {})
        held |= {key: replace(held[key], is_present=False) for key in gone}
        held |= {key: Held(rank_of(whole), is_present=True) for key in versions}
        # A folder may hold two revisions of one document; thousands of texts are kept small.
        self._texts |= {
            key: zlib.compress(version.text.encode("utf-8", "surrogatepass"), 1) for key, version in versions.items()
        }

    def version(self, key: str) -> Version | None:
        """The version of a record that this import took in; None where it did not."""
        packed = self._texts.get(key)
        return (
            None if packed is None else version_of(from_text(zlib.decompress(packed).decode("utf-8", "surrogatepass")))
        )

    def _read(self) -> dict[Name, dict[str, Held]]:
        if self._known is None:
            self._known = {}
            for part in self.store.document_parts():
                held = Held(_rank(part), part.state == PRESENT)
                self._known.setdefault((part.kind, part.feed, part.document), {})[part.key] = held
            self._later = _first_of(self.store.later_document_parts())
        return self._known


def rank_of(whole: Whole) -> Rank:
    """What revisions of one document are ordered by."""
    return (whole.revision, whole.released_at or _NEVER)


def _rank(part: DocumentPart) -> Rank:
    """The same of a record as stored: only CycloneDX counts revisions by whole numbers, CSAF has its dates."""
    if part.kind == "cyclonedx":
        return (int(part.revision) if part.revision.isdigit() else 0, _NEVER)
    return (0, part.modified_at or _NEVER)


def _first_of(parts: Iterable[DocumentPart]) -> dict[Name, tuple[datetime, frozenset[str]]]:
    """Of each document the first time it was seen again and what it told then."""
    found: dict[Name, tuple[datetime, set[str]]] = {}
    for part in parts:
        seen_at, keys = found.setdefault((part.kind, part.feed, part.document), (part.seen_at, set()))
        if part.seen_at == seen_at and part.state == PRESENT:
            keys.add(part.key)
    return {name: (seen_at, frozenset(keys)) for name, (seen_at, keys) in found.items()}
