"""What a component or service of a bill of materials is called."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from packageurl import PackageURL


@dataclass(frozen=True)
class Named:
    """Names of one component or service. `purl` is without version; `package` the name within its collection."""

    name: str
    version: str | None
    vendor: str = ""
    purl: str = ""
    package: str = ""
    cpe: str = ""


def name_of(item: dict[str, Any]) -> Named:
    """The names of a component or service; what its package URL says stands in where it says nothing itself."""
    purl = _parsed(item.get("purl", ""))
    return replace(
        called(item),
        purl=PackageURL(purl.type, purl.namespace, purl.name).to_string() if purl else "",
        package="/".join(part for part in (purl.namespace, purl.name) if part) if purl else "",
        cpe=item.get("cpe", ""),
    )


def called(item: dict[str, Any]) -> Named:
    """Name, version and vendor alone; its package URL is read only for a version that is told nowhere else."""
    group = item.get("group", "")
    name = f"{group}/{item['name']}" if group.startswith("@") else item["name"]
    version = item.get("version")
    if not version:
        purl = _parsed(item.get("purl", ""))
        version = (purl.version if purl else None) or None
    return Named(name, version, _vendor(item))


def name_of_link(link: str) -> Named:
    """The names that a link into another bill (`urn:cdx:...#pkg:npm/x@1`) gives."""
    fragment = link.partition("#")[2]
    purl = _parsed(fragment)
    return name_of({"name": purl.name if purl else fragment or link, "purl": fragment if purl else ""})


def _vendor(item: dict[str, Any]) -> str:
    for key in ("supplier", "manufacturer", "provider"):
        if item.get(key, {}).get("name"):
            return str(item[key]["name"])
    return str(item.get("publisher", ""))


def _parsed(text: str) -> PackageURL | None:
    try:
        return PackageURL.from_string(text) if text else None
    except ValueError:
        return None
