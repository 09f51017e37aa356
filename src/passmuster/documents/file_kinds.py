"""What a file is, told by its content and not by its name. Only kinds that people need as evidence are known."""

from __future__ import annotations

import codecs
import json
import re
import zipfile
from pathlib import Path

from passmuster.errors import UnreadableInput

_HEAD_BYTES = 64 * 1024
_MAX_MEMBERS = 20_000
_OFFICE = {
    "word/": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", ".docx"),
    "xl/": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".xlsx"),
    "ppt/": ("application/vnd.openxmlformats-officedocument.presentationml.presentation", ".pptx"),
}
_OPEN_DOCUMENT = {
    "application/vnd.oasis.opendocument.text": ".odt",
    "application/vnd.oasis.opendocument.spreadsheet": ".ods",
    "application/vnd.oasis.opendocument.presentation": ".odp",
}
_MAGIC = (
    (b"%PDF-", "application/pdf", (".pdf",)),
    (b"\x89PNG\r\n\x1a\n", "image/png", (".png",)),
    (b"\xff\xd8\xff", "image/jpeg", (".jpg", ".jpeg")),
)
# By its name only among files that are text all through.
_TEXT = {
    ".txt": "text/plain",
    ".log": "text/plain",
    ".md": "text/markdown",
    ".csv": "text/csv",
    ".json": "application/json",
    ".jsonl": "application/jsonl",
    ".sarif": "application/sarif+json",
    ".xml": "application/xml",
    ".yaml": "application/yaml",
    ".yml": "application/yaml",
    ".eml": "message/rfc822",
    ".ics": "text/calendar",
}
# A browser that was talked into showing it would run what is in it.
_ACTIVE = re.compile(
    rb"<\s*(!doctype\s+html|html|script|svg|iframe|object|embed)\b|xmlns\s*=\s*[\"'][^\"']*xhtml", re.I
)
KNOWN = "PDF, PNG, JPEG, Word, Excel, PowerPoint, OpenDocument, ZIP, and text (txt, log, md, csv, json, xml, yaml, eml)"


def media_type_of(path: Path, name: str) -> str:
    """The media type of the file's content; raises UnreadableInput where it is of no known kind or belies its name."""
    ending = Path(name).suffix.lower()
    with path.open("rb") as stream:
        head = stream.read(_HEAD_BYTES)
    if not head:
        raise UnreadableInput(f"{name}: is empty")
    for magic, media_type, endings in _MAGIC:
        if head.startswith(magic):
            return _named(name, ending, media_type, endings)
    if head.startswith(b"PK\x03\x04"):
        return _of_zip(path, name, ending)
    return _of_text(path, name, ending)


def _named(name: str, ending: str, media_type: str, endings: tuple[str, ...]) -> str:
    if ending not in endings:
        raise UnreadableInput(f"{name}: the content is {media_type}; name it *{endings[0]}")
    return media_type


def _of_zip(path: Path, name: str, ending: str) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            told = archive.read("mimetype")[:200].decode("ascii", "replace") if names[:1] == ["mimetype"] else ""
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError, NotImplementedError):
        raise UnreadableInput(f"{name}: is a damaged or encrypted ZIP file; make it again") from None
    if len(names) > _MAX_MEMBERS:
        raise UnreadableInput(f"{name}: holds more than {_MAX_MEMBERS} files; hand in fewer")
    if any(each.lower().endswith(("vbaproject.bin", ".bin.rels")) and "vba" in each.lower() for each in names):
        raise UnreadableInput(f"{name}: holds macros; save it without them, or as PDF")
    if told in _OPEN_DOCUMENT:
        return _named(name, ending, told, (_OPEN_DOCUMENT[told],))
    if "[Content_Types].xml" in names:
        for folder, (media_type, usual) in _OFFICE.items():
            if any(each.startswith(folder) for each in names):
                return _named(name, ending, media_type, (usual,))
    return _named(name, ending, "application/zip", (".zip",))


def _of_text(path: Path, name: str, ending: str) -> str:
    if ending not in _TEXT:
        raise UnreadableInput(f"{name}: is of no kind that is kept as evidence; hand in {KNOWN}")
    decoder, tail, is_first = codecs.getincrementaldecoder("utf-8-sig")(), b"", True
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            if b"\0" in block or (is_first and _ACTIVE.search(block[:4096])):
                raise _refused_text(name, block)
            try:
                decoder.decode(block)
            except UnicodeDecodeError:
                raise UnreadableInput(f"{name}: is no UTF-8 text; save it as UTF-8, or as PDF") from None
            # In a mail a part may be a page; it is never shown, and it is not refused for that.
            if ending in (".xml", ".md") and _ACTIVE.search(tail + block):
                raise _refused_text(name, block)
            tail, is_first = block[-100:], False
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        raise UnreadableInput(f"{name}: is no UTF-8 text; save it as UTF-8, or as PDF") from None
    if ending in (".json", ".sarif"):
        _check_json(path, name)
    return _TEXT[ending]


def _refused_text(name: str, block: bytes) -> UnreadableInput:
    if b"\0" in block:
        return UnreadableInput(f"{name}: is no text, whatever its name says; hand in {KNOWN}")
    return UnreadableInput(f"{name}: is a web page or holds one; print it to PDF")


def _check_json(path: Path, name: str) -> None:
    try:
        json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        raise UnreadableInput(f"{name}: is no JSON, whatever its name says; name it *.txt") from None
