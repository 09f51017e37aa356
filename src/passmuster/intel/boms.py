"""What a bill of materials says is installed, or used as a service."""

from __future__ import annotations

from typing import Any

from passmuster.errors import UnreadableInput
from passmuster.intel.feeds.cyclonedx.naming import Named, called
from passmuster.intel.feeds.cyclonedx.valid import all_components, all_services, valid_bom
from passmuster.intel.feeds.interface import Document
from passmuster.model.component import Component, ComponentKind
from passmuster.model.words import Hosting

_PLATFORMS = ("application", "platform")
# Properties by which a bill may tell what CycloneDX has no field for.
_HOSTING = "passmuster:hosting"
_ENVIRONMENT = "passmuster:environment"
_PRODUCT = "passmuster:product"


def read_components(document: Document) -> tuple[Component, ...]:
    """The components and services of a CycloneDX 1.4 to 1.7 document (JSON), those inside others too.

    Services are hosted by their vendor; an application or platform that stands on its own is a platform, what is inside
    another or a library is embedded. Raises UnreadableInput with all complaints where the document is not valid.
    """
    bom = valid_bom(document)
    complaints: list[str] = []
    found = [_component(path, item, complaints) for path, item in all_components(bom)]
    found += [_service(path, item, complaints) for path, item in all_services(bom)]
    if complaints:
        raise UnreadableInput("\n".join(f"{document.where}: {complaint}" for complaint in complaints))
    return tuple(_with_own_ids(found))


def _component(path: str, item: dict[str, Any], complaints: list[str]) -> Component:
    named = called(item)
    stands_alone = path == "metadata.component" or path.count(".") == 1
    is_platform = item["type"] in _PLATFORMS and stands_alone
    return Component(
        id=_id(item, named),
        name=named.name,
        kind=ComponentKind.PLATFORM if is_platform else ComponentKind.EMBEDDED,
        version=named.version,
        purl=item.get("purl", ""),
        vendor=named.vendor,
        hosting=_hosting(path, item, complaints),
        product=_property(item, _PRODUCT),
        environment_id=_property(item, _ENVIRONMENT),
    )


def _service(path: str, item: dict[str, Any], complaints: list[str]) -> Component:
    named = called(item)
    return Component(
        id=_id(item, named),
        name=named.name,
        kind=ComponentKind.SERVICE,
        version=named.version,
        vendor=named.vendor,
        hosting=_hosting(path, item, complaints) or Hosting.VENDOR,
        product=_property(item, _PRODUCT),
        environment_id=_property(item, _ENVIRONMENT),
    )


def _id(item: dict[str, Any], named: Named) -> str:
    spelled = f"{named.name}@{named.version}" if named.version else named.name
    return str(item.get("bom-ref") or item.get("purl") or spelled)


def _with_own_ids(found: list[Component]) -> list[Component]:
    """Each component once; different ones that have one id (for want of a bom-ref) get a number behind it."""
    seen: dict[str, Component] = {}
    for component in dict.fromkeys(found):
        name, number = component.id, 2
        while name in seen:
            name, number = f"{component.id}#{number}", number + 1
        seen[name] = component if name == component.id else _renamed(component, name)
    return list(seen.values())


def _renamed(component: Component, name: str) -> Component:
    return Component(**{**component.__dict__, "id": name})


def _property(item: dict[str, Any], name: str) -> str:
    return next((str(each.get("value", "")) for each in item.get("properties", []) if each.get("name") == name), "")


def _hosting(path: str, item: dict[str, Any], complaints: list[str]) -> Hosting | None:
    word = _property(item, _HOSTING)
    if word and word not in list(Hosting):
        complaints.append(f"{path}.properties: {_HOSTING}: {word!r} is none of {', '.join(Hosting)}")
        return None
    return Hosting(word) if word else None
