"""Reads the files of one kind, each on its own: one that is broken is told, and the others are read all the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar
from xml.etree.ElementTree import Element

from passmuster.collect.connectors.salesforce.kinds import KINDS, Kind
from passmuster.collect.connectors.salesforce.metadata import texts_of
from passmuster.collect.connectors.salesforce.source_files import Found, SourceFile
from passmuster.documents.secrets import mask_secrets
from passmuster.documents.xml_file import parse_xml
from passmuster.errors import UnreadableInput
from passmuster.model.words import CollectionStatus
from passmuster.snapshot.gathered import SourceState

_MAX_BYTES = 64 * 2**20
_NAMED = 5
_T = TypeVar("_T")


@dataclass(frozen=True)
class Part:
    """What became of one kind: the roots or records by name, the files that could not be read, how many there were."""

    kind: Kind
    problems: tuple[str, ...] = ()
    files: int = 0
    components: int = 0
    was_asked_for: bool = False

    @property
    def read_files(self) -> int:
        """How many files could be read."""
        return self.files - len(self.problems)

    def state(self) -> SourceState:
        """Read, read in part, broken, or not there (then nobody knows whether the organisation has none)."""
        if self.problems:
            named = "; ".join(self.problems[:_NAMED])
            more = f"; and {len(self.problems) - _NAMED} more" if len(self.problems) > _NAMED else ""
            told = f"{len(self.problems)} of {self.files} files could not be read: {named}{more}"
            status = CollectionStatus.PARTIAL if self.read_files else CollectionStatus.ERROR
            return SourceState(self.kind.suffix, status, told, "mend or retrieve these files again")
        if not self.files and not self.was_asked_for:
            why = f"the folder holds no {self.kind.plural}: the organisation has none, or they were not retrieved"
            return SourceState(self.kind.suffix, CollectionStatus.UNSUPPORTED, why, self.kind.unlock)
        return SourceState(self.kind.suffix, CollectionStatus.OK)


@dataclass
class Reader:
    """Reads kind by kind and remembers what became of each."""

    found: Found
    progress: Callable[[str], None] = lambda _text: None
    asked_for: frozenset[str] = frozenset()
    parts: dict[str, Part] = field(default_factory=dict)

    def read(self, suffix: str, convert: Callable[[str, Element], _T | None]) -> dict[str, list[_T]]:
        """What `convert` makes of each file (its name and root), by component; None from it means: not this kind."""
        kind, named = KINDS[suffix], self.found.of(suffix)
        files = sum(map(len, named.values()))
        if files:
            self.progress(f"reading {kind.plural}: {files} files")
        problems: list[str] = []
        records: dict[str, list[_T]] = {}
        for name, group in named.items():
            for file in group:
                try:
                    record = convert(name, read_root(file))
                    if record is None:
                        raise UnreadableInput(f"{file.shown}: is no {kind.type_name}; retrieve it again")
                except UnreadableInput as error:
                    problems.append(mask_secrets(str(error)))
                else:
                    records.setdefault(name, []).append(record)
        asked = kind.type_name in self.asked_for
        self.parts[suffix] = Part(kind, tuple(problems), files, len(named), was_asked_for=asked)
        return records

    def strict_states(self, *suffixes: str) -> tuple[SourceState, ...]:
        """The states of kinds each of which every folder of an organisation should hold."""
        return tuple(self.parts[suffix].state() for suffix in suffixes)

    def states(self, *suffixes: str) -> tuple[SourceState, ...]:
        """The states of the kinds a table is made from.

        Where one of them is in the folder, one that is not there counts as known to be none: whoever retrieves
        remote sites but no named credentials has none.
        """
        states = [self.parts[suffix].state() for suffix in suffixes]
        if any(state.status is not CollectionStatus.UNSUPPORTED for state in states):
            states = [
                SourceState(state.name, CollectionStatus.OK) if state.status is CollectionStatus.UNSUPPORTED else state
                for state in states
            ]
        return tuple(states)


def read_root(file: SourceFile) -> Element:
    """The root of a file, tags without namespace; raises UnreadableInput that names the file as people know it."""
    try:
        with file.path.open("rb") as stream:
            data = stream.read(_MAX_BYTES + 1)
    except OSError as error:
        raise UnreadableInput(f"{file.shown}: cannot be read: {error.strerror}") from None
    if len(data) > _MAX_BYTES:
        raise UnreadableInput(f"{file.shown}: is larger than {_MAX_BYTES // 2**20} MiB")
    if not data.strip():
        raise UnreadableInput(f"{file.shown}: is empty")
    return parse_xml(data, file.shown)


def kinds_asked_for(found: Found) -> frozenset[str]:
    """The types of which a manifest of the folder asks for all (`*`); a manifest that cannot be read asks for none."""
    asked: set[str] = set()
    for path in found.manifests:
        try:
            root = read_root(SourceFile(path, path.name, is_in_package=False))
        except UnreadableInput:
            continue
        for entry in root.findall("types") if root.tag == "Package" else []:
            if "*" in texts_of(entry, "members"):
                asked.update(texts_of(entry, "name"))
    return frozenset(asked)


def only(records: Mapping[str, list[_T]]) -> dict[str, _T]:
    """The first record of each component, for kinds that do not add up."""
    return {name: group[0] for name, group in records.items()}
