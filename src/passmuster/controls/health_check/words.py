"""The settings that Health Check looks at, from `settings.yaml` beside this module."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path

from passmuster.documents.yaml_file import read_yaml

_FILE = Path(__file__).with_name("settings.yaml")
_LISTS = ("options", "when_true", "when_false")


@dataclass(frozen=True)
class Word:
    """One setting of Health Check. `key` is the snapshot's setting (empty: ask a person); `table_look` a table instead.

    `shape` is `bool`, `number` or `enum`; `unit` and `more_is_better` are those of a number; `options` the words of an
    enumeration, `numbers` what the snapshot makes of them, and `when_true` and `when_false` the words by which metadata
    tells a boolean.
    """

    name: str
    id: str
    label: str
    why: str
    where: str
    shape: str
    key: str = ""
    unit: str = ""
    more_is_better: bool = True
    options: tuple[str, ...] = ()
    when_true: tuple[str, ...] = ()
    when_false: tuple[str, ...] = ()
    numbers: Mapping[str, int] | None = None
    table_look: str = ""
    nist: str = "CM-6"


@cache
def words() -> Mapping[str, Word]:
    """Every setting by the name it has in a baseline."""
    known = {entry.name for entry in fields(Word)}
    found = {}
    for entry in read_yaml(_FILE)["settings"]:
        listed = {name: tuple(entry[name]) for name in _LISTS if name in entry}
        plain = {name: value for name, value in entry.items() if name in known}
        found[str(entry["name"])] = Word(**{**plain, **listed})
    return found
