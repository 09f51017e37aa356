"""Which records speak of the same thing: those that share a CVE, by their own id or through an alias."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from passmuster.model.advisory import RecordKind

_CVE = re.compile(r"CVE-\d{4}-\d{4,19}", re.IGNORECASE)


@dataclass(frozen=True)
class Named:
    """A record by its names alone; `row` tells it from others."""

    row: int
    id: str
    kind: str
    names: tuple[str, ...]


def is_cve(name: str) -> bool:
    """Whether a name is a CVE."""
    return _CVE.fullmatch(name) is not None


def advisory_ids(records: Sequence[Named]) -> list[tuple[str, ...]]:
    """For each record (oldest first) the ids of its advisories, upper case where they are CVEs.

    A record belongs to each CVE it names. One that names none belongs to the CVEs of records it shares another name
    with, directly or over others that name none; where there are none, all these are one advisory, which is called
    after the oldest of them.
    """
    cves = [tuple(dict.fromkeys(name.upper() for name in each.names if is_cve(name))) for each in records]
    through = _cves_by_name(records, cves)
    parents: dict[str, str] = {}
    for each, own in zip(records, cves, strict=True):
        if not own:
            _join(parents, [name.lower() for name in each.names])
    reached: dict[str, dict[str, None]] = {}
    first_id: dict[str, str] = {}
    for each, own in zip(records, cves, strict=True):
        if own:
            continue
        root = _root(parents, each.id.lower())
        first_id.setdefault(root, each.id)
        for name in each.names:
            reached.setdefault(root, {}).update(through.get(name.lower(), {}))
    found = []
    for each, own in zip(records, cves, strict=True):
        root = "" if own else _root(parents, each.id.lower())
        found.append(own or tuple(sorted(reached[root])) or (first_id[root],))
    return found


def _cves_by_name(records: Iterable[Named], cves: Iterable[tuple[str, ...]]) -> dict[str, dict[str, None]]:
    """The CVEs that records give beside a name that is none; a notice's own name says nothing of other records."""
    through: dict[str, dict[str, None]] = {}
    for each, own in zip(records, cves, strict=True):
        if own and each.kind != RecordKind.NOTICE:
            for name in each.names:
                if not is_cve(name):
                    through.setdefault(name.lower(), {}).update(dict.fromkeys(own))
    return through


def _root(parents: dict[str, str], name: str) -> str:
    while (parent := parents.setdefault(name, name)) != name:
        parents[name] = parents.setdefault(parent, parent)
        name = parent
    return name


def _join(parents: dict[str, str], names: Sequence[str]) -> None:
    first = _root(parents, names[0])
    for name in names[1:]:
        parents[_root(parents, name)] = first
