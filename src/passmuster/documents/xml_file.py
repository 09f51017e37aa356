"""XML from outside: no document type, no entities, bounded in size and depth; errors name the line."""

from __future__ import annotations

import io
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from passmuster.documents.limits import MAX_BYTES, MAX_DEPTH, read_bytes
from passmuster.errors import UnreadableInput


def read_xml(path: Path, *, max_bytes: int = MAX_BYTES) -> Element:
    """The root of an XML file, tags without their namespace; raises UnreadableInput that names file, line and mend."""
    data = read_bytes(path, max_bytes=max_bytes, mend="export less at once")
    return parse_xml(data, str(path))


def parse_xml(data: bytes, where: str) -> Element:
    """The same of bytes of any origin."""
    depth = 0
    root: Element | None = None
    try:
        for event, element in iterparse(io.BytesIO(data), events=("start", "end"), forbid_dtd=True):
            if event == "end":
                depth -= 1
                continue
            depth += 1
            if depth > MAX_DEPTH:
                raise UnreadableInput(f"{where}: nests deeper than {MAX_DEPTH} levels; this is no export")
            element.tag = element.tag.rpartition("}")[2]
            root = element if root is None else root
    except DefusedXmlException:
        raise UnreadableInput(f"{where}: holds a document type or entities, which no export does; refused") from None
    except ParseError as error:
        raise UnreadableInput(f"{where}: is not XML: {_place(error, data)}") from None
    except (LookupError, ValueError) as error:
        raise UnreadableInput(f"{where}: is not XML that can be read: {error}; save it as UTF-8") from None
    if root is None:
        raise UnreadableInput(f"{where}: is empty; export it again")
    return root


def _place(error: ParseError, data: bytes) -> str:
    line, column = error.position
    is_cut = not data.strip() or line > data.rstrip().count(b"\n")
    hint = "it ends too early; export it again" if is_cut else "mend it there or export it again"
    return f"line {line}, column {column + 1}: {str(error).partition(':')[0]}; {hint}"
