"""Loading the catalogue: every complaint about every file at once, or a Catalogue."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from passmuster.documents.yaml_file import parse_yaml, plain, read_yaml
from passmuster.errors import UnreadableInput
from passmuster.intel.catalogue.entry import (
    Catalogue,
    Embedded,
    Fact,
    Origin,
    Placement,
    Platform,
    Product,
    Role,
)
from passmuster.intel.versions.scheme import Scheme
from passmuster.model.words import Hosting, Responsibility

_MAX_FILES = 2_000


def load_catalogue(folder: Path | None = None) -> Catalogue:
    """Our platforms, and those of `folder` instead of ours of the same id; raises UnreadableInput with all mistakes."""
    platforms = dict(_shipped())
    complaints: list[str] = []
    for path in _paths(folder):
        platform = _platform(_read(path, complaints), str(path), complaints)
        if platform is not None:
            platforms[platform.id] = platform
    if complaints:
        raise UnreadableInput("\n".join(complaints))
    return Catalogue(tuple(platforms[name] for name in sorted(platforms)))


@cache
def _shipped() -> Mapping[str, Platform]:
    found: dict[str, Platform] = {}
    complaints: list[str] = []
    for entry in files("passmuster.intel.catalogue.platforms").iterdir():
        if entry.name.endswith(".yaml"):
            value = plain(parse_yaml(entry.read_text(encoding="utf-8"), entry.name))
            platform = _platform(value, entry.name, complaints)
            if platform is not None:
                found[platform.id] = platform
    if complaints:
        raise UnreadableInput("\n".join(complaints))
    return found


def _paths(folder: Path | None) -> list[Path]:
    if folder is None:
        return []
    if not folder.is_dir():
        raise UnreadableInput(f"{folder}: is no folder; name one that holds a YAML file a platform")
    paths = sorted(path for path in folder.iterdir() if path.suffix in (".yaml", ".yml") and path.is_file())
    if not paths:
        raise UnreadableInput(f"{folder}: holds no platform; write one YAML file a platform into it")
    if len(paths) > _MAX_FILES:
        raise UnreadableInput(f"{folder}: holds more than {_MAX_FILES} files; a catalogue is smaller than that")
    return paths


def _read(path: Path, complaints: list[str]) -> Any:
    try:
        return plain(read_yaml(path))
    except UnreadableInput as error:
        complaints.append(str(error))
        return None


@cache
def _validator() -> Draft202012Validator:
    text = files("passmuster.intel.catalogue").joinpath("platform.schema.json").read_text(encoding="utf-8")
    return Draft202012Validator(json.loads(text))


def _platform(value: Any, where: str, complaints: list[str]) -> Platform | None:
    if value is None:
        return None
    found = [
        f"{where}: {'.'.join(str(part) for part in error.absolute_path) or 'the file'}: {error.message[:300]}"
        for error in _validator().iter_errors(value)
    ]
    if not found:
        found = [f"{where}: {text}" for text in _bad_dates(value)]
    complaints += found
    return None if found else _built(value)


def _bad_dates(value: Any, place: str = "") -> list[str]:
    if isinstance(value, list):
        return [text for number, item in enumerate(value) for text in _bad_dates(item, f"{place}.{number}")]
    if not isinstance(value, dict):
        return []
    told = [text for key, item in value.items() for text in _bad_dates(item, f"{place}.{key}")]
    try:
        date.fromisoformat(value.get("checked_on", "2000-01-01"))
    except ValueError:
        told.append(f"{place.lstrip('.')}.checked_on: {value['checked_on']!r} is no date")
    return told


def _built(value: Mapping[str, Any]) -> Platform:
    return Platform(
        id=value["id"],
        name=value["name"],
        vendor=value["vendor"],
        product_words=tuple(value.get("product_words", ())),
        products=tuple(_product(entry) for entry in value["products"]),
        release_cadence=_fact(value.get("release_cadence")),
        patch_cadence=_fact(value.get("patch_cadence")),
        announcements=_facts(value.get("announcements", ())),
        embedded=tuple(_embedded(entry) for entry in value.get("embedded", ())),
    )


def _product(entry: Mapping[str, Any]) -> Product:
    return Product(
        id=entry["id"],
        name=entry["name"],
        role=Role(entry["role"]),
        origin=_origin(entry),
        names=tuple(entry.get("names", ())),
        vendors=tuple(entry.get("vendors", ())),
        purls=tuple(entry.get("purls", ())),
        cpes=tuple(entry.get("cpes", ())),
        has_lines=entry.get("has_lines", False),
        scheme=Scheme(entry["versions"]) if "versions" in entry else None,
        hosting=tuple(Hosting(word) for word in entry.get("hosting", ())),
        usual_hosting=Hosting(entry["usual_hosting"]) if "usual_hosting" in entry else None,
        who_patches={Hosting(key): Responsibility(word) for key, word in entry.get("who_patches", {}).items()},
        sources=dict(entry.get("sources", {})),
        not_checked=frozenset(entry.get("not_checked", ())),
    )


def _facts(entries: Any) -> tuple[Fact, ...]:
    return tuple(fact for entry in entries if (fact := _fact(entry)) is not None)


def _fact(entry: Any) -> Fact | None:
    return Fact(entry["text"], _origin(entry), entry.get("url", "")) if entry else None


def _embedded(entry: Mapping[str, Any]) -> Embedded:
    return Embedded(
        name=entry.get("name", ""),
        text=entry.get("text", ""),
        origin=_origin(entry),
        where=Placement(entry["where"]) if "where" in entry else None,
        purls=tuple(entry.get("purls", ())),
        cpes=tuple(entry.get("cpes", ())),
    )


def _origin(entry: Mapping[str, Any]) -> Origin:
    checked_on = entry.get("checked_on")
    return Origin(entry.get("source", ""), date.fromisoformat(checked_on) if checked_on else None)
