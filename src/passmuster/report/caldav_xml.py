"""A WebDAV server's multistatus answer, read without trust."""

from __future__ import annotations

from dataclasses import dataclass
from xml.etree import ElementTree as ET

from passmuster.errors import UnreadableInput

_DAV = "{DAV:}"
_CALENDAR_DATA = "{urn:ietf:params:xml:ns:caldav}calendar-data"


@dataclass(frozen=True)
class Resource:
    """One thing of a collection. `etag` and `text` are empty where the answer does not hold them."""

    href: str
    etag: str = ""
    text: str = ""


def read_multistatus(content: bytes, where: str) -> tuple[Resource, ...]:
    """The resources of an answer; raises UnreadableInput where it is none. Documents with a DTD are refused."""
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise UnreadableInput(f"{where}: the answer holds a document type, which no CalDAV server sends")
    try:
        root = ET.fromstring(content)  # noqa: S314 - without a DTD there are no entities to expand
    except (ET.ParseError, ValueError):
        raise UnreadableInput(f"{where}: the answer is not XML; is this a CalDAV server?") from None
    if root.tag != f"{_DAV}multistatus":
        raise UnreadableInput(f"{where}: the answer is no list of resources; is this a CalDAV server?")
    return tuple(_resource(response) for response in root.iter(f"{_DAV}response"))


def _resource(response: ET.Element) -> Resource:
    href = response.findtext(f"{_DAV}href", "").strip()
    return Resource(href, _last(response, f"{_DAV}getetag"), _last(response, _CALENDAR_DATA))


def _last(response: ET.Element, tag: str) -> str:
    found = [element.text or "" for element in response.iter(tag)]
    return found[-1] if found else ""
