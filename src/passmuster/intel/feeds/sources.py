"""Where feeds are fetched from: a file that names every address and folder; no other host is ever asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from passmuster.documents.secrets import strip_url
from passmuster.documents.yaml_file import read_yaml
from passmuster.errors import UnreadableInput
from passmuster.intel.feeds.opening import MAX_FEED_BYTES

SCHEMA = "passmuster/sync@1"
_FIELDS = frozenset({"name", "url", "path", "max_mib", "timeout_s"})
_LONGEST_S = 3600.0


@dataclass(frozen=True)
class Source:
    """One feed: an address, or a folder or file that somebody else keeps (an offline mirror)."""

    name: str
    url: str = ""
    path: Path | None = None
    max_bytes: int = 256 * 1024 * 1024
    timeout_s: float = 300.0


def read_sources(file: Path) -> tuple[Source, ...]:
    """The feeds of a configuration; raises UnreadableInput with every mistake. Paths are relative to the file."""
    value = read_yaml(file)
    if not isinstance(value, dict) or value.get("schema") != SCHEMA:
        raise UnreadableInput(f"{file}: must begin with `schema: {SCHEMA}`")
    complaints = [f"{name}: is unknown; known are schema, feeds" for name in value if name not in {"schema", "feeds"}]
    entries = value.get("feeds")
    if not isinstance(entries, list) or not entries:
        raise UnreadableInput(f"{file}: feeds: must be a list of feeds, each with a name and a url or a path")
    sources = [_source(entry, f"feeds[{number}]", file.parent, complaints) for number, entry in enumerate(entries)]
    names = [source.name for source in sources]
    complaints += [
        f"feeds: the name {name!r} is given twice" for name in sorted({n for n in names if names.count(n) > 1})
    ]
    if complaints:
        raise UnreadableInput("\n".join(f"{file}: {complaint}" for complaint in complaints))
    return tuple(sources)


def _source(entry: Any, place: str, folder: Path, complaints: list[str]) -> Source:
    if not isinstance(entry, dict):
        complaints.append(f"{place}: must be a mapping with a name and a url or a path")
        return Source("")
    complaints += [
        f"{place}.{n}: is unknown; known are {', '.join(sorted(_FIELDS))}" for n in entry if n not in _FIELDS
    ]
    name, url, path = (_text(entry, field, place, complaints) for field in ("name", "url", "path"))
    if not name:
        complaints.append(f"{place}.name: is missing")
    if bool(url) == bool(path):
        complaints.append(f"{place}: needs either a url or a path")
    if url and (problem := _address_problem(url)):
        complaints.append(f"{place}.url: {problem}")
    most_mib = _number(entry, "max_mib", place, complaints, default=256.0, high=MAX_FEED_BYTES / 2**20)
    timeout_s = _number(entry, "timeout_s", place, complaints, default=300.0, high=_LONGEST_S)
    return Source(name, url, folder / path if path else None, int(most_mib * 2**20), timeout_s)


def _text(entry: Mapping[Any, Any], name: str, place: str, complaints: list[str]) -> str:
    value = entry.get(name, "")
    if not isinstance(value, str):
        complaints.append(f"{place}.{name}: must be text")
        return ""
    return value.strip()


def _number(
    entry: Mapping[Any, Any], name: str, place: str, complaints: list[str], *, default: float, high: float
) -> float:
    value = entry.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= high:
        complaints.append(f"{place}.{name}: must be a number above 0 and at most {high:g}")
        return default
    return float(value)


def _address_problem(url: str) -> str:
    if "@" in url:
        return "has an @ in it: leave out user and password"
    try:
        parts = urlsplit(url)
        port_is_fine = parts.port is None or 0 < parts.port < 65_536
    except ValueError:
        return "is not an address; give it as https://host/path"
    if parts.scheme not in {"http", "https"} or not parts.hostname or not port_is_fine:
        return f"{strip_url(url)!r} must start with https:// (or http://) and name a host"
    if any(character.isspace() or not character.isprintable() for character in url):
        return "has a space or a control character in it"
    return ""
