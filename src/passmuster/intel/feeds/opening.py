"""Files of feeds opened: bounded, decompressed at most once, and cut into documents."""

from __future__ import annotations

import gzip
import io
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from passmuster.documents.json_file import parse_json
from passmuster.documents.limits import decode
from passmuster.documents.yaml_file import parse_yaml
from passmuster.errors import UnreadableInput
from passmuster.intel.feeds.interface import Document

MAX_FEED_BYTES = 512 * 1024 * 1024
# One value in memory is some ten times its text.
_MAX_ONE_VALUE = 128 * 1024 * 1024
_MAX_LINE = 16 * 1024 * 1024
_MAX_YAML_CHARACTERS = 16 * 1024 * 1024
_GZIP = b"\x1f\x8b"
_ARCHIVES = {b"PK\x03\x04": "a ZIP archive", b"7z\xbc\xaf": "a 7z archive", b"BZh": "bzip2", b"\xfd7zXZ": "xz"}
_ARCHIVES |= {b"\x28\xb5\x2f\xfd": "zstd", b"PAR1": "Parquet", b"SQLite format": "a database"}
_YAML_START = re.compile(r"(?:\s*(?:#[^\n]*)?\n)*(?:---|%YAML|-\s|[\w\"'][\w \"'./-]*:(?:\s|$))")
_MAIL_START = re.compile(
    rb"(?:(?:From [^\n]*|[A-Za-z][A-Za-z0-9-]*:[^\n]*|[ \t][^\n]*)\n){1,60}?(?:From|Subject|Date):", re.IGNORECASE
)
_NOT_YAML = re.compile(r"\s*(?:BEGIN:|<)", re.IGNORECASE)


@dataclass(frozen=True)
class Opened:
    """A file that was read: where it lies, and its text."""

    where: str
    text: str


def open_file(path: Path, *, called: str = "", max_bytes: int = MAX_FEED_BYTES) -> Opened:
    """The text of a file, `.gz` or not; raises UnreadableInput that names the file and the mend."""
    where = called or str(path)
    try:
        if path.stat().st_size > max_bytes:
            raise UnreadableInput(_too_large(where, max_bytes))
        with path.open("rb") as stream:
            data = stream.read(max_bytes + 1)
    except OSError as error:
        raise UnreadableInput(f"{where}: cannot be read: {error.strerror or error}") from None
    return Opened(where, text_of(data, where, max_bytes=max_bytes))


def text_of(data: bytes, where: str, *, max_bytes: int = MAX_FEED_BYTES) -> str:
    """Bytes as text: gzip is undone once; raises UnreadableInput where there is more than `max_bytes`."""
    if data.startswith(_GZIP):
        data = _gunzip(data, where, max_bytes)
        if data.startswith(_GZIP):
            raise UnreadableInput(f"{where}: is compressed twice; decompress it once and try again")
    if len(data) > max_bytes:
        raise UnreadableInput(_too_large(where, max_bytes))
    for mark, name in _ARCHIVES.items():
        if data.startswith(mark):
            raise UnreadableInput(f"{where}: is {name}, which is not read; unpack it and hand over what is inside")
    try:
        return decode(data, where)
    except UnreadableInput:
        if not _MAIL_START.match(data):
            raise
        # Each part of a mail says its own encoding; bytes that are no UTF-8 are kept for whoever reads the parts.
        return data.decode("utf-8", "surrogateescape")


def _too_large(where: str, max_bytes: int) -> str:
    return f"{where}: is larger than the {max_bytes // 2**20} MiB that are read; split it into smaller files"


def _gunzip(data: bytes, where: str, max_bytes: int) -> bytes:

    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as stream:
            return stream.read(max_bytes + 1)
    except EOFError:
        raise UnreadableInput(f"{where}: the compressed file ends too early; fetch it again") from None
    except (OSError, zlib.error):
        raise UnreadableInput(f"{where}: the compressed file is damaged; fetch it again") from None


def documents_of(opened: Opened, is_known: Callable[[Document], bool] | None = None) -> Iterator[Document]:
    """The documents of a file: one a line of JSON lines, one an item of a JSON list, else the file itself.

    A list that is known as a whole stays whole. Raises UnreadableInput where it begins as JSON and is none.
    """
    text = opened.text
    start = text[:200].lstrip("\ufeff \t\r\n")
    if start.startswith("{") and _is_lines(text):
        yield from _line_documents(opened)
    elif start.startswith(("{", "[")):
        if len(text) > _MAX_ONE_VALUE:
            raise UnreadableInput(
                f"{opened.where}: is one JSON value of more than {_MAX_ONE_VALUE // 2**20} MiB; write one record a line"
            )
        whole = Document(opened.where, text, parse_json(text, opened.where))
        is_whole = not _is_list_of_objects(whole.value) or (is_known is not None and is_known(whole))
        yield from (whole,) if is_whole else _items(whole)
    else:
        yield Document(opened.where, text, _yaml_of(opened))


def _is_list_of_objects(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, dict) for item in value)


def _items(whole: Document) -> Iterator[Document]:
    for number, item in enumerate(whole.value):
        yield Document(f"{whole.where}, item {number + 1}", "", item)


def _is_lines(text: str) -> bool:
    """Whether the first line is a whole JSON object and more lines follow."""
    first, _, rest = text.lstrip("\ufeff \t\r\n").partition("\n")
    return first.rstrip().endswith("}") and bool(rest[:1_000_000].strip())


def _line_documents(opened: Opened) -> Iterator[Document]:
    place, number, text = 0, 0, opened.text
    while place < len(text):
        end = text.find("\n", place)
        end = len(text) if end < 0 else end
        line = text[place:end].strip("\ufeff \t\r")
        place, number = end + 1, number + 1
        if line:
            where = f"{opened.where}, line {number}"
            if len(line) > _MAX_LINE:
                raise UnreadableInput(f"{where}: is longer than {_MAX_LINE // 2**20} MiB; this is no record")
            yield Document(where, "", parse_json(line, where))


def _yaml_of(opened: Opened) -> object:
    """The value where the text is YAML; None where it does not look like it, or is refused as such."""
    text = opened.text
    if len(text) > _MAX_YAML_CHARACTERS or _NOT_YAML.match(text[:200]) or not _YAML_START.match(text[:2000]):
        return None
    try:
        value = parse_yaml(text, opened.where)
    except UnreadableInput:
        return None
    return value if isinstance(value, dict | list) else None


def why_no_yaml(opened: Opened) -> str:
    """Why a text that looks like YAML is none we accept; "" where it does not look like it or is fine."""
    if len(opened.text) > _MAX_YAML_CHARACTERS or not _YAML_START.match(opened.text[:2000]):
        return ""
    try:
        parse_yaml(opened.text, opened.where)
    except UnreadableInput as error:
        return str(error)
    return ""
