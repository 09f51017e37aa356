"""The body of an answer: bounded while it streams and unpacks, then read as JSON where it is JSON."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from typing import Any

from passmuster.documents.json_file import parse_json
from passmuster.documents.limits import decode
from passmuster.errors import UnreadableInput


class BodyError(Exception):
    """A body that is too large, cut short, packed in an unknown way or malformed; its text says which."""


def read_body(chunks: Iterator[bytes], headers: Mapping[str, str], *, max_bytes: int) -> Any:
    """JSON as Python values, other text as `str`, nothing as None; raises BodyError, also past `max_bytes`."""
    data = b"".join(_bounded(_unpacked(chunks, headers.get("content-encoding", ""), max_bytes), max_bytes))
    if not data.strip():
        return None
    try:
        text = decode(data, "the answer")
        is_json = "json" in headers.get("content-type", "").lower() or text.lstrip()[:1] in ("{", "[")
        return parse_json(text, "the answer") if is_json else text
    except UnreadableInput as error:
        raise BodyError(str(error)) from None


def _bounded(chunks: Iterator[bytes], max_bytes: int) -> Iterator[bytes]:
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > max_bytes:
            raise BodyError(f"the answer is larger than {max_bytes} bytes")
        yield chunk


def _unpacked(chunks: Iterator[bytes], encoding: str, max_bytes: int) -> Iterator[bytes]:
    """Chunks unpacked in bounded steps, so that a small answer cannot swell past the limit."""
    kind = encoding.strip().lower()
    if kind in ("", "identity"):
        yield from chunks
        return
    if kind not in ("gzip", "x-gzip", "deflate"):
        raise BodyError(f"the answer is packed with {kind!r}, which was not asked for")
    unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)
    try:
        for chunk in chunks:
            yield unpacker.decompress(chunk, max_bytes + 1)
            if unpacker.unconsumed_tail:
                raise BodyError(f"the answer is larger than {max_bytes} bytes")
    except zlib.error:
        raise BodyError("the answer is not packed as its header says") from None
    if not unpacker.eof:
        raise BodyError("the answer is cut short")
